"""The preemption timer: while user code runs, it sets the language's poll flag once in every interval.

Safe points of generated code look at that flag (8 ns); nothing else stops an evaluation. The timer is armed only
while a tick runs user code: at other times an alarm would only disturb the store's and the socket's system calls.

On the main thread of a Unix it is a repeating `SIGALRM`, whose handler runs between two bytecodes of the very loop;
anywhere else a thread that sleeps on an event while disarmed.
"""

import signal
import threading
from collections.abc import Callable
from typing import Final, Protocol

#: Part of a slice that is a short one.
SHORT_PART: Final = 0.25


class Timer(Protocol):
    """Something that calls `flag` again and again while armed."""

    def arm(self, *, is_short: bool = False) -> None:
        """Start calling, at the interval or a part of it. Thread: the loop."""

    def disarm(self) -> None:
        """Stop calling. Thread: the loop."""

    def close(self) -> None:
        """Give back what the timer holds."""


class AlarmTimer:
    """A repeating timer by `setitimer`; only for the main thread."""

    def __init__(self, interval_s: float, flag: Callable[[], None]) -> None:
        self._interval_s = interval_s
        self._before = signal.signal(signal.SIGALRM, lambda _signal, _frame: flag())

    def arm(self, *, is_short: bool = False) -> None:
        """Set the timer."""
        interval_s = self._interval_s * SHORT_PART if is_short else self._interval_s
        signal.setitimer(signal.ITIMER_REAL, interval_s, interval_s)

    def disarm(self) -> None:
        """Stop the timer; at most one alarm that is on its way still comes."""
        signal.setitimer(signal.ITIMER_REAL, 0)

    def close(self) -> None:
        """Stop the timer and restore the handler found at the start."""
        self.disarm()
        signal.signal(signal.SIGALRM, self._before)


class ThreadTimer:
    """The portable timer: a thread that waits in intervals while armed and for `arm` while not."""

    def __init__(self, interval_s: float, flag: Callable[[], None]) -> None:
        self._interval_s = self._wait_s = interval_s
        self._flag = flag
        self._armed = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="preemption-timer", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Thread: the timer's own."""
        while not self._closed.is_set():
            self._armed.wait()
            if not self._closed.wait(self._wait_s) and self._armed.is_set():
                self._flag()

    def arm(self, *, is_short: bool = False) -> None:
        """Let the thread run."""
        self._wait_s = self._interval_s * SHORT_PART if is_short else self._interval_s
        self._armed.set()

    def disarm(self) -> None:
        """Let the thread wait; one call of `flag` may still come."""
        self._armed.clear()

    def close(self) -> None:
        """End the thread and wait for its end."""
        self._closed.set()
        self._armed.set()
        self._thread.join()


def new_timer(interval_s: float, flag: Callable[[], None]) -> Timer:
    """Make the best timer for the calling thread."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        return AlarmTimer(interval_s, flag)
    return ThreadTimer(interval_s, flag)
