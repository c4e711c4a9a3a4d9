"""The door: what the worker's loop needs of whatever carries messages between it and the clients.

One process alone has the `Gateway`, a socket that clients connect to; a worker behind the front has `front/link.py`.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Protocol

from protocol import RequestError

from .backlog import Frames

if TYPE_CHECKING:
    from collections.abc import Callable

    from .connections import Connections


class Incoming(NamedTuple):
    """One message from a peer: its connection's key, what to put before the reply, and its content or what is wrong."""

    connection: bytes
    envelope: Frames
    body: bytes
    refusal: RequestError | None


class Door(Protocol):
    """Where messages come in and go out. Thread: the loop.

    Attributes:
        address: where clients find it.
        connections: what is remembered of the peers.
        on_gone: called with the key of a connection whose peer is gone.
        on_dropped: called with the bound for which a reply was dropped that its peer did not read, or a connection
            closed.
    """

    address: str
    connections: "Connections"
    on_gone: "Callable[[bytes], None]"
    on_dropped: "Callable[[str], None]"

    def register(self, descriptor: int) -> None:
        """Let `wait` also end when this descriptor can be read."""

    def wait(self, timeout_ms: int) -> None:
        """Sleep until something arrives, a registered descriptor is readable, or the time is over."""

    def has_come(self) -> bool:
        """Tell whether there is a message, or something else to receive."""

    def receive(self) -> Iterator[Incoming]:
        """Yield the messages that are there, up to one tick's share."""

    def send(self, envelope: Frames, body: bytes) -> None:
        """Let one message go with the next `flush` at the latest, or when its peer has read what was sent before."""

    def is_open(self, key: bytes) -> bool:
        """Tell whether a connection may be there still, so that something may be kept for it."""

    def hand_on(self, envelope: Frames) -> bool:
        """Let another process answer a request that means the anonymous session; False if it is to be done here."""

    def flush(self) -> None:
        """Send what waits: what was said since the last time, and what slow peers left over."""

    @property
    def dropped(self) -> int:
        """Replies dropped because their peer did not read."""

    def close(self) -> None:
        """Let nothing in any more; replies already given away still go out."""
