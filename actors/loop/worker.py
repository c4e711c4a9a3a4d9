"""The worker: the loop that owns socket, actors, commits and evaluations, on one thread.

One tick: take what arrived, let the actors handle it, run new work, commit once, send the replies; only then give
parked evaluations their slices, because a slice before the commit would add itself to every reply, and one session's
background processes another.

Thread: the main thread of the process, whose stack is raised for deep recursions.
"""

from typing import TYPE_CHECKING, Final

import zmq

from ..limits import SERVER_LIMITS

if TYPE_CHECKING:
    from ..parts import Parts
    from ..sessions.reception import Reception
    from ..sessions.supervisor import Supervisor
    from ..traffic.door import Door
    from ..upkeep.sweep import Sweep
    from .dispatcher import Dispatcher
    from .postbox import Postbox
    from .wakeup import Wakeup

_NS_PER_MS: Final = 1_000_000
_NS_PER_S: Final = 1_000_000_000
_RECALLING_NS_MAX: Final = SERVER_LIMITS["recalling_ns_max"].value
_SUSPENDING_NS_MAX: Final = SERVER_LIMITS["suspending_ns_max"].value
_SLEEP_MS_MAX: Final = SERVER_LIMITS["sleep_ms_max"].value
TAKING_NS_MAX: Final = SERVER_LIMITS["taking_ns_max"].value


class Worker:
    """The loop."""

    def __init__(
        self,
        parts: "Parts",
        gateway: "Door",
        reception: "Reception",
        dispatcher: "Dispatcher",
        supervisor: "Supervisor",
        sweep: "Sweep",
        wakeup: "Wakeup",
        postbox: "Postbox",
    ) -> None:
        self._parts = parts
        self._gateway = gateway
        self._reception = reception
        self._dispatcher = dispatcher
        self._supervisor = supervisor
        self._sweep = sweep
        self._wakeup = wakeup
        self._postbox = postbox
        self._is_stopping = False

    def stop(self) -> None:
        """Let `run` come to its end. Thread: any, also a signal handler."""
        self._is_stopping = True
        self._wakeup.set()

    def run(self) -> None:
        """Tick until told to stop; then finish what runs, without taking anything new."""
        while not self._is_stopping:
            self.tick()
        self._finish()

    def tick(self) -> None:
        """Do everything there is to do now; sleep first if there is nothing."""
        if not self._has_work():
            self._gateway.wait(self._sleep_ms())
            self._wakeup.clear()
        self._postbox.step()
        began_ns = self._parts.clock.monotonic_ns()
        self._parts.scheduler.begin_tick(began_ns)
        for incoming in self._gateway.receive():
            self._reception.take(incoming)
            if self._parts.gate.is_behind or self._parts.clock.monotonic_ns() - began_ns > TAKING_NS_MAX:
                break
        self._gateway.flush()
        self._work()
        self._parts.keeper.reopen_if_lost()
        self._sweep.step(is_awaited=self._gateway.has_come())
        self._supervisor.alarms.step()
        self._parts.scheduler.end_tick(self._parts.clock.monotonic_ns())

    def _work(self) -> None:
        self._dispatcher.run()
        self._parts.scheduler.run_new()
        self._commit()
        self._gateway.flush()
        self._parts.scheduler.run_parked()
        if not self._is_stopping:
            self._parts.background.step()

    def _commit(self) -> None:
        """Make what was done durable, then let the replies go out."""
        gate, keeper = self._parts.gate, self._parts.keeper
        if gate.is_empty and not keeper.has_changes:
            return
        failure = keeper.commit()
        if failure is not None:
            self._supervisor.commit_failed(failure)
        gate.open(failure)

    def _has_work(self) -> bool:
        parts = self._parts
        return (
            parts.scheduler.has_work or self._dispatcher.has_work or parts.keeper.has_changes or not parts.gate.is_empty
        )

    def _sleep_ms(self) -> int:
        """Return how long there is nothing to do unless something arrives."""
        parts = self._parts
        times_ns = (parts.scheduler.due_in_ns(), parts.background.due_in_ns(), self._supervisor.alarms.due_in_ns())
        due_ns = min([self._sweep.due_in_ns(), *(each for each in times_ns if each is not None)])
        return min(_SLEEP_MS_MAX, -(-due_ns // _NS_PER_MS))

    def _finish(self) -> None:
        """Let evaluations end within the grace, store or interrupt the others, and commit everything."""
        grace_ns = int(self._parts.settings.shutdown_grace_s * _NS_PER_S)
        ends_ns = self._parts.clock.monotonic_ns() + grace_ns
        while (left_ns := ends_ns - self._parts.clock.monotonic_ns()) > 0 and self._comes_work(left_ns):
            self._work()
        self._recall()
        self._suspend()
        self._supervisor.end_all()
        self._commit()

    def _comes_work(self, left_ns: int) -> bool:
        """Wait until there is something to do, if that may be within a time."""
        if self._has_work():
            return True
        due_ns = self._parts.scheduler.due_in_ns()
        if self._parts.loans.is_any_away:
            self._hear(left_ns if due_ns is None else min(left_ns, due_ns))
            return True
        if due_ns is None or due_ns >= left_ns:
            return False
        self._pause(-(-due_ns // _NS_PER_MS))
        return True

    def _hear(self, left_ns: int) -> None:
        """Take what the front writes: letters, because it gives no requests to a worker that ends."""
        self._gateway.flush()
        self._gateway.wait(-(-left_ns // _NS_PER_MS))
        for incoming in self._gateway.receive():
            self._reception.take(incoming)

    def _recall(self) -> None:
        """Learn how far evaluations came that are lent, as far as that is told in time."""
        loans, clock = self._parts.loans, self._parts.clock
        loans.recall()
        ends_ns = clock.monotonic_ns() + _RECALLING_NS_MAX
        while loans.is_any_away and (left_ns := ends_ns - clock.monotonic_ns()) > 0:
            self._hear(left_ns)
            self._work()

    def _suspend(self) -> None:
        """Store what still runs, to go on after the start; some of it has to run a little further before it can be."""
        ends_ns = self._parts.clock.monotonic_ns() + _SUSPENDING_NS_MAX
        while self._supervisor.suspend_all(ends_ns) and self._parts.scheduler.has_parked:
            self._parts.scheduler.run_parked()
            self._commit()

    def _pause(self, timeout_ms: int) -> None:
        """Sleep without being woken by requests, because none is taken any more."""
        self._wakeup.clear()
        poller = zmq.Poller()
        poller.register(self._wakeup.fileno(), zmq.POLLIN)
        poller.poll(timeout_ms)
