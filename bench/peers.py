"""Peers: many connections that speak the wire protocol of ZeroMQ themselves, as DEALER sockets do.

A generator that is late measures itself. With a library's sockets one core sends and takes in some 10,000 messages a
second, which is what the server under test does with the other; a peer is a bare TCP connection, at a third of that.

Source: ZMTP 3.0 (rfc.zeromq.org/spec/23), mechanism NULL.
"""

from __future__ import annotations

import select
import socket
from contextlib import suppress
from struct import Struct
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Signature, version 3.0, the mechanism's name in 20 bytes, not its server, filler.
_GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
#: The command by which a peer says what socket it is; flags and size go before it.
_READY = b"\x05READY\x0bSocket-Type\x00\x00\x00\x06DEALER"
_MORE, _LONG, _COMMAND = 1, 2, 4
_SHORT_MAX = 255
_SIZE = Struct(">Q")
#: The empty frame before each body.
_DELIMITER = bytes([_MORE, 0])
_READ_BYTES = 1 << 16
_CONNECT_S = 30


class Peer:
    """One connection.

    Attributes:
        descriptor: of its socket.
        unsent: what the system had no room for.
    """

    def __init__(self, endpoint: str) -> None:
        address = urlsplit(endpoint)
        self._socket = socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=_CONNECT_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.unsent = b""
        self._greet()
        self._socket.settimeout(0)
        self.descriptor = self._socket.fileno()

    def _greet(self) -> None:
        """Take part in the handshake, to the other's READY."""
        self._socket.sendall(_GREETING + bytes([_COMMAND, len(_READY)]) + _READY)
        while len(self._received) < len(_GREETING) + 2 or not self._is_ready():
            self._received += self._read()
        self._received = self._received[len(_GREETING) + 2 + self._received[len(_GREETING) + 1] :]

    def _is_ready(self) -> bool:
        command = self._received[len(_GREETING) :]
        return len(command) >= 2 + command[1]

    def _read(self) -> bytes:
        """Read what is there.

        Raises:
            ConnectionError: the other closed the connection.
            BlockingIOError: nothing is there.
        """
        read = self._socket.recv(_READ_BYTES)
        if not read:
            raise ConnectionError("the server closed a connection of the load generator")
        return read

    def send(self, body: bytes) -> None:
        """Send a message, or as much of it as there is room for; the rest goes before the next."""
        size = len(body)
        head = bytes([0, size]) if size <= _SHORT_MAX else bytes([_LONG]) + _SIZE.pack(size)
        self.unsent += _DELIMITER + head + body
        self.send_rest()

    def send_rest(self) -> None:
        """Send what there is room for."""
        with suppress(BlockingIOError):
            self.unsent = self.unsent[self._socket.send(self.unsent) :]

    def bodies(self) -> Iterator[bytes]:
        """Take in what came; iterate over the last frames of the messages."""
        try:
            received = self._received + self._read()
        except BlockingIOError:
            return
        at, size = 0, len(received)
        while at + 2 <= size:
            flags = received[at]
            begin = at + (1 + _SIZE.size if flags & _LONG else 2)
            if begin > size:
                break
            end = begin + (_SIZE.unpack_from(received, at + 1)[0] if flags & _LONG else received[at + 1])
            if end > size:
                break
            if not flags & (_MORE | _COMMAND):
                yield received[begin:end]
            at = end
        self._received = received[at:]

    def close(self) -> None:
        """Drop the connection."""
        self._socket.close()


class Peers:
    """`count` connections to one endpoint.

    Args:
        endpoint: the address, `tcp://host:port`.
        count: how many.
    """

    def __init__(self, endpoint: str, count: int) -> None:
        # One descriptor that tells of all, made before them: `select` takes only small ones.
        self._watch = select.epoll()
        self._peers = [Peer(endpoint) for _ in range(count)]
        self._by_descriptor = {peer.descriptor: peer for peer in self._peers}
        for peer in self._peers:
            self._watch.register(peer.descriptor, select.EPOLLIN)

    def __len__(self) -> int:
        return len(self._peers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for peer in self._peers:
            peer.close()
        self._watch.close()

    def send(self, index: int, body: bytes) -> None:
        """Send a message from one of them."""
        peer = self._peers[index]
        peer.send(body)
        if peer.unsent:
            self._watch.modify(peer.descriptor, select.EPOLLIN | select.EPOLLOUT)

    def wait(self, seconds: float) -> bool:
        """Wait until something came or can go, for so long at most; False if nothing did."""
        # `epoll` itself knows no less than a millisecond.
        return bool(select.select([self._watch], [], [], seconds)[0])

    def received(self) -> Iterator[bytes]:
        """Send what had to wait, and take in what came; iterate over the bodies."""
        for descriptor, events in self._watch.poll(0):
            peer = self._by_descriptor[descriptor]
            if events & select.EPOLLOUT:
                peer.send_rest()
                if not peer.unsent:
                    self._watch.modify(descriptor, select.EPOLLIN)
            if events & ~select.EPOLLOUT:
                yield from peer.bodies()
