"""The scheduler: whose turn it is to run user code.

New work goes first, in the order it came; a run that used up a slice goes to the back of the line of parked runs, one
of which gets a slice per tick, after the replies of the tick went out. So a trivial request waits for other new work
and for one slice at most, however many evaluations run without end.

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

NEW_WORK_NS_MAX: Final = SERVER_LIMITS["new_work_ns_max"].value


class Scheduler:
    """Sessions with new work, and runs that are not done."""

    def __init__(self, evaluator: Evaluator, timer: Timer, clock: Clock) -> None:
        self._evaluator = evaluator
        self._timer = timer
        self._clock = clock
        self._fresh: deque[Session] = deque()
        self._parked: deque[Run] = deque()
        self._asleep: list[tuple[int, int, Run]] = []
        self._count = 0

    def add(self, session: "Session") -> None:
        """Put a session with new work in line."""
        self._fresh.append(session)

    def remove(self, run: Run) -> None:
        """Forget a run that is parked or asleep."""
        if run in self._parked:
            self._parked.remove(run)
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
        return bool(self._parked) or self.due_in_ns() == 0

    @property
    def parked_count(self) -> int:
        """How many evaluations are under way."""
        return len(self._parked) + len(self._asleep)

    def run_new(self) -> None:
        """Run new work, each until it is done or its slice is used up."""
        if not self._fresh:
            return
        fresh, step = self._fresh, self._evaluator.step
        ends_ns = self._clock.monotonic_ns() + NEW_WORK_NS_MAX
        self._timer.arm()
        try:
            while fresh and self._clock.monotonic_ns() < ends_ns:
                session = fresh.popleft()
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
        """Give the run that waits longest one more slice."""
        while self.due_in_ns() == 0:
            self._parked.append(heappop(self._asleep)[2])
        if not self._parked:
            return
        run = self._parked.popleft()
        self._timer.arm()
        try:
            is_done = self._evaluator.step(run)
        finally:
            self._timer.disarm()
        if is_done:
            run.session.finish(run)
        else:
            self._put_aside(run)

    def _put_aside(self, run: Run) -> None:
        """Let a run that is not done wait for its next turn, or for its time."""
        if run.wake_at_ns is None:
            self._parked.append(run)
        else:
            self._count += 1
            heappush(self._asleep, (run.wake_at_ns, self._count, run))
