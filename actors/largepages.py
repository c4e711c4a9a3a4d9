"""Large pages: the memory that lives as long as the server moves into pages of 2 MB.

One request touches code, tables and objects all over some 50 MB. In pages of 4 KB nearly each of these places has to be
looked up in the page tables anew, and in a virtual machine each look-up is itself looked up: a tenth of a request. What
the server holds when it begins to serve stays where it is, so it is worth moving once. That takes 2 to 4 ms of
each 2 MB: it is done bit by bit, and not before the first requests were answered.

Only what is full is moved, so that the process does not grow, and nothing is advised for the memory of sessions, which
come and go. Workers leave it: they share these pages with their parent, and moved ones would be their own. Where the
system has no such pages, nothing is done.

Source: madvise(2), MADV_COLLAPSE, Linux 6.1; pagemap in the kernel's admin guide.

Thread: the loop.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from .clock import Clock

#: Length of a large page; where the system's are longer, it refuses.
LARGE_BYTES: Final = 2 * 1024 * 1024
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_MADV_COLLAPSE: Final = 25
#: Part of the pages that must be in use.
_FULL_PART: Final = 0.9
#: In `/proc/self/pagemap`: length of a page's entry, and the bit of its last byte that says that the page is there.
_ENTRY_BYTES: Final = 8
_PRESENT: Final = 0x80
#: Before the first: a client that reconnects after a restart has its answers by then.
_FIRST_NS: Final = 1_000_000_000
#: Between two: all of them take some ten seconds, in which not one request in a hundred meets one.
_REST_NS: Final = 400_000_000


class LargePages:
    """Moves memory, a place at a time."""

    def __init__(self, clock: Clock, places: Iterator[int], move: Callable[[int], bool]) -> None:
        """Begin.

        Args:
            clock: time.
            places: addresses of large pages that are to be; asked for when they are due.
            move: moves one; false if the system never does that.
        """
        self._clock = clock
        self._places = places
        self._move = move
        self._is_over = False
        self._next_ns = clock.monotonic_ns() + _FIRST_NS

    def step(self) -> None:
        """Move one place, if it is time."""
        if self._is_over or self._clock.monotonic_ns() < self._next_ns:
            return
        place = next(self._places, None)
        self._is_over = place is None or not self._move(place)
        self._next_ns = self._clock.monotonic_ns() + _REST_NS


def own_memory(clock: Clock) -> LargePages:
    """Return what moves the memory that this process has when the first of it is due."""
    return LargePages(clock, full_places(), move)


def move(address: int) -> bool:
    """Move what a place holds into one large page; false if the system never does that, rather than not just now."""
    madvise = ctypes.CDLL(None, use_errno=True).madvise
    is_moved = madvise(ctypes.c_void_p(address), ctypes.c_size_t(LARGE_BYTES), _MADV_COLLAPSE) == 0
    return bool(is_moved or ctypes.get_errno() != errno.EINVAL)


def full_places() -> Iterator[int]:
    """Yield the addresses at which large pages fit that would be full, in the memory that is this process's own."""
    if sys.platform != "linux":
        return
    with suppress(OSError), Path("/proc/self/pagemap").open("rb", buffering=0) as pages:
        for begin, end in _own_ranges():
            for address in range(-(-begin // LARGE_BYTES) * LARGE_BYTES, end - LARGE_BYTES + 1, LARGE_BYTES):
                pages.seek(address // _PAGE_BYTES * _ENTRY_BYTES)
                if _is_full(pages.read(LARGE_BYTES // _PAGE_BYTES * _ENTRY_BYTES)):
                    yield address


def _is_full(entries: bytes) -> bool:
    """Tell whether enough of a place's pages are there."""
    last_bytes = entries[_ENTRY_BYTES - 1 :: _ENTRY_BYTES]
    return sum(byte >= _PRESENT for byte in last_bytes) >= _FULL_PART * LARGE_BYTES / _PAGE_BYTES


def _own_ranges() -> Iterator[tuple[int, int]]:
    """Yield begin and end of the process's private memory that is no file's and no stack's."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        addresses, rights, _, _, inode, *name = line.split()
        if inode == "0" and rights == "rw-p" and (not name or name == ["[heap]"]):
            begin, _, end = addresses.partition("-")
            yield int(begin, 16), int(end, 16)
