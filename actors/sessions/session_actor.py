"""The actor around a session: its inbox, its turns on the loop, and what becomes of its defects."""

from types import TracebackType
from typing import TYPE_CHECKING

from ..traffic.call import Call
from ..loop.pooled import PooledActor

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..loop.dispatcher import Dispatcher
    from .session import Session


class SessionActor(PooledActor):
    """Takes the calls of one session.

    Thread: the loop. `on_receive` enqueues or answers at once, within microseconds; user code runs later, in a
    greenlet.
    """

    def __init__(self, dispatcher: "Dispatcher", session: "Session", on_death: "Callable[[Session], None]") -> None:
        super().__init__(dispatcher)
        self._session = session
        self._on_death = on_death

    def on_receive(self, message: Call) -> None:
        """Take a call. An exception here is a defect: pykka stops the actor and `on_failure` tells the supervisor."""
        self._session.accept(message)

    def on_failure(
        self,
        exception_type: type[BaseException] | None,  # noqa: ARG002 - pykka's signature; it has logged them
        exception_value: BaseException | None,  # noqa: ARG002
        traceback: TracebackType | None,  # noqa: ARG002
    ) -> None:
        """Tell the supervisor that the actor died."""
        self._on_death(self._session)
