"""The composition root: makes every part of one server, in order, and ends them in reverse.

Nothing else knows how the parts are joined. Tests build the same system with another engine, clock or store.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

from pykka import ActorRef

from storage import Store, StoreError

from .clock import Clock
from .durability.events import Events
from .durability.gate import OutputGate
from .durability.keeper import Keeper
from .durability.quotas import Quotas
from .durability.running_mark import RunningMark
from .errors import DataError
from .lending.loans import Loans
from .loop.dispatcher import Dispatcher
from .loop.pooled import start_pooled
from .loop.postbox import Postbox
from .loop.wakeup import new_wakeup
from .loop.worker import Worker
from .monitoring.counters import Counters
from .monitoring.measures import Measures
from .parts import Parts
from .resources.weights import Weights
from .running.background import BackgroundLine
from .running.engine import Engine
from .running.evaluator import Evaluator
from .running.preempt import new_timer
from .running.scheduler import Scheduler
from .sessions.reception import Reception
from .sessions.supervisor import Supervisor
from .sessions.supervisor_actor import SupervisorActor
from .settings import RELOADED, ROWS, Settings
from .state.autosave import Autosave
from .traffic.address import check_address
from .traffic.connections import Connections
from .traffic.door import Door
from .traffic.fairness import Fairness
from .traffic.gateway import Gateway, new_context
from .upkeep.sweep import Sweep

if TYPE_CHECKING:
    import zmq

_MS_PER_S = 1_000


def check_settings(settings: Settings) -> None:
    """Refuse settings that cannot be served, before anything is opened.

    Raises:
        StartError: in one sentence.
    """
    check_address(settings.bind, is_insecure_allowed=settings.insecure_bind)


def listen(settings: Settings, context: "zmq.Context[zmq.Socket[bytes]]") -> Door:
    """Open the door of one process alone: the socket that clients connect to.

    Raises:
        BindError: the address cannot be used.
    """
    gateway = Gateway(context, Connections(), settings)
    try:
        gateway.bind(settings.bind)
    except BaseException:
        gateway.close()
        raise
    return gateway


def new_parts(
    settings: Settings,
    clock: Clock,
    keeper: Keeper,
    *,
    gate: OutputGate,
    events: Events,
    engine: Engine,
    mark: RunningMark,
    door: Door,
    counters: Counters,
    measures: Measures,
    ends: ExitStack,
) -> Parts:
    """Make the parts that run code, and join them with the others.

    Args:
        settings: of this process.
        clock: time and chance.
        keeper: the store's writer.
        gate: what holds replies.
        events: what tells subscribers.
        engine: the language; its limits are set here.
        mark: where the session that runs is noted.
        door: what messages come in by.
        counters: totals of this process.
        measures: its histograms.
        ends: gets what closes what is made here.
    """
    engine.configure(settings)
    weights = Weights(engine, clock, settings)
    evaluator = Evaluator(clock, settings, weights, mark)
    ends.callback(evaluator.close)
    timer = new_timer(settings.slice_ms / _MS_PER_S, lambda: engine.set_poll(True))
    ends.callback(timer.close)
    return Parts(
        settings,
        clock,
        keeper,
        gate,
        events,
        engine,
        evaluator,
        Scheduler(evaluator, timer, clock),
        BackgroundLine(timer, clock),
        door.connections,
        counters,
        measures,
        Fairness(settings),
        Quotas(keeper, clock, settings),
        weights,
        Autosave(),
        door,
        Loans(),
    )


def _forget_everywhere(connections: Connections, events: Events) -> Callable[[bytes], None]:
    """Return what is done when a peer is gone."""

    def forget(connection: bytes) -> None:
        connections.forget(connection)
        events.forget_connection(connection)

    return forget


def _stop_actors(ref: ActorRef[SupervisorActor], supervisor: Supervisor, dispatcher: Dispatcher) -> None:
    """Stop all actors: pykka's registry holds those that go on, and they hold all they know."""
    supervisor.let_go_of_all()
    ref.stop(block=False)
    dispatcher.run()


