"""What a session told its subscribers lately, for those who come back: bounded in number and in size.

Thread: the loop.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from protocol import Event

from ..limits import SERVER_LIMITS

_EVENTS_MAX: Final = SERVER_LIMITS["events_kept_max"].value
_BYTES_MAX: Final = SERVER_LIMITS["events_kept_bytes_max"].value
#: What an event takes beside its texts, about.
_EVENT_BYTES: Final = 1_024


class KeptEvents:
    """Events of one session, oldest first; the newest is there however large it is."""

    __slots__ = ("_bytes", "_events")

    def __init__(self) -> None:
        self._events: deque[Event] = deque()
        self._bytes = 0

    def __iter__(self) -> Iterator[Event]:
        return iter(self._events)

    def __bool__(self) -> bool:
        return bool(self._events)

    def append(self, event: Event) -> None:
        """Add an event; the oldest make room."""
        self._events.append(event)
        self._bytes += _size_bytes(event.data)
        while len(self._events) > _EVENTS_MAX or (self._bytes > _BYTES_MAX and len(self._events) > 1):
            self._bytes -= _size_bytes(self._events.popleft().data)

    def pop(self) -> None:
        """Take the newest away again."""
        self._bytes -= _size_bytes(self._events.pop().data)


def _size_bytes(data: dict[str, Any]) -> int:
    """Return about what an event takes."""
    return _EVENT_BYTES + sum(len(value) for value in data.values() if isinstance(value, str))
