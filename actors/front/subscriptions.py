"""The subscriptions: which events go to whom, kept by the front so that they outlive the workers that send them.

The number of the request that began a subscription stands on all its events. When a worker is replaced, the front asks
the next one in the clients' names; the events between are lost, and their numbers show it.

Thread: the front's.
"""

from typing import Final

from ..limits import SERVER_LIMITS
from ..traffic.backlog import Frames
from .flights import Flight

_SUBSCRIBE: Final = "subscribe"
_OF_CONNECTION_MAX: Final = SERVER_LIMITS["subscriptions_max"].value


class Subscriptions:
    """All subscriptions."""

    def __init__(self) -> None:
        self._by_number: dict[int, Flight] = {}
        self._numbers: dict[bytes, dict[str | None, int]] = {}

    def given(self, flight: Flight) -> None:
        """A request goes to a worker; if it subscribes, its number will stand on events."""
        if flight.request.operation != _SUBSCRIBE:
            return
        of_connection = self._numbers.setdefault(flight.connection, {})
        token = flight.request.parameters.get("session_id")
        self._by_number.pop(of_connection.get(token, 0), None)
        of_connection[token] = flight.number
        self._by_number[flight.number] = flight
        if len(of_connection) > _OF_CONNECTION_MAX:
            self._by_number.pop(of_connection.pop(next(iter(of_connection))), None)

    def envelope(self, number: int) -> Frames | None:
        """Return what goes before an event of a subscription, None if nobody wants it any more."""
        flight = self._by_number.get(number)
        return None if flight is None else flight.envelope

    def renewed(self, worker: int) -> list[Flight]:
        """Return requests that begin the subscriptions of a worker's sessions anew; their replies are for nobody."""
        flights = []
        for old in self._by_number.values():
            if old.worker == worker:
                flight = Flight(old.connection, old.envelope, old.body, old.request, old.path)
                flight.on_reply = _ignore
                flights.append(flight)
        return flights

    def forget(self, connection: bytes) -> bool:
        """The peer of a connection is gone; answer whether it ever subscribed."""
        numbers = self._numbers.pop(connection, {})
        for number in numbers.values():
            self._by_number.pop(number, None)
        return bool(numbers)


def _ignore(_reply: bytes) -> None:
    """Nobody asked for it."""
