"""Fibers: stacks of their own, on which the processes of a session run. The host makes them.

A fiber runs only while somebody `resume`s it, and hands control back to whoever did by `suspend` or by ending. So all
switching has one place, the conductor of the processes, and the language needs no library for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import FrameType


class Fiber(Protocol):
    """One stack."""

    @property
    def is_done(self) -> bool:
        """Whether its body has ended."""

    @property
    def frame(self) -> FrameType | None:
        """The innermost frame of a suspended fiber; None before it began, while it runs and once it is done."""

    def resume(self) -> None:
        """Let it run until it suspends itself or ends. Not from within itself."""

    def suspend(self) -> None:
        """Return to whoever resumed it. From within itself only."""

    def drop(self) -> None:
        """End a suspended fiber where it stands; no code of the language runs for that. Not from within itself."""
