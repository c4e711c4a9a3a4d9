"""What the debugger tells, as the wire shows it: summaries, stacks, breakpoints, and a session's error state."""

from typing import TYPE_CHECKING, Any, Final

from smalltalk import BrokenImageError
from storage import StoreError

from ..clock import iso_timestamp

if TYPE_CHECKING:
    from smalltalk import BreakpointRow, FrameRow, SuspensionSummary

    from ..sessions.session import Session


#: Where a method begins.
_FIRST_LINE: Final = 1


def error_state(session: "Session") -> dict[str, Any] | None:
    """Return what waits in a session and what may be done with the current one, None if nothing waits.

    Damage of what waits is told in it and hurts nothing else: who restores the session gets all that is whole.

    Raises:
        RefusedError: the session's objects cannot be read.
    """
    image = session.state.image()
    try:
        with session.state.damage_aside():
            waiting = [summary_row(summary) for summary in image.debugger.contexts()]
    except (StoreError, BrokenImageError) as damage:
        return {"current": None, "suspended": [], "recovery": [], "damage": str(damage)}
    if not waiting:
        return None
    return {"current": waiting[-1], "suspended": waiting, "recovery": waiting[-1]["recovery"]}


def summary_row(summary: "SuspensionSummary") -> dict[str, Any]:
    """Write one computation that waits."""
    return {
        "context_id": summary.context_id,
        "kind": summary.kind,
        "class_name": summary.class_name,
        "message": summary.message,
        "code": summary.code,
        "suspended_at": iso_timestamp(summary.suspended_at_ms),
        "frames": summary.frames,
        "is_resumable": summary.is_resumable,
        "reason": summary.reason,
        "recovery": list(summary.recovery),
    }


def frame_row(row: "FrameRow") -> dict[str, Any]:
    """Write one line of a stack."""
    return {
        "frame": row.frame,
        "method": row.method,
        "class_name": row.class_name,
        "selector": row.selector,
        "receiver": row.receiver,
        "line": row.line,
        "column": row.column,
        "is_block": row.is_block,
        "is_resumable_here": row.is_resumable_here,
    }


def breakpoint_row(row: "BreakpointRow") -> dict[str, Any]:
    """Write a breakpoint; one at a method's beginning stops at its first line, as the stack then says."""
    class_name, _, selector = row.method.partition(">>")
    beginning = _FIRST_LINE if row.is_active else None
    return {
        "file": row.method,
        "class_name": class_name,
        "selector": selector,
        "line": row.line,
        "stops_at": row.stops_at or beginning,
        "is_active": row.is_active,
    }


def place_of(row: "FrameRow") -> str:
    """Say in a line where a frame stands."""
    return f"{row.method} line {row.line}"


def facts_of(summary: "SuspensionSummary") -> dict[str, str]:
    """Say of a computation that waits, in texts, why it does."""
    facts = {
        "state": "suspended",
        "kind": summary.kind,
        "class": summary.class_name,
        "message": summary.message,
        "code": summary.code,
        "frames": str(summary.frames),
        "recovery": ", ".join(summary.recovery),
    }
    if summary.reason is not None:
        facts["reason"] = summary.reason
    return facts


def facts_of_frame(row: "FrameRow") -> dict[str, str]:
    """Say of a frame, in texts, where it stands."""
    return {"method": row.method, "line": str(row.line), "column": str(row.column), "receiver": row.receiver}
