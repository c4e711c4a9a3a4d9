"""undo: a session goes back to the state before one of its last evaluations; an undo can be undone as well."""

from typing import TYPE_CHECKING, Any, Final

from storage import StateUndone

from ..state.returning import go_back
from ..traffic.call import Answer, Call, RefusedError

if TYPE_CHECKING:
    from ..sessions.session import Session

#: In the history entry of an undo: the entry of the evaluation before which it went back.
UNDID: Final = "undid"
#: Entries of the history looked at in one go.
_PAGE: Final = 64


def undo(session: "Session", call: Call) -> Answer:
    """Go back to before an evaluation: one that is named, or the last one that is still in effect.

    Raises:
        RefusedError: ContextNotFound, there is nothing to undo or that is not known any more; InvalidRequest.
        StoreError: what undoing needs cannot be read.
    """
    parameters, store = call.request.parameters, session.parts.keeper.store
    if "before" in parameters and "steps" in parameters:
        raise RefusedError("InvalidRequest", "Say either 'before' or 'steps'.", {"field": "steps"})
    target = parameters["before"] if "before" in parameters else last_point(session, parameters.get("steps", 1))
    check_point(session, target)
    undone = store.history(session.sid, target - 1, 1).entries[0][1]
    entry_seq, name = go_back(
        session,
        target,
        lambda seq, kept: StateUndone(session.sid, target, seq, kept),
        f'"undo to before {target}"',
        **{UNDID: target},
    )
    return {
        "session_id": session.token,
        "before": target,
        "code": undone["code"],
        "seq": entry_seq,
        "savepoint": name,
    }


def check_point(session: "Session", target: int) -> None:
    """Refuse an evaluation before which no state is known: ContextNotFound."""
    store = session.parts.keeper.store
    if target not in store.undo_points(session.sid, target):  # reads no more of the past than going back does
        known = store.undo_points(session.sid)
        span = f"those known are {known[0]} to {known[-1]}, not all of them perhaps" if known else "none is known"
        raise RefusedError("ContextNotFound", f"There is no state to go back to before evaluation {target}; {span}.")


def last_point(session: "Session", steps: int) -> int:
    """Return the entry of the evaluation that so many evaluations still in effect begin with.

    What an undo took back is passed over, and so is the undo: undoing twice goes back twice.

    Raises:
        RefusedError: ContextNotFound, there are fewer.
    """
    number, wanted = session.state.entry_count(), steps
    page: dict[int, dict[str, Any]] = {}
    while number:
        if number not in page:
            page = dict(session.parts.keeper.store.history(session.sid, max(0, number - _PAGE), _PAGE).entries)
        undid: int | None = page[number].get(UNDID)
        if undid is not None:
            number = undid - 1
            continue
        steps -= 1
        if not steps:
            return number
        number -= 1
    found = wanted - steps
    are_there = "is 1 evaluation" if found == 1 else f"are {found} evaluations" if found else "is no evaluation"
    raise RefusedError("ContextNotFound", f"There {are_there} to go back before{f', not {wanted}' * bool(found)}.")
