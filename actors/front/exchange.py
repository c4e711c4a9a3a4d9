"""The exchange: the front's connections to its workers, which come to a path in a directory of its own.

A worker is known by its name, which is never given twice, so that nothing meant for a dead worker reaches the next.
Nothing waits here without bound: the front counts what it gives and what comes back (`flights.py`).

Thread: the front's.
"""

import selectors
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..errors import StartError
from ..traffic.connections import Connections
from .letters import CLAIM, HELLO, frames_of, letter
from .stream import Pair, Stream

_READ: Final = selectors.EVENT_READ
_READ_AND_WRITE: Final = selectors.EVENT_READ | selectors.EVENT_WRITE


def path_in(directory: Path) -> str:
    """Return the path of the exchange."""
    return str(directory / "front")


class Exchange:
    """The connections."""

    def __init__(self, path: str) -> None:
        """Wait for workers at a path.

        Raises:
            StartError: the path is too long, or cannot be written.
        """
        self._listener = socket.socket(socket.AF_UNIX)
        try:
            self._listener.bind(path)
            self._listener.listen()
        except OSError as error:
            self._listener.close()
            raise StartError(f"The workers' socket {path} cannot be made: {error.strerror or error}.") from error
        self._listener.setblocking(False)  # noqa: FBT003 - the function takes no name
        #: One descriptor that tells of all of them.
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, _READ)
        #: Connections of workers that serve, by name; the others have not said hello.
        self._streams: dict[bytes, Stream] = {}
        #: Connections that were given something in this tick.
        self._given: set[Stream] = set()

    def fileno(self) -> int:
        """Return the descriptor that can be read when there is something to do."""
        return self._selector.fileno()

    def tell(self, name: bytes, *frames: bytes) -> None:
        """Write a letter to a worker, after the requests it was given before."""
        self.give(name, b"", letter(*frames))

    def give(self, name: bytes, head: bytes, body: bytes) -> None:
        """Give a request to a worker, with the others of this tick.

        One that is dead does not get it, and its flights are seen to when that is known.
        """
        stream = self._streams.get(name)
        if stream is not None:
            self._given.add(stream)
            if stream.add(head, body):
                self._send(stream)

    def flush(self) -> None:
        """Send what workers were given in this tick."""
        while self._given:
            self._send(self._given.pop())

    def _send(self, stream: Stream) -> None:
        """Send as much as there is room for, the rest when there is again."""
        had_unsent = stream.has_unsent
        try:
            stream.send_some()
        except OSError:
            return  # it is gone, which is seen when it is read
        if stream.has_unsent != had_unsent:
            self._selector.modify(stream, _READ_AND_WRITE if stream.has_unsent else _READ, stream)

    def receive(self) -> Iterator[tuple[bytes, list[Pair]]]:
        """Yield names of workers and what they wrote, of each a share."""
        for key, events in self._selector.select(0):
            if key.data is None:
                self._accept()
                continue
            if events & selectors.EVENT_WRITE:
                self._send(key.data)
            if events & selectors.EVENT_READ:
                yield self._read(key.data)

    def receive_all(self) -> Iterator[tuple[bytes, list[Pair]]]:
        """Yield all that is there: what a worker wrote before its end counts."""
        while any(events & selectors.EVENT_READ for _, events in self._selector.select(0)):
            yield from self.receive()

    def _accept(self) -> None:
        """Let a worker in, whose name comes with its first letter."""
        stream = Stream(self._listener.accept()[0])
        self._selector.register(stream, _READ, stream)

    def _read(self, stream: Stream) -> tuple[bytes, list[Pair]]:
        """Return a worker's name and what it wrote."""
        pairs = stream.receive()
        if pairs is None:
            self._forget(stream)
            return b"", []
        if stream.name == b"" and pairs:
            kind, stream.name, *_ = frames_of(pairs[0][1])
            assert kind == HELLO, "the first that a worker says is who it is"
            self._streams[stream.name] = stream
        return stream.name, pairs

    def _forget(self, stream: Stream) -> None:
        self._selector.unregister(stream)
        self._streams.pop(stream.name, None)
        stream.close()

    def tell_claims(self, name: bytes, connections: Connections) -> None:
        """Tell a new worker what is remembered of all connections."""
        for connection in connections:
            for client_id, token in connection.tokens.items():
                self.tell(name, CLAIM, connection.key, client_id.encode(), token.encode())

    def close(self) -> None:
        """Let all workers go."""
        for key in list(self._selector.get_map().values()):
            if key.data is not None:
                self._forget(key.data)
        self._selector.close()
        self._listener.close()
