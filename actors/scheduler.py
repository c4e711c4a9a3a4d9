"""The scheduler: whose turn it is to run user code.

New work goes first, in the order it came; a run that used up a slice goes to the back of the line of parked runs, one
of which gets a slice per tick, after the replies of the tick went out. So a trivial request waits for other new work
and for one slice at most, however many evaluations run without end.

Sessions that took more than their share of the processor lately (`usage.py`) stand in a line of their own, which gets
one slice in eight while others want some: what ends soon ends sooner, and what never ends hurts only its like.

A run that waits, for a delay or for other processes of its session that wait themselves, sleeps until its time and
takes no turns.

Thread: the loop.
"""

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from .clock import Clock
from .evaluator import Evaluator, Run
from .limits import SERVER_LIMITS
from .preempt import Timer

if TYPE_CHECKING:
    from .session import Session

#: Of so many slices one goes to the sessions that hog the processor, whoever else wants them: they go on, slowly.
_SLICES_PER_HOG: Final = 8
NEW_WORK_NS_MAX: Final = SERVER_LIMITS["new_work_ns_max"].value


class Scheduler:
    """Sessions with new work, and runs that are not done."""

    def __init__(self, evaluator: Evaluator, timer: Timer, clock: Clock) -> None:
        self._evaluator = evaluator
        self._timer = timer
        self._clock = clock
        #: Sessions in line, and since when.
        self._fresh: deque[tuple[Session, int]] = deque()
        self._parked: deque[Run] = deque()
        #: Those parked of sessions that hog the processor.
        self._hogs: deque[Run] = deque()
        self._slices = 0
        self._asleep: list[tuple[int, int, Run]] = []
        self._count = 0

    def add(self, session: "Session") -> None:
        """Put a session with new work in line."""
        self._fresh.append((session, self._clock.monotonic_ns()))

    def line(self, now_ns: int) -> tuple[int, int]:
        """Return for how long the first in line has waited, in nanoseconds, and how many stand there.

        Args:
            now_ns: the present, monotonic.
        """
        return (now_ns - self._fresh[0][1], len(self._fresh)) if self._fresh else (0, 0)

    def remove(self, run: Run) -> None:
        """Forget a run that is parked or asleep."""
        for parked in (self._parked, self._hogs):
            if run in parked:
                parked.remove(run)
        self._asleep = [entry for entry in self._asleep if entry[2] is not run]
        heapify(self._asleep)

    def wake(self, run: Run) -> None:
        """Let a run take its turn again, if it sleeps."""
        if run.wake_at_ns is not None:
            self.remove(run)
            self._parked.append(run)

    def due_in_ns(self) -> int | None:
        """Return when the next sleeping run wants its turn, None if none sleeps."""
        return max(0, self._asleep[0][0] - self._clock.now_ns()) if self._asleep else None

    @property
    def has_work(self) -> bool:
        """Whether anybody waits for a turn."""
        return bool(self._fresh) or self.has_parked

    @property
    def has_parked(self) -> bool:
        """Whether a run that is not done waits for a turn."""
        return bool(self._parked or self._hogs) or self.due_in_ns() == 0

    @property
    def parked_count(self) -> int:
        """How many evaluations are under way."""
        return len(self._parked) + len(self._hogs) + len(self._asleep)

    @property
    def hog_count(self) -> int:
        """How many of those are of sessions that hog the processor."""
        return len(self._hogs)

    def run_new(self) -> None:
        """Run new work, each until it is done or its slice is used up."""
        if not self._fresh:
            return
        fresh, step = self._fresh, self._evaluator.step
        ends_ns = self._clock.monotonic_ns() + NEW_WORK_NS_MAX
        self._timer.arm()
        try:
            while fresh and self._clock.monotonic_ns() < ends_ns:
                session, _ = fresh.popleft()
                run = session.begin_next()
                if run is None:
                    continue
                if step(run):
                    session.finish(run)
                else:
                    self._put_aside(run)
        finally:
            self._timer.disarm()

    def run_parked(self) -> None:
        """Give the run that waits longest one more slice; those of hogs only now and then, while there are others."""
        while self.due_in_ns() == 0:
            self._parked.append(heappop(self._asleep)[2])
        run = self._next_parked()
        if run is None:
            return
        self._timer.arm()
        try:
            is_done = self._evaluator.step(run)
        finally:
            self._timer.disarm()
        if is_done:
            run.session.finish(run)
        else:
            self._put_aside(run)

    def _next_parked(self) -> Run | None:
        """Take the run whose turn it is from those parked, None if there is none."""
        self._slices += 1
        is_hogs_turn = not self._parked or self._slices % _SLICES_PER_HOG == 0
        line = self._hogs if self._hogs and is_hogs_turn else self._parked
        return line.popleft() if line else None

    def _put_aside(self, run: Run) -> None:
        """Let a run that is not done wait for its next turn, or for its time."""
        run.session.use_processor(run)
        if run.wake_at_ns is None:
            (self._hogs if run.session.usage.is_hog else self._parked).append(run)
        else:
            self._count += 1
            heappush(self._asleep, (run.wake_at_ns, self._count, run))
