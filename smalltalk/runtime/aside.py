"""Processes that are set aside for whoever debugs them, and what they waited for meanwhile.

A process that stops in the middle of a wait leaves the line it stood in: nobody may wake it. Its variables keep what it
waited for, and when it goes on it waits for that again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from . import current
from .lives import notice
from .objects import FALSE, Symbol

if TYPE_CHECKING:
    from .evaluation import Evaluation
    from .outcome import Outcome
    from .processes import Processes
    from .world import World

#: State of a process that is debugged.
STOPPED: Final = Symbol.intern("stopped")


class Wait(NamedTuple):
    """What a process waits for: for a semaphore, for a time, or for both; for neither it does not wait.

    Attributes:
        semaphore: as in i4.
        wake_at_ns: as in i5.
        entrance: as in i8.
    """

    semaphore: Any
    wake_at_ns: int | None
    entrance: Any


class Aside:
    """The waits of the processes of one world that were stopped or have just been taken up."""

    __slots__ = ("_processes", "_waits", "_world")

    def __init__(self, world: World, processes: Processes) -> None:
        self._world = world
        self._processes = processes
        self._waits: dict[Any, Wait] = {}

    def note(self, process: Any) -> None:
        """Remember what a process waits for that is stopped in its wait."""
        self._waits[process] = Wait(process.i4, process.i5, process.i8)

    def forget(self, process: Any) -> None:
        """A process is over."""
        self._waits.pop(process, None)

    def stopped(self, process: Any, outcome: Outcome) -> None:
        """Note that a process does not run any more: it is over, or waits for whoever debugs it."""
        if outcome.context_id is None or outcome.failure is None:
            self._processes.ended(process, outcome.failure)
            return
        self.put(process)
        self._world.transcript.append(notice(process, outcome.failure, outcome.context_id))

    def put_main(self, process: Any) -> None:
        """Set a parked main process aside; another one that has the turn meanwhile stays the next of its priority."""
        running = self._processes.active
        if running is not None and running is not process:
            self._processes.interrupted(running)
        self.put(process)

    def put(self, process: Any) -> None:
        """Let a process wait for whoever debugs it: nothing else can let it go on."""
        if process not in self._waits:
            self.note(process)
        wait = self._waits.pop(process)
        self._processes.lives.leave(process)
        self._processes.withdraw(process)
        process.i3, process.i0, process.i9 = STOPPED, None, None
        process.i4, process.i5, process.i8 = wait
        self._note(process)

    def release(self, process: Any) -> None:
        """Let a process that is debugged be its own again because it is ended: nobody else can let it go on then."""
        keeper = self._world.process_keeper
        process.i4 = process.i5 = process.i8 = None
        process.i9 = None if keeper is None else keeper.release(process)
        self._note(process)

    def take_up(self, process: Any, evaluation: Evaluation) -> None:
        """Let an evaluation that runs be that process, which was set aside."""
        self.note(process)
        process.i4 = process.i5 = process.i8 = None
        self._processes.become(process, evaluation)

    def wait_again(self, process: Any) -> Any:
        """Be the running process that was taken up, and wait for what it waited for; answer what its wait answers."""
        wait = self._waits.pop(process, None)
        if wait is None or (wait.semaphore is None and wait.wake_at_ns is None):
            return self._processes.go_on(process, current.evaluation)
        if not self._stand_in_line(process, wait):
            return wait.semaphore if wait.wake_at_ns is None else FALSE
        if wait.wake_at_ns is not None:
            self._processes.sleep(process, wait.wake_at_ns)
        return self._processes.wait(process)

    def _stand_in_line(self, process: Any, wait: Wait) -> bool:
        """Put the running process in a semaphore's line again; False if a signal is there, which is then used up."""
        semaphore = wait.semaphore
        waiting: Any = getattr(semaphore, "i1", None)
        items = getattr(waiting, "items", None)
        if items is None:
            return True
        excess = semaphore.i0
        if type(excess) is int and excess > 0:
            semaphore.i0 = excess - 1
            self._note(semaphore)
            return False
        items.append(process)
        self._note(waiting)
        process.i4, process.i8 = semaphore, wait.entrance
        return True

    def _note(self, obj: Any) -> None:
        """The write barrier."""
        if not obj.dirty:
            self._world.mark(obj)
