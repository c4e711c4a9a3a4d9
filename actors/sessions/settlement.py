"""Settlement: what a run did becomes changes for the store, and its answer; or nothing of it is kept, and why.

Thread: the loop.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from protocol import Failure
from smalltalk import UnstorableValueError
from storage import Change, RecordRefused

from ..traffic.call import Answer, RefusedError
from ..state.quarantine import DEATHS, after_run

if TYPE_CHECKING:
    from ..running.evaluator import Run
    from .session import Session


def settled(session: "Session", run: "Run") -> Answer:
    """Stage what a run did, which is encoded, and return its answer, or why nothing was done."""
    damage = session.state.damage
    if damage is not None:
        # It is no defect of the session: who touches what is damaged is told, however often, and others go on.
        failure = Failure("SessionError", f"The session is damaged: {damage}")
        session.reset(failure)
        return failure
    if run.defect is not None:
        return session.defective(run.call, run.defect)
    if run.not_kept is not None:
        return _set_back(session, run.not_kept)
    try:
        _stage(session, run)
    except (UnstorableValueError, RecordRefused) as error:
        return _set_back(session, unstorable(error))
    except RefusedError as refused:
        return _set_back(session, refused.failure)
    except Exception as defect:  # noqa: BLE001 - a defect of one session must not end the server
        return session.defective(run.call, defect)
    assert run.answer is not None
    run.call.has_run = True
    session.stops.settle(run.call)
    for name, data in run.events:
        session.parts.events.publish(session.token, name, data)
    return run.answer


def _stage(session: "Session", run: "Run") -> None:
    """Stage what a run changed, and what follows from it; raises why it cannot be."""
    assert run.encoding is not None
    changes = run.encoding.changes()
    session.parts.quotas.check_growth(session.client_id, session.sid, changes)
    session.stage(*changes)
    if run.history is not None:
        session.parts.autosave.evaluated(session)
    if DEATHS in session.row.meta:
        session.change_meta(after_run(session.row.meta))
    if run.loan is None:
        session.background.look()
    else:
        session.background.note_due(run.loan.due_ns)


def _set_back(session: "Session", failure: Failure) -> Failure:
    """Go back to what is stored, because what a run did is not kept; return what the client is told."""
    session.state.forget()
    session.weight.clear()
    session.background.begin()
    return failure


def unstorable(error: UnstorableValueError | RecordRefused) -> Failure:
    """Return what a client is told whose evaluation left something behind that has no record."""
    return Failure("EvaluationError", f"The session was set back, because it cannot be stored: {error}.")
