"""Going on further out: the frames up to one are left, and something answers for that in its sender.

The frames are left above those further out, which have been resumed by then: so an unwinding block that takes another
way out, to one of those, is on its way like any other, and an order to stop finds their unwinding blocks too. What
answers is called as the last act, so a stack with it can be captured.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any

from ..runtime import current
from ..runtime.resumables import register_passing
from ..runtime.resumption import outwards, resume
from .unwinding import unwind

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.contexts import Context
    from ..runtime.suspension import Suspension


def leaving(suspension: Suspension, context: Context, start: Callable[[], Any]) -> Callable[[], Any]:
    """Return what leaves the frames up to a context's and goes on in its sender, where `start` answers for it."""
    rest = left(suspension.top, context, start)
    return lambda: resume(context.sender, rest)


def left(top: Context | None, context: Context, start: Callable[[], Any]) -> Callable[[], Any]:
    """Return the function that leaves the frames from `top` up to a context's and answers what `start` does.

    A function of its own, and no partial one: what protects or ensures evaluates it like a block.
    """
    return lambda: _leave(top, context, start)


def _leave(top: Context | None, context: Context, start: Callable[[], Any]) -> Any:
    """Leave the frames from `top` up to a context's above the rest of its sender; answer what `start` does.

    What stops in their unwinding blocks is not kept.
    """
    evaluation = current.evaluation
    keeper, evaluation.keeper = evaluation.keeper, None
    inner = list(takewhile(lambda each: each is not context, outwards(top)))
    try:
        unwind(top, context)
    finally:
        evaluation.keeper = keeper
        for each in (*inner, context):
            each.end()
    return start()


register_passing(__name__)
