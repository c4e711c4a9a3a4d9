"""The line of sessions whose processes run while nobody's evaluation does.

A session's processes get slices like evaluations do, one in each tick after the replies went out, and only so much of
a core: a token bucket for each session fills at that share and empties with what its slices take, the storing of their
effects included. An empty one is waited for; nothing is ended for it.

Thread: the loop.
"""

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from .clock import Clock
from .preempt import Timer

if TYPE_CHECKING:
    from .session_background import SessionBackground

#: Time a bucket holds when it is full: short work after a pause is done at once, at full speed.
_FULL_NS: Final = 100_000_000


class Bucket:
    """How much a session's processes may run now.

    Args:
        share: part of a core that flows in.
        now_ns: the present, monotonic.
    """

    __slots__ = ("_at_ns", "_level_ns", "_share")

    def __init__(self, share: float, now_ns: int) -> None:
        self._share = share
        self._level_ns = float(_FULL_NS)
        self._at_ns = now_ns

    def ready_in_ns(self, now_ns: int) -> int:
        """Return after which time something is in it, 0 if that is so now."""
        self._fill(now_ns)
        return 0 if self._level_ns > 0 else int(-self._level_ns / self._share) + 1

    def take(self, used_ns: int, now_ns: int) -> None:
        """Take out what was used, more than there is if need be."""
        self._fill(now_ns)
        self._level_ns -= used_ns

    def _fill(self, now_ns: int) -> None:
        self._level_ns = min(_FULL_NS, self._level_ns + (now_ns - self._at_ns) * self._share)
        self._at_ns = now_ns


class BackgroundLine:
    """Sessions with processes that can go on, now or at a time."""

    def __init__(self, timer: Timer, clock: Clock) -> None:
        self._timer = timer
        self._clock = clock
        #: When each session of the line can go on, wall clock; the entries below that say otherwise do not count.
        self._due: dict[SessionBackground, int] = {}
        self._ready: deque[SessionBackground] = deque()
        self._later: list[tuple[int, int, SessionBackground]] = []
        self._count = 0

    def put(self, session: "SessionBackground", due_ns: int) -> None:
        """Let a session go on at that time (nanoseconds since 1970, 0 for now), and at no other."""
        if self._due.get(session) == due_ns:
            return
        self._due[session] = due_ns
        if due_ns <= self._clock.now_ns():
            self._ready.append(session)
        else:
            self._count += 1
            heappush(self._later, (due_ns, self._count, session))

    def remove(self, session: "SessionBackground") -> None:
        """Let a session go on no more."""
        self._due.pop(session, None)

    @property
    def has_ready(self) -> bool:
        """Whether a session can go on now."""
        self._move_due()
        return bool(self._ready)

    def due_in_ns(self) -> int | None:
        """Return when a session can go on: 0 for now, None if none ever can."""
        if self.has_ready:
            return 0
        return self._later[0][0] - self._clock.now_ns() if self._later else None

    def step(self) -> None:
        """Give the session that waits longest a slice."""
        self._move_due()
        while self._ready:
            session = self._ready.popleft()
            if self._due.pop(session, None) is None:
                continue
            wait_ns = session.bucket.ready_in_ns(self._clock.monotonic_ns())
            if wait_ns:
                self.put(session, self._clock.now_ns() + wait_ns)
                continue
            self._timer.arm()
            try:
                session.run_slice()
            finally:
                self._timer.disarm()
            return

    def _move_due(self) -> None:
        """Move the sessions to the ready ones whose time has come."""
        now_ns = self._clock.now_ns()
        while self._later and (self._later[0][0] <= now_ns or self._due.get(self._later[0][2]) != self._later[0][0]):
            due_ns, _, session = heappop(self._later)
            if self._due.get(session) == due_ns:
                self._ready.append(session)
