"""The exception that a computation waits with: what it is, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..runtime.handlers import Signal
from ..runtime.objects import TRUE
from ..runtime.outcome import FailureReport
from ..runtime.resumption import UnresumableError
from .frames import rows_of

if TYPE_CHECKING:
    from ..runtime.suspension import Suspension
    from ..runtime.world import World

#: Lines of a stack in the failure of a computation that is left to nobody.
_STACK_LINES: int = 40

#: The class of the exception for a message that was not understood.
NOT_UNDERSTOOD = "MessageNotUnderstood"


def exception_of(suspension: Suspension) -> Any:
    """Return the exception that nobody handled.

    Raises:
        UnresumableError: the computation waits for another reason.
    """
    if suspension.exception is None:
        raise UnresumableError(f"computation '{suspension.context_id}' waits with no exception, but {suspension.kind}")
    return suspension.exception


def refuse_resuming(world: World, exception: Any) -> None:
    """Let the evaluation that runs fail as `resume:` does when the exception may not be resumed."""
    if world.send(exception, "isResumable") is not TRUE:
        world.send(world.kernel.classes["IllegalResumeAttempt"], "signalIn:", exception)


def handled_signal(suspension: Suspension, exception: Any) -> Signal | None:
    """Return the outermost signal of that exception that has a handler, which passed it on; None if there is none."""
    found = None
    for context in suspension.stack or ():
        record = context.values.get("record") if context.primitive == "attend" else None
        if isinstance(record, Signal) and record.exception is exception and record.handler is not None:
            found = record
    return found


def failed_frame(world: World, suspension: Suspension) -> int:
    """Return the number of the frame that did what failed: under the methods that signal on behalf of others."""
    if suspension.class_name == NOT_UNDERSTOOD:
        rows = rows_of(world, suspension, 0, 2).rows
        if len(rows) > 1 and rows[0].selector == "doesNotUnderstand:":
            return 1
    return 0


def failure_of(world: World, suspension: Suspension) -> FailureReport:
    """Return the report of the error that a computation waits with."""
    stack = [(row.method, row.line) for row in rows_of(world, suspension, 0, _STACK_LINES).rows]
    line = stack[-1][1] if stack else None
    return FailureReport("error", suspension.class_name, suspension.message, stack, line=line)


class MissedMessage(NamedTuple):
    """A message that was not understood.

    Attributes:
        world: where.
        receiver: who got it.
        selector: its selector.
        arguments: its arguments.
    """

    world: World
    receiver: Any
    selector: str
    arguments: list[Any]

    def compile(self, source: str) -> None:
        """Compile a method into the receiver's class.

        Raises:
            SyntaxFailure: it does not parse.
            SemanticFailure: it uses names that mean nothing, or is too large.
        """
        self.world.compile_into(self.world.class_of(self.receiver), source)

    def send(self) -> Any:
        """Send it again."""
        return self.world.send(self.receiver, self.selector, *self.arguments)


def missed_message(world: World, suspension: Suspension) -> MissedMessage:
    """Return the message that a computation waits with.

    Raises:
        UnresumableError: it waits for another reason.
    """
    exception = exception_of(suspension)
    message = getattr(exception, "i3", None)
    selector = getattr(message, "i0", None)
    items = getattr(getattr(message, "i1", None), "items", None)
    if suspension.class_name != NOT_UNDERSTOOD or selector is None or items is None:
        raise UnresumableError(f"computation '{suspension.context_id}' does not wait with a message not understood")
    return MissedMessage(world, exception.i4, selector.name, list(items))
