"""The scheduler: whose turn it is to run user code.

New work goes first, in the order it came; a run that used up a slice goes to the back of the line of parked runs, one
of which gets a slice per tick, after the replies of the tick went out. So a trivial request waits for other new work
and for one slice at most, however many evaluations run without end.

Thread: the loop.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

from .clock import Clock
from .evaluator import Evaluator, Run
from .preempt import Timer

if TYPE_CHECKING:
    from .session import Session

#: Time a tick spends on new work before it commits and replies; more in one commit is cheaper, but the first waits.
NEW_WORK_NS_MAX: Final = 5_000_000


class Scheduler:
    """Sessions with new work, and runs that are not done."""

    def __init__(self, evaluator: Evaluator, timer: Timer, clock: Clock) -> None:
        self._evaluator = evaluator
        self._timer = timer
        self._clock = clock
        self._fresh: deque[Session] = deque()
        self._parked: deque[Run] = deque()

    def add(self, session: "Session") -> None:
        """Put a session with new work in line."""
        self._fresh.append(session)

    def remove(self, run: Run) -> None:
        """Forget a parked run."""
        if run in self._parked:
            self._parked.remove(run)

    @property
    def has_work(self) -> bool:
        """Whether anybody waits for a turn."""
        return bool(self._fresh or self._parked)

    @property
    def parked_count(self) -> int:
        """How many evaluations are under way."""
        return len(self._parked)

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
                    self._parked.append(run)
        finally:
            self._timer.disarm()

    def run_parked(self) -> None:
        """Give the run that waits longest one more slice."""
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
            self._parked.append(run)
