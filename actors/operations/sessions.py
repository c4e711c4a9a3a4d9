"""Operations on sessions as such: create, list, look at, count. The supervisor does them."""

from typing import TYPE_CHECKING, Any, Final

from ..limits import SERVER_LIMITS
from ..resources.weights import weights_of
from ..state.metadata import ABOUT, session_info, session_metadata
from ..state.quarantine import mode
from ..traffic.admission import check_owner
from ..traffic.call import Answer, Call, RefusedError
from .waiting import error_state

if TYPE_CHECKING:
    from storage import SessionRow

    from ..sessions.supervisor import Supervisor

ABOUT_BYTES_MAX: Final = SERVER_LIMITS["about_bytes_max"].value


def create_session(supervisor: "Supervisor", call: Call) -> Answer:
    """Make a session for a client and make it the connection's own.

    Raises:
        RefusedError: PermissionDenied, LimitExceeded; SessionNotFound for the session to begin as a copy of.
        StoreError: that session cannot be read.
    """
    parts, parameters = supervisor.parts, call.request.parameters
    client_id = parameters["client_id"]
    now_ms = parts.clock.now_ms()
    supervisor.admission.check_client(client_id)
    _check_room(supervisor, client_id)
    supervisor.admission.check_creation(client_id, parts.clock.monotonic_ns())
    about = _about(call)
    source = _source(supervisor, call)
    live = supervisor.create(client_id, source, about)
    call.sid, call.client_id = live.session.sid, client_id
    parts.connections.remember(call.connection).claim(client_id, live.session.token)
    return {**session_metadata(live.session.row, parts.settings, now_ms), **parts.quotas.warning(client_id)}


def _about(call: Call) -> dict[str, Any]:
    """Return what the client says of itself; refuse more than may be kept."""
    if call.size_bytes > ABOUT_BYTES_MAX:
        raise RefusedError(
            "LimitExceeded",
            f"A request that creates a session may take {ABOUT_BYTES_MAX} bytes, this one takes {call.size_bytes}.",
            {"limit": "about_bytes_max", "maximum": ABOUT_BYTES_MAX},
        )
    return {name: call.request.parameters[name] for name in ABOUT if name in call.request.parameters}


def _check_room(supervisor: "Supervisor", client_id: str) -> None:
    """Refuse a client with too many sessions or no room on disk, and a new one when there are too many of them."""
    settings = supervisor.parts.settings
    open_count = len(supervisor.open_rows(client_id))
    if open_count >= settings.sessions_per_client:
        raise RefusedError(
            "LimitExceeded",
            f"The client has {open_count} open sessions, which is all it may have; close one first.",
            {"limit": "sessions_per_client", "maximum": settings.sessions_per_client},
        )
    supervisor.census.check_room(settings, is_first=not open_count)
    supervisor.parts.quotas.check_room(client_id)


def _source(supervisor: "Supervisor", call: Call) -> "SessionRow | None":
    """Return the session to begin as a copy of, None if none was named."""
    parameters = call.request.parameters
    token = parameters.get("from_session")
    if token is None:
        return None
    check_owner(supervisor.owner_of_token(token), parameters["client_id"], None)
    return supervisor.wake(token).session.row


def list_client_sessions(supervisor: "Supervisor", call: Call) -> Answer:
    """Answer a client's sessions that can be used."""
    client_id = call.request.parameters["client_id"]
    supervisor.admission.check_client(client_id)
    rows = supervisor.open_rows(client_id)
    if rows:
        check_owner(client_id, None, supervisor.parts.connections.find(call.connection))
    settings, now_ms = supervisor.parts.settings, supervisor.parts.clock.now_ms()
    sessions = [session_metadata(row, settings, now_ms) for row in rows]
    return {"client_id": client_id, "session_count": len(sessions), "sessions": sessions}


def get_session_info(supervisor: "Supervisor", call: Call) -> Answer:
    """Answer a session's metadata without waking it, also of one past its retention; one in memory tells what waits."""
    parameters = call.request.parameters
    connection = supervisor.parts.connections.find(call.connection)
    check_owner(supervisor.owner_of_token(parameters["session_id"]), parameters.get("client_id"), connection)
    row = supervisor.row(parameters["session_id"])
    supervisor.admission.check_client(row.client_id)
    if row.is_closed:
        raise RefusedError("SessionNotFound", "The session was closed.")
    live = supervisor.roster.find(row.token)
    info = session_info(row, supervisor.parts.settings, supervisor.parts.clock.now_ms(), is_live=live is not None)
    info.update(mode(row.meta))
    if live is not None and live.session.state.is_loaded:
        info["error_state"] = error_state(live.session)
        if live.session.weight.bytes is not None:
            info["memory_bytes"] = live.session.weight.bytes
    return info


def get_session_statistics(supervisor: "Supervisor", _call: Call) -> Answer:
    """Answer figures about sessions and clients."""
    settings = supervisor.parts.settings
    return {
        "total_sessions": supervisor.parts.keeper.store.counts().open_sessions,
        "active_clients": supervisor.roster.client_count,
        "max_sessions_per_client": settings.sessions_per_client,
        "default_timeout": round(settings.idle_timeout_s),
        "cleanup_interval": round(settings.sweep_s),
        "memory_bytes": sum(weights_of(supervisor)),
        **supervisor.parts.quotas.of_all(),
    }
