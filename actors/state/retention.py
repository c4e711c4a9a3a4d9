"""The two clocks of a session: idleness, and retention.

An idle session leaves memory; one past its retention is due to be archived. `expires_at` always speaks of retention.
Pure functions; times are milliseconds since 1970 UTC.
"""

from typing import Any, Final

from storage import SessionRow

_MS_PER_DAY: Final = 86_400_000
#: How stale the stored time of last use may be: writing it with every request would double the cost of one.
TOUCH_INTERVAL_MS: Final = 60_000
#: Key in a session's stored meta: it was found past its retention, at that time.
DUE_SINCE: Final = "due_since_ms"


def expiry_ms(last_used_ms: int, retention_days: float) -> int:
    """Return when a session used then reaches the end of its retention."""
    return last_used_ms + int(retention_days * _MS_PER_DAY)


def is_expired(expires_at_ms: int, now_ms: int) -> bool:
    """Tell whether retention is over."""
    return now_ms >= expires_at_ms


def is_idle(last_used_ms: int, now_ms: int, idle_timeout_s: float) -> bool:
    """Tell whether a session may leave memory."""
    return now_ms - last_used_ms >= idle_timeout_s * 1000


def is_open(row: SessionRow, now_ms: int) -> bool:
    """Tell whether a session can be used: neither closed nor past its retention."""
    return not row.is_closed and not is_expired(row.expires_at_ms, now_ms)


def marked_due(meta: dict[str, Any], now_ms: int) -> dict[str, Any] | None:
    """Return a session's meta with the mark of the end of its retention, None if it has it already."""
    return None if DUE_SINCE in meta else {**meta, DUE_SINCE: now_ms}
