"""How the evaluation of a session survives the server's end: it is stopped, stored, and goes on after the start.

When the server ends in good order, the computation of a running evaluation becomes part of the session's objects and
is stored in the last commit, together with what was asked (`state/stopped.py`) and a note under its `op_id` that it is
under way. When the session is in memory again, the evaluation goes on by itself, before anything else; who repeats the
request meanwhile joins it. Its effects, its answer and the end of it all are one commit: a crash before that leaves it
where the server's end left it. A step of the debugger is interrupted instead, and waits where it stands.

A computation that ends the whole server each time it goes on must not do so for ever: after some attempts it is left
to the client, who finds it among the computations that wait.

Thread: the loop.
"""

from typing import TYPE_CHECKING, Any, Final
from weakref import proxy

from protocol import Failure
from storage import ReplyStored

from ..durability.encoding import Encoding
from ..durability.exactly_once import SID_BYTES
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..operations.table import HANDLERS
from ..state.quarantine import is_held
from .session_background import wake_at_ns
from ..state.stopped import STOPPED, Ending, Stopped, stopped_in, with_stopped

if TYPE_CHECKING:
    from ..traffic.call import Call
    from ..running.evaluator import Run
    from ..lending.loans import Loan
    from .session import Session

RESUMPTIONS_MAX: Final = SERVER_LIMITS["resumptions_max"].value
_log = new_logger("stops")


def goes_on_at_ns(meta: dict[str, Any]) -> int | None:
    """Return when a session must be in memory, by its stored meta: nanoseconds since 1970, None for never."""
    if is_held(meta):
        return None
    return 0 if STOPPED in meta else wake_at_ns(meta)


class SessionStops:
    """The stopped evaluation of one session, if it has one."""

    def __init__(self, session: "Session") -> None:
        # The session refers to this, see `SessionBackground`.
        self._session: Session = proxy(session)
        self._call: Call | None = None

    def suspend(self) -> bool:
        """Store the evaluation under way, to go on after the next start; what cannot be stored is left as it is.

        Returns:
            Whether it may be possible a little later: it stands in the middle of something that cannot be stored.
        """
        session, run = self._session, self._session.running
        if run is not None and run.loan is not None:
            return self._suspend_lent(run, run.loan)
        if run is None or run.evaluation is None or run.greenlet is None:
            return False
        if run.answer is not None:
            return True  # it is done, and weighed or encoded yet; its greenlet does others' runs again
        ending = HANDLERS[run.call.request.operation].ending(run.call)
        if ending is Ending.DROPPED:
            return False
        if ending is Ending.INTERRUPTED:
            return session.interrupt()
        try:
            image = session.state.image()
            if not image.suspend(run.evaluation, run.greenlet.gr_frame):
                return True
            changes = session.state.changes(None)
            session.background.look()
        except Exception as defect:  # noqa: BLE001 - whatever it is, the server ends, and this run with it
            _log.error("an evaluation cannot be stopped to go on later", sid=session.sid, exc_info=defect)
            return False
        session.stage(*changes)
        assert run.evaluation.suspension is not None
        self._store(run, Stopped.of(run.call, run.evaluation.suspension.context_id, run.used_ns))
        return False

    def _suspend_lent(self, run: "Run", loan: "Loan") -> bool:
        """Store how far an evaluation on loan is known to have come; see `suspend`."""
        session = self._session
        if loan.changed is None or run.encoding is not None:
            return True  # it is being packed
        try:
            session.stage(*Encoding(session.state.taking_back(loan.next_oid, loan.delta, None)).finish())
        except Exception as defect:  # noqa: BLE001 - whatever it is, the server ends, and this run with it
            _log.error("an evaluation on loan cannot be stopped to go on later", sid=session.sid, exc_info=defect)
            return False
        self._store(run, loan.stopped)
        return False

    def _store(self, run: "Run", stopped: Stopped) -> None:
        """Stage what is to go on, and let its run go; who repeats the request later is answered then."""
        session, call = self._session, run.call
        session.change_meta(with_stopped(session.row.meta, stopped))
        for key in (call.key, call.pointer):
            if key is not None:
                now_ms, sid = session.parts.clock.now_ms(), session.sid.to_bytes(SID_BYTES, "big")
                session.stage(ReplyStored(key.scope, key.op_id, call.request.digest, sid, now_ms))
        text = "The server stops; the evaluation goes on after its next start, see the history for its end."
        session.end_run(None if call.key else Failure("Interrupted", text, {"context_id": stopped.context_id}))

    def begin(self) -> None:
        """Let what was stopped go on, unless it does already."""
        session = self._session
        stopped = stopped_in(session.row.meta)
        if stopped is None or self._call is not None or is_held(session.row.meta):
            return
        stopped = stopped._replace(attempts=stopped.attempts + 1)
        call = stopped.call(session.row)
        session.owner.call_goes_on(call)
        if stopped.attempts > RESUMPTIONS_MAX:
            _log.error("a stopped evaluation is left alone", sid=session.sid, context_id=stopped.context_id)
            self._give_up(call, stopped.context_id)
            return
        session.change_meta(with_stopped(session.row.meta, stopped))
        self._call = call
        session.put_first(call)

    def _give_up(self, call: "Call", context_id: str) -> None:
        """Leave it to the client."""
        text = "The evaluation did not come to its end, however often it went on; it waits: see debug."
        call.has_run = True
        self.settle(call)
        self._session.parts.gate.answer(call, Failure("Interrupted", text, {"context_id": context_id}))

    def settle(self, call: "Call") -> None:
        """A call has had its effects, which are staged: if it was the stopped one, it is so no more."""
        if call.stopped is not None:
            self._session.change_meta(with_stopped(self._session.row.meta, None))

    def answered(self, call: "Call") -> None:
        """A call is answered; if the stopped one was, and is still stored, it may go on once more."""
        if call is self._call:
            self._call = None
