"""The exchange: the front's socket to its workers, a ROUTER on a path in a directory of its own.

A worker is known by its name, which is its routing id and never given twice, so that nothing meant for a dead worker
reaches the next. Nothing waits here without bound: the front counts what it gives and what comes back (`flights.py`).

Thread: the front's.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import zmq

from ..backlog import Frames
from ..connections import Connections
from ..errors import StartError
from ..limits import SERVER_LIMITS
from .letters import CLAIM

_MESSAGES_PER_TICK: Final = SERVER_LIMITS["messages_per_tick_max"].value
_NOBLOCK: Final = int(zmq.NOBLOCK)
_NOBLOCK_AND_MORE: Final = int(zmq.NOBLOCK | zmq.SNDMORE)


def endpoint_in(directory: Path) -> str:
    """Return the address of the exchange."""
    return f"ipc://{directory / 'front'}"


class Exchange:
    """The socket."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", endpoint: str) -> None:
        """Make it.

        Raises:
            StartError: the path is too long, or cannot be written.
        """
        self.socket = context.socket(zmq.ROUTER)
        for option, value in ((zmq.LINGER, 0), (zmq.SNDHWM, 0), (zmq.RCVHWM, 0), (zmq.ROUTER_MANDATORY, 1)):
            self.socket.setsockopt(option, value)
        try:
            self.socket.bind(endpoint)
        except zmq.ZMQError as error:
            self.socket.close()
            raise StartError(f"The workers' socket {endpoint} cannot be made: {error.strerror}.") from error
        # As in the gateway: the methods beneath pyzmq's convenience layer, with flags as plain integers.
        self._receive_frame = super(zmq.Socket, self.socket).recv
        self._send_frame = super(zmq.Socket, self.socket).send

    def send(self, name: bytes, *frames: bytes) -> None:
        """Send to a worker; one that is dead does not get it, and its flights are seen to when that is known."""
        try:
            self._send_frame(name, _NOBLOCK_AND_MORE)
            for frame in frames[:-1]:
                self._send_frame(frame, _NOBLOCK_AND_MORE)
            self._send_frame(frames[-1], _NOBLOCK)
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise

    def receive(self) -> Iterator[tuple[bytes, Frames]]:
        """Yield names of workers and what they wrote, up to one tick's share."""
        receive = self._receive_frame
        for _ in range(_MESSAGES_PER_TICK):
            try:
                name = receive(_NOBLOCK)
            except zmq.Again:
                return
            number = receive(_NOBLOCK)
            # A letter without a number has as many frames as it needs; a reply has one more.
            yield name, [number, receive(_NOBLOCK)] if number else [number, *self.socket.recv_multipart(_NOBLOCK)]

    def receive_all(self) -> Iterator[tuple[bytes, Frames]]:
        """Yield all that is there: what a worker wrote before its end counts."""
        while self.socket.poll(0):
            yield from self.receive()

    def tell_claims(self, name: bytes, connections: Connections) -> None:
        """Tell a new worker what is remembered of all connections."""
        for connection in connections:
            for client_id, token in connection.tokens.items():
                self.send(name, b"", CLAIM, connection.key, client_id.encode(), token.encode())

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
