"""Times as the wire writes them."""

import pytest

from actors.clock import SystemClock, Timestamps, iso_timestamp
from tests.actors.fakes.clock import FakeClock


@pytest.mark.parametrize(
    ("at_ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1_700_000_000_123, "2023-11-14T22:13:20.123Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
    ],
)
def test_iso_timestamps(at_ms, text):
    assert iso_timestamp(at_ms) == text


def test_the_present_is_written_anew_when_it_changes():
    clock = FakeClock(now_ms=0)
    timestamps = Timestamps(clock)
    for ms, text in ((0, "00.000"), (1, "00.001"), (999, "01.000"), (59_000, "60.000")):
        clock.advance(ms=ms)
        assert timestamps.now() == iso_timestamp(clock.now_ms())
        assert timestamps.now() == f"1970-01-01T00:00:{text}Z".replace("00:60", "01:00")


def test_the_machines_clock_runs_forward_and_its_entropy_differs():
    clock = SystemClock()
    assert clock.monotonic_ns() <= clock.monotonic_ns()
    assert clock.cpu_ns() <= clock.cpu_ns()
    assert clock.now_ns() // 10**12 == clock.now_ms() // 10**6
    assert clock.random_bytes(16) != clock.random_bytes(16)
    assert abs(clock.timezone_offset_s()) <= 14 * 3600
