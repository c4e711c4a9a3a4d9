"""Processes, their scheduler and semaphores. What the slots of a process mean stands in `runtime/processes.py`.

A semaphore has two slots: i0 the signals nobody waited for, i1 an Array of the waiting processes, first come first.
Whatever may switch to another process does that as its last act, and answers what it is told when it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.aside import STOPPED
from ..runtime.lives import READY
from ..runtime.objects import FALSE, TRUE
from ..runtime.processes import SUSPENDED, TERMINATED_STATE
from .values import array, changed, fail_with

if TYPE_CHECKING:
    from collections.abc import Callable

#: Priorities are those of Pharo: from system rock bottom to timing.
PRIORITY_MIN: Final = 10
PRIORITY_MAX: Final = 80

_NS_PER_MS: Final = 1_000_000


def active_process(_scheduler: Any) -> Any:
    """`activeProcess`."""
    return current.world.processes().running()


def yield_turn(scheduler: Any) -> Any:
    """`yield`."""
    return current.world.processes().yield_(scheduler)


def sleep_until(scheduler: Any, at_ns: Any) -> Any:
    """Let the active process sleep until a time, in nanoseconds since 1970."""
    if type(at_ns) is not int:
        return fail_with(scheduler, at_ns)
    processes = current.world.processes()
    process = processes.running()
    processes.sleep(process, at_ns)
    return processes.wait(process)


def resume(process: Any) -> Any:
    """`resume`: a suspended process becomes ready."""
    processes = current.world.processes()
    if process.i3 is not SUSPENDED:
        return current.world.send(process, "errorCannotResume") if process.i3 is TERMINATED_STATE else process
    if not processes.lives.has_room(process):
        return current.world.send(process, "errorTooManyProcesses")
    processes.make_ready(process, process.i6)
    return processes.preempt(process)


def suspend(process: Any) -> Any:
    """`suspend`: the process goes on when somebody resumes it. One that is debugged does not run, and stays so."""
    processes = current.world.processes()
    if process is processes.running():
        return processes.suspend(process)
    if process.i3 is not TERMINATED_STATE and process.i3 is not STOPPED:
        processes.withdraw(process)
        process.i3 = SUSPENDED
    return process


def terminate(process: Any) -> Any:
    """`terminate`: the process unwinds at once; an unwinding block that it is in the middle of is completed first."""
    world = current.world
    processes = world.processes()
    if process.i3 is TERMINATED_STATE:
        return process
    if process is processes.running():
        current.evaluation.terminate()
        return process
    if process.i3 is STOPPED:
        processes.aside.release(process)
    is_given_back = process.i3 is READY and process.i8 is not None
    entrance, process.i8 = process.i8, None
    if is_given_back and hasattr(entrance, "i1"):
        _add_signal(entrance)
    if not processes.lives.is_begun(process):
        processes.ended(process)
        return process
    return processes.run_now(process, TRUE, process)


def signal_exception(process: Any, exception: Any) -> Any:
    """`signalException:`: signal an exception in the process, where it stands, when its turn comes.

    The turn of one that is debugged comes when that lets it go on.
    """
    world = current.world
    processes = world.processes()
    if process.i3 is TERMINATED_STATE:
        return process
    if process is processes.running():
        return world.send(exception, "signal")
    if process.i3 is STOPPED:
        process.i7 = exception
        changed(process)
        return process
    answer = process.i6
    processes.withdraw(process)
    process.i7 = exception
    processes.make_ready(process, answer)
    return processes.preempt(process)


def run_now(process: Any) -> Any:
    """Run a suspended process at once until it waits or ends."""
    processes = current.world.processes()
    if process.i3 is not SUSPENDED:
        return process
    if not processes.lives.has_room(process):
        return current.world.send(process, "errorTooManyProcesses")
    return processes.run_now(process, None, process)


def set_priority(process: Any, priority: Any) -> Any:
    """`priority:`."""
    if type(priority) is not int or not PRIORITY_MIN <= priority <= PRIORITY_MAX:
        return current.world.send(process, "errorInvalidPriority:", priority)
    processes = current.world.processes()
    processes.change_priority(process, priority)
    return processes.preempt(process)


def _waiting(semaphore: Any) -> Any:
    """The processes that wait at a semaphore, in an Array."""
    if getattr(semaphore.i1, "items", None) is None:
        semaphore.i1 = array([])
        changed(semaphore)
    return semaphore.i1


def _first_waiting(semaphore: Any) -> Any:
    """The process that waits longest at a semaphore, None if none does. What else reflection put there is let go."""
    items = _waiting(semaphore).items
    kernel = current.world.kernel
    while items:
        if kernel.class_of(items[0]).inherits_from(kernel.classes["Process"]):
            return items[0]
        del items[0]
    return None


def _wait_at(semaphore: Any) -> Any:
    """Put the active process in a semaphore's line."""
    process = current.world.processes().running()
    waiting = _waiting(semaphore)
    waiting.items.append(process)
    changed(waiting)
    process.i4 = semaphore
    return process


def _excess(semaphore: Any) -> int:
    """The signals nobody waited for."""
    return semaphore.i0 if type(semaphore.i0) is int else 0


def _add_signal(semaphore: Any) -> bool:
    """Signal a semaphore; True if that made a process ready."""
    process = _first_waiting(semaphore)
    if process is not None:
        current.world.processes().admit(semaphore, process)
        return True
    semaphore.i0 = _excess(semaphore) + 1
    changed(semaphore)
    return False


def _take_signal(semaphore: Any) -> bool:
    """Use up a signal that nobody waited for; False if there is none."""
    excess = _excess(semaphore)
    if excess <= 0:
        return False
    semaphore.i0 = excess - 1
    changed(semaphore)
    return True


def signal(semaphore: Any) -> Any:
    """`signal`."""
    return current.world.processes().preempt(semaphore) if _add_signal(semaphore) else semaphore


def wait(semaphore: Any) -> Any:
    """`wait`."""
    if _take_signal(semaphore):
        return semaphore
    return current.world.processes().wait(_wait_at(semaphore))


def enter(semaphore: Any) -> Any:
    """`wait` of a critical section: the signal is given back if the process is terminated before it goes on."""
    if _take_signal(semaphore):
        return semaphore
    process = _wait_at(semaphore)
    process.i8 = semaphore
    return current.world.processes().wait(process)


def wait_for_ms(semaphore: Any, timeout_ms: Any) -> Any:
    """Wait for a signal so long at most; answers whether that was too long."""
    if type(timeout_ms) is not int:
        return fail_with(semaphore, timeout_ms)
    if _take_signal(semaphore):
        return FALSE
    if timeout_ms <= 0:
        return TRUE
    processes = current.world.processes()
    process = _wait_at(semaphore)
    processes.sleep(process, current.world.host.now_ns() + timeout_ms * _NS_PER_MS)
    return processes.wait(process)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "processActive": active_process,
    "processYield": yield_turn,
    "processSleepUntil": sleep_until,
    "processResume": resume,
    "processSuspend": suspend,
    "processTerminate": terminate,
    "processSignalException": signal_exception,
    "processRunNow": run_now,
    "processSetPriority": set_priority,
    "semaphoreSignal": signal,
    "semaphoreWait": wait,
    "semaphoreEnter": enter,
    "semaphoreWaitForMilliseconds": wait_for_ms,
}
