"""The host of worlds: what surrounds them, given by whoever runs the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from .bounds import Bounds
    from .fibers import Fiber


class Host(Protocol):
    """What a world may ask of its surroundings.

    Attributes:
        bounds: the limits that hold now.
    """

    bounds: Bounds

    def now_ns(self) -> int:
        """Nanoseconds since 1970 began, UTC."""

    def timezone_offset_s(self) -> int:
        """Seconds that local time is ahead of UTC."""

    def random_bytes(self, n: int) -> bytes:
        """That many random bytes."""

    def cpu_ns(self) -> int:
        """CPU time of the running thread in nanoseconds."""

    def sleep_until_ns(self, at_ns: int) -> None:
        """Let time pass until then; only for evaluations that nobody gave a way to park."""

    def new_fiber(self, body: Callable[[], None]) -> Fiber:
        """A stack of its own on which `body` runs once, when it is first resumed."""
