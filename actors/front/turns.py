"""Turns: what came from the front and was not taken yet, of which each connection has its turn.

ZeroMQ lets a server's peers take turns by itself, but behind a front all of them are one. Without turns here, a client
with thousands of requests on their way would keep everybody of the same worker waiting for all of them. What came over
one connection stays in its order. The front bounds how much there may be (`flights.py`).

Thread: the worker's loop.
"""

from collections import deque
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class Turns(Generic[Thing]):
    """Things by the key of their connection."""

    def __init__(self) -> None:
        #: Connections with something in their queues, the one whose turn it is first.
        self._line: deque[bytes] = deque()
        self._queues: dict[bytes, deque[Thing]] = {}

    def __bool__(self) -> bool:
        return bool(self._line)

    def add(self, key: bytes, thing: Thing) -> None:
        """Put a thing behind all others of its connection."""
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = deque()
            self._line.append(key)
        queue.append(thing)

    def take(self) -> Thing:
        """Return the first thing of the connection whose turn it is, and end its turn; there is one."""
        key = self._line.popleft()
        queue = self._queues[key]
        thing = queue.popleft()
        if queue:
            self._line.append(key)
        else:
            del self._queues[key]
        return thing
