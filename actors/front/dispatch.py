"""Dispatch: which worker gets a request, what becomes of it when that dies, and where the reply goes.

Understanding a request is the front's, so that garbage goes no further; who may do what is the workers'. A request that
names no session waits while its connection is just getting another one.

Thread: the front's.
"""

from functools import partial
from typing import TYPE_CHECKING, Final

from protocol import Failure, ReplyForm, Request, RequestError, decode, encode_request

from .answers import Answers
from .flights import CLAIMING, Flight, Flights
from .gathering import GATHERED, Gathering
from .held import Held
from .letters import head_frame
from .routes import LOCAL, path
from .workforce import Place, State

if TYPE_CHECKING:
    from ..clock import Clock
    from ..traffic.door import Incoming
    from ..traffic.gateway import Gateway
    from .exchange import Exchange
    from .routes import Whereabouts
    from .subscriptions import Subscriptions
    from .workforce import Workforce

_STOPPING: Final = Failure("Interrupted", "The server stops; nothing of this was done.")
_DIED: Final = Failure(
    "InternalError",
    "The worker died while it had this request; nobody knows whether it was done. With an op_id it can be asked again.",
)


class Dispatch:
    """The requests on their way.

    Attributes:
        answers: what is answered here.
    """

    def __init__(
        self,
        gateway: "Gateway",
        exchange: "Exchange",
        workforce: "Workforce",
        where: "Whereabouts",
        subscriptions: "Subscriptions",
        clock: "Clock",
    ) -> None:
        self._gateway = gateway
        self._exchange = exchange
        self._workforce = workforce
        self._where = where
        self._subscriptions = subscriptions
        self.answers = Answers(gateway, workforce, clock)
        self._flights = Flights(where.workers)
        self._claiming: dict[bytes, int] = {}
        self._held = Held()
        #: Connections whose peers are gone, with requests under way after which something is kept for them.
        self._departed: set[bytes] = set()
        self._bytes_max = workforce.settings.message_bytes_max

    # --- from the clients

    def take(self, incoming: "Incoming") -> None:
        """Serve one frame."""
        try:
            if incoming.refusal is not None:
                raise incoming.refusal
            request = decode(incoming.body, self._bytes_max)
        except RequestError as refusal:
            self.answers.garbage(incoming.envelope, refusal)
            return
        if request.operation in LOCAL:
            self.answers.serve(incoming, request)
        elif request.operation in GATHERED:
            self._gather(incoming, request)
        elif not self._must_wait(incoming.connection, request):
            self._route(incoming, request)
        elif (limit := self._held.full_limit()) is None:
            self._held.hold(incoming, request)
        else:
            self.answers.refuse(incoming.envelope, request, limit)

    def _must_wait(self, key: bytes, request: Request) -> bool:
        """Tell whether a request may mean the session that its connection is just getting."""
        return key in self._held or (
            key in self._claiming and request.operation not in CLAIMING and "session_id" not in request.parameters
        )

    def _route(self, incoming: "Incoming", request: Request) -> None:
        connection = self._gateway.connections.find(incoming.connection)
        workers = path(request, connection, self._where)
        limit = self._flights.full_limit(workers[0])
        if limit is not None:
            self.answers.refuse(incoming.envelope, request, limit)
            return
        flight = Flight(incoming.connection, incoming.envelope, incoming.body, request, workers)
        if flight.is_claiming:
            self._claiming[flight.connection] = self._claiming.get(flight.connection, 0) + 1
        self._give(flight)

    def _give(self, flight: Flight) -> None:
        """Give a request to its worker, now or when there is one."""
        self._flights.add(flight)
        place = self._workforce.places[flight.worker]
        if place.state is State.SERVING:
            self._send(place, flight)

    def _send(self, place: Place, flight: Flight) -> None:
        self._subscriptions.given(flight)
        flight.is_given = True
        head = head_frame(flight.number, flight.envelope, flight.connection)
        self._exchange.give(place.routing_id, head, flight.body)

    def _gather(self, incoming: "Incoming", request: Request) -> None:
        """Ask all workers, in a form of our own; without one that cannot be started there is no answer of all."""
        failing = next((place for place in self._workforce.places if self._workforce.is_failing(place)), None)
        if failing is not None:
            self.answers.answer(incoming.envelope, request, _failing(failing))
            return
        limits = [self._flights.full_limit(worker) for worker in range(self._where.workers)]
        if any(limits):
            self.answers.refuse(incoming.envelope, request, next(filter(None, limits)))
            return
        done = partial(self.answers.tell, incoming.envelope, request)
        gathering = Gathering(request.operation, self._where.workers, done)
        body = encode_request(request.operation, request.parameters, 0)
        for worker in range(self._where.workers):
            flight = Flight(incoming.connection, [], body, request, (worker,))
            flight.on_reply = partial(gathering.take, worker)
            self._give(flight)

    # --- from the workers

    def reply(self, number: int, body: bytes) -> None:
        """Carry a reply or an event to its client."""
        flight = self._flights.take(number)
        if flight is None:
            envelope = self._subscriptions.envelope(number)
            if envelope is not None:
                self._gateway.send(envelope, body)
            return
        self._finish(flight, body)

    def _finish(self, flight: Flight, body: bytes) -> None:
        """A flight has its reply."""
        if flight.on_reply is not None:
            flight.on_reply(body)
        else:
            self._gateway.send(flight.envelope, body)
        if flight.is_claiming:
            self._claimed(flight.connection)
        if self._departed and flight.connection in self._departed and not self.is_awaited(flight.connection):
            self._departed.remove(flight.connection)
            self._gateway.on_gone(flight.connection)

    def _claimed(self, key: bytes) -> None:
        """A request that may have got its connection a session is answered: let those go on that waited for it."""
        self._claiming[key] -= 1
        if self._claiming[key]:
            return
        del self._claiming[key]
        for incoming, request in self._held.release(key):
            if self._must_wait(key, request):
                self._held.hold(incoming, request)
            else:
                self._route(incoming, request)

    def elsewhere(self, number: int) -> None:
        """A worker handed a request on: the next of its path gets it."""
        flight = self._flights.take(number)
        if flight is not None:
            flight.path = flight.path[1:] or (self._where.of_anonymous,)
            flight.is_given = False
            self._give(flight)

    def worker_serves(self, place: Place) -> None:
        """A worker takes requests: give it what waited for it, and the subscriptions its predecessor had."""
        for flight in self._subscriptions.renewed(place.index):
            self._give(flight)
        for flight in self._flights.of_worker(place.index):
            if not flight.is_given:
                self._send(place, flight)

    def worker_ended(self, place: Place, *, is_stopping: bool) -> None:
        """A worker is dead: what it had is kept for the next one, or answered if that might do it twice.

        What a worker in good order left without an answer is stored, to go on; whoever asked is told by the next one,
        or by the next server.
        """
        for flight in self._flights.of_worker(place.index):
            # Each gets a new number, those that wait too, so that they stay in order.
            self._flights.take(flight.number)
            flight.attempts += flight.is_given and not place.is_finished
            if flight.on_reply is not None and self._workforce.is_failing(place):
                self._fail(flight, _failing(place))
            elif not flight.is_given or flight.may_repeat:
                flight.is_given = False
                self._flights.add(flight)
            else:
                self._fail(flight, _DIED)
        if is_stopping:
            self.refuse_waiting()

    def refuse_waiting(self) -> None:
        """The server stops: answer what no worker has, but for what has a key.

        Who has one asks the next server, as he does of one process alone: a worker that died or ended may have done it
        or stored it to go on, and he would take a failure for the outcome.
        """
        for incoming, request in self._held.release_all():
            if request.op_id is None:
                self.answers.answer(incoming.envelope, request, _STOPPING)
        for flight in self._flights:
            if not flight.is_given:
                self._flights.take(flight.number)
                if flight.request.op_id is None:
                    self._fail(flight, _STOPPING)

    def _fail(self, flight: Flight, failure: Failure) -> None:
        if flight.on_reply is None:  # a failure of one worker is counted when all have answered
            self.answers.note(flight.request, failure)
        form = ReplyForm(reply_id=0) if flight.on_reply is not None else flight.request.form
        self._finish(flight, self.answers.encoded(form, failure))

    # --- who leaves

    def is_awaited(self, key: bytes) -> bool:
        """Tell whether something comes that is kept for a connection; what it asked before it has that waits for it."""
        return key in self._claiming or self._flights.is_keeping(key)

    def gone(self, key: bytes) -> bool:
        """The peer of a connection is gone; what it asked is done all the same.

        Returns:
            Whether workers are to be told, because something was kept for it. If something still comes, its being gone
            is told anew after that.
        """
        if self.is_awaited(key):
            self._departed.add(key)
            return False
        is_known = self._gateway.connections.find(key) is not None
        self._gateway.connections.forget(key)
        return self._subscriptions.forget(key) or is_known


def _failing(place: Place) -> Failure:
    """Return what is answered for a place whose workers die one after the other."""
    return Failure("InternalError", f"Worker {place.index} cannot be kept alive; the server's log says why.")
