"""The alarms: when sessions must be woken for their processes, or for an evaluation that the server's end stopped.

Those are sessions that left memory or were stored by a former server. The times stand in their stored meta; this keeps
them in memory, 200 bytes each. After a start, and after the store was opened anew, they are read from the store a page
at a time, between requests. What fails is tried again: no alarm is lost while its session can be used.

Thread: the loop.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from storage import DamagedRecord, StoreError

from ..traffic.call import RefusedError
from ..logs import new_logger
from .session_stops import goes_on_at_ns

if TYPE_CHECKING:
    from .supervisor import Supervisor

#: Rows read in one step, some ten microseconds each.
_ROWS_PER_STEP: Final = 64
#: Pause after the store failed: as long as the keeper's between two attempts to open it anew.
STORE_RETRY_NS: Final = 1_000_000_000
#: Pause after a session itself could not be brought back: the period in which `restart.py` counts its failures.
SESSION_RETRY_NS: Final = 60_000_000_000
_log = new_logger("alarms")


class Alarms:
    """When which sleeping session must be woken."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._clock = supervisor.parts.clock
        #: Each session's one time, wall clock; the entries below that say otherwise do not count.
        self._at_ns: dict[str, int] = {}
        self._entries: list[tuple[int, str]] = []
        self._reading: Iterator[None] | None = None
        self._read_at_ns: int | None = 0

    def __len__(self) -> int:
        return len(self._at_ns)

    def add(self, token: str, at_ns: int) -> None:
        """Wake a session at a time (nanoseconds since 1970), and at no other."""
        if self._at_ns.get(token) != at_ns:
            self._at_ns[token] = at_ns
            heappush(self._entries, (at_ns, token))

    def read_again(self) -> None:
        """Set the alarms by what is stored: sessions may have left memory without it."""
        self._reading, self._read_at_ns = None, self._clock.now_ns()

    def due_in_ns(self) -> int | None:
        """Return when `step` has something to do: 0 for now, None for never."""
        if self._reading is not None:
            return 0
        times_ns = [] if self._read_at_ns is None else [self._read_at_ns]
        times_ns += [at_ns for at_ns, _ in self._entries[:1]]
        return max(0, min(times_ns) - self._clock.now_ns()) if times_ns else None

    def step(self) -> None:
        """Wake a session whose time has come; read on."""
        now_ns = self._clock.now_ns()
        if self._entries and self._entries[0][0] <= now_ns:
            at_ns, token = heappop(self._entries)
            if self._at_ns.get(token) == at_ns:
                del self._at_ns[token]
                self._wake(token)
        if self._read_at_ns is not None and self._read_at_ns <= now_ns:
            self._reading, self._read_at_ns = self._read(), None
        if self._reading is not None:
            self._read_on(self._reading)

    def _read_on(self, reading: Iterator[None]) -> None:
        """Read a page; from the first one, after a pause, if the store fails."""
        try:
            next(reading)
        except StopIteration:
            self._reading = None
        except StoreError as error:
            _log.error("the store cannot be searched for processes", reason=str(error))
            self._reading, self._read_at_ns = None, self._clock.now_ns() + STORE_RETRY_NS

    def _wake(self, token: str) -> None:
        """Wake a session, later if that fails; one that may not be used any more stays asleep."""
        try:
            self._supervisor.wake(token).session.stops.begin()
        except RefusedError as refused:
            _log.info("a session with processes stays asleep", reason=refused.failure.message)
            if refused.failure.error_type == "SessionError":
                self.add(token, self._clock.now_ns() + SESSION_RETRY_NS)
        except StoreError as error:
            _log.error("a session with processes cannot be woken", reason=str(error))
            pause_ns = SESSION_RETRY_NS if isinstance(error, DamagedRecord) else STORE_RETRY_NS
            self.add(token, self._clock.now_ns() + pause_ns)

    def _read(self) -> Iterator[None]:
        """Set the alarms of all stored sessions."""
        for number, row in enumerate(self._supervisor.parts.keeper.store.sessions()):
            at_ns = goes_on_at_ns(row.meta)
            if at_ns is not None and not row.is_closed and self._supervisor.roster.find(row.token) is None:
                self.add(row.token, at_ns)
            if number % _ROWS_PER_STEP == _ROWS_PER_STEP - 1:
                yield
