"""What the server remembers of a connection: the session it last created or restored, and the clients it spoke for.

A connection is known by a key that its peer cannot choose: the routing id that ZeroMQ made up for it. A peer may also
choose its routing id itself; the next peer may then choose the same one, so the number of the connection is made part
of the key. A connection is forgotten when its peer is gone (`peers.py`). A routing id never proves who somebody is.

Thread: the loop.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Final

from ..limits import SERVER_LIMITS

CONNECTIONS_MAX: Final = SERVER_LIMITS["connections_remembered_max"].value
CLIENTS_PER_CONNECTION_MAX: Final = SERVER_LIMITS["clients_per_connection_max"].value
_NUMBER_BYTES: Final = 8
#: Bytes of a routing id that ZeroMQ made up.
_MADE_UP_BYTES: Final = 5


class Connection:
    """One connection.

    Attributes:
        key: see the module.
        client_id: the client it last created or restored a session for, None for none.
        tokens: public id of the session last created or restored over it, by client.
    """

    __slots__ = ("client_id", "key", "tokens")

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.client_id: str | None = None
        self.tokens: dict[str, str] = {}

    def claim(self, client_id: str, token: str) -> None:
        """Remember that a session was created or restored over this connection in a client's name."""
        self.client_id = client_id
        self.tokens[client_id] = token
        if len(self.tokens) > CLIENTS_PER_CONNECTION_MAX:
            del self.tokens[next(iter(self.tokens))]

    def token(self, named: str | None) -> str | None:
        """Return the session meant by a request that names none, None if there is no such session.

        Args:
            named: the client the request names, None if it names none.
        """
        client_id = self.client_id if named is None else named
        return None if client_id is None else self.tokens.get(client_id)


class Connections:
    """All connections that have something to remember."""

    def __init__(self, make: Callable[[bytes], Connection] = Connection) -> None:
        """Make it.

        Args:
            make: makes the connection of a key.
        """
        self._make = make
        self._by_key: OrderedDict[bytes, Connection] = OrderedDict()

    def __len__(self) -> int:
        return len(self._by_key)

    def __iter__(self) -> Iterator[Connection]:
        return iter(list(self._by_key.values()))

    def find(self, key: bytes) -> Connection | None:
        """Return the connection of a key, None if there is nothing to remember about it."""
        return self._by_key.get(key)

    def remember(self, key: bytes) -> Connection:
        """Return the connection of a key, new if it was not known."""
        connection = self._by_key.get(key)
        if connection is None:
            connection = self._by_key[key] = self._make(key)
            if len(self._by_key) > CONNECTIONS_MAX:
                self._by_key.popitem(last=False)
        else:
            self._by_key.move_to_end(key)
        return connection

    def forget(self, key: bytes) -> None:
        """The peer is gone."""
        self._by_key.pop(key, None)


def is_made_up(routing_id: bytes) -> bool:
    """Tell whether ZeroMQ made a routing id up: it starts with a zero byte then, and a chosen one must not."""
    return routing_id[0] == 0


def key_of_nameless(routing_id: bytes) -> bytes:
    """Return the key of a peer of whose connection ZeroMQ tells nothing but a routing id that it made up."""
    return routing_id + b"\0"


def is_nameless(key: bytes) -> bool:
    """Tell whether `key_of_nameless` made a key."""
    return is_made_up(key) and len(key) > _MADE_UP_BYTES


def key_of_chosen(routing_id: bytes, number: int) -> bytes:
    """Return the key of a peer that chose its routing id itself, which no key is that was made up.

    Args:
        routing_id: what it chose.
        number: of its connection; none has that of another.
    """
    return routing_id + b"\0" + number.to_bytes(_NUMBER_BYTES, "big")
