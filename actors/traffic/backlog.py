"""Replies for peers that read slower than they ask: kept for a while, within bounds, in order.

ZeroMQ refuses a message for a peer whose queue is full. The reply then waits here and is tried again; a peer that
lets more than its share pile up loses what comes after (it will ask again, and exactly-once gives it the stored
reply), and the bound that it passed is told.

Thread: the loop.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from ..limits import SERVER_LIMITS

TOTAL_BYTES_MAX: Final = SERVER_LIMITS["total_bytes_max"].value
#: What a waiting message costs beside its bytes.
_OVERHEAD_BYTES: Final = 200
_MIB: Final = 1024 * 1024

Frames = list[bytes]


class Backlog:
    """Messages that could not be sent yet, by routing id."""

    def __init__(self, unread_mb: int) -> None:
        """Make it.

        Args:
            unread_mb: what may wait for one peer, the setting.
        """
        self._peer_bytes_max = unread_mb * _MIB
        self._waiting: dict[bytes, deque[Frames]] = {}
        self._bytes: dict[bytes, int] = {}
        self._total_bytes = 0
        self.dropped = 0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def holds(self, routing_id: bytes) -> bool:
        """Whether messages wait for this peer, so that further ones must wait behind them."""
        return routing_id in self._waiting

    def add(self, frames: Frames) -> str | None:
        """Keep a message; if there is no room it is dropped, and the name of the bound answered."""
        size = _size_of(frames)
        waiting_bytes = self._bytes.get(frames[0], 0)
        is_peer_full = waiting_bytes + size > self._peer_bytes_max
        if is_peer_full or self._total_bytes + size > TOTAL_BYTES_MAX:
            self.dropped += 1
            return "unread_mb" if is_peer_full else "total_bytes_max"
        self._waiting.setdefault(frames[0], deque()).append(frames)
        self._bytes[frames[0]] = waiting_bytes + size
        self._total_bytes += size
        return None

    def retry(self, send: Callable[[Frames], bool]) -> None:
        """Try to send what waits; `send` answers False while the peer's queue is full."""
        for routing_id in list(self._waiting):
            queue = self._waiting[routing_id]
            while queue and send(queue[0]):
                self._left(routing_id, queue.popleft())
            if not queue:
                self.forget(routing_id)

    def _left(self, routing_id: bytes, frames: Frames) -> None:
        """A message waits no more; `send` may have told that its peer is gone, for which nothing is counted then."""
        if routing_id in self._bytes:
            self._bytes[routing_id] -= _size_of(frames)
            self._total_bytes -= _size_of(frames)

    def forget(self, routing_id: bytes) -> None:
        """Drop what waits for a peer: it was all sent, or the peer is gone."""
        self._waiting.pop(routing_id, None)
        self._total_bytes -= self._bytes.pop(routing_id, 0)


def _size_of(frames: Frames) -> int:
    return _OVERHEAD_BYTES + sum(map(len, frames))
