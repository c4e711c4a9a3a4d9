"""The beats of the workers: a page of memory that all processes share, in which each writes the time of its last tick.

It is made before the first fork. A worker whose loop does not come round any more, because something it called does not
return, can tell nobody; that its time stands still is what the front sees.
"""

import mmap
from collections.abc import Callable
from typing import Final

from ..limits import SERVER_LIMITS

#: Bytes of one time, written in one piece by the processor.
_TIME_BYTES: Final = 8
_NS_PER_S: Final = 1_000_000_000
_MS_PER_S: Final = 1_000
_SLEEP_MS_MAX: Final = SERVER_LIMITS["sleep_ms_max"].value
#: Beats of an idle worker in the time after which it is killed: the machine may be busy with others.
_BEATS_PER_WATCH: Final = 4


class Beats:
    """The times of the workers' last ticks, monotonic."""

    def __init__(self, workers: int) -> None:
        self._times_ns = memoryview(mmap.mmap(-1, workers * _TIME_BYTES)).cast("q")

    def beat(self, worker: int, now_ns: int) -> None:
        """Write a worker's time."""
        self._times_ns[worker] = now_ns

    def last_ns(self, worker: int) -> int:
        """Return a worker's time."""
        return self._times_ns[worker]

    def beater(self, worker: int, monotonic_ns: Callable[[], int]) -> Callable[[], None]:
        """Return what a worker calls in each tick."""
        times_ns = self._times_ns

        def beat() -> None:
            times_ns[worker] = monotonic_ns()

        return beat


def is_stuck(last_ns: int, now_ns: int, watchdog_s: float) -> bool:
    """Tell whether a worker that ticked last at a time has to be killed.

    Args:
        last_ns: that time; an idle worker ticks as well (`idle_sleep_ms`).
        now_ns: the present, on the same clock.
        watchdog_s: how long a tick may take; 0 for any time.
    """
    return bool(watchdog_s) and now_ns - last_ns > watchdog_s * _NS_PER_S


def idle_sleep_ms(watchdog_s: float) -> int:
    """Return how long a worker with nothing to do may sleep: a part of what a tick may take, so that it beats in time.

    Args:
        watchdog_s: as for `is_stuck`.
    """
    return min(_SLEEP_MS_MAX, max(1, int(watchdog_s * _MS_PER_S) // _BEATS_PER_WATCH)) if watchdog_s else _SLEEP_MS_MAX
