"""Moving: a running computation goes on further out, because its code says so (`Context>>return:`, `restart`).

No frame of generated code waits for such an order, so what runs is captured and all its Python frames are left; at the
bottom of the computation the stack further out stands up again, the inner activations are left there as the debugger
leaves them, and whatever the order was answers for them. That costs a capture for each order and nothing otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..runtime.capture import CapturedStack, capture
from ..runtime.resumption import UnresumableError
from ..runtime.suspension import Moved
from .leaving import left

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from ..runtime.contexts import Context
    from ..runtime.evaluation import Evaluation


def moved(
    frame: FrameType | None,
    evaluation: Evaluation,
    bottoms: frozenset[CodeType],
    context: Context,
    start: Callable[[], Any],
) -> Moved:
    """Return what leaves all frames of a computation, so that it goes on in a context's sender.

    Args:
        frame: its innermost frame.
        evaluation: whose computation it is.
        bottoms: as those of `capture`.
        context: the outermost activation that is left.
        start: answers for that.

    Raises:
        UnresumableError: the context is none of the computation, or that cannot be captured.
    """
    stack = capture(frame, evaluation, bottoms)
    gap = _gap(stack, context)
    if gap is not None:
        for each in stack:
            each.inner = None  # its activation runs on: what was captured is not what it will show
        raise UnresumableError(gap)
    stack.let_go()
    return Moved(CapturedStack(context.sender, None), left(stack.top, context, start))


def _gap(stack: CapturedStack, context: Context) -> str | None:
    """Why a stack cannot be left up to a context, None if it can."""
    if all(each is not context for each in stack):
        return "the context has ended, or belongs to something else that runs"
    return None if stack.reason is None else f"the stack cannot be left for another place: {stack.reason}"
