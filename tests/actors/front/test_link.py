"""The link gives the loop what the front wrote, as much at a time as that takes."""

import os

import pytest

from actors.front.exchange import Exchange, path_in
from actors.front.letters import CLAIM, LOAN, STOP, head_frame
from actors.front.link import Link


@pytest.fixture
def exchange(tmp_path):
    made = Exchange(path_in(tmp_path))
    yield made
    made.close()


@pytest.fixture
def link(exchange, tmp_path):
    lifeline, lifeline_end = os.pipe()
    made = Link(
        path_in(tmp_path), b"0.1", has_anonymous=True, beat=lambda: None, sleep_ms_max=30_000, lifeline=lifeline
    )
    made.hello([])
    while not list(exchange.receive()):
        pass
    yield made
    made.close()
    os.close(lifeline)
    os.close(lifeline_end)


def test_who_takes_fewer_than_there_are_gets_the_rest_the_next_time_without_waiting(exchange, link):
    for number in range(1, 4):
        exchange.give(b"0.1", head_frame(number, [b"client", b""], b"key"), b"%d" % number)
    exchange.flush()
    link.wait(30_000)
    assert next(iter(link.receive())).body == b"1"
    link.wait(30_000)
    assert [each.body for each in link.receive()] == [b"2", b"3"]


def test_what_the_front_said_behind_requests_does_not_overtake_them(exchange, link):
    taken, stops = [], []
    link.on_stop = lambda: stops.append(len(taken))
    for number in range(1, 4):
        exchange.give(b"0.1", head_frame(number, [b"client", b""], b"key"), b"%d" % number)
    exchange.tell(b"0.1", CLAIM, b"key", b"ann", b"token")
    exchange.tell(b"0.1", STOP)
    exchange.flush()
    while not stops:
        link.wait(30_000)
        for each in link.receive():
            taken.append(each.body)
            assert link.connections.find(b"key") is None
            break
    assert (taken, stops) == ([b"1", b"2", b"3"], [3])
    assert link.connections.find(b"key").token("ann") == "token"


def test_letters_about_loans_wait_for_nobody(exchange, link):
    told = []
    link.on_letter = lambda kind, rest: told.append((kind, rest))
    exchange.give(b"0.1", head_frame(1, [b"client", b""], b"key"), b"1")
    exchange.tell(b"0.1", LOAN, b"a", b"b")
    exchange.flush()
    link.wait(30_000)
    taken = [(incoming.body, list(told)) for incoming in link.receive()]
    assert taken == [(b"1", [(LOAN, (b"a", b"b"))])]
