"""The alarms: when sessions that left memory, or were stored by a former server, must be woken for their processes.

The times stand in the sessions' stored meta; this keeps those of sleeping sessions in memory, 100 bytes each. After a
start they are read from the store a page at a time, between requests.

Thread: the loop.
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from storage import StoreError

from .call import RefusedError
from .logs import new_logger
from .session_background import wake_at_ns

if TYPE_CHECKING:
    from .supervisor import Supervisor

#: Rows read in one step, some ten microseconds each.
_ROWS_PER_STEP: Final = 64
_log = new_logger("alarms")


class Alarms:
    """When which sleeping session must be woken."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._clock = supervisor.parts.clock
        self._entries: list[tuple[int, str]] = []
        self._reading: Iterator[None] | None = self._read()

    def add(self, token: str, at_ns: int) -> None:
        """Wake a session at a time, nanoseconds since 1970."""
        heappush(self._entries, (at_ns, token))

    def due_in_ns(self) -> int | None:
        """Return when `step` has something to do: 0 for now, None for never."""
        if self._reading is not None:
            return 0
        return max(0, self._entries[0][0] - self._clock.now_ns()) if self._entries else None

    def step(self) -> None:
        """Wake a session whose time has come; read on."""
        if self._entries and self._entries[0][0] <= self._clock.now_ns():
            self._wake(heappop(self._entries)[1])
        if self._reading is None:
            return
        try:
            next(self._reading)
        except StopIteration:
            self._reading = None
        except StoreError as error:
            _log.error("the store cannot be searched for processes", reason=str(error))
            self._reading = None

    def _wake(self, token: str) -> None:
        """Wake a session; one that may not be used any more stays asleep."""
        try:
            self._supervisor.wake(token)
        except RefusedError as refused:
            _log.info("a session with processes stays asleep", reason=refused.failure.message)
        except StoreError as error:
            _log.error("a session with processes cannot be woken", reason=str(error))

    def _read(self) -> Iterator[None]:
        """Set the alarms of all stored sessions."""
        for number, row in enumerate(self._supervisor.parts.keeper.store.sessions()):
            at_ns = wake_at_ns(row.meta)
            if at_ns is not None and not row.is_closed and self._supervisor.roster.find(row.token) is None:
                self.add(row.token, at_ns)
            if number % _ROWS_PER_STEP == _ROWS_PER_STEP - 1:
                yield
