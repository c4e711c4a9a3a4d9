"""What is on its way: order, numbers, bounds, and what may be repeated after a worker died."""

import pytest

from actors.front import flights as module
from actors.front.flights import ATTEMPTS_MAX, Flight, Flights
from protocol import decode, encode_request


def flight(operation="evaluate", path=(0,), **parameters):
    body = encode_request(operation, {"code": "1", **parameters} if operation == "evaluate" else parameters, 1)
    return Flight(b"key", [b"id", b""], body, decode(body), path)


def test_flights_are_kept_in_order_by_worker_under_numbers_of_their_own():
    flights, given = Flights(2), [flight(path=(k % 2,)) for k in range(6)]
    for each in given:
        flights.add(each)
    assert len({each.number for each in given}) == len(flights) == 6
    assert flights.of_worker(0) == given[::2]
    assert flights.take(given[2].number) is given[2]
    assert flights.take(given[2].number) is None
    assert list(flights) == [given[0], given[4], *given[1::2]]


def test_too_many_are_refused(monkeypatch):
    monkeypatch.setattr(module, "FLIGHTS_MAX", 2)
    flights = Flights(2)
    flights.add(flight())
    assert flights.full_limit(0) is None
    flights.add(flight())
    assert flights.full_limit(0) == "flights_max"
    assert flights.full_limit(1) is None


def test_too_large_ones_are_refused_and_room_comes_back(monkeypatch):
    monkeypatch.setattr(module, "FLIGHT_BYTES_MAX", 100)
    flights, large = Flights(1), flight(code="x" * 100)
    flights.add(large)
    assert flights.full_limit(0) == "waiting_bytes_max"
    flights.take(large.number)
    assert flights.full_limit(0) is None


@pytest.mark.parametrize(
    ("made", "may_repeat"),
    [
        (flight(), False),
        (flight(op_id="once"), True),
        (flight("list_client_sessions", client_id="ann"), True),
        (flight("create_session", client_id="ann"), False),
        (flight("create_session", client_id="ann", op_id="once"), True),
    ],
)
def test_what_may_be_done_twice_or_is_recognised_is_repeated(made, may_repeat):
    assert made.may_repeat is may_repeat


def test_what_was_with_too_many_dead_workers_is_not_repeated():
    made = flight(op_id="once")
    made.attempts = ATTEMPTS_MAX
    assert not made.may_repeat