class System:
    """One server: make it, `run` it, `close` it. Everything is done by the thread that makes it.

    Attributes:
        address: where it listens, with the real port.
        supervisor: for tests and tools that look inside.
        postbox: what other threads and signal handlers want done.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        make_engine: Callable[[Store], Engine],
        make_store: Callable[[], Store],
        open_door: Callable[[Settings, "zmq.Context[zmq.Socket[bytes]]"], Door] = listen,
        open_mark: Callable[[], RunningMark] = RunningMark,
    ) -> None:
        """Start all parts.

        Args:
            settings: checked by `check_settings`.
            clock: time and chance.
            make_engine: makes the language; it may keep compiled code in the store.
            make_store: opens the store, or raises StoreError; called again after a failure of the disk.
            open_door: opens what messages come in by.
            open_mark: opens where the session that runs is noted, once the data directory is this server's.

        Raises:
            StartError: the address or the data cannot be used.
        """
        self._ends = ExitStack()
        try:
            self._start(settings, clock, make_engine, make_store, open_door, open_mark)
        except BaseException:
            self._ends.close()
            raise

    def _start(
        self,
        settings: Settings,
        clock: Clock,
        make_engine: Callable[[Store], Engine],
        make_store: Callable[[], Store],
        open_door: Callable[[Settings, "zmq.Context[zmq.Socket[bytes]]"], Door],
        open_mark: Callable[[], RunningMark],
    ) -> None:
        counters, measures = Counters(), Measures()
        try:
            keeper = Keeper(make_store, clock, counters, measures)
        except StoreError as error:
            raise DataError(str(error)) from error
        self._ends.callback(keeper.close)
        mark = open_mark()
        self._ends.callback(mark.close)
        context = new_context()
        self._ends.callback(context.term)
        gateway = open_door(settings, context)
        self._ends.callback(gateway.close)
        self.address, connections = gateway.address, gateway.connections
        wakeup = new_wakeup()
        self._ends.callback(wakeup.close)
        gateway.register(wakeup.fileno())
        gate = OutputGate(keeper, gateway, clock, counters, measures)
        gateway.on_dropped = gate.refusals.note_dropped
        events = Events(gate, clock)
        gateway.on_gone = _forget_everywhere(connections, events)
        engine = make_engine(keeper.store)
        parts = new_parts(
            settings,
            clock,
            keeper,
            gate=gate,
            events=events,
            engine=engine,
            mark=mark,
            door=gateway,
            counters=counters,
            measures=measures,
            ends=self._ends,
        )
        dispatcher = Dispatcher(wakeup)
        self.supervisor = Supervisor(parts, dispatcher)
        for sid in mark.found:
            self.supervisor.count_death(sid)
        ref = start_pooled(SupervisorActor, dispatcher, supervisor=self.supervisor)
        self._ends.callback(_stop_actors, ref, self.supervisor, dispatcher)
        reception = Reception(gateway, dispatcher, self.supervisor, ref)
        sweep = Sweep(self.supervisor)
        self.postbox = Postbox(wakeup)
        self.worker = Worker(parts, gateway, reception, dispatcher, self.supervisor, sweep, wakeup, self.postbox)

    def reload(self, settings: Settings) -> tuple[list[str], list[str]]:
        """Take over the settings that may change at run time. Thread: the loop.

        Returns:
            The names of those that changed, and of those that differ and wait for the next start.
        """
        parts = self.supervisor.parts
        differ = {row.name for row in ROWS if getattr(settings, row.name) != getattr(parts.settings, row.name)}
        changed = sorted(differ & RELOADED)
        parts.settings = replace(parts.settings, **{name: getattr(settings, name) for name in changed})
        self.supervisor.admission.configure(parts.settings)
        parts.fairness.configure(parts.settings)
        parts.quotas.configure(parts.settings)
        parts.engine.configure(parts.settings)
        parts.weights.configure(parts.settings)
        return changed, sorted(differ - RELOADED)

    def run(self) -> None:
        """Serve until `stop`."""
        self.worker.run()

    def stop(self) -> None:
        """Let `run` come to its end. Thread: any, also a signal handler."""
        self.worker.stop()

    def close(self) -> None:
        """End all parts in reverse order; what was not committed is forgotten, as in a crash."""
        self._ends.close()
