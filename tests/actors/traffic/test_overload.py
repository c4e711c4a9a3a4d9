"""Twice as much as the server can do, in time that is only counted: how long what it admits waits, and what it refuses.

The loop's costs are those measured of the server; a factor makes all of them larger, as on a machine that has others to
serve as well.
"""

from collections import deque
from types import SimpleNamespace

import pytest

from actors.limits import SERVER_LIMITS
from actors.running.scheduler import Scheduler
from actors.running.usage import Usage
from actors.settings import Settings
from actors.traffic.call import RefusedError
from actors.traffic.fairness import Fairness
from tests.actors.fakes.clock import FakeClock

US, MS, SECOND = 1_000, 1_000_000, 1_000_000_000
SLICE_NS = 2 * MS
SECONDS = 2
SESSIONS = 200
TAKEN_AT_ONCE = SERVER_LIMITS["messages_per_tick_max"].value
#: What the loop spends: on a request refused at once, one refused for its session's queue, one taken; commit, reply.
REFUSE_NS, LATE_NS, TAKE_NS, COMMIT_NS, REPLY_NS = 20 * US, 60 * US, 45 * US, 600 * US, 15 * US


class Flooded:
    """A session, of whose requests only the time of their coming matters."""

    def __init__(self, loop):
        self.usage = Usage()
        self.waiting = deque()
        self.is_in_line = False
        self._loop = loop

    def ask(self, came_ns):
        self.waiting.append(came_ns)
        if not self.is_in_line:
            self.is_in_line = True
            self._loop.scheduler.add(self)

    def begin_next(self):
        return SimpleNamespace(
            session=self, came_ns=self.waiting.popleft(), left_ns=self._loop.work_ns, wake_at_ns=None, used_ns=0
        )

    def lend(self, _run):
        """Nobody takes it."""

    def use_processor(self, _run):
        """Nobody counts it here."""

    def finish(self, run):
        self._loop.done.append(run.came_ns)
        if self.waiting:
            self._loop.scheduler.add(self)
        else:
            self.is_in_line = False


class Loop:
    """The worker's loop around the real scheduler and the real bounds."""

    def __init__(self, work_ns, overload_ms, factor):
        self.clock = FakeClock()
        self.work_ns = work_ns
        self.done = []
        self.latencies, self.refused = [], []
        self._factor = factor
        timer = SimpleNamespace(arm=lambda **_how: None, disarm=lambda: None)
        self.scheduler = Scheduler(SimpleNamespace(step=self._step), timer, self.clock)
        self._fairness = Fairness(Settings(overload_ms=overload_ms))
        self._sessions = [Flooded(self) for _ in range(SESSIONS)]

    def _spend(self, ns):
        self.clock.ns += int(ns * self._factor)

    def _step(self, run, *, is_short=False):  # noqa: ARG002 - the sessions are no hogs
        used_ns = min(run.left_ns, SLICE_NS)
        run.left_ns -= used_ns
        run.used_ns += used_ns
        self._spend(used_ns)
        return not run.left_ns

    def play(self, rate):
        """Let requests come evenly; answer nothing before all of them have left."""
        begin_ns = self.clock.ns
        came = deque((begin_ns + number * SECOND // rate, number) for number in range(rate * SECONDS))
        while came or self.scheduler.has_work or self.done:
            if came and not self.scheduler.has_work:
                self.clock.ns = max(self.clock.ns, came[0][0])
            self._tick(came)

    def _tick(self, came):
        self.scheduler.begin_tick(self.clock.ns)
        refused = []
        for _ in range(TAKEN_AT_ONCE):
            if not came or came[0][0] > self.clock.ns:
                break
            at_ns, number = came.popleft()
            if not self._takes(at_ns, self._sessions[number % SESSIONS]):
                refused.append(at_ns)
        self.refused += [self.clock.ns - each for each in refused]
        self.scheduler.run_new()
        if self.done:
            self._spend(COMMIT_NS + REPLY_NS * len(self.done))
        self.latencies += [self.clock.ns - each for each in self.done]
        self.done.clear()
        self.scheduler.run_parked()
        self.scheduler.end_tick(self.clock.ns)

    def _takes(self, at_ns, session):
        if self._fairness.is_full(self.scheduler.wait_ns, self.scheduler.fresh_count):
            self._spend(REFUSE_NS)
            return False
        try:
            self._fairness.check_line(self.scheduler.wait_ns, self.scheduler.fresh_count, len(session.waiting))
        except RefusedError:
            self._spend(LATE_NS)
            return False
        self._spend(TAKE_NS)
        session.ask(at_ns)
        return True


def p99_ms(times_ns):
    return sorted(times_ns)[len(times_ns) * 99 // 100] / MS


@pytest.mark.parametrize(
    ("work_ns", "rate", "factor", "admitted_a_second"),
    [
        (80 * US, 13_700, 1, 5_000),
        (80 * US, 13_700, 1.7, 2_000),
        (2_800 * US, 700, 1, 300),
        (2_800 * US, 700, 1.3, 230),
    ],
)
def test_what_is_admitted_waits_briefly_and_the_rest_is_refused_at_once(work_ns, rate, factor, admitted_a_second):
    """And what can be done is done: a server that spends its time on refusals would admit next to nothing."""
    loop = Loop(work_ns, 25, factor)
    loop.play(rate)
    assert len(loop.latencies) + len(loop.refused) == rate * SECONDS
    assert len(loop.latencies) > admitted_a_second * SECONDS
    assert p99_ms(loop.latencies) < 100
    assert p99_ms(loop.refused) < 40


def test_what_can_be_done_is_not_refused():
    loop = Loop(80 * US, 25, 1)
    loop.play(6_000)
    assert loop.refused == []
    assert p99_ms(loop.latencies) < 20
