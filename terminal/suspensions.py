"""What a server answers about the computations that wait in a session, as typed values; see `results`."""

from typing import Any, NamedTuple, Self


class Suspension(NamedTuple):
    """A computation that waits.

    Attributes:
        context_id: Its name as long as it lives.
        kind: Why it waits: error, halt, breakpoint, interrupted, timeout, step or stopped.
        class_name: Of the exception, as far as there is one.
        message: What the exception says.
        code: The do-it, shortened.
        frame_count: How deep its stack is.
        is_resumable: Whether it can go on at all; else its stack can be read, and it can be abandoned.
        reason: Why it cannot go on; empty if it can.
        recovery: Operations that are allowed.
    """

    context_id: str
    kind: str
    class_name: str
    message: str
    code: str
    frame_count: int
    is_resumable: bool
    reason: str
    recovery: tuple[str, ...]

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of waiting computations."""
        return cls(
            row["context_id"],
            row["kind"],
            row["class_name"] or "",
            row["message"] or "",
            row["code"] or "",
            row["frames"],
            row["is_resumable"],
            row["reason"] or "",
            tuple(row["recovery"]),
        )


class ErrorState(NamedTuple):
    """What waits in a session, oldest first; `current` is the one that an unnamed context means."""

    current: Suspension | None
    suspended: tuple[Suspension, ...]

    @classmethod
    def read(cls, state: dict[str, Any] | None) -> Self:
        """Return the error state of a session; None is the one where nothing waits."""
        if state is None:
            return cls(None, ())
        current = state["current"]
        suspended = tuple(Suspension.read(row) for row in state["suspended"])
        return cls(None if current is None else Suspension.read(current), suspended)
