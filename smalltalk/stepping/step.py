"""One step of a suspended computation.

The computation is resumed in the IR interpreter. The activation that is stepped and those it returns to have an engine
that stops at *stops*, before each message that is written in the source and before each return. So whoever gets control
next among them stops at once; what they call runs as generated code at full speed.

| step | begins with                                      | and ends at the next stop of                              |
|------|--------------------------------------------------|-----------------------------------------------------------|
| into | what the activation stands before; a call enters | the called method or block, else as over                  |
| over | what the activation stands before                | the activation, or of the one it returned to              |
| out  | the rest of the activation at full speed         | the one it returned to: its sender, or where it went else |

An activation that stops has done nothing of what it stops before, so it can be stored, looked at and changed there. A
step ends elsewhere where a computation ends or stops by itself: at its end, at an error, a breakpoint, an interrupt.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..compiler import continuations
from ..compiler.continuations import CONTEXT
from ..runtime import current
from ..runtime.resumption import UnresumableError, go_on_with, resume, revive
from ..runtime.suspension import Moved
from ..stepper import complete, run_to_end
from .activation import SteppedActivation, Values
from .stops import run_to_stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..engines import Runner
    from ..runtime.contexts import Context

#: How far a step goes.
StepKind: TypeAlias = Literal["into", "over", "out"]


def step(top: Context | None, how: StepKind, stepped: Context, start: Callable[[], Any]) -> Any:
    """Run one step of a computation, in an evaluation that runs and keeps what stops in it.

    Args:
        top: its innermost context.
        how: how far.
        stepped: the context of the activation that is stepped; what stands above it runs as it always does.
        start: answers for what the innermost context waits for.

    Returns:
        The computation's value, if it ends within the step.

    Raises:
        Suspended: it stopped and waits.
        UnresumableError: a context has no such place or names no primitive.
    """
    at: Context | None = stepped
    while True:
        try:
            return resume(top, start, _Stepping(how, at).rest_of)
        except Moved as move:  # it goes on further out, and stops there
            top, start = move.stack.top, move.start
            how, at = "over", top


class _Stepping:
    """Decides how the contexts of a computation go on."""

    def __init__(self, how: StepKind, stepped: Context | None) -> None:
        self._how = how
        self._stepped = stepped
        self._is_reached = False

    def rest_of(self, context: Context, inner: Callable[[], Any]) -> Callable[[], Any]:
        """Make the function that goes on with a context above `inner`."""
        is_stepped = context is self._stepped
        self._is_reached = self._is_reached or is_stepped
        if context.primitive is not None:
            return go_on_with(context, inner)
        if is_stepped and self._how == "out":
            return _ending(context, go_on_with(context, inner))
        run = run_to_stop if self._is_reached else run_to_end
        return _interpreted(context, inner, run, enters=is_stepped and self._how == "into")


def _ending(context: Context, rest: Callable[[], Any]) -> Callable[[], Any]:
    """Make the function that runs the rest of an activation at full speed and notes that it has ended."""

    def end() -> Any:
        answer = rest()
        context.end()
        return answer

    return end


def _interpreted(context: Context, inner: Callable[[], Any], run: Runner, *, enters: bool) -> Callable[[], Any]:
    """Make the function that goes on with a context in the interpreter: that needs no code, which takes long to make.

    Args:
        context: the context.
        inner: the rest of what it waits for.
        run: runs its operations.
        enters: if it stands before a call, that is stepped in turn.
    """
    context.frame = context.inner = None
    origin = context.origin
    if origin is None:
        raise UnresumableError("the context has no source")
    entry = continuations.entry_of(context.index, is_before=context.is_before)
    try:
        code = continuations.remaining(origin, context.function, entry)
    except IndexError:
        code = None
    if code is None:
        raise UnresumableError(f"there is no operation {context.index}")
    revive(context)
    values = Values(context.values)
    values[CONTEXT] = context
    activation = SteppedActivation(origin, context.function, current.world, values)
    activation.index, activation.is_before = context.index, context.is_before
    if context.is_before:
        activation.passed, activation.enters = context.index, enters
    # A function whose arguments are defaults is one frame for each activation, however deep the stack is.
    defaults = (activation, code, run, inner)
    return FunctionType(complete.__code__, complete.__globals__, complete.__name__, defaults)
