"""The sweep: finds idle sessions and sessions past their retention, a few at a time, between requests.

Nothing is deleted: a session past its retention is marked as due and can no longer be used. Folding the store's
journals is done here as well, a second after they have grown long: a journal is read at each restore and with each page
of history, so one that waited for the next sweep would cost more than it saves.

Thread: the loop.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smalltalk import ROOT_OID
from storage import DamagedRecord, SessionMetaChanged, SessionRow, StoreError

from .errands import Errands
from .logs import new_logger
from .retention import is_expired, is_idle, marked_due

if TYPE_CHECKING:
    from .supervisor import Supervisor

#: Sessions looked at in one step, some microseconds each.
_SESSIONS_PER_STEP: Final = 64
#: Journals folded in one step; one takes about a millisecond.
_FOLDS_PER_STEP: Final = 1
#: Free pages of the store given back in one step, some 10 microseconds each.
_PAGES_PER_STEP: Final = 64
_NS_PER_S: Final = 1_000_000_000
#: Between two looks for long journals: a session at full speed writes some 100 KB in that time.
_FOLD_INTERVAL_NS: Final = _NS_PER_S
_log = new_logger("sweep")


class Sweep:
    """One sweep after the other, in steps."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._clock = supervisor.parts.clock
        self._interval_ns = int(supervisor.parts.settings.sweep_s * _NS_PER_S)
        self._next_ns = self._clock.monotonic_ns() + self._interval_ns
        self._next_fold_ns = self._clock.monotonic_ns() + _FOLD_INTERVAL_NS
        self._steps: Iterator[None] | None = None
        self._errands = Errands(Path(supervisor.parts.settings.data))

    def due_in_ns(self) -> int:
        """Return when `step` has something to do: 0 for now."""
        if self._steps is not None:
            return 0
        return max(0, min(self._next_ns, self._next_fold_ns) - self._clock.monotonic_ns())

    def step(self) -> None:
        """Do a little of the sweep under way, or begin one if it is time."""
        if self._steps is None:
            if self.due_in_ns():
                return
            is_sweep_due = self._clock.monotonic_ns() >= self._next_ns
            self._steps = self._sweep() if is_sweep_due else self._fold()
        try:
            next(self._steps)
        except StopIteration:
            self._steps = None
        except StoreError as error:
            _log.error("the sweep cannot read the store", reason=str(error))
            self._steps = None

    def _sweep(self) -> Iterator[None]:
        self._next_ns = self._clock.monotonic_ns() + self._interval_ns
        yield from self._hibernate_idle()
        yield from self._mark_due()
        yield from self._collect_garbage()

    def _fold(self) -> Iterator[None]:
        self._next_fold_ns = self._clock.monotonic_ns() + _FOLD_INTERVAL_NS
        while self._supervisor.parts.keeper.fold_due(_FOLDS_PER_STEP):
            yield
        yield from self._errands.steps(self._supervisor.parts.keeper.store)

    def _collect_garbage(self) -> Iterator[None]:
        """Drop what sleeping sessions do not lead to any more, and give free pages of the store back."""
        keeper = self._supervisor.parts.keeper
        last: SessionRow | None = None
        while rows := keeper.store.garbage_due(_SESSIONS_PER_STEP, last):
            for row in rows:
                try:
                    yield from self._collect(row)
                except DamagedRecord as damage:
                    _log.error("a session's garbage cannot be collected", session=row.token, reason=str(damage))
            last = rows[-1]
            yield
        while keeper.store.vacuum(_PAGES_PER_STEP):
            yield

    def _collect(self, row: SessionRow) -> Iterator[None]:
        """Do it for one session, as long as it is not in memory: what only its image refers to would be lost."""
        if self._supervisor.roster.find(row.token) is not None:
            return
        for _ in self._supervisor.parts.keeper.store.collect(row.sid, (ROOT_OID,)):
            yield
            if self._supervisor.roster.find(row.token) is not None:
                return

    def _hibernate_idle(self) -> Iterator[None]:
        idle_timeout_s = self._supervisor.parts.settings.idle_timeout_s
        for number, live in enumerate(self._supervisor.roster):
            session = live.session
            if is_idle(session.last_used_ms, self._clock.now_ms(), idle_timeout_s) and not session.is_busy:
                self._supervisor.hibernate(live)
            if number % _SESSIONS_PER_STEP == _SESSIONS_PER_STEP - 1:
                yield

    def _mark_due(self) -> Iterator[None]:
        store = self._supervisor.parts.keeper.store
        last: SessionRow | None = None
        while rows := store.expired(self._clock.now_ms(), _SESSIONS_PER_STEP, last):
            for row in rows:
                self._mark(row)
            last = rows[-1]
            yield

    def _mark(self, row: SessionRow) -> None:
        """Mark one session as due, unless it is in use: then its stored time of last use is only behind."""
        now_ms = self._clock.now_ms()
        live = self._supervisor.roster.find(row.token)
        if live is not None:
            if not is_expired(live.session.row.expires_at_ms, now_ms) or live.session.is_busy:
                live.session.touch()
                return
            self._supervisor.drop(live)
        meta = marked_due(row.meta, now_ms)
        if meta is None or row.is_closed:
            return
        self._supervisor.parts.keeper.stage(SessionMetaChanged(row.sid, meta))
        self._supervisor.parts.events.publish(row.token, "session", {"state": "due"})
