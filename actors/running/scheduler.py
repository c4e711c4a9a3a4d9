"""The scheduler: whose turn it is to run user code.

New work goes first, in the order it came; a run that used up a slice goes to the back of the line of parked runs, which
get a slice per tick, after the replies of the tick went out. So a trivial request waits for other new work and for one
slice at most, however many evaluations run without end. When new work takes longer than a slice, those parked get as
much time as it should have had: what takes two slices would wait for ever behind a flood of what takes one.

Sessions that took more than their share of the processor lately (`usage.py`) stand in a line of their own, which gets
one slice in eight while others want some: what ends soon ends sooner, and what never ends hurts only its like.

In a tick with new work slices are short ones, because the next request is likely to come while they last.

A run that waits, for a delay or for other processes of its session that wait themselves, sleeps until its time and
takes no turns.

Thread: the loop.
"""

from collections import deque
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Final

from ..clock import Clock
from ..limits import SERVER_LIMITS
from .evaluator import Evaluator, Run
from .preempt import Timer

if TYPE_CHECKING:
    from ..sessions.session import Session

#: From so many before it on, the wait of one that is parked tells how long a round takes.
_LINE_TELLS_FROM: Final = 8
#: What one in line takes is an average of about so many that left, none of which counts for more than so many times it.
_COST_MEMORY: Final = 16
_COST_RISE: Final = 4
#: No evaluation is faster, and from nothing the average could not rise.
_COST_NS_MIN: Final = 10_000
#: What one in line counts for before any left it, about what a short evaluation takes: without it the first moment of a
#: flood would be let in whole.
FIRST_COST_NS: Final = 150_000
#: What a tick takes beside its new work is an average of about so many ticks.
_REST_MEMORY: Final = 8
#: What an evaluation must have used so that its session's next counts as long. Some usual slices: a turn is over by the
#: clock, so on a busy machine also short ones need two now and then.
_LONG_NS: Final = 8_000_000
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
        #: What one in line takes when its turn comes, lately.
        self._cost_ns = FIRST_COST_NS
        #: What a tick with new work takes beside it, lately: taking requests in, commit, replies, those parked.
        self._rest_ns = 0
        self._tick_began_ns = 0
        #: How long the first in line had waited when the tick began.
        self._waited_ns = 0
        #: Time that the new work of this tick took.
        self._new_ns = 0
        self._parked: deque[Run] = deque()
        #: Those parked of sessions that hog the processor.
        self._hogs: deque[Run] = deque()
        self._slices = 0
        self._asleep: list[tuple[int, int, Run]] = []
        self._count = 0

    def add(self, session: "Session") -> None:
        """Put a session with new work in line."""
        self._fresh.append((session, self._clock.monotonic_ns()))

    @property
    def fresh_count(self) -> int:
        """How many sessions with new work stand in line."""
        return len(self._fresh)

    @property
    def line_count(self) -> int:
        """How many sessions wait for a turn, their first or another; those that hog the processor have their own."""
        return len(self._fresh) + len(self._parked)

    def begin_tick(self, now_ns: int) -> None:
        """Note how long the first in line has waited, before the tick takes in more, which is no wait of the line's.

        Args:
            now_ns: the present, monotonic.
        """
        self._tick_began_ns = now_ns
        self._waited_ns = now_ns - self._fresh[0][1] if self._fresh else 0

    def end_tick(self, now_ns: int) -> None:
        """Note what the tick took beside its new work, which keeps a line waiting that is longer than one tick's work.

        Args:
            now_ns: the present, monotonic.
        """
        if self._new_ns:
            rest_ns = now_ns - self._tick_began_ns - self._new_ns
            self._rest_ns += (rest_ns - self._rest_ns) // _REST_MEMORY

    @property
    def wait_ns(self) -> int:
        """How long new work is going to wait for its first turn, in nanoseconds.

        Told by what those before it take, and the rests of the ticks that it takes to run them; and by the first in
        line if it stands still. How long those waited that left the line tells less: where a tick's rest is long, each
        of few counts for much of it, which makes them fewer.
        """
        if not self._fresh:
            return 0
        work_ns = self._cost_ns * len(self._fresh)
        return max(self._waited_ns, work_ns + work_ns * self._rest_ns // NEW_WORK_NS_MAX)

    def rounds_ns(self, now_ns: int) -> int:
        """Return how long work that needs a second turn waits for it, about as long as the first of those parked has.

        Args:
            now_ns: the present, monotonic.
        """
        if not self._parked:
            return 0
        run = self._parked[0]
        waited_ns, before = now_ns - run.parked_at_ns, run.parked_behind
        return waited_ns * len(self._parked) // before if before >= _LINE_TELLS_FROM else waited_ns

    def pack(self, run: Run) -> None:
        """Let a run whose session is to be packed have slices for that."""
        self._stand(run, self._hogs)

    def remove(self, run: Run) -> None:
        """Forget a run that is parked or asleep."""
        for parked in (self._parked, self._hogs):
            if run in parked:
                parked.remove(run)
        if run.wake_at_ns is not None:
            self._asleep = [entry for entry in self._asleep if entry[2] is not run]
            heapify(self._asleep)

    def hasten(self, run: Run) -> None:
        """Give the next slice to a run that is to stop, whether it sleeps, waits, or hogs the processor."""
        self.remove(run)
        run.parked_at_ns, run.parked_behind = self._clock.monotonic_ns(), 0
        self._parked.appendleft(run)

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
            self._new_ns = 0
            return
        fresh, step, monotonic_ns = self._fresh, self._evaluator.step, self._clock.monotonic_ns
        began_ns = now_ns = monotonic_ns()
        ends_ns = began_ns + NEW_WORK_NS_MAX
        self._timer.arm()
        try:
            while fresh and now_ns < ends_ns:
                session, _ = fresh.popleft()
                turn_ns = now_ns
                run = session.begin_next()
                if run is not None:
                    if step(run):
                        session.usage.is_long = False
                        session.finish(run)
                    else:
                        self._put_aside(run)
                now_ns = monotonic_ns()
                if run is not None:
                    self._note_cost(now_ns - turn_ns)
        finally:
            self._timer.disarm()
            # What took longer than it may, by a step that nothing stops, must not keep the replies back for twice that.
            self._new_ns = min(monotonic_ns() - began_ns, NEW_WORK_NS_MAX)

    def _note_cost(self, turn_ns: int) -> None:
        """Take in what the turn of one in line took; a moment of standstill is not what they take."""
        turn_ns = max(_COST_NS_MIN, min(turn_ns, _COST_RISE * self._cost_ns))
        self._cost_ns += (turn_ns - self._cost_ns) // _COST_MEMORY

    def run_parked(self) -> None:
        """Give the run that waits longest one more slice, and others as long as new work had its time in this tick.

        Those of hogs get one only now and then, while there are others.
        """
        began_ns = self._clock.monotonic_ns()
        while self.due_in_ns() == 0:
            self._stand(heappop(self._asleep)[2], self._parked)
        run = self._next_parked()
        while run is not None:
            self._go_on(run)
            is_time_left = self._parked and self._clock.monotonic_ns() - began_ns < self._new_ns
            run = self._next_parked() if is_time_left else None

    def _go_on(self, run: Run) -> None:
        """Give a parked run a slice."""
        is_short = self._new_ns > 0
        self._timer.arm(is_short=is_short)
        try:
            is_done = self._evaluator.step(run, is_short=is_short)
        finally:
            self._timer.disarm()
        if is_done:
            run.session.usage.is_long = run.used_ns >= _LONG_NS
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
            run.session.usage.is_long = run.used_ns >= _LONG_NS
            run.session.lend(run)
            self._stand(run, self._hogs if run.session.usage.is_hog else self._parked)
        else:
            self._count += 1
            heappush(self._asleep, (run.wake_at_ns, self._count, run))

    def _stand(self, run: Run, line: deque[Run]) -> None:
        """Put a run at the end of a line."""
        run.parked_at_ns, run.parked_behind = self._clock.monotonic_ns(), len(line)
        line.append(run)
