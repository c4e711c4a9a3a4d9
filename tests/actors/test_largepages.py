"""Long-lived memory moves into large pages bit by bit, and only where it is full."""

import ctypes
import mmap
import sys

import pytest

from actors.largepages import LARGE_BYTES, LargePages, full_places
from tests.actors.fakes.clock import FakeClock

#: Longer than the time before the first move, and than that between two.
FIRST_MS = 1_100
REST_MS = 500


class Moves:
    """Notes what was moved."""

    def __init__(self, *, is_supported=True):
        self.places = []
        self._is_supported = is_supported

    def __call__(self, place):
        self.places.append(place)
        return self._is_supported


def stepped(moves, *pauses_ms):
    """Step at the beginning and after each pause, with three places to move."""
    clock = FakeClock()
    pages = LargePages(clock, iter([1, 2, 3]), moves)
    pages.step()
    for pause_ms in pauses_ms:
        clock.advance(ms=pause_ms)
        pages.step()
    return moves.places


def test_nothing_moves_while_a_start_is_answered():
    assert stepped(Moves(), 10) == []


def test_one_place_moves_at_a_time():
    assert stepped(Moves(), FIRST_MS, 1, 1) == [1]


def test_all_places_move_once():
    assert stepped(Moves(), FIRST_MS, *[REST_MS] * 10) == [1, 2, 3]


def test_a_system_without_large_pages_is_asked_once():
    assert stepped(Moves(is_supported=False), FIRST_MS, *[REST_MS] * 10) == [1]


def places_in(memory):
    """The places to move that lie in a mapping."""
    begin = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return sum(begin <= place < begin + len(memory) for place in full_places())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which pages are there")
def test_what_is_not_full_stays_where_it_is():
    memory = mmap.mmap(-1, 4 * LARGE_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    memory[: LARGE_BYTES // 2] = bytes(LARGE_BYTES // 2)
    before = places_in(memory)
    memory[:] = bytes(len(memory))
    assert before == 0
    assert places_in(memory) >= 3
