"""Events for subscribers."""

import pytest
import ujson
import zmq

from storage import DiskFull


def test_a_subscriber_hears_in_order_and_gaplessly(server, client):
    token = client.create()
    listener = server.client()
    seq = listener.result("subscribe", session_id=token, events=["transcript", "evaluation"])["seq"]
    client.evaluate("say hello", session_id=token)
    listener.result("ping")
    assert [(event["event"], event["seq"]) for event in listener.events] == [
        ("transcript", seq + 1),
        ("evaluation", seq + 2),
    ]
    assert listener.events[0]["data"] == {"text": "hello"}
    assert listener.events[1]["session_id"] == token


def test_only_what_was_wished_is_sent_and_nothing_ends_it(server, client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["session"])
    client.evaluate("say hello", session_id=token)
    assert client.events == []
    client.result("update_session_state", session_id=token, state_data={})
    client.result("ping")
    assert [event["data"] for event in client.events] == [{"state": "updated"}]
    assert client.result("subscribe", session_id=token, events=[])["events"] == []
    client.result("update_session_state", session_id=token, state_data={})
    client.result("ping")
    assert len(client.events) == 1


def test_a_reconnecting_subscriber_misses_nothing(server, client):
    token = client.create()
    listener = server.client()
    seq = listener.result("subscribe", session_id=token, events=["evaluation"])["seq"]
    listener.close()
    for number in range(3):
        client.evaluate(str(number), session_id=token)
    again = server.client()
    again.result("subscribe", session_id=token, events=["evaluation"], from_seq=seq + 2)
    again.result("ping")
    assert [event["data"]["code"] for event in again.events] == ["1", "2"]


def test_a_stranger_cannot_subscribe(server, client):
    token = client.create("ann")
    other = server.client()
    other.create("ben")
    assert other.error("subscribe", session_id=token, events=["evaluation"]) == "PermissionDenied"


def test_subscribers_are_bounded(server, client, monkeypatch):
    monkeypatch.setattr("actors.durability.events.SUBSCRIBERS_MAX", 1)
    token = client.create()
    client.result("subscribe", session_id=token, events=["evaluation"])
    client.result("subscribe", session_id=token, events=["evaluation"])
    assert server.client().error("subscribe", session_id=token, events=["evaluation"]) == "LimitExceeded"


def test_numbers_rise_across_restarts(server, client):
    token = client.create()
    first = client.result("subscribe", session_id=token, events=["session"])["seq"]
    server.restart()
    server.clock.advance(ms=1)
    assert server.client().result("subscribe", session_id=token, events=["session"])["seq"] > first


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.DEALER])
def test_a_peer_that_would_take_an_event_for_a_reply_cannot_subscribe(server, client, kind):
    token = client.create()
    listener = server.client(kind=kind)
    parameters = {"session_id": token, "events": ["evaluation"]}
    body = ujson.dumps({"id": 1, "command": "subscribe", "parameters": parameters}).encode()
    listener.send_raw([body] if kind == zmq.REQ else [b"", body])
    reply = listener.receive()
    assert (reply["id"], reply["error_type"]) == (1, "UnsupportedOperation")
    assert "DEALER" in reply["error"]
    client.evaluate("1", session_id=token)
    assert listener.ask("ping")["result"]["status"] == "ready"
    assert listener.events == []


def test_an_event_of_a_failed_commit_is_not_kept_and_its_number_not_used_again(server, client):
    token = client.create()
    seq = client.result("subscribe", session_id=token, events=["evaluation"])["seq"]
    client.evaluate("1", session_id=token)
    server.fail_next_commit(DiskFull("no room"))
    assert client.error("evaluate", code="2", session_id=token) == "StorageError"
    client.evaluate("3", session_id=token)
    later = server.client()
    later.result("subscribe", session_id=token, events=["evaluation"], from_seq=seq)
    later.result("ping")
    assert [(event["seq"], event["data"]["code"]) for event in later.events] == [(seq + 1, "1"), (seq + 3, "3")]


def test_what_is_kept_for_those_who_come_back_is_bounded_in_size(server, client, monkeypatch):
    monkeypatch.setattr("actors.durability.kept_events._BYTES_MAX", 8_000)
    token = client.create()
    seq = client.result("subscribe", session_id=token, events=["transcript"])["seq"]
    for number in range(4):
        client.evaluate(f"say {str(number) * 1_500}", session_id=token)
    again = server.client()
    again.result("subscribe", session_id=token, events=["transcript"], from_seq=seq)
    again.result("ping")
    heard = [event["data"]["text"][0] for event in again.events]
    assert heard == ["3"]


def test_nothing_is_kept_of_a_closed_session(server, client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["session"])
    client.result("close_session", session_id=token)
    client.result("ping")
    assert not server.system.supervisor.parts.events.has_channel(token)
    client.close()
