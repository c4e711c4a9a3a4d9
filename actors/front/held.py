"""Held: requests that wait until their connection has the session that it is just getting.

Thread: the front's.
"""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .flights import limit_of

if TYPE_CHECKING:
    from protocol import Request

    from ..traffic.door import Incoming

Waiting = tuple["Incoming", "Request"]


class Held:
    """The requests, by the key of their connection; bounded together, as those of one worker are."""

    def __init__(self) -> None:
        self._by_key: dict[bytes, deque[Waiting]] = {}
        self._count = self._bytes = 0

    def __contains__(self, key: bytes) -> bool:
        return key in self._by_key

    def full_limit(self) -> str | None:
        """Return the name of the limit that forbids to hold more, None if none does."""
        return limit_of(self._count, self._bytes)

    def hold(self, incoming: "Incoming", request: "Request") -> None:
        """Let a request wait, behind those of its connection."""
        self._by_key.setdefault(incoming.connection, deque()).append((incoming, request))
        self._count += 1
        self._bytes += len(incoming.body)

    def release(self, key: bytes) -> deque[Waiting]:
        """Return what waited for a connection, which waits no more."""
        held = self._by_key.pop(key, deque())
        self._count -= len(held)
        self._bytes -= sum(len(incoming.body) for incoming, _ in held)
        return held

    def release_all(self) -> Iterator[Waiting]:
        """Yield all that waited."""
        for key in list(self._by_key):
            yield from self.release(key)
