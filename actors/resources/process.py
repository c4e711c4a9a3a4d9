"""What the server asks of its own process before it runs: stack, descriptors, memory, digits, garbage collection.

And what it gives up: its files are its owner's alone, a crash leaves no image of the memory that holds everybody's
sessions, and no program it could ever start gains privileges.

Limits are raised as far as the system allows; where it does not, the server runs with what there is. Memory is bounded,
so that an allocation fails with an error that one evaluation is told of, before the system ends the whole process. The
bound is on private memory (`RLIMIT_DATA`) and not on addresses, because stacks and mapped files reserve many of those.
"""

import ctypes
import gc
import os
import resource
import sys
from contextlib import suppress
from typing import Final

from ..limits import SERVER_LIMITS
from .memory_use import data_bytes, give_back_large_blocks

_MIB: Final = 1024 * 1024
#: Descriptors wanted: one a client, and out of descriptors ZeroMQ's thread spins.
_DESCRIPTORS_WANTED: Final = 65_536
#: Descriptors of a worker behind a front: some ten for each of at most 64 shards, and a dozen more.
_DESCRIPTORS_OF_WORKER: Final = 1_024
_DECIMAL_DIGITS_MAX: Final = SERVER_LIMITS["decimal_digits_max"].value
#: Allocations between two collections of the youngest generation, and how many of those make one of the older ones:
#: a full collection walks every live session, so it must stay rare and away from requests. Set by `cli.py`, for the
#: commands too: reading a session file makes very many objects and hardly any garbage.
#: The youngest is small, because it all lives where sessions are woken: 10,000 objects take about a millisecond.
GC_THRESHOLDS: Final = (10_000, 250, 1_000)
#: Files are made without any right for others.
_PRIVATE: Final = 0o077
#: `prctl(PR_SET_NO_NEW_PRIVS, 1)`, from linux/prctl.h: set-user-id programs give nothing to this process any more.
_PR_SET_NO_NEW_PRIVS: Final = 38


def prepare_process(stack_mb: int, memory_max_mb: int) -> None:
    """Set the limits of this process. Called once, on the main thread, before anything else runs.

    Args:
        stack_mb: stack of the main thread, on which recursions of the language nest.
        memory_max_mb: private memory the process may take beyond what it has now, 0 for no bound.
    """
    os.umask(_PRIVATE)
    _give_up_privileges()
    _lower_limit(resource.RLIMIT_CORE, 0)
    _raise_limit(resource.RLIMIT_STACK, stack_mb * _MIB)
    _raise_limit(resource.RLIMIT_NOFILE, _DESCRIPTORS_WANTED)
    if memory_max_mb:
        _lower_limit(resource.RLIMIT_DATA, data_bytes() + memory_max_mb * _MIB)
    give_back_large_blocks()
    sys.set_int_max_str_digits(_DECIMAL_DIGITS_MAX)


def drop_descriptors() -> None:
    """Give up most descriptors for good: behind a front a worker has files and one socket, and no clients."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _DESCRIPTORS_OF_WORKER if hard == resource.RLIM_INFINITY else min(_DESCRIPTORS_OF_WORKER, hard)
    _set_limit(resource.RLIMIT_NOFILE, most, most)


def settle_memory() -> None:
    """Take everything made so far out of garbage collection: it lives as long as the process. Called before serving."""
    gc.collect()
    gc.freeze()


def _give_up_privileges() -> None:
    """Gain no privileges from here on, where the system knows how to promise that."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _raise_limit(kind: int, wanted: int) -> None:
    soft, hard = resource.getrlimit(kind)
    reachable = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= reachable:
        return
    _set_limit(kind, reachable, hard)


def _lower_limit(kind: int, wanted: int) -> None:
    soft, hard = resource.getrlimit(kind)
    if soft == resource.RLIM_INFINITY or soft > wanted:
        _set_limit(kind, wanted, hard)


def _set_limit(kind: int, soft: int, hard: int) -> None:
    """Set one limit where the system allows it; some do not, inside a sandbox or beyond a bound of their own."""
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (soft, hard))
