"""Computations that wait, in short: plain data, made without running any code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from ..runtime.suspension import Suspension

#: Why what has no stack cannot go on.
NO_STACK: Final = "its stack is gone"

#: What there is to say of what has no readable record.
DAMAGED: Final = "its record cannot be read"

#: Characters of a do-it in a summary: one line of a list.
CODE_CHARACTERS_MAX: Final = 200

#: What can be done with what cannot go on, with what can, and with a waiting exception, as the wire calls it.
_ALWAYS: Final = ("Abandon",)
_GOING_ON: Final = ("Continue", "RestartFrame", "ReturnValue", "StepInto", "StepOver", "StepOut")
_EXCEPTIONS: Final = ("Resume", "Retry", "Pass")
_NOT_UNDERSTOOD: Final = "CreateMethod"


class SuspensionSummary(NamedTuple):
    """A computation that waits, in short.

    Attributes:
        context_id: its name.
        kind: why it waits, see `SuspensionKind`.
        class_name: of the exception or failure.
        message: what happened.
        code: the do-it that it is the run of, shortened.
        suspended_at_ms: since when it waits, milliseconds since 1970.
        frames: activations in its stack.
        is_resumable: whether it can go on.
        reason: why it cannot, None if it can.
        recovery: names of the operations that can be done with it, as the wire calls them.
    """

    context_id: str
    kind: str
    class_name: str
    message: str
    code: str
    suspended_at_ms: int
    frames: int
    is_resumable: bool
    reason: str | None
    recovery: list[str]


def summary_of(suspension: Suspension, reason: str | None) -> SuspensionSummary:
    """Describe a computation that waits; it cannot go on for that reason, if for any."""
    code = suspension.code
    return SuspensionSummary(
        context_id=suspension.context_id,
        kind=suspension.kind,
        class_name=suspension.class_name,
        message=suspension.message,
        code=code if len(code) <= CODE_CHARACTERS_MAX else code[:CODE_CHARACTERS_MAX] + " ...",
        suspended_at_ms=suspension.stopped_at_ms,
        frames=suspension.frames,
        is_resumable=reason is None,
        reason=reason,
        recovery=_recovery_of(suspension, is_resumable=reason is None),
    )


def damaged_summary(name: str) -> SuspensionSummary:
    """Describe a computation whose record cannot be read, by a name to give it up by."""
    return SuspensionSummary(
        name, "error", "", DAMAGED, "", 0, 0, is_resumable=False, reason=DAMAGED, recovery=[*_ALWAYS]
    )


def reason_of(suspension: Suspension) -> str | None:
    """Why a computation cannot go on, as far as its record tells; None if it can."""
    try:
        return NO_STACK if suspension.stack is None else suspension.stack.reason
    except Exception as damage:  # noqa: BLE001 - whatever the store says: the others that wait are to be listed
        return f"its stack cannot be read ({damage})"


def _recovery_of(suspension: Suspension, *, is_resumable: bool) -> list[str]:
    """Names of the operations that can be done with a computation."""
    if not is_resumable:
        return [*_ALWAYS]
    names = [*_GOING_ON]
    if suspension.exception is not None:
        names += _EXCEPTIONS
    if suspension.class_name == "MessageNotUnderstood":
        names.append(_NOT_UNDERSTOOD)
    return [*names, *_ALWAYS]
