"""The dispatcher: gives pooled actors their turns on the worker's loop, in the order in which they got work."""

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .pooled import PooledActor
    from .wakeup import Wakeup

#: Messages one actor may handle before the others get their turn.
MESSAGES_PER_TURN: Final = 64


class Dispatcher:
    """The line of actors that have something to do.

    Thread: `schedule` any; the rest the thread that made the dispatcher, the loop.
    """

    def __init__(self, wakeup: "Wakeup") -> None:
        self._ready: deque[PooledActor] = deque()
        self._wakeup = wakeup
        self._owner = threading.get_ident()

    def schedule(self, actor: "PooledActor") -> None:
        """Put an actor in line; wake the loop if the caller is another thread."""
        self._ready.append(actor)
        if threading.get_ident() != self._owner:
            self._wakeup.set()

    @property
    def has_work(self) -> bool:
        """Whether an actor waits for its turn."""
        return bool(self._ready)

    def run(self) -> None:
        """Give turns until nobody waits; work that the turns bring for others is done as well."""
        ready = self._ready
        while ready:
            ready.popleft().take_turn(MESSAGES_PER_TURN)
