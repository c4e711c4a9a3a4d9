"""The flights: requests that were given to workers, or wait for one, and are not answered yet.

A request that was with a worker when that died is given to the next one if that can do no harm: it changes nothing, or
it has an `op_id`, under which what the dead one committed is found. Any other is answered that nobody knows.

Thread: the front's.
"""

from collections.abc import Callable, Iterator
from typing import Final

from protocol import OPERATIONS, Request

from ..limits import SERVER_LIMITS
from ..traffic.backlog import Frames

FLIGHTS_MAX: Final = SERVER_LIMITS["flights_max"].value
FLIGHT_BYTES_MAX: Final = SERVER_LIMITS["waiting_bytes_max"].value
ATTEMPTS_MAX: Final = SERVER_LIMITS["attempts_max"].value


class Flight:
    """One request on its way.

    Attributes:
        connection: key of the connection it came over.
        envelope: what goes before the reply; empty for a request of the front's own.
        body: its bytes.
        request: what it asks.
        path: the workers to try, in order; the first of them has it now.
        number: under which its worker knows it, 0 before it was given to one.
        attempts: how many workers died while they had it.
        is_given: whether its worker has it.
        on_reply: takes its reply in place of the client.
    """

    __slots__ = ("attempts", "body", "connection", "envelope", "is_given", "number", "on_reply", "path", "request")

    def __init__(
        self, connection: bytes, envelope: Frames, body: bytes, request: Request, path: tuple[int, ...]
    ) -> None:
        self.connection = connection
        self.envelope = envelope
        self.body = body
        self.request = request
        self.path = path
        self.number = 0
        self.attempts = 0
        self.is_given = False
        self.on_reply: Callable[[bytes], None] | None = None

    @property
    def worker(self) -> int:
        """The worker that has it or will have it."""
        return self.path[0]

    @property
    def is_claiming(self) -> bool:
        """Whether its connection may stand for another session when it is answered."""
        return self.request.operation in CLAIMING

    @property
    def is_keeping(self) -> bool:
        """Whether something may be kept for its connection when it is answered."""
        return self.request.operation in _KEEPING

    @property
    def may_repeat(self) -> bool:
        """Whether it may be given to another worker after one had it."""
        if self.attempts >= ATTEMPTS_MAX:
            return False
        return self.request.op_id is not None or not OPERATIONS[self.request.operation].mutates


#: Operations after which requests that name no session may mean another one.
CLAIMING: Final = frozenset({"create_session", "restore_session"})
_KEEPING: Final = CLAIMING | {"subscribe"}


def limit_of(count: int, size_bytes: int) -> str | None:
    """Return the name of the bound that so many requests have reached, None if there is room for more."""
    if count >= FLIGHTS_MAX:
        return "flights_max"
    return "waiting_bytes_max" if size_bytes >= FLIGHT_BYTES_MAX else None


class Flights:
    """All flights, by worker; each worker's in the order they came."""

    def __init__(self, workers: int) -> None:
        self._by_worker: list[dict[int, Flight]] = [{} for _ in range(workers)]
        self._worker_of: dict[int, int] = {}
        self._last_number = 0
        self._keeping: dict[bytes, int] = {}
        self._bytes = [0] * workers

    def __len__(self) -> int:
        return len(self._worker_of)

    def full_limit(self, worker: int) -> str | None:
        """Return the bound for which no further request should be taken for a worker, None if one may be."""
        return limit_of(len(self._by_worker[worker]), self._bytes[worker])

    def add(self, flight: Flight) -> None:
        """Take a flight in, under a new number."""
        self._last_number += 1
        flight.number = self._last_number
        self._by_worker[flight.worker][flight.number] = flight
        self._worker_of[flight.number] = flight.worker
        self._bytes[flight.worker] += len(flight.body)
        if flight.is_keeping:
            self._keeping[flight.connection] = self._keeping.get(flight.connection, 0) + 1

    def take(self, number: int) -> Flight | None:
        """Let a flight go; None if there is none of this number."""
        worker = self._worker_of.pop(number, None)
        if worker is None:
            return None
        flight = self._by_worker[worker].pop(number)
        self._bytes[worker] -= len(flight.body)
        if flight.is_keeping:
            self._keeping[flight.connection] -= 1
            if not self._keeping[flight.connection]:
                del self._keeping[flight.connection]
        return flight

    def is_keeping(self, connection: bytes) -> bool:
        """Tell whether a request is under way after which something is kept for a connection."""
        return connection in self._keeping

    def of_worker(self, worker: int) -> list[Flight]:
        """Return a worker's flights."""
        return list(self._by_worker[worker].values())

    def __iter__(self) -> Iterator[Flight]:
        for flights in self._by_worker:
            yield from list(flights.values())
