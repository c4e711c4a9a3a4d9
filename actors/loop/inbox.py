"""The inbox of a pooled actor: a line of messages that puts its actor in line when it has something to do.

pykka's own inboxes are queues that a thread blocks on. Here nobody blocks: `get` on an empty inbox raises
`DrainedError`, which leaves pykka's receive loop from outside its `try`.

Two facts of pykka are mended here. A message put after the teardown would be lost and its asker would wait for ever:
once `close` was called, `put` answers such askers itself. And one actor must not keep the loop to itself: `allow`
bounds how many messages the next round may take.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from pykka import ActorDeadError, messages

if TYPE_CHECKING:
    from collections.abc import Callable

    from pykka._envelope import Envelope

#: `allow` of a teardown, which empties the inbox whatever its length.
NO_BOUND: Final = 1 << 60


class DrainedError(BaseException):
    """The inbox is empty, or its actor has had its round; a BaseException so that no handler of pykka takes it."""


class PooledInbox:
    """Messages of one actor, first in, first out.

    Thread: `put` any; everything else the loop only.
    """

    __slots__ = ("_allowed", "_closed", "_envelopes", "_lock", "_scheduled", "schedule")

    def __init__(self) -> None:
        # Not a deque, whose first block takes 0.6 KB: it is nearly always empty, and turns take 64 messages at most.
        self._envelopes: list[Envelope[Any]] = []
        self._lock = threading.Lock()
        # An actor is put in line by its start, so that its `on_start` runs before its first message.
        self._scheduled = True
        self._closed = False
        self._allowed = 0
        self.schedule: Callable[[], None] = _not_running

    def put(self, envelope: Envelope[Any], /) -> None:
        """Append a message; answer it as dead if the actor is gone."""
        with self._lock:
            if not self._closed:
                self._envelopes.append(envelope)
                if self._scheduled:
                    return
                self._scheduled = True
                self.schedule()
                return
        _answer_dead(envelope)

    def get(self) -> Envelope[Any]:
        """Take the next message.

        Raises:
            DrainedError: there is none, or this round's share is used up.
        """
        if self._allowed > 0 and self._envelopes:
            self._allowed -= 1
            return self._envelopes.pop(0)
        raise DrainedError

    def empty(self) -> bool:
        """Tell whether no message waits."""
        return not self._envelopes

    def allow(self, count: int) -> None:
        """Let `get` hand out so many messages from now on."""
        self._allowed = count

    def rest(self) -> bool:
        """End a round: True if nothing waits any more, so that the next `put` puts the actor in line again."""
        with self._lock:
            self._scheduled = bool(self._envelopes)
            return not self._scheduled

    def close(self) -> None:
        """Take no more messages; those that wait are left to the teardown. The actor, which refers here, is let go."""
        with self._lock:
            self._closed = True
            self.schedule = _not_running


def _answer_dead(envelope: Envelope[Any]) -> None:
    if envelope.reply_to is None:
        return
    if isinstance(envelope.message, messages._ActorStop):  # noqa: SLF001 - the stop message has no public name
        envelope.reply_to.set(None)
    else:
        dead = ActorDeadError("the actor stopped before handling the message")
        envelope.reply_to.set_exception((ActorDeadError, dead, None))


def _not_running() -> None:
    raise RuntimeError("an inbox schedules its actor only between the actor's start and its end")
