"""The collector: Python's full search for cycles, done while nobody waits.

What sessions drop goes at once, except objects that refer to each other in a circle. Python looks for those among all
objects of the process, and that stops everything for about 10 ms per 100,000 objects. So `process.py` makes it
practically never do so by itself, and this does it when the server has had nothing to do for a while, and never more
often than that it takes a small part of the time, because a request may come in its middle. A server that is never
quiet is stopped for it all the same, but more rarely: what circles and was dropped would fill the memory. What the C
library's heap holds in vain goes back to the system at the same time.

Thread: the loop.
"""

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from .memory_use import give_back

if TYPE_CHECKING:
    from ..parts import Parts

#: How long nobody may have asked for anything: longer than the pauses of people's tools between two requests.
_QUIET_NS: Final = 250_000_000
#: A collection is followed by so many times its length without one: of the requests to a quiet server, one in a
#: hundred at most meets it.
_REST_PER_COLLECTION: Final = 100
#: The shortest rest: what a quiet server drops in ten seconds is little.
_REST_NS_MIN: Final = 10_000_000_000
#: The same for a server that is never quiet: one request in a thousand meets it, the 99th percentile does not.
_REST_PER_BUSY_COLLECTION: Final = 1_000
_BUSY_REST_NS_MIN: Final = 60_000_000_000
#: The generation that holds everything.
_FULL: Final = 2


def _collect_all() -> None:
    gc.collect(_FULL)
    give_back()


class Collector:
    """Collects in quiet moments, or now and then without."""

    def __init__(self, parts: "Parts", collect: Callable[[], None] = _collect_all) -> None:
        """Begin.

        Args:
            parts: what tells whether the server is quiet.
            collect: searches for cycles.
        """
        self._parts = parts
        self._collect = collect
        self._clock = parts.clock
        self._work_done = self._collected_at = self._work()
        self._quiet_since_ns = self._next_ns = self._clock.monotonic_ns()
        self._next_busy_ns = self._next_ns + _BUSY_REST_NS_MIN

    def step(self) -> None:
        """Collect if the server did something since the last time, rested long enough, and is quiet or never is."""
        work, now_ns = self._work(), self._clock.monotonic_ns()
        if work != self._work_done or self._parts.scheduler.has_work:
            self._work_done, self._quiet_since_ns = work, now_ns
            is_due = now_ns >= self._next_busy_ns
        else:
            is_due = now_ns >= max(self._quiet_since_ns + _QUIET_NS, self._next_ns)
        if is_due and work != self._collected_at:
            self._collected_at = work
            self._collect()
            ended_ns = self._clock.monotonic_ns()
            took_ns = ended_ns - now_ns
            self._next_ns = ended_ns + max(_REST_NS_MIN, _REST_PER_COLLECTION * took_ns)
            self._next_busy_ns = ended_ns + max(_BUSY_REST_NS_MIN, _REST_PER_BUSY_COLLECTION * took_ns)

    def _work(self) -> int:
        """Return a number that grows with all that makes garbage."""
        counters = self._parts.counters
        return counters.requests + counters.commits + counters.hibernations
