"""Named states of a session: save, load back, list, clear.

The store pins the committed state of a session, so these wait until everything before them is committed.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from storage import Savepoint, SavepointDropped, SavepointLoaded, SavepointSaved, StoreError

from ..clock import iso_timestamp
from ..limits import SERVER_LIMITS
from ..state.returning import AUTOMATIC, go_back
from ..traffic.call import Answer, Call, RefusedError
from .waiting import error_state

if TYPE_CHECKING:
    from ..sessions.session import Session

SAVEPOINTS_MAX: Final = SERVER_LIMITS["savepoints_max"].value
#: Name of a savepoint whose name was not given.
DEFAULT_NAME: Final = "default"
#: Under what a savepoint keeps the size it was answered with; the store's own figure counts what its format adds.
_SIZE_BYTES: Final = "size_bytes"


def save_context(session: "Session", call: Call) -> Answer:
    """Pin the session's state under a name.

    Raises:
        RefusedError: LimitExceeded.
    """
    store = session.parts.keeper.store
    name = _name(call)
    names = {savepoint.name for savepoint in store.savepoints(session.sid) if AUTOMATIC not in savepoint.meta}
    if name not in names and len(names) >= SAVEPOINTS_MAX:
        raise RefusedError(
            "LimitExceeded",
            f"A session may have {SAVEPOINTS_MAX} savepoints; clear one first.",
            {"limit": "savepoints_max", "maximum": SAVEPOINTS_MAX},
        )
    session.parts.quotas.check_room(session.client_id)
    now_ms = session.parts.clock.now_ms()
    size_bytes = store.load(session.sid).size_bytes()
    session.stage(SavepointSaved(session.sid, name, now_ms, {_SIZE_BYTES: size_bytes}))
    return {
        "session_id": session.token,
        "name": name,
        "saved_at": iso_timestamp(now_ms),
        "size_bytes": size_bytes,
        **session.parts.quotas.warning(session.client_id),
    }


def load_context(session: "Session", call: Call) -> Answer:
    """Make a savepoint the session's current state; what it was before is kept by an automatic savepoint.

    Raises:
        RefusedError: ContextNotFound.
    """
    name = _name(call)
    check_savepoint(session, name)
    shown = name.replace('"', "'")
    _, kept = go_back(
        session,
        name,
        lambda seq, before: SavepointLoaded(session.sid, name, seq, before),
        f'"load_context of {shown}"',
    )
    return {"session_id": session.token, "name": name, "loaded": True, "savepoint": kept}


def clear_context(session: "Session", call: Call) -> Answer:
    """Forget a savepoint.

    Raises:
        RefusedError: ContextNotFound.
    """
    name = _name(call)
    check_savepoint(session, name)
    session.stage(SavepointDropped(session.sid, name))
    return {"session_id": session.token, "name": name, "cleared": True}


def get_context_summary(session: "Session", _call: Call) -> Answer:
    """Answer the session's savepoints, oldest first, and what waits in it; the former also if it cannot be read."""
    savepoints = session.parts.keeper.store.savepoints(session.sid)
    summary: dict[str, Any] = {
        "session_id": session.token,
        "contexts": [_summary(savepoint) for savepoint in savepoints],
    }
    with suppress(StoreError):  # what undoing needs is damaged: the rest is told
        points = session.parts.keeper.store.undo_points(session.sid)
        summary["undo"] = {"count": len(points), "oldest": min(points, default=0), "newest": max(points, default=0)}
    with suppress(RefusedError):
        summary["error_state"] = error_state(session)
    return summary


def _summary(savepoint: Savepoint) -> dict[str, Any]:
    return {
        "name": savepoint.name,
        "saved_at": iso_timestamp(savepoint.at_ms),
        "size_bytes": savepoint.meta.get(_SIZE_BYTES, savepoint.size_bytes),
        "automatic": AUTOMATIC in savepoint.meta,
    }


def _name(call: Call) -> str:
    name: str = call.request.parameters.get("name", DEFAULT_NAME)
    return name


def check_savepoint(session: "Session", name: str) -> None:
    """Refuse the name of no savepoint: ContextNotFound, which tells those there are."""
    names = [savepoint.name for savepoint in session.parts.keeper.store.savepoints(session.sid)]
    if name not in names:
        raise RefusedError("ContextNotFound", f"The session has no savepoint '{name}'.", {"known": names})
