"""Computations that are suspended at safe points, captured, given up and resumed: what the tests of capture run with.

A computation runs in a greenlet, as on the server. Whenever it reaches a safe point and its `Whim` says so, its stack
is captured from the parked greenlet, the greenlet is dropped, and what was captured goes on in a new one.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime import safe_points
from smalltalk.runtime.capture import capture
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.resumption import resume
from smalltalk.runtime.scopes import DoitScope
from smalltalk.stepper import interpret

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk.runtime.capture import CapturedStack
    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

_PARKED = object()


class Whim:
    """Decides by a seed where computations are suspended and which engine begins them."""

    def __init__(self, seed: int, share: float) -> None:
        self._random = random.Random(seed)
        self._share = share

    def __call__(self) -> bool:
        return self._random.random() < self._share


def begin(world: World, source: str, arguments: Callable[[Any], list[Any]], *, interpreted: bool) -> Callable[[], Any]:
    """Compile a do-it; the function that runs it as a computation of its own."""
    unit = compile_doit(source, DoitScope(world), parametrise=False)
    values = arguments(unit)
    if interpreted:
        return lambda: interpret(unit, world, None, values)
    function = world.function(unit)
    return lambda: function(None, *values)


def run_suspended(
    world: Callable[[], World],
    computation: Callable[[], Any],
    whim: Whim,
    keep: Callable[[CapturedStack, greenlet], CapturedStack],
) -> Outcome:
    """Run a computation to its end, suspended wherever the whim says so.

    Args:
        world: answers the world where it goes on.
        computation: begins it; its frame is its bottom.
        whim: says where.
        keep: is given each stack with its greenlet, drops the greenlet and answers the stack to go on with.
    """
    bottoms = frozenset({computation.__code__})
    body = computation
    while True:
        evaluation, parked, outcome = _until_parked(world(), body, whim)
        while outcome is _PARKED:
            stack = capture(parked.gr_frame, evaluation, bottoms)
            if stack.reason is None:
                break
            safe_points.set_poll(True)
            outcome = parked.switch()
        if outcome is not _PARKED:
            safe_points.set_poll(False)
            return outcome
        top = keep(stack, parked).top
        body = lambda top=top: resume(top, lambda: None)  # noqa: E731 - a bottom by itself


def _until_parked(world: World, body: Callable[[], Any], whim: Whim) -> tuple[Evaluation, greenlet, Any]:
    def yield_() -> None:
        if whim():
            getcurrent().parent.switch(_PARKED)
        safe_points.set_poll(True)

    evaluation = Evaluation(world, yield_=yield_)
    parked = greenlet(lambda: evaluation.run(body))
    safe_points.set_poll(True)
    return evaluation, parked, parked.switch()


def drop(stack: CapturedStack, parked: greenlet) -> CapturedStack:
    """Give up the greenlet; the stack goes on in the same process."""
    parked.throw()
    return stack


def text_of(outcome: Outcome) -> str:
    """The text of a computation that answers a String, or the error that ended it, as `harness.evaluate` gives it."""
    failure = outcome.failure
    return str(outcome.value.text) if failure is None else f"{failure.error_class}: {failure.message}"
