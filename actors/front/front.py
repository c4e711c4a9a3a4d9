"""The front's loop: carries requests to workers and replies to clients, and sees to it that there are workers.

One tick: what workers wrote, what the nursery told, what clients sent, what is due. A reply is never held up here, and
no user code runs, so that the tail stays short whatever the workers do.

Thread: the main thread of the process.
"""

import json
from typing import TYPE_CHECKING, Final

import zmq

from ..errors import StartError
from ..logs import new_logger
from ..loop.worker import TAKING_NS_MAX
from .letters import (
    BYE,
    CLAIM,
    CLOSED,
    ELSEWHERE,
    FIGURES,
    GONE,
    HELLO,
    LENDING,
    LOAN,
    OPEN,
    ORPHANED,
    STOP,
    frames_of,
    number_of,
)
from .workforce import Place, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..clock import Clock
    from ..loop.wakeup import Wakeup
    from ..settings import Settings
    from ..traffic.gateway import Gateway
    from .dispatch import Dispatch
    from .exchange import Exchange
    from .nursery import Lines
    from .routes import Whereabouts
    from .stream import Pair
    from .workforce import Workforce

_NS_PER_MS: Final = 1_000_000
#: Between two looks whether a worker is stuck.
_WATCH_MS: Final = 100
_WATCH_NS: Final = _WATCH_MS * _NS_PER_MS
_log = new_logger("front")


class NurseryLostError(StartError):
    """The nursery ended: workers could not be replaced any more, so the server ends, to be started again."""


