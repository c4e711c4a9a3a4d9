"""The scheduler by itself: who gets slices beside a flood of new work, and how long it says that new work will wait."""

from types import SimpleNamespace

import pytest

from actors.scheduler import NEW_WORK_NS_MAX, Scheduler
from actors.usage import Usage
from tests.actors.fakes.clock import FakeClock

SLICE_NS = 2_000_000


class Work:
    """A session with one run, and the evaluator's view of it: so many slices, each of some time."""

    def __init__(self, slices, slice_ns=SLICE_NS):
        self.left = slices
        self.slice_ns = slice_ns
        self.usage = Usage()
        self.is_done = False
        self.run = SimpleNamespace(session=self, wake_at_ns=None)

    def begin_next(self):
        return self.run

    def use_processor(self, _run):
        """Nobody counts it here."""

    def finish(self, _run):
        self.is_done = True


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def scheduler(clock):
    def step(run):
        work = run.session
        clock.ns += work.slice_ns
        work.left -= 1
        return not work.left

    timer = SimpleNamespace(arm=lambda: None, disarm=lambda: None)
    return Scheduler(SimpleNamespace(step=step), timer, clock)


def tick(scheduler):
    scheduler.run_new()
    scheduler.run_parked()


def test_what_takes_two_slices_ends_beside_a_flood_of_what_takes_one(scheduler):
    """A flood that never ends, and a share of it that needs a second slice: none of that waits for ever."""
    long_ones = []
    for number in range(200):
        for place in range(10):
            work = Work(2 if place % 2 else 1)
            scheduler.add(work)
            if work.left == 2:
                long_ones.append((number, work))
        tick(scheduler)
    assert all(work.is_done for number, work in long_ones if number < 80)


def test_beside_little_new_work_those_parked_get_one_slice_a_tick(scheduler, clock):
    """So new work never waits for more than one."""
    for _ in range(5):
        scheduler.add(Work(100))
    tick(scheduler)
    tick(scheduler)
    before_ns = clock.ns
    scheduler.add(Work(1, slice_ns=100_000))
    tick(scheduler)
    assert clock.ns - before_ns == 100_000 + SLICE_NS


def test_an_empty_line_lets_nobody_wait(scheduler, clock):
    assert scheduler.line(clock.ns) == (0, 0)


def test_a_newcomers_wait_is_told_by_how_fast_the_line_moved(scheduler, clock):
    """While 100 had their turns 300 came: who comes now waits three times as long as the first of them did."""
    for _ in range(400):
        scheduler.add(Work(1, slice_ns=100_000))
    scheduler.run_new()
    assert NEW_WORK_NS_MAX == 100 * 100_000
    assert scheduler.line(clock.ns) == (3 * NEW_WORK_NS_MAX, 300)


def test_who_is_parked_makes_new_work_wait_longer(scheduler, clock):
    """New work may need a second slice, which it gets when those parked before it had theirs."""
    for _ in range(3):
        scheduler.add(Work(2))
    scheduler.run_new()
    clock.ns += SLICE_NS
    assert scheduler.line(clock.ns) == (3 * SLICE_NS, 3)


def test_a_step_that_took_too_long_is_not_made_up_for_at_once(scheduler, clock):
    """Those parked get as long as new work should take, or what nothing stops would keep the replies back twice."""
    for _ in range(200):
        scheduler.add(Work(1_000))
    for _ in range(50):
        tick(scheduler)
    scheduler.add(Work(1, slice_ns=1_000_000_000))
    scheduler.run_new()
    before_ns = clock.ns
    scheduler.run_parked()
    assert clock.ns - before_ns <= NEW_WORK_NS_MAX + SLICE_NS
