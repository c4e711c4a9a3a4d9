"""Large messages that ZeroMQ has and has not written to their peers yet: a bound on them in bytes.

ZeroMQ bounds what waits for a peer by the number of messages (`peer_queue_max`), and a thousand replies of megabytes
are gigabytes. So of a large message it is told when ZeroMQ is done with it, and a peer that has too much of them gets
no further message before; what is for it waits in the backlog, which is bounded in bytes.

Thread: the loop.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

from ..limits import SERVER_LIMITS

if TYPE_CHECKING:
    import zmq

#: A message from this size on is looked after; a queue full of smaller ones is 64 MB.
LARGE_BYTES: Final = SERVER_LIMITS["batch_bytes_max"].value
UNWRITTEN_BYTES_MAX: Final = SERVER_LIMITS["unwritten_bytes_max"].value


class Unwritten:
    """Large messages under way, by routing id."""

    def __init__(self) -> None:
        self._by_peer: dict[bytes, deque[tuple[zmq.MessageTracker, int]]] = {}

    def __len__(self) -> int:
        return len(self._by_peer)

    def add(self, routing_id: bytes, tracker: "zmq.MessageTracker", size_bytes: int) -> None:
        """A large message was given to ZeroMQ."""
        self._by_peer.setdefault(routing_id, deque()).append((tracker, size_bytes))

    def is_full(self, routing_id: bytes) -> bool:
        """Tell whether a peer has so much to take that it gets nothing more now."""
        waiting = self._by_peer.get(routing_id)
        if waiting is None:
            return False
        while waiting and waiting[0][0].done:
            waiting.popleft()
        if not waiting:
            del self._by_peer[routing_id]
        return sum(size_bytes for _, size_bytes in waiting) >= UNWRITTEN_BYTES_MAX

    def forget_written(self) -> None:
        """Forget what was written to peers that nothing more is for."""
        for routing_id in list(self._by_peer):
            self.is_full(routing_id)
