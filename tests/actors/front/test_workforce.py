"""The book of the workers: who is ordered, who serves, who is killed, and when the next one is due."""

import pytest

from actors.front.beats import Beats
from actors.front.workforce import State, Workforce
from actors.sessions.restart import RESTARTS_MAX
from actors.settings import Settings

NS_PER_MS = 1_000_000


class Lines:
    """The front's end of the line to a nursery that only listens."""

    def __init__(self):
        self.orders = []

    def write(self, order):
        self.orders.append(order)


class Clock:
    now_ns = 0

    def monotonic_ns(self):
        return self.now_ns


@pytest.fixture
def lines():
    return Lines()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workforce(lines, clock):
    return Workforce(2, Settings(workers=2, watchdog_s=1), lines, clock, Beats(3))


def serve(workforce, index):
    place = workforce.places[index]
    workforce.order_due()
    workforce.take({"started": place.name, "pid": 7})
    workforce.serves(place)
    return place


def test_every_place_is_ordered_once(workforce, lines):
    workforce.order_due()
    workforce.order_due()
    assert [order["start"] for order in lines.orders] == ["0.1", "1.1", "2.1"]
    assert workforce.in_state(State.STARTING) == [*workforce.places, workforce.quarantine]


def test_a_worker_that_died_is_replaced_at_once_under_another_name(workforce, lines):
    place = serve(workforce, 0)
    dead = place.routing_id
    assert workforce.take({"ended": place.name, "code": -9}) is place
    assert (place.state, workforce.due_in_ns()) == (State.AWAY, 0)
    workforce.order_due()
    assert lines.orders[-1]["start"] == "0.2"
    assert workforce.find(dead) is None
    assert workforce.find(b"0.2") is place


def test_too_many_deaths_in_one_place_make_a_pause_there_only(workforce, clock):
    for _ in range(RESTARTS_MAX + 1):
        assert workforce.due_in_ns() in (None, 0)
        place = serve(workforce, 0)
        assert not workforce.is_failing(place)
        workforce.take({"ended": place.name, "code": -9})
    assert workforce.due_in_ns() == 50 * NS_PER_MS
    assert [workforce.is_failing(each) for each in workforce.places] == [True, False]
    clock.now_ns += 50 * NS_PER_MS
    assert workforce.due_in_ns() == 0
    assert place.restarts == RESTARTS_MAX + 1


def test_an_end_in_good_order_is_no_death(workforce):
    place = serve(workforce, 1)
    workforce.ends(place)
    place.is_finished = True
    workforce.take({"ended": place.name, "code": 0})
    assert (place.state, place.restarts, place.failures_ms) == (State.AWAY, 0, ())


def test_a_worker_that_stands_still_is_killed_once(workforce, lines, clock):
    place = serve(workforce, 0)
    clock.now_ns += 1_000 * NS_PER_MS
    workforce.watch()
    assert {"kill": place.name} not in lines.orders
    clock.now_ns += NS_PER_MS
    workforce.watch()
    workforce.watch()
    assert lines.orders.count({"kill": place.name}) == 1


def test_workers_that_stood_still_together_with_the_front_get_their_time_anew(workforce, lines, clock):
    serving, ending = serve(workforce, 0), serve(workforce, 1)
    workforce.ends(ending)
    clock.now_ns += workforce.ending_ns + 1
    workforce.watch()
    assert not [order for order in lines.orders if "kill" in order]
    for _ in range(20):
        clock.now_ns += workforce.ending_ns // 20
        workforce.watch()
    assert {"kill": serving.name} in lines.orders
    clock.now_ns += 1_000 * NS_PER_MS
    workforce.watch()
    assert {"kill": ending.name} in lines.orders


def test_a_worker_that_does_not_end_is_killed(workforce, lines, clock):
    place = serve(workforce, 0)
    workforce.ends(place)
    for _ in range(9):
        clock.now_ns += workforce.ending_ns // 8
        workforce.watch()
    assert lines.orders.count({"kill": place.name}) == 1


def test_news_of_a_worker_that_was_replaced_change_nothing(workforce):
    place = serve(workforce, 0)
    name = place.name
    workforce.take({"ended": name, "code": -9})
    workforce.order_due()
    assert workforce.take({"ended": name, "code": -9}) is None
    assert place.state is State.STARTING
