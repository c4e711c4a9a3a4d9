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


def engine(simple: Mapping[type, Act], tested: Tester) -> Runner:
    """Make what runs operations.

    Args:
        simple: what is done at each kind of operation that has no others in it; true when it ended the activation.
        tested: answers the value of a test.
    """

    def run(code: list[ir.Operation], activation: Any) -> bool:
        for op in code:  # noqa: SIM110 - `any` with a generator takes twice as long, and this is the whole speed
            if runners[type(op)](activation, op):
                return True
        return False

    runners: dict[type, Act] = {
        **simple,
        ir.If: _if_runner(run, tested, simple[ir.NonBoolean]),
        ir.While: _while_runner(run, tested, simple[ir.NonBoolean]),
        ir.ToDo: _to_do_runner(run),
    }
    return run


def _to_do_runner(run: Runner) -> Callable[[Any, ir.ToDo], bool]:
    def run_to_do(activation: Any, op: ir.ToDo) -> bool:
        return run(op.expand(), activation)

    return run_to_do


def _if_runner(run: Runner, tested: Tester, non_boolean: Act) -> Callable[[Any, ir.If], bool]:
    def run_if(activation: Any, op: ir.If) -> bool:
        value = tested(activation, op.test)
        if value is TRUE:
            return run(op.then, activation)
        if value is FALSE:
            return run(op.otherwise, activation)
        assert op.neither is not None
        non_boolean(activation, op.neither)
        return False

    return run_if


def _while_runner(run: Runner, tested: Tester, non_boolean: Act) -> Callable[[Any, ir.While], bool]:
    def run_while(activation: Any, op: ir.While) -> bool:
        expected = TRUE if op.expected else FALSE
        while True:
            if run(op.condition, activation):
                return True
            if op.test is not None:
                value = tested(activation, op.test)
                if value is not expected:
                    if value is not TRUE and value is not FALSE:
                        assert op.neither is not None
                        non_boolean(activation, op.neither)
                    return False
            if run(op.body, activation):
                return True

    return run_while


register_passing(__name__)
