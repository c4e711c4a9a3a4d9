"""The load generator: N DEALER clients in one thread, each with one request in flight (a closed loop).

An even stream of requests, whatever the replies do (an open loop), is in `pace.py`.

The generator costs about as much per message as the echo reference does; figures are therefore read as ratios to the
echo driven by this same generator.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zmq

from bench.figures import quantile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: Longest wait for one reply before a run counts as hung, in milliseconds.
REPLY_TIMEOUT_MS = 30_000
#: Requests on their way at a time on a connection that does not wait for each reply.
WINDOW = 64


@dataclass(frozen=True)
class Load:
    """What one run gave: rate in requests a second and latencies in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float
    samples: int

    def __str__(self) -> str:
        return f"{self.rate:,.0f}/s p50 {self.p50_ms:.2f} p99 {self.p99_ms:.2f} ms"


class Clients:
    """`count` connected DEALER sockets.

    Args:
        endpoint: the server's address.
        count: how many clients.

    Attributes:
        sockets: a socket for each client.
    """

    def __init__(self, endpoint: str, count: int) -> None:
        self.context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self.context.set(zmq.MAX_SOCKETS, max(count + 1, self.context.get(zmq.MAX_SOCKETS)))
        self.sockets = [self._connect(endpoint) for _ in range(count)]

    def _connect(self, endpoint: str) -> zmq.Socket[bytes]:
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        socket.connect(endpoint)
        return socket

    def close(self) -> None:
        """Drop every connection."""
        self.context.destroy(linger=0)

    def ask(self, index: int, request: bytes) -> bytes:
        """One request on one client, waiting for its reply."""
        self.sockets[index].send_multipart([b"", request])
        return self.received(index)

    def received(self, index: int) -> bytes:
        """The next reply on one client."""
        socket = self.sockets[index]
        if not socket.poll(REPLY_TIMEOUT_MS):
            raise TimeoutError(f"client {index} got no reply in {REPLY_TIMEOUT_MS} ms")
        return socket.recv_multipart()[-1]

    def pipelined(self, requests: Iterable[bytes]) -> Iterator[bytes]:
        """Send requests on the first connection, some ahead; iterate over the replies in the order they come."""
        under_way = 0
        for request in requests:
            if under_way >= WINDOW:
                yield self.received(0)
                under_way -= 1
            self.sockets[0].send_multipart([b"", request])
            under_way += 1
        for _ in range(under_way):
            yield self.received(0)

    def run(self, request: Callable[[int, int], bytes], seconds: float, *, warm_up_s: float = 1.0) -> Load:
        """Keep every client busy for `seconds`.

        Args:
            request: makes the bytes of client `index`'s `turn`-th request.
            seconds: length of the counted part.
            warm_up_s: length of the uncounted part before it.
        """
        poller = zmq.Poller()
        index_of = {}
        sent_at = [0.0] * len(self.sockets)
        turns = [0] * len(self.sockets)
        clock = time.perf_counter
        for index, socket in enumerate(self.sockets):
            poller.register(socket, zmq.POLLIN)
            index_of[socket] = index
            sent_at[index] = clock()
            socket.send_multipart([b"", request(index, 0)])
        begin = clock() + warm_up_s
        end = begin + seconds
        latencies: list[float] = []
        now = clock()
        while now < end:
            ready = poller.poll(REPLY_TIMEOUT_MS)
            if not ready:
                raise TimeoutError(f"no client got a reply in {REPLY_TIMEOUT_MS} ms")
            for socket, _ in ready:
                socket.recv_multipart()
                now = clock()
                index = index_of[socket]
                if now >= begin:
                    latencies.append((now - sent_at[index]) * 1e3)
                turns[index] += 1
                sent_at[index] = now
                socket.send_multipart([b"", request(index, turns[index])])
        for socket in self.sockets:
            if socket.poll(REPLY_TIMEOUT_MS):
                socket.recv_multipart()
        return Load(len(latencies) / seconds, quantile(latencies, 0.5), quantile(latencies, 0.99), len(latencies))
