"""The line of sessions whose processes run while nobody's evaluation does.

A session's processes get slices like evaluations do, one in each tick after the replies went out, and only so much of
a core: a token bucket for each session fills at that share and empties with what its slices take, the encoding of their
effects included. The tick's commit, which writes what all sessions did, is not counted for any of them. An empty bucket
is waited for; nothing is ended for it.

Thread: the loop.
"""

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final, NamedTuple

from ..clock import Clock
from ..limits import SERVER_LIMITS
from .preempt import Timer

if TYPE_CHECKING:
    from ..sessions.session_background import SessionBackground

#: Time a bucket holds when it is full: short work after a pause is done at once, at full speed.
_FULL_NS: Final = 100_000_000
_STALE_ENTRIES_MAX: Final = SERVER_LIMITS["stale_entries_max"].value


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


class _Entry(NamedTuple):
    """A place in the line: when a session can go on, and the ticket it was given for that."""

    due_ns: int
    ticket: int
    session: "SessionBackground"


class BackgroundLine:
    """Sessions with processes that can go on, now or at a time."""

    def __init__(self, timer: Timer, clock: Clock) -> None:
        self._timer = timer
        self._clock = clock
        #: The one entry of each session that counts; others below are left over from before it was moved or removed.
        self._current: dict[SessionBackground, _Entry] = {}
        self._ready: deque[_Entry] = deque()
        self._later: list[_Entry] = []
        self._tickets = 0

    def put(self, session: "SessionBackground", due_ns: int) -> None:
        """Let a session go on at that time (nanoseconds since 1970, 0 for now), and at no other."""
        current = self._current.get(session)
        if current is not None and current.due_ns == due_ns:
            return
        self._tickets += 1
        entry = self._current[session] = _Entry(due_ns, self._tickets, session)
        if due_ns <= self._clock.now_ns():
            self._ready.append(entry)
        else:
            heappush(self._later, entry)
            self._compact()

    def remove(self, session: "SessionBackground") -> None:
        """Let a session go on no more."""
        if self._current.pop(session, None) is not None:
            self._compact()

    def _compact(self) -> None:
        """Let go of the entries that do not count when they are most of all."""
        if len(self._later) > 2 * len(self._current) + _STALE_ENTRIES_MAX:
            self._later = [entry for entry in self._later if self._counts(entry)]
            heapify(self._later)

    def _counts(self, entry: _Entry) -> bool:
        return self._current.get(entry.session) is entry

    @property
    def has_ready(self) -> bool:
        """Whether a session can go on now."""
        self._move_due()
        return bool(self._ready)

    def due_in_ns(self) -> int | None:
        """Return when a session can go on: 0 for now, None if none ever can."""
        if self.has_ready:
            return 0
        return self._later[0].due_ns - self._clock.now_ns() if self._later else None

    def step(self) -> None:
        """Give the session that waits longest a slice."""
        self._move_due()
        while self._ready:
            entry = self._ready.popleft()
            if not self._counts(entry):
                continue
            session = entry.session
            del self._current[session]
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
        while self._later and (self._later[0].due_ns <= now_ns or not self._counts(self._later[0])):
            entry = heappop(self._later)
            if self._counts(entry):
                self._ready.append(entry)
