"""Returns of a session to a former state, and the savepoints that keep what a return leaves behind.

Before a session goes back, its state is kept under a name of its own, so that going back can be undone as well. The
same is done before a large file is filed in, and now and then (`autosave.py`). These automatic savepoints are few, the
oldest make room; they stand among the others and can be loaded and cleared like them.
"""

from collections.abc import Callable
from itertools import chain, count
from typing import TYPE_CHECKING, Any, Final

from smalltalk import ROOT_OID, BrokenImageError
from storage import Change, ObjectsChanged, SavepointDropped, SavepointSaved, StoreError

from ..limits import SERVER_LIMITS
from ..traffic.call import RefusedError
from .session_state import IDS_GIVEN

if TYPE_CHECKING:
    from ..sessions.session import Session

AUTOMATIC_MAX: Final = SERVER_LIMITS["automatic_savepoints_max"].value
#: In a savepoint's stored meta: nobody asked for it.
AUTOMATIC: Final = "automatic"


def go_back(
    session: "Session", place: str | int, change: Callable[[int, str], Change], code: str, **about: Any
) -> tuple[int, str]:
    """Stage the return of a session to a former state; names of computations that wait are not given again after it.

    Args:
        session: it; all it did is committed.
        place: where it stood, see `Store.former`.
        change: makes the return of the step's number and that savepoint's name.
        code: what stands in the history.
        about: more that stands there.

    Returns:
        The number of the history entry, and the name of the savepoint that keeps the present state.

    Raises:
        StoreError: one of the two states cannot be read.
    """
    store, sid = session.parts.keeper.store, session.sid
    is_empty = store.former(sid, place).record(ROOT_OID) is None
    present = store.load(sid)
    entry_seq = session.state.entry_count() + 1
    session.change_meta({**session.row.meta, IDS_GIVEN: _ids_given(session)})
    name = _free_name(session, f"auto {entry_seq} before {'undo' if isinstance(place, int) else 'load_context'}")
    session.state.forget()
    now_ms = session.parts.clock.now_ms()
    entry = {"code": code, "result": "", "timestamp_ms": now_ms, "execution_ms": 0, "has_error": False, **about}
    session.stage(
        SavepointSaved(sid, name, now_ms, {AUTOMATIC: True}),
        change(present.seq + 1, name),
        *session.state.changes(entry),
        *(_beginning(session, present.seq + 2, present.next_oid) if is_empty else ()),
        *_too_many(session),
    )
    session.background.look_again()
    return entry_seq, name


def _beginning(session: "Session", seq: int, next_oid: int) -> list[Change]:
    """Return what gives a session that went back to before its first object those that every image begins with."""
    image = session.parts.engine.create()
    delta = image.drain_delta()
    image.close()
    return [] if delta is None else [ObjectsChanged(session.sid, seq, max(next_oid, delta.next_oid), delta.records)]


def kept_before(session: "Session", why: str) -> list[Change]:
    """Return what keeps the present state of a session before something is done to it."""
    return keep(session, f"auto {session.state.entry_count() + 1} before {why}")


def keep(session: "Session", name: str) -> list[Change]:
    """Return the changes that keep the present state under a name, and make room for it."""
    now_ms = session.parts.clock.now_ms()
    return [SavepointSaved(session.sid, _free_name(session, name), now_ms, {AUTOMATIC: True}), *_too_many(session)]


def _free_name(session: "Session", name: str) -> str:
    """Return the name, or one like it if the user calls a savepoint so: his must not be replaced."""
    taken = {each.name for each in session.parts.keeper.store.savepoints(session.sid)}
    others = (f"{name} ({number})" for number in count(2))
    return next(each for each in chain((name,), others) if each not in taken)


def _too_many(session: "Session") -> list[Change]:
    """Return what makes room for one more automatic savepoint, beside what this tick's commit saves and drops."""
    keeper, sid = session.parts.keeper, session.sid
    names = [each.name for each in keeper.store.savepoints(sid) if AUTOMATIC in each.meta]
    for change in keeper.staged(sid):
        if isinstance(change, SavepointDropped) and change.name in names:
            names.remove(change.name)
        elif isinstance(change, SavepointSaved) and AUTOMATIC in change.meta:
            names.append(change.name)
    return [SavepointDropped(sid, name) for name in names[: max(0, len(names) + 1 - AUTOMATIC_MAX)]]


def _ids_given(session: "Session") -> int:
    """Return how many names computations of the session were given, as far as its present state can be read."""
    before: int = session.row.meta.get(IDS_GIVEN, 0)
    try:
        return max(before, session.state.image().debugger.ids_given())
    except (RefusedError, StoreError, BrokenImageError):  # what is damaged is what a savepoint is loaded in place of
        return before
