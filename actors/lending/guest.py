"""A guest: a session that is lent, in the quarantine worker. It does the one evaluation that it was lent with.

Thread: the quarantine worker's loop; the evaluation in its greenlet.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from smalltalk import UnstorableValueError
from storage import Change, EncodedRecords, ObjectsChanged, RecordRefused, SessionRow

from ..logs import new_logger
from ..running.evaluator import Run
from ..sessions.session import Owner, Session
from ..sessions.settlement import unstorable
from ..state.stopped import Stopped
from ..traffic.call import Answer, Call, RefusedError
from .letters import Homecoming, Offer

if TYPE_CHECKING:
    from ..parts import Parts

_log = new_logger("guest")


class NoOwner(Owner):
    """Who keeps guests: what befalls them is told to their owners."""

    def session_failed(self, session: Session) -> None:
        """Its run tells."""

    def session_closed(self, session: Session) -> None:
        """Nobody closes a guest."""

    def call_goes_on(self, call: Call) -> None:
        """Repeats are asked of its owner."""


class Guest(Session):
    """One lent session.

    Attributes:
        stopped: the evaluation to go on with, as it came.
    """

    def __init__(
        self, parts: "Parts", row: SessionRow, stopped: Stopped, go_home: Callable[["Guest", Homecoming], None]
    ) -> None:
        """Make it; its objects are in the store of the quarantine worker.

        Args:
            parts: of the quarantine worker.
            row: its row, as its owner has it.
            stopped: the evaluation to go on with.
            go_home: takes what came of that.
        """
        super().__init__(parts, row, NoOwner())
        self.stopped = stopped
        self._go_home = go_home
        self.put_first(stopped.call(row))

    def finish(self, run: Run) -> None:
        """Send home what came of the run."""
        self.running = None
        self._go_home(self, self._outcome(run))

    def _answer(self, call: Call, answer: Answer) -> None:  # noqa: ARG002 - it has but one call
        """Send home why the run could not even begin."""
        self._go_home(self, _not_kept(self.stopped.used_ns, answer))

    def _outcome(self, run: Run) -> Homecoming:
        if run.defect is not None:
            _log.error("a lent evaluation failed unexpectedly", sid=self.sid, exc_info=run.defect)
            return _not_kept(run.used_ns, None)
        if run.not_kept is not None:
            return _not_kept(run.used_ns, run.not_kept)
        assert run.encoding is not None
        try:
            changes = run.encoding.changes()
        except (UnstorableValueError, RecordRefused) as error:
            return _not_kept(run.used_ns, unstorable(error))
        except RefusedError as refused:
            return _not_kept(run.used_ns, refused.failure)
        except Exception as defect:  # noqa: BLE001 - a defect of one guest must not end the others
            _log.error("what a lent evaluation changed cannot be encoded", sid=self.sid, exc_info=defect)
            return _not_kept(run.used_ns, None)
        next_oid, records = self._delta(changes)
        due_ns = self.state.image().background.due_ns()
        return Homecoming(run.used_ns, run.answer, run.history, run.events, next_oid, records, due_ns, is_kept=True)

    def _delta(self, changes: Sequence[Change]) -> tuple[int, list[int | bytes]]:
        """Return the next id and the changed records, which are encoded."""
        for change in changes:
            if isinstance(change, ObjectsChanged):
                assert isinstance(change.records, EncodedRecords)
                return change.next_oid, change.records.flat
        return self.parts.keeper.store.load(self.sid).next_oid, []

    def pause(self) -> Offer | None:
        """Capture the evaluation where it stands, to go on elsewhere; None if that cannot be just now."""
        run = self.running
        if run is None or not run.is_between_slices:
            return None
        assert run.evaluation is not None
        assert run.greenlet is not None
        try:
            if not self.state.image().suspend(run.evaluation, run.greenlet.gr_frame):
                return None
            changes = self.state.changes(None)
        except Exception as defect:  # noqa: BLE001 - whatever it is, it begins again at its owner's
            _log.error("a lent evaluation cannot be stopped to go on later", sid=self.sid, exc_info=defect)
            return None
        assert run.evaluation.suspension is not None
        stopped = self.stopped._replace(context_id=run.evaluation.suspension.context_id, used_ns=run.used_ns)
        return Offer(self.row, stopped._asdict(), *self._delta(changes))


def _not_kept(used_ns: int, answer: Answer | None) -> Homecoming:
    return Homecoming(used_ns, answer, None, [], 0, [], None, is_kept=False)
