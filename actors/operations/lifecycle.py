"""restore, update_session_state, close and subscribe: what concerns a session as a whole and waits for nothing."""

from typing import TYPE_CHECKING, Any, Final

from storage import SessionClosed

from ..clock import iso_timestamp
from ..durability.events import SUBSCRIBERS_MAX, Subscription
from ..limits import SERVER_LIMITS
from ..state.metadata import session_metadata
from ..state.quarantine import mode
from ..traffic.call import Answer, Call, RefusedError
from .waiting import error_state

if TYPE_CHECKING:
    from ..sessions.session import Session

STATE_BYTES_MAX: Final = SERVER_LIMITS["state_bytes_max"].value
#: Key of the client's own state in a session's stored meta.
STATE: Final = "state"
#: Names under which the older form of `update_session_state` brings parts of the state.
_STATE_PARTS: Final = ("workspace_context", "object_registry")


def restore_session(session: "Session", _call: Call) -> Answer:
    """Answer a session's state; reception made it the connection's own.

    Raises:
        StoreError: its objects cannot be read.
    """
    image = session.state.image()
    session.parts.events.publish(session.token, "session", {"state": "restored"})
    return {
        **session_metadata(session.row, session.parts.settings, session.last_used_ms),
        "last_modified": iso_timestamp(session.last_used_ms),
        "session_state": session.row.meta.get(STATE, {}),
        "workspace_context": {"variables": image.variables()},
        "inspector_state": image.inspector_state(),
        "object_registry": image.object_registry(),
        "error_state": error_state(session),
        **mode(session.row.meta),
    }


def update_session_state(session: "Session", call: Call) -> Answer:
    """Keep the client's own state, verbatim: `state_data` replaces it, the older form replaces the parts it names.

    Raises:
        RefusedError: LimitExceeded.
    """
    if call.size_bytes > STATE_BYTES_MAX:
        raise RefusedError(
            "LimitExceeded",
            f"A client's state may take {STATE_BYTES_MAX} bytes, this is about {call.size_bytes}.",
            {"limit": "state_bytes_max", "maximum": STATE_BYTES_MAX},
        )
    parameters = call.request.parameters
    parts: dict[str, Any] = {name: parameters[name] for name in _STATE_PARTS if name in parameters}
    before = parameters.get("state_data", session.row.meta.get(STATE, {}))
    state: dict[str, Any] = {**before, **parts}
    session.change_meta({**session.row.meta, STATE: state})
    session.touch()
    session.parts.events.publish(session.token, "session", {"state": "updated"})
    return {
        "session_id": session.token,
        "last_modified": iso_timestamp(session.last_used_ms),
        "session_state": state,
        "update_successful": True,
    }


def close_session(session: "Session", _call: Call) -> Answer:
    """End a session; its data is kept until retention ends."""
    session.stage(SessionClosed(session.sid))
    session.parts.events.publish(session.token, "session", {"state": "closed"})
    session.close()
    return {"session_id": session.token, "closed": True}


def subscribe(session: "Session", call: Call) -> Answer:
    """Send the session's events to this connection.

    Raises:
        RefusedError: UnsupportedOperation, the requests come as a REQ socket sends them: an event would be taken for
            the reply of the next; LimitExceeded.
    """
    asker = call.askers[0]
    if not asker.envelope[-1]:
        raise RefusedError(
            "UnsupportedOperation",
            "Events need a DEALER socket that sends its requests without the empty delimiter frame.",
        )
    if not session.parts.door.is_open(call.connection):
        raise RefusedError("UnsupportedOperation", "The connection that asked for events is closed.")
    parameters = call.request.parameters
    names = frozenset(parameters["events"])
    subscription = Subscription(asker.envelope, asker.form, names)
    events = session.parts.events
    channel = events.subscribe(session.token, call.connection, subscription)
    if channel is None:
        raise RefusedError(
            "LimitExceeded",
            f"A session may have {SUBSCRIBERS_MAX} subscribers.",
            {"limit": "subscribers_max", "maximum": SUBSCRIBERS_MAX},
        )
    if "from_seq" in parameters:
        events.replay(channel, subscription, parameters["from_seq"])
    return {"session_id": session.token, "events": sorted(names), "seq": channel.last_seq}
