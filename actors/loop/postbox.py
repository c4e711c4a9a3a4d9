"""The postbox: what other threads and signal handlers want done by the loop, which alone may touch the server's parts.

Thread: `post` any, also a signal handler; `step` the loop.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .wakeup import Wakeup


class Postbox:
    """Actions that wait for the loop."""

    def __init__(self, wakeup: "Wakeup") -> None:
        self._wakeup = wakeup
        self._actions: deque[Callable[[], None]] = deque()

    def post(self, action: Callable[[], None]) -> None:
        """Let the loop do something soon; it must not raise. Thread: any."""
        self._actions.append(action)
        self._wakeup.set()

    def step(self) -> None:
        """Do what waits."""
        while self._actions:
            self._actions.popleft()()