class Front:
    """The loop."""

    def __init__(
        self,
        gateway: "Gateway",
        exchange: "Exchange",
        lines: "Lines",
        workforce: "Workforce",
        dispatch: "Dispatch",
        where: "Whereabouts",
        clock: "Clock",
        wakeup: "Wakeup",
    ) -> None:
        self._gateway = gateway
        self._exchange = exchange
        self._lines = lines
        self._workforce = workforce
        self._dispatch = dispatch
        self._where = where
        self._clock = clock
        self._wakeup = wakeup
        self._is_stopping = False
        self._renewal: Settings | None = None
        self._to_renew: list[Place] = []
        self._lost_code: int | None = None
        #: When to look after the workers next: at once when something happened to them.
        self._look_ns = 0
        # Before all workers serve and at the end no request is taken: those that come must not wake the loop.
        self._inside = zmq.Poller()
        for each in (exchange, lines.socket, wakeup):
            self._inside.register(each.fileno(), zmq.POLLIN)
        gateway.on_gone = self._gone

    # --- from signal handlers

    def stop(self) -> None:
        """Let `run` come to its end. Thread: any, also a signal handler."""
        self._is_stopping = True
        self._wakeup.set()

    def renew(self, settings: "Settings") -> None:
        """Start every worker anew, one after the other, with these settings. Thread: any, also a signal handler."""
        self._renewal = settings
        self._wakeup.set()

    # --- the loop

    def start_all(self) -> int | None:
        """Start the workers and wait until all serve; answer the exit code of one that could not."""
        self._workforce.order_due()
        while len(self._workforce.in_state(State.SERVING)) < len(self._workforce.all) and not self._is_stopping:
            self._hear(self._wait_inside(_WATCH_MS))
            died = [place for place in self._workforce.all if place.restarts]
            if died:
                return self._lost_code
        self._workforce.is_complete = True
        return None

    def run(self) -> None:
        """Tick until told to stop; then let the workers end."""
        while not self._is_stopping:
            self.tick()
        self._finish()

    def tick(self) -> None:
        """Do everything there is to do now; sleep first if there is nothing."""
        ready = self._gateway.ready(self._sleep_ms())
        if self._wakeup.fileno() in ready:
            self._wakeup.clear()
            self._look_ns = 0
        if self._hear(ready):
            self._gateway.flush()
        if self._gateway in ready:
            ends_ns = self._clock.monotonic_ns() + TAKING_NS_MAX
            for incoming in self._gateway.receive():
                self._dispatch.take(incoming)
                if self._clock.monotonic_ns() > ends_ns:
                    break
        self._exchange.flush()
        self._gateway.flush()
        if self._clock.monotonic_ns() >= self._look_ns:
            self._look_after_workers()

    def _wait_inside(self, timeout_ms: int) -> set[object]:
        """Sleep without being woken by requests; return the descriptors that can be read."""
        self._exchange.flush()
        ready: set[object] = {each for each, _ in self._inside.poll(timeout_ms)}
        self._wakeup.clear()
        return ready

    def _sleep_ms(self) -> int:
        return max(0, -(-(self._look_ns - self._clock.monotonic_ns()) // _NS_PER_MS))

    def _hear(self, ready: set[object]) -> bool:
        """Take what workers wrote and what the nursery told, in this order: a dead worker's replies count.

        Args:
            ready: the descriptors that can be read.

        Returns:
            Whether there was anything.
        """
        if self._lines.socket.fileno() in ready:
            self._take_news()
        elif self._exchange.fileno() in ready:
            self._take_all(self._exchange.receive())
        else:
            return False
        return True

    def _take_news(self) -> None:
        news = self._lines.read()
        if news is None:
            raise NurseryLostError("The process that starts the workers is gone.")
        self._look_ns = 0
        # All that is there now: what a worker wrote before its end is.
        self._take_all(self._exchange.receive_all())
        for each in news:
            place = self._workforce.take(each)
            if place is not None:
                self._lost_code = each["code"]
                self._ended(place, each["ended"].encode(), is_stopping=self._is_stopping)

    def _take_all(self, messages: "Iterable[tuple[bytes, list[Pair]]]") -> None:
        for name, pairs in messages:
            place = self._workforce.find(name)
            if place is not None:
                for number, body in pairs:
                    if number:
                        self._dispatch.reply(number_of(number), body)
                    else:
                        self._obey(place, *frames_of(body))

    def _obey(self, place: Place, kind: bytes, *rest: bytes) -> None:
        """Do what a worker wants by a letter."""
        if kind == CLAIM:
            self._claimed(place, rest)
        elif kind == ELSEWHERE:
            self._dispatch.elsewhere(number_of(rest[0]))
        elif kind == LOAN:
            self._carry(place, rest)
        elif kind == HELLO:
            self._serves(place, rest[1])
        elif kind == FIGURES:
            place.figures = json.loads(rest[0])
        elif kind == BYE:
            place.is_finished = True

    def _serves(self, place: Place, clients: bytes) -> None:
        self._look_ns = 0
        self._workforce.serves(place)
        if place is self._workforce.quarantine:
            self._tell_others(place, LENDING, OPEN)
        else:
            self._where.learn(place.index, json.loads(clients))
            self._exchange.tell_claims(place.routing_id, self._gateway.connections)
            if self._workforce.is_lending:
                self._exchange.tell(place.routing_id, LENDING, OPEN)
        if self._is_stopping:
            self._end(place)
        elif place is not self._workforce.quarantine:
            self._dispatch.worker_serves(place)

    def _ended(self, place: Place, name: bytes, *, is_stopping: bool) -> None:
        """A worker is dead: see to what it had, and to what it had lent or was lent."""
        quarantine = self._workforce.quarantine
        if place is quarantine:
            self._tell_others(place, LENDING, CLOSED)
            return
        self._dispatch.worker_ended(place, is_stopping=is_stopping)
        if quarantine is not None and self._workforce.is_lending:
            self._exchange.tell(quarantine.routing_id, ORPHANED, name)

    def _carry(self, place: Place, letter: tuple[bytes, ...]) -> None:
        """Carry a letter about a lent session between its owner and the quarantine worker.

        One for a quarantine worker that is dead is lost, and its sender told so before the next one is there.
        """
        quarantine = self._workforce.quarantine
        if place is quarantine:
            owner, *rest = letter
            self._exchange.tell(owner, LOAN, *rest)
        elif quarantine is not None and self._workforce.is_lending:
            self._exchange.tell(quarantine.routing_id, LOAN, place.routing_id, *letter)

    def _claimed(self, place: Place, claim: tuple[bytes, ...]) -> None:
        """A connection got a session: remember it, and let the other workers know."""
        key, client_id, token = claim
        self._gateway.connections.remember(key).claim(client_id.decode(), token.decode())
        self._tell_others(place, CLAIM, *claim)

    def _tell_others(self, but: Place | None, *letter: bytes) -> None:
        for place in self._workforce.in_state(State.SERVING):
            if place is not but:
                self._exchange.tell(place.routing_id, *letter)

    def _gone(self, key: bytes) -> None:
        """The peer of a connection is gone."""
        if self._dispatch.gone(key):
            self._tell_others(None, GONE, key)

    # --- looking after the workers

    def _look_after_workers(self) -> None:
        """Do what is due: not in each tick, because it costs as much as a request."""
        self._workforce.watch()
        self._renew_next()
        self._workforce.order_due()
        due_ns = self._workforce.due_in_ns()
        look_ns = _WATCH_NS if due_ns is None else min(_WATCH_NS, due_ns)
        self._look_ns = self._clock.monotonic_ns() + look_ns

    def _end(self, place: Place) -> None:
        """Let a worker end in good order; what comes for it waits for the next."""
        self._workforce.ends(place)
        self._exchange.tell(place.routing_id, STOP)

    def _renew_next(self) -> None:
        """Let one worker end, if they are to be renewed and all others serve."""
        if self._renewal is not None:
            self._workforce.settings, self._renewal = self._renewal, None
            self._dispatch.answers.configure(self._workforce.settings)
            self._to_renew = list(self._workforce.all)
        if self._to_renew and len(self._workforce.in_state(State.SERVING)) == len(self._workforce.all):
            self._end(self._to_renew.pop())

    def _finish(self) -> None:
        """Let all workers end and their replies go out; kill those that do not."""
        self._dispatch.refuse_waiting()
        self._end_and_hear(self._workforce.places)
        if self._workforce.quarantine is not None:
            # Until now its guests could come to their end, or tell their owners how far they came.
            self._end_and_hear([self._workforce.quarantine])
        for place in self._workforce.places:
            if place.state is not State.AWAY:
                self._dispatch.worker_ended(place, is_stopping=True)

    def _end_and_hear(self, places: list[Place]) -> None:
        """Let workers end, and hear all of them until that is done or takes too long."""
        for place in places:
            if place.state is State.SERVING:
                self._end(place)
        ends_ns = self._clock.monotonic_ns() + self._workforce.ending_ns
        while any(place.state is not State.AWAY for place in places):
            if self._clock.monotonic_ns() > ends_ns:
                _log.warning("workers did not end in time")
                return
            self._hear(self._wait_inside(_WATCH_MS))
            self._gateway.flush()
