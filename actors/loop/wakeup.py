"""Waking the worker's loop from another thread or from a signal handler.

The loop sleeps in a poller; `Wakeup.fileno` is one of the things it polls. On Linux that is an eventfd, elsewhere one
end of a socket pair. `set` may be called by any thread and at any time, also from a signal handler; `clear` is the
loop's.
"""

import os
from contextlib import suppress
from typing import Final, Protocol

#: More than the wake-ups that could ever be pending at once in the socket pair's buffer matter: one byte is enough.
_DRAIN_BYTES: Final = 4096


class Wakeup(Protocol):
    """Something a poller can wait for and anybody can set."""

    def fileno(self) -> int:
        """Return the descriptor to poll for reading."""

    def set(self) -> None:
        """Wake the loop, now or at its next poll. Thread: any."""

    def clear(self) -> None:
        """Make it sleep again; called before the work is looked at, so that no wake-up is lost. Thread: the loop."""

    def close(self) -> None:
        """Give the descriptors back."""


class EventfdWakeup:
    """A wake-up by Linux' eventfd: one descriptor, eight bytes."""

    def __init__(self) -> None:
        self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._is_closed = False

    def fileno(self) -> int:
        """Return the eventfd."""
        return self._fd

    def set(self) -> None:
        """Raise the counter, unless it is closed: a second SIGTERM must not meet another file under its number."""
        if not self._is_closed:
            os.eventfd_write(self._fd, 1)

    def clear(self) -> None:
        """Reset the counter; it may be zero already."""
        try:
            os.eventfd_read(self._fd)
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close the eventfd."""
        self._is_closed = True
        os.close(self._fd)


class SocketpairWakeup:
    """The portable wake-up: a byte through a pair of connected sockets."""

    def __init__(self) -> None:
        import socket  # noqa: PLC0415 - a twentieth of a start, and Linux needs none

        self._here, self._there = socket.socketpair()
        self._here.settimeout(0)
        self._there.settimeout(0)

    def fileno(self) -> int:
        """Return the reading end."""
        return self._here.fileno()

    def set(self) -> None:
        """Write a byte; a full buffer means that the loop is being woken already, a closed one that it has ended."""
        with suppress(BlockingIOError):
            if self._there.fileno() >= 0:
                self._there.send(b"\0")

    def clear(self) -> None:
        """Read what was written."""
        try:
            while len(self._here.recv(_DRAIN_BYTES)) == _DRAIN_BYTES:
                continue
        except BlockingIOError:
            return

    def close(self) -> None:
        """Close both ends."""
        self._here.close()
        self._there.close()


def new_wakeup() -> Wakeup:
    """Make the best wake-up of this platform."""
    return EventfdWakeup() if hasattr(os, "eventfd") else SocketpairWakeup()
