"""The sweep: finds idle sessions and sessions past their retention, a few at a time, between requests.

What keeps the process itself small has its turn here too: `resources/eviction.py` and `resources/collector.py`; and so
has measuring what is on disk, `durability/quotas.py`.

A session past its retention is marked as due, can no longer be used, and goes to the archive (`archive.py`). Folding
the store's journals is done here as well, a second after they have grown long: a journal is read at each restore and
with each page of history, so one that waited for the next sweep would cost more than it saves.

Thread: the loop.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smalltalk import LEAVING, ROOT_OID
from storage import DamagedRecord, SessionMetaChanged, SessionRow, StoreError

from ..durability.sharded_store import parts_of
from ..logs import new_logger
from ..resources.collector import Collector
from ..resources.eviction import Eviction
from ..state.retention import is_expired, is_idle, marked_due
from .errands import Errands

if TYPE_CHECKING:
    from ..sessions.supervisor import Supervisor

#: Sessions looked at in one step, some microseconds each.
_SESSIONS_PER_STEP: Final = 64
#: Steps of folding that the store does one after the other; one takes some milliseconds.
FOLDS_PER_STEP: Final = 1
#: Free pages of the store given back in one step, some 10 microseconds each.
_PAGES_PER_STEP: Final = 64
_NS_PER_S: Final = 1_000_000_000
#: Between two looks for long journals, and in what time all that are found are folded: a session at full speed writes
#: some 100 KB in it.
_FOLD_INTERVAL_NS: Final = _NS_PER_S
#: Between two steps towards a savepoint: in it a session writes less than a step folds, so its journal becomes short.
_SAVE_INTERVAL_NS: Final = _NS_PER_S // 100
#: Between two steps of making room: the store has done with that a second after it is in use.
_ROOM_STEP_NS: Final = _NS_PER_S // 50
#: How long what takes long is put off while messages wait: a server that is not busy has time between them, and the
#: ticks of one that is take longer.
_PUT_OFF_NS: Final = _NS_PER_S // 100
#: Between two looks for an errand: a person waits for it, an import for one from each shard; a look takes some 10 us.
_ERRAND_INTERVAL_NS: Final = _NS_PER_S // 5
#: Time after which an errand begins no further step in a tick, if no message waits. Its steps take some tenths of a
#: millisecond; one a tick would let it go forward as slowly as the slices of a session that runs without end are long.
ERRAND_NS: Final = 4_000_000
_log = new_logger("sweep")


class Sweep:
    """One sweep after the other, in steps."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._clock = supervisor.parts.clock
        self._interval_ns = int(supervisor.parts.settings.sweep_s * _NS_PER_S)
        self._next_ns = self._clock.monotonic_ns() + self._interval_ns
        self._next_fold_ns = self._clock.monotonic_ns() + _FOLD_INTERVAL_NS
        self._next_errand_ns = self._clock.monotonic_ns() + _ERRAND_INTERVAL_NS
        self._next_room_ns = self._clock.monotonic_ns() + _FOLD_INTERVAL_NS
        self._put_off_ns = 0
        self._saves_next = False
        self._steps: Iterator[None] | None = None
        self._is_errand = False
        self._eviction = Eviction(supervisor)
        self._collector = Collector(supervisor.parts)

    def due_in_ns(self) -> int:
        """Return when `step` has something to do: 0 for now."""
        if self._steps is not None or self._eviction.is_under_way or LEAVING.page_count:
            return 0
        return max(0, min(self._next_ns, self._next_fold_ns, self._next_errand_ns) - self._clock.monotonic_ns())

    def step(self, *, is_awaited: bool = False) -> None:
        """Do a little of all that is due; a store that fails one of them fails none of the others.

        Args:
            is_awaited: whether a message waits for the end of it; what takes long is done later then, but not for long.
        """
        parts = self._supervisor.parts
        works = [LEAVING.step, self._eviction.step, self._collector.step, parts.quotas.step, parts.weights.step]
        now_ns = self._clock.monotonic_ns()
        if not is_awaited or now_ns >= self._put_off_ns:
            self._put_off_ns = now_ns + _PUT_OFF_NS
            works += (self._fold, self._make_room, partial(self._go_on, 0 if is_awaited else ERRAND_NS))
        for work in works:
            try:
                work()
            except StoreError as error:
                _log.error("the sweep cannot read the store", reason=str(error))

    def _go_on(self, errand_ns: int) -> None:
        """Do a little of the sweep or errand under way, or begin one if it is time; an errand has so long."""
        steps = self._steps or self._due_steps()
        self._steps = None  # it ends here, unless it comes to its next pause
        if steps is None:
            return
        ends_ns = self._clock.monotonic_ns() + errand_ns
        with suppress(StopIteration):
            next(steps)
            while self._is_errand and not self._waits_for_commit and self._clock.monotonic_ns() < ends_ns:
                next(steps)
            self._steps = steps

    @property
    def _waits_for_commit(self) -> bool:
        """Whether something was staged, of which an errand tells only when it is durable."""
        return self._supervisor.parts.keeper.has_changes

    def _due_steps(self) -> Iterator[None] | None:
        """Begin what is due, None for nothing."""
        now_ns = self._clock.monotonic_ns()
        self._is_errand = self._next_errand_ns <= now_ns < self._next_ns
        if now_ns >= self._next_ns:
            return self._sweep()
        return self._do_errand() if self._is_errand else None

    def _sweep(self) -> Iterator[None]:
        self._next_ns = self._clock.monotonic_ns() + self._interval_ns
        yield from self._hibernate_idle()
        yield from self._mark_due()
        yield from self._collect_garbage()

    def _fold(self) -> None:
        """Do a step of folding, or one towards a savepoint, if it is time; also while a large import is under way.

        What is left to fold is spread evenly, so that a request meets only one step: of a burst of them every request
        of that time would wait, longest where other workers have theirs meanwhile.
        """
        if self._clock.monotonic_ns() < self._next_fold_ns:
            return
        self._next_fold_ns = self._clock.monotonic_ns() + _FOLD_INTERVAL_NS
        autosave = self._supervisor.parts.autosave
        self._saves_next = bool(autosave) and not self._saves_next  # in turns, so that neither keeps the other waiting
        if self._saves_next:
            autosave.step(self._supervisor.roster)
            pause_ns = _SAVE_INTERVAL_NS
        else:
            left = self._supervisor.parts.keeper.fold_due(FOLDS_PER_STEP)
            pause_ns = min(_FOLD_INTERVAL_NS // (left + 1), _SAVE_INTERVAL_NS if autosave else _FOLD_INTERVAL_NS)
        self._next_fold_ns = self._clock.monotonic_ns() + pause_ns

    def _make_room(self) -> None:
        """Let the store make room for commits to come, if it is time; no sleep ends for that."""
        now_ns = self._clock.monotonic_ns()
        if now_ns >= self._next_room_ns:
            is_made = self._supervisor.parts.keeper.store.lengthen_log()
            self._next_room_ns = now_ns + (_ROOM_STEP_NS if is_made else _FOLD_INTERVAL_NS)

    def _do_errand(self) -> Iterator[None]:
        self._next_errand_ns = self._clock.monotonic_ns() + _ERRAND_INTERVAL_NS
        data = Path(self._supervisor.parts.settings.data)
        for directory, store in parts_of(self._supervisor.parts.keeper.store, data):
            if Errands(directory).is_asked():
                # Loaded for the first errand: most servers are asked nothing, and all of them have to start.
                from .session_errands import SessionErrands  # noqa: PLC0415

                yield from Errands(directory, SessionErrands(self._supervisor).works).steps(store)

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
        self._supervisor.parts.quotas.changed(row.client_id, row.sid)

    def _hibernate_idle(self) -> Iterator[None]:
        settings, quotas = self._supervisor.parts.settings, self._supervisor.parts.quotas
        for number, live in enumerate(self._supervisor.roster):
            session = live.session
            if self._supervisor.roster.find(session.token) is not live:
                continue  # it was closed, or left, between two steps
            # The garbage of a session is collected while it sleeps: who has no room left gets it back sooner.
            idle_timeout_s = 0 if quotas.is_full(session.client_id) else settings.idle_timeout_s
            if is_idle(session.last_used_ms, self._clock.now_ms(), idle_timeout_s) and not session.is_busy:
                self._supervisor.hibernate(live)
            if number % _SESSIONS_PER_STEP == _SESSIONS_PER_STEP - 1:
                yield

    def _mark_due(self) -> Iterator[None]:
        store = self._supervisor.parts.keeper.store
        last: SessionRow | None = None
        while rows := store.expired(self._clock.now_ms(), _SESSIONS_PER_STEP, last):
            for row in rows:
                if self._mark(row):
                    yield
                    from .archive import Archive  # noqa: PLC0415 - no start needs it, and few sweeps

                    yield from Archive(self._supervisor).steps(row)
            last = rows[-1]
            yield

    def _mark(self, row: SessionRow) -> bool:
        """Mark one session as due, unless it is in use: then its stored time of last use is only behind.

        True if nobody uses it, nor can from now on.
        """
        now_ms = self._clock.now_ms()
        live = self._supervisor.roster.find(row.token)
        if live is not None:
            if not is_expired(live.session.row.expires_at_ms, now_ms) or live.session.is_busy:
                live.session.touch()
                return False
            self._supervisor.drop(live)
        meta = marked_due(row.meta, now_ms)
        if meta is not None and not row.is_closed:
            self._supervisor.parts.keeper.stage(SessionMetaChanged(row.sid, meta))
            self._supervisor.parts.events.publish(row.token, "session", {"state": "due"})
        return True
