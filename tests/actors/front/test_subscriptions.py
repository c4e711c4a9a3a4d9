"""Who gets events, whatever worker sends them."""

from actors.front import subscriptions as module
from actors.front.flights import Flight, Flights
from actors.front.subscriptions import Subscriptions
from protocol import decode, encode_request


def subscribe(subscriptions, flights, token, key=b"key", worker=0):
    body = encode_request("subscribe", {"session_id": token, "events": ["transcript"]}, 1)
    flight = Flight(key, [key], body, decode(body), (worker,))
    flights.add(flight)
    subscriptions.given(flight)
    return flight.number


def test_an_event_goes_where_its_subscription_came_from_until_the_peer_is_gone():
    subscriptions, flights = Subscriptions(), Flights(2)
    number = subscribe(subscriptions, flights, "s")
    assert subscriptions.envelope(number) == [b"key"]
    assert subscriptions.envelope(number + 1) is None
    subscriptions.forget(b"key")
    assert subscriptions.envelope(number) is None


def test_a_second_subscription_to_a_session_takes_the_place_of_the_first():
    subscriptions, flights = Subscriptions(), Flights(2)
    first, second = (subscribe(subscriptions, flights, "s") for _ in range(2))
    assert (subscriptions.envelope(first), subscriptions.envelope(second)) == (None, [b"key"])


def test_those_of_a_worker_are_asked_for_anew():
    subscriptions, flights = Subscriptions(), Flights(2)
    subscribe(subscriptions, flights, "s", worker=0)
    subscribe(subscriptions, flights, "t", worker=1)
    (again,) = subscriptions.renewed(1)
    assert again.request.parameters["session_id"] == "t"
    assert again.on_reply is not None


def test_one_connection_has_a_bounded_number(monkeypatch):
    monkeypatch.setattr(module, "_OF_CONNECTION_MAX", 2)
    subscriptions, flights = Subscriptions(), Flights(2)
    numbers = [subscribe(subscriptions, flights, token) for token in "abc"]
    assert [subscriptions.envelope(number) for number in numbers] == [None, [b"key"], [b"key"]]
