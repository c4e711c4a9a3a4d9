"""How much memory the process holds, and giving back what it does not use.

Asked around each slice of a long evaluation, to notice one that eats it all, and once at the start, to bound it.
"""

import ctypes
import os
import resource
import sys
from pathlib import Path
from typing import Any

_STATM = Path("/proc/self/statm")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
#: `int malloc_trim(size_t pad)` of glibc; None where the C library is another.
_MALLOC_TRIM: Any = getattr(ctypes.CDLL(None), "malloc_trim", None)
#: `int mallopt(int param, int value)` and its `M_MMAP_THRESHOLD`, from malloc.h.
_MALLOPT: Any = getattr(ctypes.CDLL(None), "mallopt", None)
_M_MMAP_THRESHOLD = -3
#: Blocks from this size on are given back when they are freed; small enough for large messages, and rare.
_APART_BYTES = 1024 * 1024


def resident_bytes() -> int:
    """Return the resident memory of the process; where `/proc` is missing, its highest value so far."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE_BYTES
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def data_bytes() -> int:
    """Return the private memory that `RLIMIT_DATA` counts, touched or not; 0 where `/proc` is missing."""
    try:
        return int(_STATM.read_bytes().split()[5]) * _PAGE_BYTES
    except OSError:
        return 0


def give_back() -> None:
    """Give the system back the pages of the C library's heap that nothing uses: about a millisecond.

    Python gives its own blocks back by itself, a megabyte at a time, when all of one is free.
    """
    if _MALLOC_TRIM is not None:
        _MALLOC_TRIM(0)


def give_back_large_blocks() -> None:
    """Have the C library give every large block back to the system as soon as it is freed.

    Otherwise it raises the size from which it does so with each such block, up to 32 MB, and keeps what a flood of
    large messages took.
    """
    if _MALLOPT is not None:
        _MALLOPT(_M_MMAP_THRESHOLD, _APART_BYTES)
