"""Engines: what runs operations of IR in order, given what is to be done at each of them.

An engine knows nothing of the activations that it is given; the functions that it is made of do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from .compiler import ir
from .runtime.objects import FALSE, TRUE
from .runtime.resumables import register_passing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Runs operations; answers whether one of them returned.
Runner: TypeAlias = "Callable[[list[ir.Operation], Any], bool]"

#: Does one operation in an activation; answers true when that ended the activation.
Act: TypeAlias = "Callable[[Any, Any], bool | None]"

#: Answers the value of a test.
Tester: TypeAlias = "Callable[[Any, Any], Any]"

#: Answers what the error "not a Boolean" is resumed with.
Asker: TypeAlias = "Callable[[Any, ir.NonBoolean], Any]"

#: Answers whether the test of a structure holds.
_Decider: TypeAlias = "Callable[[Any, ir.Test, ir.NonBoolean | None], bool]"


def engine(simple: Mapping[type, Act], tested: Tester, asked: Asker) -> Runner:
    """Make what runs operations.

    Args:
        simple: what is done at each kind of operation that has no others in it; true when it ended the activation.
        tested: answers the value of a test.
        asked: answers what to take that value for when it is no Boolean.
    """

    def run(code: list[ir.Operation], activation: Any) -> bool:
        for op in code:  # noqa: SIM110 - `any` with a generator takes twice as long, and this is the whole speed
            if runners[type(op)](activation, op):
                return True
        return False

    runners: dict[type, Act] = {
        **simple,
        ir.If: _if_runner(run, _decider(tested, asked)),
        ir.While: _while_runner(run, _decider(tested, asked)),
        ir.ToDo: _to_do_runner(run),
    }
    return run


def _to_do_runner(run: Runner) -> Callable[[Any, ir.ToDo], bool]:
    def run_to_do(activation: Any, op: ir.ToDo) -> bool:
        return run(op.expand(), activation)

    return run_to_do


def _decider(tested: Tester, asked: Asker) -> _Decider:
    def decide(activation: Any, test: ir.Test, neither: ir.NonBoolean | None) -> bool:
        value = tested(activation, test)
        if value is TRUE or value is FALSE:
            return value is TRUE
        assert neither is not None
        return asked(activation, neither) is not FALSE

    return decide


def _if_runner(run: Runner, decide: _Decider) -> Callable[[Any, ir.If], bool]:
    def run_if(activation: Any, op: ir.If) -> bool:
        return run(op.then if decide(activation, op.test, op.neither) else op.otherwise, activation)

    return run_if


def _while_runner(run: Runner, decide: _Decider) -> Callable[[Any, ir.While], bool]:
    def run_while(activation: Any, op: ir.While) -> bool:
        while True:
            if run(op.condition, activation):
                return True
            if op.test is not None and decide(activation, op.test, op.neither) is not op.expected:
                return False
            if run(op.body, activation):
                return True

    return run_while


register_passing(__name__)
