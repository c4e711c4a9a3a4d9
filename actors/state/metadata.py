"""What every reply about a session says of it."""

from typing import Any, Final

from storage import SessionRow

from ..clock import iso_timestamp
from ..settings import Settings
from .retention import is_expired, is_open

#: What a client may say of itself when it creates a session; kept unread and shown by `get_session_info`.
ABOUT: Final[tuple[str, ...]] = ("client_info", "client_version", "config")


def session_metadata(row: SessionRow, settings: Settings, now_ms: int) -> dict[str, Any]:
    """Return the documented fields of a session."""
    return {
        "session_id": row.token,
        "client_id": row.client_id,
        "created_at": iso_timestamp(row.created_at_ms),
        "last_modified": iso_timestamp(row.last_modified_ms),
        "timeout": round(settings.idle_timeout_s),
        "expires_at": iso_timestamp(row.expires_at_ms),
        "is_active": is_open(row, now_ms),
        "capabilities": list(settings.capabilities),
        "client_isolation": "enabled",
        "max_concurrent_clients": settings.clients_max,
    }


def session_info(row: SessionRow, settings: Settings, now_ms: int, *, is_live: bool) -> dict[str, Any]:
    """Return the fields of `get_session_info`."""
    about = {name: row.meta[name] for name in ABOUT if name in row.meta}
    return {
        **session_metadata(row, settings, now_ms),
        **about,
        "time_until_expiry": max(0, row.expires_at_ms - now_ms) // 1000,
        "is_expired": is_expired(row.expires_at_ms, now_ms),
        "hibernated": not is_live,
    }
