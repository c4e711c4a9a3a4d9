"""The processes of a world: who runs, who is ready, who waits, and all switching between them.

A process is an instance of `Process` (`kernel/Process.st`); this module and `primitives/processes.py` read its slots:

| slot | variable  | holds                                                                                           |
|------|-----------|-------------------------------------------------------------------------------------------------|
| i0   | block     | what it runs, until it has begun                                                                |
| i1   | priority  | an integer                                                                                      |
| i2   | name      | a String or nil                                                                                 |
| i3   | state     | one of the symbols below                                                                        |
| i4   | list      | the semaphore it waits at                                                                       |
| i5   | wakeAt    | when it stops waiting by itself: nanoseconds since 1970                                         |
| i6   | answer    | what its wait answers once it goes on                                                           |
| i7   | order     | what it does first when it goes on: true ends it, an exception is signalled there               |
| i8   | entrance  | the semaphore of the critical section it wants to enter or was let into, until it goes on       |
| i9   | context   | its suspended computation, when that was stored                                                 |

The evaluation that a client asked for is a process as well, the main one; it gets its object when somebody asks for it.
It has the stack of the evaluation, every other process a fiber and an `Evaluation` (handlers, signals) of its own.

Whoever waits hands control to the *conductor*, the one place that chooses who is next: the main process while it waits
or yields, or `run_background` when there is none. The rules are Pharo's: a process of higher priority starts at once,
one of the same priority when the running one waits, yields or ends, first come first served; who was interrupted by a
higher one stays first of its priority. Time slices change nothing in that order, with one exception: a main process
that is ready does not wait for a slice's worth of others of its priority for ever.

Reflection can write anything into those variables. What it finds there that makes no sense this module overlooks.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from . import current
from .aside import Aside
from .lives import READY, Lives, notice
from .objects import FALSE, TRUE, Symbol
from .outcome import TERMINATED
from .turns import ReadyQueue, Sleepers

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from .evaluation import Evaluation
    from .outcome import FailureReport
    from .world import World

#: States of a process.
RUNNING: Final = Symbol.intern("running")
WAITING: Final = Symbol.intern("waiting")
SUSPENDED: Final = Symbol.intern("suspended")
TERMINATED_STATE: Final = Symbol.intern("terminated")

#: Priority of evaluations, and of processes made by them: Pharo's `userSchedulingPriority`.
USER_PRIORITY: Final = 40

#: What a wait is told that nothing can end.
DEADLOCK_TEXT: Final = "deadlock: no process is left that could end this wait"


class Processes:
    """The processes of one world.

    Attributes:
        active: the process that runs; None for a main process that has no object yet, and while none runs.
        lives: the processes that have not ended, and their stacks.
        aside: those that are debugged.
        ran: those that ran since their stacks were captured.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self.active: Any = None
        self.aside = Aside(world, self)
        self.lives = Lives(world, self.go_on, self.aside.stopped)
        self.ran: dict[Any, None] = {}
        self._ready = ReadyQueue()
        self._sleepers = Sleepers()
        #: A process that runs next whatever its priority.
        self._urgent: Any = None
        #: The main evaluation that waits and conducts the others meanwhile.
        self._conductor: Evaluation | None = None
        #: Lets other sessions run when a slice is over; True if one was.
        self._yield: Callable[[], object] | None = None

    # Who there is

    def running(self) -> Any:
        """The process that runs now."""
        evaluation = current.evaluation
        if evaluation.process is None:
            process = self._world.kernel.classes["Process"].instance_type().make()
            process.i1, process.i3 = USER_PRIORITY, RUNNING
            evaluation.process = self.active = process
            self.lives.enter(process, evaluation)
        return evaluation.process

    def has_ready(self) -> bool:
        """Whether a process could run now."""
        self.wake_due()
        return self._ready.highest() is not None

    def next_wake_ns(self) -> int | None:
        """When the next sleeping process wakes, None if none sleeps."""
        return self._sleepers.next_ns()

    def restore(self, processes: list[Any]) -> None:
        """Schedule the processes of a restored session, which are in the order of `scheduled`.

        What is no process is let go: records of the time when a process could become something else may hold it.
        """
        process_class = self._world.kernel.classes["Process"]
        for process in processes:
            if not self._world.class_of(process).inherits_from(process_class):
                continue
            self.lives.enter(process)
            if type(process.i5) is int:
                self._sleepers.add(process, process.i5)
            else:
                self._ready.put_last(process, _priority(process))

    def scheduled(self) -> list[Any]:
        """The processes that go on by themselves: the ready ones in their order, then the sleeping ones."""
        return [*self._ready, *self._sleepers]

    # Changes of state

    def make_ready(self, process: Any, answer: Any = None) -> None:
        """Let a process go on when its turn comes, its wait answering that."""
        process.i3, process.i6 = READY, answer
        self._note(process)
        self.lives.enter(process)
        self._ready.put_last(process, _priority(process))

    def withdraw(self, process: Any) -> None:
        """Take a process out of all lines it stands in."""
        waiting, items = self._line_at(process.i4)
        self._ready.remove(process)
        if process.i5 is not None:
            self._sleepers.remove(process)
            process.i5 = None
        process.i4 = None
        if process in items:
            items.remove(process)
            self._note(waiting)
        self._note(process)

    def _line_at(self, semaphore: Any) -> tuple[Any, Any]:
        """The collection of those that wait at a semaphore, and its elements; both may have to be read for that."""
        waiting: Any = getattr(semaphore, "i1", None)
        return waiting, getattr(waiting, "items", ())

    def admit(self, semaphore: Any, process: Any) -> None:
        """Let a process go on that waits at a semaphore; a wait with a time limit answers false."""
        answer = semaphore if process.i5 is None else FALSE
        self.withdraw(process)
        self.make_ready(process, answer)

    def sleep(self, process: Any, wake_at_ns: int) -> None:
        """Let a process stop waiting at a time, if nothing else ended its wait before."""
        process.i5 = wake_at_ns
        self._sleepers.add(process, wake_at_ns)

    def wake_due(self) -> None:
        """Let the processes go on whose time has come; a wait at a semaphore answers true then: it took too long."""
        next_ns = self._sleepers.next_ns()
        if next_ns is None:
            return
        now_ns = self._world.host.now_ns()
        while next_ns is not None and now_ns >= next_ns:
            process = self._sleepers.first()
            is_late = process.i4 is not None
            # Read first what the store may fail to give: until then the process sleeps on and loses nothing.
            self._line_at(process.i4)
            self._sleepers.remove(process)
            process.i5 = None
            self.withdraw(process)
            self.make_ready(process, TRUE if is_late else None)
            next_ns = self._sleepers.next_ns()

    def change_priority(self, process: Any, priority: int) -> None:
        """Give a process another priority."""
        is_ready = process.i3 is READY
        if is_ready:
            self._ready.remove(process)
        process.i1 = priority
        self._note(process)
        if is_ready:
            self._ready.put_last(process, priority)

    def _note(self, obj: Any) -> None:
        """The write barrier."""
        if not obj.dirty:
            self._world.mark(obj)

    # Switching

    def wait(self, process: Any) -> Any:
        """Let others run until the running process is made ready and chosen; answer what its wait answers."""
        process.i3 = WAITING
        self._note(process)
        return self._leave(process)

    def suspend(self, process: Any) -> Any:
        """Let others run until somebody resumes the running process."""
        process.i3 = SUSPENDED
        self._note(process)
        return self._leave(process)

    def yield_(self, answer: Any) -> Any:
        """Let the ready processes of the running one's priority run before it goes on with that answer."""
        process = self.running()
        self.wake_due()
        highest = self._ready.highest()
        if highest is None or highest < _priority(process):
            return answer
        self.make_ready(process, answer)
        return self._leave(process)

    def preempt(self, answer: Any) -> Any:
        """Let ready processes of a higher priority run before the running one goes on with that answer."""
        highest = self._ready.highest()
        if highest is None or highest <= self._active_priority():
            return answer
        return self._interrupt(self.running(), answer)

    def run_now(self, process: Any, order: Any, answer: Any) -> Any:
        """Run a process at once, before all others, until it waits or ends; then the running one goes on."""
        running = self.running()
        self.withdraw(process)
        process.i3, process.i7 = READY, order
        self.lives.enter(process)
        self._urgent = process
        return self._interrupt(running, answer)

    def _interrupt(self, process: Any, answer: Any = None) -> Any:
        """Leave the running process where it stands; it is the next of its priority."""
        self.interrupted(process, answer)
        return self._leave(process)

    def interrupted(self, process: Any, answer: Any = None) -> None:
        """Note that a process was left where it stands, and is the next of its priority."""
        process.i3, process.i6 = READY, answer
        self._note(process)
        self._ready.put_first(process, _priority(process))

    def _active_priority(self) -> int:
        return USER_PRIORITY if self.active is None else _priority(self.active)

    def _leave(self, process: Any) -> Any:
        """Hand control to the conductor until the process is chosen; answer what its wait answers."""
        evaluation = current.evaluation
        evaluation.stop_clock()
        self.ran[process] = None
        if evaluation.fiber is None:
            self._conduct(process, evaluation)
        else:
            evaluation.fiber.suspend()
        current.activate(evaluation)
        evaluation.start_clock()
        return self.go_on(process, evaluation)

    def go_on(self, process: Any, evaluation: Evaluation) -> Any:
        """Be the running process again; obey what was ordered meanwhile."""
        self.active = process
        order, answer = process.i7, process.i6
        process.i3 = RUNNING
        process.i6 = process.i7 = process.i8 = None
        self._note(process)
        evaluation.obey()
        if order is TRUE:
            evaluation.terminate()
        elif order is not None:
            signalled = order  # which tells captured stacks where this stands
            self._world.send(signalled, "signal")
        return answer

    def _conduct(self, process: Any, evaluation: Evaluation) -> None:
        """Run others until the main process is chosen, is stopped, or nothing can ever choose it."""
        evaluation.begin_waiting()
        self._conductor, self._yield = evaluation, evaluation.yield_
        self.lives.main_frame = sys._getframe()  # noqa: SLF001 - the main stack, which no fiber shows
        try:
            self._run_others(process, evaluation)
        finally:  # also when the store fails, or the main stack is given up in its wait
            evaluation.end_waiting()
            if self._conductor is evaluation:
                self._conductor = self.lives.main_frame = None

    def _run_others(self, process: Any, evaluation: Evaluation) -> None:
        while not evaluation.is_stopped():
            self.wake_due()
            if (chosen := self._choose()) is process:
                return
            if chosen is not None:
                self._run(chosen)
            elif (wake_at_ns := self._sleepers.next_ns()) is not None:
                evaluation.let_time_pass(wake_at_ns)
                current.activate(evaluation)  # other worlds ran meanwhile
            else:
                self.withdraw(process)
                process.i7 = self._world.new_exception("Error", DEADLOCK_TEXT)
                return
        self.aside.note(process)
        self.withdraw(process)

    def run_background(self, is_over: Callable[[], bool]) -> None:
        """Run ready processes, without a main one, until none is left or `is_over`."""
        self._yield = is_over
        self.active = None
        while not is_over():
            self.wake_due()
            if (chosen := self._choose()) is None:
                break
            self._run(chosen)
        self.active = None

    def _choose(self) -> Any:
        """Whose turn it is, None if nobody is ready."""
        urgent, self._urgent = self._urgent, None
        return self._ready.take() if urgent is None else urgent

    def _run(self, process: Any) -> None:
        """Give a process its turn, which ends when it waits, yields, is interrupted or ends."""
        evaluation = self.lives.evaluation_of(process)
        assert evaluation.fiber is not None
        evaluation.payer = self._conductor
        self.ran[process] = None
        evaluation.fiber.resume()
        self.active = None if self._conductor is None else self._conductor.process

    def at_safe_point(self, evaluation: Evaluation) -> None:
        """Let others sharing this world run, where they must come first. Called in the running process."""
        yield_ = evaluation.yield_ if evaluation.fiber is None else self._yield
        is_over = yield_ is not None and bool(yield_())
        current.activate(evaluation)
        evaluation.start_clock()
        self.wake_due()
        self.preempt(None)
        if evaluation.fiber is not None:
            self._obey_conductor(evaluation.process, is_over=is_over)

    def _obey_conductor(self, process: Any, *, is_over: bool) -> None:
        """Hand back to the conductor: in the background at the end of a slice, else when the main one is to go on."""
        conductor = self._conductor
        if conductor is None:
            if is_over:
                self._interrupt(process)
        elif conductor.is_stopped():
            self._interrupt(process)
        elif is_over and conductor.process.i3 is READY and _priority(conductor.process) == _priority(process):
            self.make_ready(process)
            self._leave(process)

    # Ends

    def terminate_ready(self) -> int:
        """Order all ready processes to end when their turn comes; answer how many those are."""
        self.wake_due()
        ready = list(self._ready)
        for process in ready:
            if self.lives.is_begun(process):
                process.i7 = TRUE
                self._note(process)
            else:
                self.ended(process)
        return len(ready)

    def ended(self, process: Any, failure: FailureReport | None = None) -> None:
        """Note that a process is over, and tell the Transcript when it ended in an error."""
        self.aside.forget(process)
        self.lives.leave(process)
        self.withdraw(process)
        process.i3 = TERMINATED_STATE
        process.i0 = process.i6 = process.i7 = process.i8 = process.i9 = None
        if failure is not None and failure.error_class != TERMINATED:
            self._world.transcript.append(notice(process, failure))

    def become(self, process: Any, evaluation: Evaluation) -> None:
        """Let an evaluation that runs be that process, which was set aside."""
        process.i3 = RUNNING
        self._note(process)
        evaluation.process = self.active = process
        self.lives.enter(process, evaluation)

    # Storing

    def capture(self, captured: Callable[[FrameType | None, Evaluation, frozenset[CodeType]], Any]) -> None:
        """Let every process that ran since the last time hold its stack as contexts, see `Lives.capture`."""
        self.lives.capture(self.ran, captured, self._note)
        self.ran.clear()
        self.lives.give_up_stacks()


def _priority(process: Any) -> int:
    """A process's priority, whatever somebody wrote into that variable by reflection."""
    priority = process.i1
    return priority if type(priority) is int else USER_PRIORITY
