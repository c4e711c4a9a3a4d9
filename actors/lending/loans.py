"""The loans of one worker: which of its evaluations the quarantine worker has, and what becomes of them.

A loan begins between two slices of an evaluation whose session hogs the processor: the computation is captured as at
the server's end (0015), and packed with the session's records in the slices that follow. When it is packed it goes, and
the session's objects leave memory. Until it comes home the session is as busy as with any run: what is asked of its
state waits, an interrupt goes after it, and what reads the store sees the session as it was before the evaluation.

What cannot be captured just now runs on and is tried again later. What cannot be packed, and what the quarantine worker
had when it died, begins again from what is stored, and stays.

Thread: the loop.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Final

from protocol import Failure
from storage import Change, EncodedRecords

from ..durability.encoding import Encoding
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..operations.table import HANDLERS
from ..state.stopped import Ending, Stopped, with_stopped
from .letters import (
    DROP,
    HOME,
    INTERRUPT,
    NUMBER_BYTES,
    OFFER,
    PAUSED,
    RECALL,
    Offer,
    encoded,
    pack_offer,
    unpack_homecoming,
    unpack_offer,
)

if TYPE_CHECKING:
    from ..running.evaluator import Run
    from ..sessions.session import Session

#: What could not be captured is tried again after so many times the time it had used.
_PATIENCE: Final = 2
_LOANS_MAX: Final = SERVER_LIMITS["loans_max"].value
_BYTES_MAX: Final = SERVER_LIMITS["loan_bytes_max"].value
_log = new_logger("lending")


@dataclass(slots=True, eq=False)
class Loan:
    """One evaluation that the quarantine worker has, or is to have.

    Attributes:
        number: its name.
        run: the run it is.
        stopped: the evaluation as it was captured last.
        next_oid: the smallest object id not given then.
        changed: what it had changed: oid and encoded record in turns.
        offer: the packed offer until it is sent, None before it is packed and afterwards.
        is_away: whether it was sent, and is not home yet.
        is_home: whether its outcome is there.
        is_interrupted: whether it is to stop as soon as it can.
        due_ns: when it is home, when the session's processes want to go on.
    """

    number: int
    run: "Run"
    stopped: Stopped
    next_oid: int = 0
    changed: list[int | bytes] | None = None
    offer: bytes | None = None
    is_away: bool = False
    is_home: bool = False
    is_interrupted: bool = False
    due_ns: int | None = None

    @property
    def delta(self) -> EncodedRecords:
        """What it has changed of what is stored."""
        return encoded(self.changed or [])


class Loans:
    """All loans of one worker; a server of one process makes none."""

    def __init__(self) -> None:
        self.tell: Callable[..., None] = lambda *_: None
        self._is_open = False
        self._loans: dict[int, Loan] = {}
        self._last = 0

    @property
    def count(self) -> int:
        """How many evaluations the quarantine worker has, or is to have."""
        return len(self._loans)

    # --- going

    def consider(self, run: "Run") -> None:
        """Lend a run between two of its slices, if its session hogs the processor and it can be stopped here."""
        if not self._may_go(run):
            return
        session, evaluation, greenlet = run.session, run.evaluation, run.greenlet
        assert evaluation is not None
        assert greenlet is not None
        try:
            if not session.state.image().suspend(evaluation, greenlet.gr_frame):
                run.lent_from_ns = _PATIENCE * run.used_ns
                return
        except Exception as defect:  # noqa: BLE001 - whatever it is, the run goes on where it is
            _log.error("an evaluation cannot be stopped to be lent", sid=session.sid, exc_info=defect)
            run.lent_from_ns = inf
            return
        assert evaluation.suspension is not None
        session.parts.evaluator.abandon(run)
        self._last += 1
        stopped = Stopped.of(run.call, evaluation.suspension.context_id, run.used_ns)
        run.loan = self._loans[self._last] = Loan(self._last, run, stopped)
        run.encoding = Encoding(self._packing(session, run.loan))

    def _may_go(self, run: "Run") -> bool:
        """Tell whether a run is one to be lent."""
        return (
            self._is_open
            and run.used_ns >= run.lent_from_ns
            and run.session.usage.is_hog
            and len(self._loans) < _LOANS_MAX
            and run.is_between_slices
            and run.weighing is None
            and not run.call.stays
            and (run.session.weight.bytes or 0) <= _BYTES_MAX
            and run.session.state.damage is None
            and HANDLERS[run.call.request.operation].ending(run.call) is Ending.FINISHED
        )

    def _packing(self, session: "Session", loan: Loan) -> Generator[None, None, list[Change]]:
        """Pack a session that is lent, in steps; it has no changes of its own for the store."""
        records: dict[int, bytes] = {}
        for part in session.parts.keeper.store.load(session.sid).encoded():
            records.update(part)
            yield
        if loan.changed is None:
            draining = session.state.image().draining(EncodedRecords)
            delta = None if draining is None else (yield from draining)
            assert delta is not None  # it holds the captured computation, at least
            loan.next_oid, loan.changed = delta.next_oid, delta.records.flat
        records.update(zip(loan.delta.oids(), loan.delta.contents(), strict=True))
        yield
        loan.offer = _offer_of(session, loan, records)
        return []

    def packed(self, run: "Run") -> None:
        """Send what is packed; or begin again, if it could not be."""
        loan, encoding = run.loan, run.encoding
        assert loan is not None
        assert encoding is not None
        run.encoding = None
        try:
            encoding.changes()
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing of the run is kept, so it can begin again
            _log.warning("an evaluation cannot be lent and begins again", sid=run.session.sid, reason=str(error))
            self._begin_again(loan)
            return
        run.session.state.forget()
        run.session.weight.clear()
        if self._is_open:
            self._send(loan)

    def _send(self, loan: Loan) -> None:
        assert loan.offer is not None
        self._tell(OFFER, loan, loan.offer)
        loan.offer, loan.is_away = None, True
        if loan.is_interrupted:
            self._tell(INTERRUPT, loan)

    def _tell(self, verb: bytes, loan: Loan, content: bytes = b"") -> None:
        self.tell(verb, loan.number.to_bytes(NUMBER_BYTES, "big"), content)

    # --- meanwhile

    def interrupt(self, run: "Run") -> None:
        """Stop a lent run at its next safe point; its answer comes home."""
        assert run.loan is not None
        run.loan.is_interrupted = True
        if run.loan.is_away:
            self._tell(INTERRUPT, run.loan)

    def recall(self) -> None:
        """Ask how far all have come that are away; each tells, or comes home."""
        for loan in self._loans.values():
            if loan.is_away:
                self._tell(RECALL, loan)

    @property
    def is_any_away(self) -> bool:
        """Whether the quarantine worker has one."""
        return any(loan.is_away for loan in self._loans.values())

    def drop(self, run: "Run") -> None:
        """End a lent run where it stands: nothing is wanted of it any more."""
        loan, run.loan = run.loan, None
        if loan is not None and self._loans.pop(loan.number, None) is not None and loan.is_away:
            self._tell(DROP, loan)

    # --- coming home

    def take(self, verb: bytes, number: bytes, content: bytes) -> None:
        """Take a letter of the quarantine worker; one about a loan that was given up says nothing any more."""
        loan = self._loans.get(int.from_bytes(number, "big"))
        if loan is None:
            return
        if verb == HOME:
            self._home(loan, content)
        elif verb == PAUSED:
            self._paused(loan, content)

    def _home(self, loan: Loan, content: bytes) -> None:
        """Settle what came of a loan."""
        del self._loans[loan.number]
        run, home = loan.run, unpack_homecoming(content)
        session = run.session
        session.parts.counters.evaluations += 1
        loan.is_away, loan.is_home, loan.due_ns = False, True, home.due_ns
        run.used_ns, run.history, run.events = home.used_ns, home.history, home.events
        run.answer = home.answer
        if home.answer is None:
            run.defect = RuntimeError("a defect in the quarantine worker, whose log says more")
        elif isinstance(home.answer, Failure) and not home.is_kept:
            run.not_kept = home.answer
        else:
            loan.changed = [*(loan.changed or []), *home.records]
            run.encoding = Encoding(session.state.taking_back(home.next_oid, loan.delta, home.history))
            if not run.encoding.step():
                session.parts.scheduler.pack(run)
                return
        session.finish(run)

    def _paused(self, loan: Loan, content: bytes) -> None:
        """Note how far a loan came; it goes on with the next quarantine worker."""
        offer = unpack_offer(content)
        loan.stopped, loan.next_oid = Stopped(**offer.stopped), offer.next_oid
        loan.changed = [*(loan.changed or []), *offer.records]
        loan.is_away = False
        loan.run.used_ns = loan.stopped.used_ns

    # --- the quarantine worker comes and goes

    def open(self) -> None:
        """There is a quarantine worker: what waits for it goes, what came back half done is packed anew."""
        self._is_open = True
        for loan in list(self._loans.values()):
            if loan.offer is not None:
                self._send(loan)
            elif not loan.is_away and loan.run.encoding is None:
                session = loan.run.session
                loan.run.encoding = Encoding(self._packing(session, loan))
                session.parts.scheduler.pack(loan.run)

    def close(self) -> None:
        """The quarantine worker is gone, and with it what was there."""
        self._is_open = False
        for loan in list(self._loans.values()):
            if loan.is_away:
                self._begin_again(loan)

    def _begin_again(self, loan: Loan) -> None:
        """Let a run begin again from what is stored, and stay."""
        del self._loans[loan.number]
        loan.run.loan = None
        loan.run.session.begin_again(loan.run, is_interrupted=loan.is_interrupted)


def _offer_of(session: "Session", loan: Loan, records: dict[int, bytes]) -> bytes:
    """Pack a session with all its records."""
    flat: list[int | bytes] = [each for pair in records.items() for each in pair]
    row = session.row._replace(meta=with_stopped(session.row.meta, None))
    return pack_offer(Offer(row, loan.stopped._asdict(), loan.next_oid, flat))
