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
from .letters import CLAIM, Batch

_BATCHES_PER_TICK: Final = SERVER_LIMITS["messages_per_tick_max"].value // SERVER_LIMITS["batch_pairs_max"].value
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
        #: Requests of this tick, by the worker they are for.
        self._batches: dict[bytes, Batch] = {}
        # As in the gateway: the methods beneath pyzmq's convenience layer, with flags as plain integers.
        self._receive_frame = super(zmq.Socket, self.socket).recv
        self._send_frame = super(zmq.Socket, self.socket).send

    def give(self, name: bytes, head: bytes, body: bytes) -> None:
        """Give a request to a worker, with the others of this tick."""
        batch = self._batches.get(name)
        if batch is None:
            batch = self._batches[name] = Batch()
        if batch.add(head, body):
            self._send(name, batch.take())

    def flush(self) -> None:
        """Send the requests of this tick."""
        for name, batch in self._batches.items():
            if batch:
                self._send(name, batch.take())
        self._batches.clear()

    def tell(self, name: bytes, *letter: bytes) -> None:
        """Send a letter to a worker, after the requests it was given before."""
        self.flush()
        self._send(name, b"", *letter)

    def _send(self, name: bytes, *frames: bytes) -> None:
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
        """Yield names of workers and what they wrote, a batch or a letter, up to one tick's share."""
        receive = self._receive_frame
        for _ in range(_BATCHES_PER_TICK):
            try:
                name = receive(_NOBLOCK)
            except zmq.Again:
                return
            batch = receive(_NOBLOCK)
            # A letter begins with an empty frame and has as many as it needs.
            yield name, [batch] if batch else [batch, *self.socket.recv_multipart(_NOBLOCK)]

    def receive_all(self) -> Iterator[tuple[bytes, Frames]]:
        """Yield all that is there: what a worker wrote before its end counts."""
        while self.socket.poll(0):
            yield from self.receive()

    def tell_claims(self, name: bytes, connections: Connections) -> None:
        """Tell a new worker what is remembered of all connections."""
        for connection in connections:
            for client_id, token in connection.tokens.items():
                self.tell(name, CLAIM, connection.key, client_id.encode(), token.encode())

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()
