"""The scheduler by itself: who gets slices beside a flood of new work, and how long it says that new work will wait."""

from types import SimpleNamespace

import pytest

from actors.running.preempt import SHORT_PART
from actors.running.scheduler import FIRST_COST_NS, NEW_WORK_NS_MAX, Scheduler
from actors.running.usage import Usage
from tests.actors.fakes.clock import FakeClock

SLICE_NS = 2_000_000


class Work:
    """A session with one run, and the evaluator's view of it: so many slices, each of some time."""

    def __init__(self, slices, slice_ns=SLICE_NS):
        self.left = slices
        self.slice_ns = slice_ns
        self.usage = Usage()
        self.is_done = False
        self.run = SimpleNamespace(session=self, wake_at_ns=None, used_ns=0)

    def begin_next(self):
        return self.run

    def lend(self, _run):
        """Nobody takes it."""

    def use_processor(self, _run):
        """Nobody counts it here."""

    def finish(self, _run):
        self.is_done = True


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def scheduler(clock):
    def step(run, *, is_short=False):
        work = run.session
        slice_ns = int(work.slice_ns * SHORT_PART) if is_short else work.slice_ns
        clock.ns += slice_ns
        run.used_ns += slice_ns
        work.left -= 1
        return not work.left

    timer = SimpleNamespace(arm=lambda **_how: None, disarm=lambda: None)
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


def test_a_slice_is_short_in_a_tick_with_new_work_and_whole_in_others(scheduler, clock):
    scheduler.add(Work(100))
    tick(scheduler)
    before_ns = clock.ns
    tick(scheduler)
    assert clock.ns - before_ns == SLICE_NS
    scheduler.add(Work(1, slice_ns=100_000))
    before_ns = clock.ns
    tick(scheduler)
    assert clock.ns - before_ns == 100_000 + SLICE_NS * SHORT_PART


def test_beside_little_new_work_those_parked_get_one_slice_a_tick(scheduler, clock):
    """So new work never waits for more than one."""
    for _ in range(5):
        scheduler.add(Work(100))
    tick(scheduler)
    tick(scheduler)
    before_ns = clock.ns
    scheduler.add(Work(1, slice_ns=100_000))
    tick(scheduler)
    assert clock.ns - before_ns == 100_000 + SLICE_NS * SHORT_PART


def test_an_empty_line_lets_nobody_wait(scheduler, clock):
    scheduler.begin_tick(clock.ns)
    assert (scheduler.wait_ns, scheduler.rounds_ns(clock.ns), scheduler.line_count) == (0, 0, 0)


@pytest.mark.parametrize("place_ns", [100_000, 1_000_000])
def test_a_newcomers_wait_is_told_by_what_those_before_it_take(scheduler, place_ns):
    """Whether it moves faster or slower than thought at first."""
    for _ in range(400):
        scheduler.add(Work(1, slice_ns=place_ns))
    while scheduler.line_count > 200:
        scheduler.run_new()
    assert scheduler.wait_ns == pytest.approx(scheduler.line_count * place_ns, rel=0.02)


@pytest.mark.parametrize("in_line", [10, 160])
def test_a_long_line_also_waits_for_what_its_ticks_do_beside_it(scheduler, clock, in_line):
    """However few there are in each tick: what a tick refuses counts for the line, and not for each of those few."""
    place_ns, rest_ns = NEW_WORK_NS_MAX // 20, 3 * NEW_WORK_NS_MAX
    for _ in range(60):
        scheduler.begin_tick(clock.ns)
        clock.ns += rest_ns
        for _ in range(in_line):
            scheduler.add(Work(1, slice_ns=place_ns))
        scheduler.run_new()
        scheduler.end_tick(clock.ns)
    while scheduler.has_work:
        scheduler.run_new()
    scheduler.begin_tick(clock.ns)
    for _ in range(40):
        scheduler.add(Work(1, slice_ns=place_ns))
    assert scheduler.wait_ns == pytest.approx(40 * place_ns + 2 * rest_ns, rel=0.02)


def test_a_moment_of_standstill_is_not_what_a_place_in_line_takes(scheduler, clock):
    """After 300 ms in which the machine did something else for ten, a crowd is not told to wait for half a minute."""
    for _ in range(10):
        scheduler.add(Work(1, slice_ns=100_000))
    clock.ns += 300_000_000
    scheduler.run_new()
    scheduler.begin_tick(clock.ns)
    for _ in range(1_000):
        scheduler.add(Work(1))
    assert scheduler.wait_ns < 1_000_000_000


def test_taking_requests_in_is_no_wait_of_the_line(scheduler, clock):
    """Of a tick that reads for long nobody waited in line before it: that alone must not refuse what it reads."""
    scheduler.begin_tick(clock.ns)
    for _ in range(100):
        clock.ns += SLICE_NS
        scheduler.add(Work(1))
    assert scheduler.wait_ns == 100 * FIRST_COST_NS
    scheduler.begin_tick(clock.ns)
    assert scheduler.wait_ns == 99 * SLICE_NS


def test_a_line_that_stands_still_tells_how_long_its_first_has_waited(scheduler, clock):
    scheduler.add(Work(1))
    clock.ns += 70 * SLICE_NS
    scheduler.begin_tick(clock.ns)
    scheduler.add(Work(1))
    assert scheduler.wait_ns == 70 * SLICE_NS


def test_who_is_parked_makes_only_what_needs_a_second_turn_wait(scheduler, clock):
    """It gets that when those parked before it had theirs; a first turn comes before them all."""
    for _ in range(3):
        scheduler.add(Work(2))
    scheduler.run_new()
    clock.ns += SLICE_NS
    assert scheduler.rounds_ns(clock.ns) == 3 * SLICE_NS
    assert scheduler.wait_ns == 0


@pytest.mark.parametrize(("slices", "is_long"), [(1, False), (2, False), (7, True)])
def test_the_last_evaluation_tells_whether_the_next_is_likely_to_be_long(scheduler, slices, is_long):
    """One more turn than it should need tells nothing: the machine may have been busy."""
    for before in (False, True):
        work = Work(slices)
        work.usage.is_long = before
        scheduler.add(work)
        while not work.is_done:
            tick(scheduler)
        assert work.usage.is_long is is_long


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
