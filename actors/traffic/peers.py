"""Peers: the connections that are open at the gateway's socket, the bound on them, and who is gone.

ZeroMQ accepts whoever comes, until no descriptor is left; then its thread spins, and neither the store's files nor
anybody else can be opened. So connections are counted as its monitor tells of them, and one that is too many is shut
down. Its descriptor stays ZeroMQ's, which sees the end of the connection and lets go of it.

The monitor tells of descriptors, everybody else knows keys; which go together is written down with the first message of
a key. The end of a connection is often told before its last messages are read, and they are meant for what is
remembered of it. So its key is gone when all was read: when nothing is left to read, or when so much was read since
that nothing of it can be left, because ZeroMQ lets connections take turns.

A message whose descriptor was given to the next connection before it was read is taken for that one's; its key is gone
with that, or as soon as something is sent to it.

Thread: the loop.
"""

import os
import resource
from contextlib import suppress
from typing import Final

from ..limits import SERVER_LIMITS
from .connections import is_made_up, is_nameless, key_of_chosen, key_of_nameless

LIMIT: Final = "connections_max"
#: Descriptors kept for the store's files, ZeroMQ's own needs and those that are just being refused.
_RESERVED: Final = 512
#: Where the system allows few in all, this part of them is kept instead.
_RESERVED_PART: Final = 4
_UNTAKEN_MAX: Final = SERVER_LIMITS["untaken_max"].value


class Peers:
    """Which descriptors are connections now, and whose.

    Attributes:
        known: keys that sent something and are not gone.
        taken: messages taken from all; whoever takes them counts them here.
    """

    def __init__(self, connections_max: int) -> None:
        """Make it.

        Args:
            connections_max: how many there may be, the setting; what the system allows may be less.
        """
        self.known: set[bytes] = set()
        self.taken = 0
        self._accepted = 0
        #: Of each descriptor the number of the connection that has it, or had it last.
        self._numbers: dict[int, int] = {}
        self._keys: dict[int, tuple[bytes, ...]] = {}
        #: Keys whose connection is closed, and how many messages were taken by then, the first to close first.
        self._leaving: dict[bytes, int] = {}
        self._maximum = min(connections_max, _reachable())

    def __len__(self) -> int:
        return len(self._keys)

    def accepted(self, descriptor: int) -> bool:
        """A connection is there; False if it is one too many, and is shut down."""
        self._accepted += 1
        self._numbers[descriptor] = self._accepted
        self._keys[descriptor] = ()
        if len(self._keys) <= self._maximum:
            return True
        _shut_down(descriptor)
        return False

    def closed(self, descriptor: int) -> None:
        """A connection is closed."""
        for key in self._keys.pop(descriptor, ()):
            if key in self.known:
                self.leave(key)

    def key_of(self, routing_id: bytes, descriptor: int) -> bytes:
        """Return the key of a peer, by the descriptor that a message of it came over."""
        if is_made_up(routing_id):
            return routing_id
        return key_of_chosen(routing_id, self._numbers.get(descriptor, 0))

    def meet(self, key: bytes, descriptor: int) -> None:
        """A key sends its first message over a connection, which may be closed by now."""
        self.known.add(key)
        if descriptor in self._keys:
            self._keys[descriptor] += (key,)
        else:
            self.leave(key)

    def leave(self, key: bytes) -> None:
        """A key's connection is closed; what it sent may still be there to be read."""
        self._leaving.setdefault(key, self.taken)

    def unreachable(self, routing_id: bytes) -> None:
        """Something cannot be sent: the only news of the end of a connection that ZeroMQ tells nothing else of."""
        if routing_id in self.known:
            self.leave(routing_id)
        elif is_made_up(routing_id):
            self.leave(key_of_nameless(routing_id))

    @property
    def has_leaving(self) -> bool:
        """Whether anybody's connection is closed who is not gone."""
        return bool(self._leaving)

    def is_open(self, key: bytes) -> bool:
        """Tell whether a key that sent something has its connection still, as far as that can be told."""
        return (key in self.known and key not in self._leaving) or is_nameless(key)

    def gone(self, *, is_all_read: bool) -> list[bytes]:
        """Return the keys that are gone since the last time.

        Args:
            is_all_read: whether there was nothing left to read after the last `closed`.
        """
        gone = []
        read_before = self.taken - _UNTAKEN_MAX * (len(self._keys) + 1)
        for key, at in self._leaving.items():
            if not is_all_read and at > read_before:
                break
            gone.append(key)
        for key in gone:
            self.known.discard(key)
            del self._leaving[key]
        return gone


def _reachable() -> int:
    """Return how many connections the process's descriptors are enough for."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        soft = os.sysconf("SC_OPEN_MAX")
    return max(1, soft - min(_RESERVED, soft // _RESERVED_PART))


def _shut_down(descriptor: int) -> None:
    """End a connection, if the descriptor is still one; a flood may have left none to do that with."""
    with suppress(OSError, ImportError):
        import socket  # noqa: PLC0415 - it takes a twentieth of a start, and few servers refuse anybody

        copy = os.dup(descriptor)
        try:
            connection = socket.socket(fileno=copy)
        except OSError:
            os.close(copy)  # it is another file by now
            return
        with connection:
            connection.shutdown(socket.SHUT_RDWR)
