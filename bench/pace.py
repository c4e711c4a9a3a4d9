"""The open loop: requests sent at an even rate, whatever the replies do.

A latency counts from the moment at which its request was *due*: neither a late generator nor a server that stands still
can hide what a client would have met. Replies are matched by id, for a refusal overtakes what waits before it.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ujson

from actors.front.slices import ask_for_short_slices, ask_for_usual_slices
from bench.figures import quantile, tail_text
from bench.load import REPLY_TIMEOUT_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.peers import Peers

#: Requests that are due, sent one after the other, before what came meanwhile is taken in.
SENT_IN_A_ROW = 16


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
        peers: their connections.
        request: makes the bytes of client `index`'s request with the id `number`.
        rate: requests a second, of all clients together.
    """

    def __init__(self, peers: Peers, request: Callable[[int, int], bytes], rate: float) -> None:
        self._peers = peers
        self._request = request
        self._rate = rate

    def run(self, seconds: float) -> Stream:
        """Send for so long, then wait for the last replies.

        As the server does, the generator asks for short slices: clients are on other machines, and do not wait for a
        processor of the server's. What is started afterwards must not inherit them.
        """
        ask_for_short_slices()
        try:
            return self._run(seconds)
        finally:
            ask_for_usual_slices()

    def _run(self, seconds: float) -> Stream:
        stream = Stream(seconds)
        count = int(self._rate * seconds)
        due: dict[int, float] = {}
        begin = time.perf_counter()
        number = 0
        while number < count or due:
            now = time.perf_counter()
            next_due = begin + number / self._rate
            if number < count and now >= next_due:
                due[number] = next_due
                client = number % len(self._peers)
                self._peers.send(client, self._request(client, number))
                stream.late_ms = max(stream.late_ms, (now - next_due) * 1e3)
                number += 1
                if number % SENT_IN_A_ROW:
                    continue
            self._take(max(0.0, next_due - now) if number < count else REPLY_TIMEOUT_MS / 1e3, due, stream)
        return stream

    def _take(self, seconds: float, due: dict[int, float], stream: Stream) -> None:
        """Take in what comes, for so long at most."""
        if self._peers.wait(seconds):
            for reply in self._peers.received():
                now, message = time.perf_counter(), ujson.loads(reply)
                stream.take(message, (now - due.pop(message["id"])) * 1e3)
        elif seconds >= REPLY_TIMEOUT_MS / 1e3:
            raise TimeoutError(f"{len(due)} requests got no reply in {REPLY_TIMEOUT_MS} ms")
