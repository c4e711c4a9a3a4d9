"""The composition root: makes every part of one server, in order, and ends them in reverse.

Nothing else knows how the parts are joined. Tests build the same system with another engine, clock or store.
"""

from collections.abc import Callable
from contextlib import ExitStack

import zmq
from pykka import ActorRef

from storage import Store, StoreError

from .address import check_address
from .background import BackgroundLine
from .clock import Clock
from .connections import Connections
from .counters import Counters
from .dispatcher import Dispatcher
from .engine import Engine
from .errors import DataError, NotYetError
from .evaluator import Evaluator
from .events import Events
from .gate import OutputGate
from .gateway import Gateway
from .keeper import Keeper
from .parts import Parts
from .pooled import start_pooled
from .preempt import new_timer
from .reception import Reception
from .scheduler import Scheduler
from .settings import Settings
from .supervisor import Supervisor
from .supervisor_actor import SupervisorActor
from .sweep import Sweep
from .wakeup import new_wakeup
from .worker import Worker

_MS_PER_S = 1_000


def check_settings(settings: Settings) -> None:
    """Refuse settings that cannot be served, before anything is opened.

    Raises:
        StartError: in one sentence.
    """
    if settings.workers > 1:
        raise NotYetError("More than one worker comes with a later version; start with --workers 1.")
    check_address(settings.bind, is_insecure_allowed=settings.insecure_bind)


def _forget_everywhere(connections: Connections, events: Events) -> Callable[[bytes], None]:
    """Return what is done when a peer is gone."""

    def forget(connection: bytes) -> None:
        connections.forget(connection)
        events.forget_connection(connection)

    return forget


def _stop_actor(ref: ActorRef[SupervisorActor], dispatcher: Dispatcher) -> None:
    """Stop the supervisor's actor, and run the stops that wait in the inboxes of sessions."""
    ref.stop(block=False)
    dispatcher.run()


class System:
    """One server: make it, `run` it, `close` it. Everything is done by the thread that makes it.

    Attributes:
        address: where it listens, with the real port.
        supervisor: for tests and tools that look inside.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        make_engine: Callable[[Store], Engine],
        make_store: Callable[[], Store],
    ) -> None:
        """Start all parts.

        Args:
            settings: checked by `check_settings`.
            clock: time and chance.
            make_engine: makes the language; it may keep compiled code in the store.
            make_store: opens the store, or raises StoreError; called again after a failure of the disk.

        Raises:
            StartError: the address or the data cannot be used.
        """
        self._ends = ExitStack()
        try:
            self._start(settings, clock, make_engine, make_store)
        except BaseException:
            self._ends.close()
            raise

    def _start(
        self,
        settings: Settings,
        clock: Clock,
        make_engine: Callable[[Store], Engine],
        make_store: Callable[[], Store],
    ) -> None:
        counters, connections = Counters(), Connections()
        try:
            keeper = Keeper(make_store, clock, counters)
        except StoreError as error:
            raise DataError(str(error)) from error
        self._ends.callback(keeper.close)
        context = zmq.Context()
        self._ends.callback(context.term)
        gateway = Gateway(context, connections)
        self._ends.callback(gateway.close)
        self.address = gateway.bind(settings.bind)
        wakeup = new_wakeup()
        self._ends.callback(wakeup.close)
        gateway.register(wakeup.fileno())
        gate = OutputGate(keeper, gateway, clock, counters)
        events = Events(gate, clock)
        gateway.on_gone = _forget_everywhere(connections, events)
        engine = make_engine(keeper.store)
        evaluator = Evaluator(clock, settings.slice_ms, settings.memory_growth_mb, settings.memory_max_mb)
        timer = new_timer(settings.slice_ms / _MS_PER_S, lambda: engine.set_poll(True))
        self._ends.callback(timer.close)
        scheduler = Scheduler(evaluator, timer, clock)
        background = BackgroundLine(timer, clock)
        parts = Parts(
            settings, clock, keeper, gate, events, engine, evaluator, scheduler, background, connections, counters
        )
        dispatcher = Dispatcher(wakeup)
        self.supervisor = Supervisor(parts, dispatcher)
        ref = start_pooled(SupervisorActor, dispatcher, supervisor=self.supervisor)
        self._ends.callback(_stop_actor, ref, dispatcher)
        reception = Reception(gateway, dispatcher, self.supervisor, ref)
        sweep = Sweep(self.supervisor)
        self.worker = Worker(parts, gateway, reception, dispatcher, self.supervisor, sweep, wakeup)

    def run(self) -> None:
        """Serve until `stop`."""
        self.worker.run()

    def stop(self) -> None:
        """Let `run` come to its end. Thread: any, also a signal handler."""
        self.worker.stop()

    def close(self) -> None:
        """End all parts in reverse order; what was not committed is forgotten, as in a crash."""
        self._ends.close()
