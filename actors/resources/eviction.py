"""Eviction: when the process holds too much memory, the sessions that were not used for longest leave it.

A session that leaves loses nothing: any request wakes it in about a millisecond, and its objects are read when they
are touched. So this is also how the objects of a large session that nobody touches any more become ghosts again:
which of its objects are cold nobody counts, because that would cost every touch of every object.

What the system says the process holds is measured, not guessed. It need not fall by what sessions let go of, because
Python gives memory back in large pieces only. So a round that asked every session and did not come below the budget
counts as all there is to get, and the next one waits until the process has grown again.

Thread: the loop.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from smalltalk import LEAVING

from ..logs import new_logger
from .memory_use import resident_bytes

if TYPE_CHECKING:
    from ..sessions.supervisor import Supervisor

_MIB: Final = 1024 * 1024
#: Between two looks at the memory, which take some ten microseconds each; a busy core makes 100 MB a second.
_LOOK_INTERVAL_NS: Final = 100_000_000
#: Sessions asked in one step, some microseconds each.
_SESSIONS_PER_STEP: Final = 64
#: Sessions that leave in one step, some hundred microseconds each.
_EVICTIONS_PER_STEP: Final = 8
#: How often each session is asked at most: the first time most say that they were used since they came.
_ROUNDS: Final = 2
#: Part of the budget that a round frees beyond it, and by which the process must grow before one that failed is tried
#: again: a round a session would ask all sessions for each.
_SLACK_PART: Final = 1 / 16
_log = new_logger("eviction")


class Eviction:
    """Keeps the process within its budget of memory, in steps."""

    def __init__(self, supervisor: "Supervisor", measure: Callable[[], int] = resident_bytes) -> None:
        """Begin.

        Args:
            supervisor: whose sessions leave.
            measure: answers how many bytes the process holds.
        """
        self._supervisor = supervisor
        self._measure = measure
        self._clock = supervisor.parts.clock
        self._next_ns = self._clock.monotonic_ns()
        #: Sessions that the round under way still asks, 0 if there is none.
        self._left = 0
        #: What the process held when a round could not free enough, 0 if the last one could.
        self._unfreed_bytes = 0

    @property
    def is_under_way(self) -> bool:
        """Whether `step` has something to do now."""
        return self._left > 0

    def step(self) -> None:
        """Look at the memory if it is time, or let some sessions leave."""
        if not self._left:
            now_ns = self._clock.monotonic_ns()
            if now_ns < self._next_ns:
                return
            self._next_ns = now_ns + _LOOK_INTERVAL_NS
        # A reload may have changed it.
        budget_bytes = self._supervisor.parts.settings.live_memory_mb * _MIB
        if not budget_bytes:
            self._left = 0
        elif self._left:
            self._go_on(budget_bytes)
        else:
            self._begin(budget_bytes)

    def _begin(self, budget_bytes: int) -> None:
        """Begin a round if the process holds too much, and more than a round that failed left."""
        held_bytes = self._measure()
        # It may have become smaller since, because a session that was large is gone: then it grows from there.
        self._unfreed_bytes = min(self._unfreed_bytes, held_bytes)
        if held_bytes > max(budget_bytes, self._unfreed_bytes + int(_SLACK_PART * budget_bytes)):
            self._left = _ROUNDS * len(self._supervisor.roster)

    def _go_on(self, budget_bytes: int) -> None:
        if LEAVING.page_count:
            LEAVING.step()  # until those that left are gone, nobody can say what is still too much
            return
        self._evict()
        held_bytes = self._measure()
        if held_bytes <= budget_bytes * (1 - _SLACK_PART):
            self._left = self._unfreed_bytes = 0
        elif not self._left:
            self._unfreed_bytes = held_bytes
            _log.warning("no session is left to evict", resident_bytes=held_bytes, budget_bytes=budget_bytes)

    def _evict(self) -> None:
        """Let some sessions leave that were not used since they were asked last."""
        evicted = 0
        for _ in range(min(self._left, _SESSIONS_PER_STEP)):
            self._left -= 1
            live = self._supervisor.roster.take_turn()
            if live is not None and not live.session.is_busy:
                self._supervisor.hibernate(live)
                self._supervisor.parts.counters.sessions_evicted += 1
                evicted += 1
            if evicted == _EVICTIONS_PER_STEP:
                return
