"""The only place that reads clocks and the operating system's entropy.

Wall-clock time is milliseconds since 1970 UTC and may jump; intervals are measured with the monotonic clock only. A
clock is an object that the composition root hands out, so that tests put a still one in its place.
"""

import os
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What the server, and the language through its `Host` protocol, may ask of time and chance."""

    def now_ms(self) -> int:
        """Return the wall-clock time in milliseconds since 1970 UTC."""

    def now_ns(self) -> int:
        """Return the wall-clock time in nanoseconds since 1970 UTC."""

    def cpu_ns(self) -> int:
        """Return the processor time of the calling thread in nanoseconds."""

    def monotonic_ns(self) -> int:
        """Return a time that never goes back, in nanoseconds from an arbitrary start."""

    def timezone_offset_s(self) -> int:
        """Return the machine's offset from UTC in seconds, east positive."""

    def random_bytes(self, n: int) -> bytes:
        """Return unguessable bytes from the operating system."""


class SystemClock:
    """The machine's own clocks and entropy.

    Those that a request reads some ten times are the functions of the library themselves.
    """

    now_ns = staticmethod(time.time_ns)
    cpu_ns = staticmethod(time.thread_time_ns)
    monotonic_ns = staticmethod(time.perf_counter_ns)

    def now_ms(self) -> int:
        """Return the wall-clock time in milliseconds since 1970 UTC."""
        return time.time_ns() // 1_000_000

    def timezone_offset_s(self) -> int:
        """Return the machine's present offset from UTC in seconds, daylight saving included."""
        return time.localtime().tm_gmtoff

    def random_bytes(self, n: int) -> bytes:
        """Return bytes of the operating system's entropy source."""
        return os.urandom(n)


def iso_timestamp(at_ms: int) -> str:
    """Write a wall-clock time as ISO 8601 with milliseconds and zone: `2025-09-01T12:00:00.000Z`.

    Args:
        at_ms: milliseconds since 1970 UTC.
    """
    seconds, millis = divmod(at_ms, 1000)
    return f"{_iso_second(seconds)}.{millis:03d}Z"


def _iso_second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


class Timestamps:
    """ISO timestamps of the present; of those of one second all but the milliseconds is written once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._text = ""

    def now(self) -> str:
        """Return the present time as `iso_timestamp` writes it."""
        second, millis = divmod(self._clock.now_ms(), 1000)
        if second != self._second:
            self._second = second
            self._text = _iso_second(second)
        return f"{self._text}.{millis:03d}Z"
