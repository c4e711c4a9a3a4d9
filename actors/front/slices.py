"""Short slices for the front: Linux lets the thread run first that wants the processor for the shortest time.

Every request passes the front twice, and on a machine with few cores it meets workers there that compute for
milliseconds. Since Linux 6.12 a thread may say in how long pieces it wants its share; the share stays the same, but who
asks for short pieces waits less for each. The front never computes for long, so it loses nothing by it.

Source: sched_setattr(2); Documentation/scheduler/sched-eevdf.rst of the kernel. Older kernels ignore the figure.
"""

import ctypes
import os
import platform
import sys
from typing import Final

#: The shortest that the kernel takes.
SLICE_NS: Final = 100_000
_USUAL: Final = 0
#: The system call's number; glibc has had no function for it for long.
_CALLS: Final = {"x86_64": 314, "aarch64": 274}
_MYSELF: Final = 0


class _Attributes(ctypes.Structure):
    """The kernel's `struct sched_attr`, in its first version."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("sched_policy", ctypes.c_uint32),
        ("sched_flags", ctypes.c_uint64),
        ("sched_nice", ctypes.c_int32),
        ("sched_priority", ctypes.c_uint32),
        ("sched_runtime", ctypes.c_uint64),
        ("sched_deadline", ctypes.c_uint64),
        ("sched_period", ctypes.c_uint64),
    )


def ask_for_short_slices() -> bool:
    """Ask for short slices for the calling thread and those it makes from now on; tell whether the system took it."""
    return _ask(SLICE_NS)


def ask_for_usual_slices() -> bool:
    """Ask for the system's own length again."""
    return _ask(_USUAL)


def _ask(slice_ns: int) -> bool:
    call = _CALLS.get(platform.machine()) if sys.platform == "linux" else None
    if call is None or os.sched_getscheduler(_MYSELF) != os.SCHED_OTHER:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, _MYSELF)  # the call sets it as well
    wanted = _Attributes(ctypes.sizeof(_Attributes), os.SCHED_OTHER, 0, nice, 0, slice_ns, 0, 0)
    return bool(ctypes.CDLL(None).syscall(call, _MYSELF, ctypes.byref(wanted), 0) == 0)
