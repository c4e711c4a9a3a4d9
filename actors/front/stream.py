"""A stream: one end of the connection between the front and a worker, a Unix socket that carries pairs of bytes.

The two loops write and read it themselves. A socket of ZeroMQ has a thread at either end, and on a machine whose cores
compute, each of these four waits for a processor of its own for every message; a reply waited for the very evaluation
that went on after it.

What was written before an end is read before the end is, so a dead worker's last words need no waiting for.

Thread: the loop of the process that has this end.
"""

import socket
from struct import Struct
from typing import Final

from ..limits import SERVER_LIMITS

#: Before each pair: the lengths of its two parts, each less than 4 GB as every message is.
_LENGTHS: Final = Struct(">II")
_BATCH_PAIRS_MAX: Final = SERVER_LIMITS["batch_pairs_max"].value
_BATCH_BYTES_MAX: Final = SERVER_LIMITS["batch_bytes_max"].value

Pair = tuple[bytes, bytes]


class Stream:
    """One end.

    Attributes:
        name: of the worker, empty before it is known.
    """

    def __init__(self, end: socket.socket) -> None:
        self.name = b""
        self._socket = end
        self._parts: list[bytes] = []
        self._pairs = self._size_bytes = 0
        self._unsent = memoryview(b"")
        self._received = bytearray()

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def add(self, first: bytes, second: bytes) -> bool:
        """Let a pair go with the next sending; tell whether so much waits that it should be now."""
        self._parts += (_LENGTHS.pack(len(first), len(second)), first, second)
        self._pairs += 1
        self._size_bytes += len(second)
        return self._pairs >= _BATCH_PAIRS_MAX or self._size_bytes >= _BATCH_BYTES_MAX

    def send_all(self) -> None:
        """Send what waits, and wait for the other end to read if there is no room.

        Raises:
            OSError: the other end is gone.
        """
        if self._parts:
            self._socket.sendall(self._taken())

    def send_some(self) -> None:
        """Send as much of what waits as there is room for.

        Raises:
            OSError: the other end is gone.
        """
        try:
            while self._unsent or self._parts:
                self._unsent = self._unsent or memoryview(self._taken())
                self._unsent = self._unsent[self._socket.send(self._unsent, socket.MSG_DONTWAIT) :]
        except BlockingIOError:
            return

    @property
    def has_unsent(self) -> bool:
        """Whether the socket had no room for all that was to go."""
        return bool(self._unsent)

    def _taken(self) -> bytes:
        taken = b"".join(self._parts)
        self._parts.clear()
        self._pairs = self._size_bytes = 0
        return taken

    def receive(self) -> list[Pair] | None:
        """Return pairs that are there, a batch of them or a larger one; None if the other end is gone."""
        while True:
            try:
                data = self._socket.recv(_BATCH_BYTES_MAX, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return []
            except ConnectionError:
                return None
            if not data:
                return None
            self._received += data
            pairs = self._whole_pairs()
            if pairs or len(data) < _BATCH_BYTES_MAX:
                return pairs

    def _whole_pairs(self) -> list[Pair]:
        """Take the pairs that are whole out of what was received."""
        pairs = []
        at, size = 0, len(self._received)
        with memoryview(self._received) as view:
            while size - at >= _LENGTHS.size:
                first_length, second_length = _LENGTHS.unpack_from(view, at)
                begin = at + _LENGTHS.size
                second_at = begin + first_length
                end = second_at + second_length
                if end > size:
                    break
                pairs.append((bytes(view[begin:second_at]), bytes(view[second_at:end])))
                at = end
        del self._received[:at]
        return pairs

    def close(self) -> None:
        """Let the other end go."""
        self._socket.close()
