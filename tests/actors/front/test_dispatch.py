"""What the front answers itself, and counts."""

from types import SimpleNamespace

import pytest
import ujson

from actors.front.dispatch import Dispatch
from actors.front.letters import NUMBER_BYTES, number_of
from actors.front.routes import Whereabouts
from actors.front.subscriptions import Subscriptions
from actors.front.workforce import State
from actors.settings import Settings
from actors.traffic.connections import Connections
from actors.traffic.door import Incoming
from protocol import encode_request
from tests.actors.fakes.clock import FakeClock


def test_what_no_worker_can_answer_is_counted_once_however_many_there_are():
    """A question to all workers fails once for whoever asked, whether one of them cannot be kept alive or all."""
    sent = []
    places = [SimpleNamespace(index=number, state=State.STARTING, restarts=0, is_finished=False) for number in (0, 1)]
    failing = []
    gateway = SimpleNamespace(connections=(), dropped=0, send=lambda _envelope, body: sent.append(ujson.loads(body)))
    workforce = SimpleNamespace(
        settings=Settings(), places=places, quarantine=None, is_failing=lambda place: place in failing
    )
    dispatch = Dispatch(gateway, None, workforce, SimpleNamespace(workers=2), None, FakeClock())
    dispatch.take(SimpleNamespace(refusal=None, connection=b"a", envelope=[b"a"], body=encode_request("health", {}, 1)))
    assert sent == []
    for place in places:
        failing.append(place)
        dispatch.worker_ended(place, is_stopping=False)
    assert [reply["status"] for reply in sent] == ["error"]
    assert dispatch.answers._facts().failures == {"InternalError": 1}


class Exchange:
    """Notes what a worker was given: the numbers of requests."""

    def __init__(self):
        self.given = []

    def give(self, _name, head, _body):
        self.given.append(number_of(head[:NUMBER_BYTES]))


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_session", {"client_id": "ann"}),
        ("restore_session", {"session_id": "s"}),
        ("subscribe", {"session_id": "s", "events": ["session"]}),
    ],
)
def test_who_is_gone_is_forgotten_when_what_is_kept_for_him_came(operation, parameters):
    """Otherwise it would be kept for ever: by the front, by the worker, and by those the front told of it."""
    told = []
    gateway = SimpleNamespace(connections=Connections(), send=lambda _envelope, _body: None)
    place = SimpleNamespace(index=0, state=State.SERVING, routing_id=b"0.1")
    workforce = SimpleNamespace(settings=Settings(), places=[place])
    exchange, subscriptions = Exchange(), Subscriptions()
    dispatch = Dispatch(gateway, exchange, workforce, Whereabouts(1, 1), subscriptions, FakeClock())
    gateway.on_gone = lambda key: told.append((key, dispatch.gone(key)))
    body = encode_request(operation, parameters, 1)
    dispatch.take(Incoming(b"key", [b"id"], body, None))
    dispatch.take(Incoming(b"key", [b"id"], encode_request("evaluate", {"code": "1"}, 2), None))
    gateway.on_gone(b"key")
    assert told == [(b"key", False)]
    gateway.connections.remember(b"key").claim("ann", "s")
    dispatch.reply(exchange.given[0], b"{}")
    assert told == [(b"key", False), (b"key", True)]
    assert gateway.connections.find(b"key") is None
    assert len(exchange.given) == 2, "what it asked after that is done, too"
    assert subscriptions.envelope(exchange.given[0]) is None
    dispatch.reply(exchange.given[1], b"{}")
    assert len(told) == 2


def test_workers_are_not_told_that_somebody_is_gone_for_whom_nothing_was_kept():
    gateway = SimpleNamespace(connections=Connections(), send=lambda _envelope, _body: None)
    workforce = SimpleNamespace(settings=Settings(), places=[])
    dispatch = Dispatch(gateway, None, workforce, Whereabouts(1, 1), Subscriptions(), FakeClock())
    dispatch.take(Incoming(b"key", [b"id"], encode_request("ping", {}, 1), None))
    assert not dispatch.gone(b"key")


@pytest.mark.parametrize("operation", ["ping", "describe"])
def test_what_the_front_answers_itself_is_bounded_for_each_connection(operation):
    sent = []
    gateway = SimpleNamespace(send=lambda envelope, body: sent.append((envelope, ujson.loads(body))))
    workforce = SimpleNamespace(settings=Settings(requests_per_s=2), places=[])
    dispatch = Dispatch(gateway, None, workforce, Whereabouts(1, 1), Subscriptions(), FakeClock())

    def ask(name):
        dispatch.take(Incoming(name, [name], encode_request(operation, {}, 1), None))
        envelope, reply = sent.pop()
        assert envelope == [name]
        return reply

    assert [ask(b"flood")["status"] for _ in range(3)] == ["success", "success", "error"]
    refused = ask(b"flood")
    assert (refused["error_type"], refused["details"]["limit"]) == ("LimitExceeded", "requests_per_s")
    assert 0 < refused["details"]["retry_after_ms"] <= 500
    assert ask(b"other")["status"] == "success"
    assert dispatch.answers._measures.refused == {"requests_per_s": 2}
    dispatch.answers.configure(Settings())
    assert ask(b"flood")["status"] == "success"
