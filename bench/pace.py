"""The open loop: requests sent at an even rate, whatever the replies do.

A latency counts from the moment at which its request was *due*: neither a late generator nor a server that stands still
can hide what a client would have met. Replies are matched by id, for a refusal overtakes what waits before it.
"""

from __future__ import annotations

import select
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ujson
import zmq

from bench.figures import quantile, tail_text
from bench.load import REPLY_TIMEOUT_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.load import Clients


@dataclass
class Stream:
    """What became of a stream: latencies in milliseconds of what was answered, and of what was refused, by error."""

    seconds: float
    answered: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    #: How much later than due the last bytes of a request were handed over, at worst.
    late_ms: float = 0.0

    def __str__(self) -> str:
        return tail_text(self.answered) if self.answered else "nothing answered"

    def ms(self, share: float) -> float:
        """The latency below which that share of what was answered lies."""
        return quantile(self.answered, share)

    @property
    def refused_share(self) -> float:
        """Part of the requests that got an error, 0 to 1."""
        return len(self.refused) / (len(self.refused) + len(self.answered))

    def take(self, message: dict[str, Any], took_ms: float) -> None:
        """Count a reply; what comes back from an echo has no status, and was answered."""
        if message.get("status") == "error":
            self.errors[str(message["error_type"])] += 1
            self.refused.append(took_ms)
        else:
            self.answered.append(took_ms)


class Pace:
    """Sends requests of some clients in turn at a rate.

    Args:
        clients: connected clients.
        request: makes the bytes of client `index`'s request with the id `number`.
        rate: requests a second, of all clients together.
    """

    def __init__(self, clients: Clients, request: Callable[[int, int], bytes], rate: float) -> None:
        self._sockets = clients.sockets
        self._request = request
        self._rate = rate
        self._watch = clients.watch
        self._socket_of = {socket.fd: socket for socket in self._sockets}

    def run(self, seconds: float) -> Stream:
        """Send for so long, then wait for the last replies."""
        stream = Stream(seconds)
        count = int(self._rate * seconds)
        due: dict[int, float] = {}
        begin = time.perf_counter()
        number = 0
        while number < count or due:
            now = time.perf_counter()
            next_due = begin + number / self._rate
            if number < count and now >= next_due:
                socket = self._sockets[number % len(self._sockets)]
                due[number] = next_due
                socket.send_multipart([b"", self._request(number % len(self._sockets), number)])
                stream.late_ms = max(stream.late_ms, (now - next_due) * 1e3)
                number += 1
                # Sending may swallow the signal that something came in.
                self._drain(socket, due, stream)
                continue
            self._wait(next_due - now if number < count else REPLY_TIMEOUT_MS / 1e3, due, stream)
        return stream

    def _wait(self, seconds: float, due: dict[int, float], stream: Stream) -> None:
        """Take in what comes, for so long at most; waiting by `select` alone knows less than a millisecond."""
        if not select.select([self._watch], [], [], seconds)[0]:
            if seconds >= REPLY_TIMEOUT_MS / 1e3:
                raise TimeoutError(f"{len(due)} requests got no reply in {REPLY_TIMEOUT_MS} ms")
            return
        for descriptor, _ in self._watch.poll(0):
            self._drain(self._socket_of[descriptor], due, stream)

    def _drain(self, socket: zmq.Socket[bytes], due: dict[int, float], stream: Stream) -> None:
        """Take in all that a socket has; only then its descriptor is quiet again."""
        while True:
            try:
                reply = socket.recv_multipart(zmq.NOBLOCK)[-1]
            except zmq.Again:
                return
            now, message = time.perf_counter(), ujson.loads(reply)
            stream.take(message, (now - due.pop(message["id"])) * 1e3)
