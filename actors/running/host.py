"""What the server gives the language: time, chance, and stacks of their own for its processes."""

import threading
from collections.abc import Callable
from types import FrameType
from typing import Final

import greenlet

from smalltalk import Bounds

from ..clock import Clock

_NS_PER_S: Final = 1_000_000_000


class GreenletFiber:
    """A fiber of the language as a greenlet; whoever resumes it becomes its parent, where it suspends and ends to."""

    __slots__ = ("_greenlet",)

    def __init__(self, body: Callable[[], None]) -> None:
        self._greenlet = greenlet.greenlet(body)

    @property
    def is_done(self) -> bool:
        """Whether its body has ended."""
        return bool(self._greenlet.dead)

    @property
    def frame(self) -> FrameType | None:
        """The innermost frame while it is suspended."""
        return self._greenlet.gr_frame

    def resume(self) -> None:
        """Let it run until it suspends itself or ends."""
        self._greenlet.parent = greenlet.getcurrent()
        self._greenlet.switch()

    def suspend(self) -> None:
        """Return to whoever resumed it."""
        parent = self._greenlet.parent
        assert parent is not None
        parent.switch()

    def drop(self) -> None:
        """End it where it stands: GreenletExit passes through its frames, which run no unwinding blocks for that."""
        self._greenlet.parent = greenlet.getcurrent()
        self._greenlet.throw()


class LanguageHost:
    """The host of all images of a server.

    Attributes:
        bounds: the limits that hold now.
    """

    def __init__(self, clock: Clock) -> None:
        self.bounds = Bounds()
        self._clock = clock
        self.now_ns = clock.now_ns
        self.timezone_offset_s = clock.timezone_offset_s
        self.random_bytes = clock.random_bytes
        self.cpu_ns = clock.cpu_ns

    def new_fiber(self, body: Callable[[], None]) -> GreenletFiber:
        """Make a stack of its own for a process."""
        return GreenletFiber(body)

    def sleep_until_ns(self, at_ns: int) -> None:
        """Let time pass until then. Blocks the thread: sessions park their evaluations instead."""
        left_ns = at_ns - self._clock.now_ns()
        if left_ns > 0:
            threading.Event().wait(left_ns / _NS_PER_S)
