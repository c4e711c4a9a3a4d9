"""Peers: the connections that are open at the gateway's socket, and the bound on them.

ZeroMQ accepts whoever comes, until no descriptor is left; then its thread spins, and neither the store's files nor
anybody else can be opened. So connections are counted as its monitor tells of them, and one that is too many is shut
down. Its descriptor stays ZeroMQ's, which sees the end of the connection and lets go of it.

Thread: the loop.
"""

import os
import resource
from contextlib import suppress
from typing import Final

LIMIT: Final = "connections_max"
#: Descriptors kept for the store's files, ZeroMQ's own needs and those that are just being refused.
_RESERVED: Final = 512
#: Where the system allows few in all, this part of them is kept instead.
_RESERVED_PART: Final = 4


class Peers:
    """Which descriptors are connections now."""

    def __init__(self, connections_max: int) -> None:
        """Make it.

        Args:
            connections_max: how many there may be, the setting; what the system allows may be less.
        """
        self._open: set[int] = set()
        self._maximum = min(connections_max, _reachable())

    def __len__(self) -> int:
        return len(self._open)

    def accepted(self, descriptor: int) -> bool:
        """A connection is there; False if it is one too many, and is shut down."""
        self._open.add(descriptor)
        if len(self._open) <= self._maximum:
            return True
        _shut_down(descriptor)
        return False

    def closed(self, descriptor: int) -> None:
        """A connection is closed."""
        self._open.discard(descriptor)


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
