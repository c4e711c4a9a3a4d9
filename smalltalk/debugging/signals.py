"""The exception that a computation waits with: what it is, and what can be done with it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from ..compiler.continuations import operation_at
from ..compiler.errors import SemanticFailure
from ..compiler.ir import SuperSend
from ..compiler.mangle import parse_super_name
from ..runtime.handlers import Signal
from ..runtime.objects import TRUE
from ..runtime.outcome import FailureReport
from ..runtime.resumption import UnresumableError
from ..runtime.stack import line_in_doit
from ..syntax.parser import parse_method
from .frames import receiver_of, rows_of
from .sources import source_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.classes import Behavior
    from ..runtime.contexts import Context
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
    return FailureReport("error", suspension.class_name, suspension.message, stack, line=line_in_doit(stack))


class MissedMessage(NamedTuple):
    """A message that was not understood.

    Attributes:
        receiver: who got it.
        selector: its selector.
        arguments: its arguments.
        frame: the activation that answers for it, of `doesNotUnderstand:`.
        upwards: the operation that sent it to super; None if it was sent to the receiver.
        behavior: the class that lacks a method for it.
    """

    receiver: Any
    selector: str
    arguments: list[Any]
    frame: Context
    upwards: SuperSend | None
    behavior: Behavior

    def sending(self, world: World) -> Callable[[], Any]:
        """Return what sends it again; it leaves no frame of its own in the stack, where nothing could go on from it."""
        if self.upwards is None:
            return partial(world.send, self.receiver, self.selector, *self.arguments)
        world.link([self.upwards.name])
        return partial(world.g[self.upwards.name], self.receiver, *self.arguments)


def refuse_other_method(source: str, missed: MissedMessage) -> None:
    """Refuse the source of a method that answers to another message.

    Raises:
        SyntaxFailure: it does not parse.
        SemanticFailure: its selector is another.
    """
    selector = parse_method(source).selector
    if selector != missed.selector:
        text = f"this is a method #{selector}, the message that was not understood is #{missed.selector}"
        raise SemanticFailure(text, source, 0, len(source.split("\n", 1)[0]), f"call it #{missed.selector}")


def missed_message(world: World, suspension: Suspension) -> MissedMessage:
    """Return the message that a computation waits with.

    Raises:
        UnresumableError: it waits for another reason, or no class can have that method.
    """
    exception = exception_of(suspension)
    message = getattr(exception, "i3", None)
    selector = getattr(message, "i0", None)
    items = getattr(getattr(message, "i1", None), "items", None)
    if suspension.class_name != NOT_UNDERSTOOD or selector is None or items is None:
        raise UnresumableError(f"computation '{suspension.context_id}' does not wait with a message not understood")
    receiver = exception.i4
    frame = _answering(suspension, receiver, message)
    if frame is None:
        raise UnresumableError("nothing in this stack sent the message that was not understood")
    upwards = _super_send(frame.sender, receiver, selector.name)
    behavior: Behavior | None = world.class_of(receiver)
    if upwards is not None:
        key = parse_super_name(upwards.name)[1]
        behavior = world.behavior_named(key).superclass
    if behavior is None:
        raise UnresumableError(f"there is no class above that which sends '{selector.name}' to super")
    return MissedMessage(receiver, selector.name, list(items), frame, upwards, behavior)


def _answering(suspension: Suspension, receiver: Any, message: Any) -> Context | None:
    """Return the outermost activation of `doesNotUnderstand:` with that receiver and message; None if there is none."""
    found = None
    for context in suspension.stack or ():
        if context.origin is None or context.function or context.values.get("self") is not receiver:
            continue
        arguments = context.origin.lowered().functions[0].parameters[1:]
        is_about_it = any(context.values.get(name) is message for name in arguments)
        if is_about_it and source_of(suspension, context).selector == "doesNotUnderstand:":
            found = context
    return found


def _super_send(sender: Context | None, receiver: Any, selector: str) -> SuperSend | None:
    """Return the operation that sends a message to super in the context that waits for its answer, if it is that."""
    if sender is None or sender.origin is None or receiver_of(sender) is not receiver:
        return None
    op = operation_at(sender.origin, sender.function, sender.index)
    return op if isinstance(op, SuperSend) and op.selector == selector else None
