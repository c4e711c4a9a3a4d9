"""Suspensions: computations that stopped before their end and wait for somebody to decide how they go on.

Whoever stops a computation calls `Evaluation.suspend`. The evaluation's *keeper* captures the stack and keeps it; then
all frames are left by `Suspended`, which runs no unwinding block: what they would close is still in use. Without a
keeper, and where the stack cannot be resumed, the computation unwinds and ends as by Termination.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, Protocol, TypeAlias

from .objects import Object

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from .capture import CapturedStack
    from .contexts import Context
    from .evaluation import Evaluation

#: Why a computation waits: an unhandled exception, a stop that its code or a programmer asked for, a stop from outside,
#: a step that is done; "stopped": the server ended in the middle of it.
SuspensionKind: TypeAlias = Literal["error", "halt", "breakpoint", "interrupted", "timeout", "step", "stopped"]

#: Kinds of those that stopped without anything having gone wrong.
PLAIN_STOPS: Final[frozenset[str]] = frozenset({"step"})


class Suspended(BaseException):
    """All frames of a kept computation are left. No `Unwinding`: no code of the language runs for it."""


class Moved(BaseException):
    """All frames of a computation are left, which goes on elsewhere in its stack. No `Unwinding`, as `Suspended`.

    It is caught at the bottom of the computation.

    Attributes:
        stack: what of it is left.
        start: answers for what that waits for.
    """

    def __init__(self, stack: CapturedStack, start: Callable[[], Any]) -> None:
        self.stack = stack
        self.start = start


class Keeper(Protocol):
    """Who keeps what stops in an evaluation."""

    def can_keep(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        """Whether the computation with that innermost frame could be kept and go on."""

    def keep(
        self, evaluation: Evaluation, frame: FrameType | None, kind: SuspensionKind, exception: Any
    ) -> Suspension | None:
        """Capture the computation with that innermost frame and keep it.

        Args:
            evaluation: whose computation it is; its `failure` says what went wrong, if anything did.
            frame: the innermost frame.
            kind: why it stops.
            exception: the exception that nobody handled; None for other kinds.

        Returns:
            What is kept, to be looked at only if its stack has a `reason`; None if nothing is.
        """

    def return_from(self, evaluation: Evaluation, frame: FrameType | None, context: Context, value: Any) -> NoReturn:
        """Leave the activations up to a context's, which answers a value to its sender.

        Args:
            evaluation: whose computation it is.
            frame: its innermost frame.
            context: one of its activations.
            value: the value.

        Raises:
            Moved: it goes on there.
            UnresumableError: it cannot.
        """

    def begin_anew(self, evaluation: Evaluation, frame: FrameType | None, context: Context) -> NoReturn:
        """Leave the activations up to a context's, and begin that anew: of a method the present one.

        Args:
            evaluation: whose computation it is.
            frame: its innermost frame.
            context: one of its activations.

        Raises:
            Moved: it goes on there.
            UnresumableError: it cannot.
        """

    def release(self, process: Any) -> CapturedStack | None:
        """Let a process that is kept wait no longer; somebody ends it.

        Returns:
            What is to be unwound, None if nothing of it can go on.
        """


class Suspension(Object):
    """A computation that waits.

    Attributes:
        context_id: its name in its session, for good.
        kind: why it waits.
        class_name: of the exception, or of the failure.
        message: what happened, in words.
        code: the do-it that it is the run of.
        tool_id: the workspace of that.
        has_display: the displayString of its value is asked for as well.
        stopped_at_ms: when it stopped, milliseconds since 1970.
        frames: activations of the language in its stack.
        transcript: what was written before the server stopped it; the final answer holds it.
        exception: what nobody handled, or nil.
        process: its process, if somebody asked for that, or nil.
        value: what it answered, if it stopped when that was being printed: then there is no stack left.
        stack: where it stands.
    """

    __slots__ = (
        "class_name",
        "code",
        "context_id",
        "exception",
        "frames",
        "has_display",
        "kind",
        "message",
        "process",
        "stack",
        "stopped_at_ms",
        "tool_id",
        "transcript",
        "value",
    )

    def __init__(self, context_id: str, code: str, tool_id: str, *, has_display: bool) -> None:
        self.oid = 0
        self.dirty = True
        self.context_id = context_id
        self.kind: SuspensionKind = "error"
        self.class_name = ""
        self.message = ""
        self.code = code
        self.tool_id = tool_id
        self.has_display = has_display
        self.stopped_at_ms = 0
        self.frames = 0
        self.transcript = ""
        self.exception: Any = None
        self.process: Any = None
        self.value: Any = None
        self.stack: CapturedStack | None = None

    @property
    def can_go_on(self) -> bool:
        """Whether its stack can be resumed."""
        return self.stack is not None and self.stack.reason is None

    @property
    def top(self) -> Context | None:
        """The innermost context."""
        return None if self.stack is None else self.stack.top
