"""An operation with an op_id has its effect once, whatever is repeated, over whichever connection."""

import pytest
import ujson

ENVELOPE_ID = "7d444840-9dc0-41d1-b245-5ffdce74fad2"


def rust_evaluate(code, **parameters):
    data = {"request_type": "Evaluate", "params": {"code": code, **parameters}}
    envelope = {"id": ENVELOPE_ID, "version": "1.0.0", "timestamp": "2025-01-01T00:00:00Z"}
    return ujson.dumps({**envelope, "payload": {"type": "Request", "data": data}}).encode()


def test_a_repeat_gets_the_first_reply_and_runs_nothing(client):
    token = client.create()
    client.evaluate("x = 0", session_id=token)
    first = client.result("evaluate", code="x = x + 1", session_id=token, op_id="a")
    assert client.result("evaluate", code="x = x + 1", session_id=token, op_id="a") == first
    assert client.evaluate("x", session_id=token) == "1"


def test_a_repeat_is_told_the_same_time_however_long_the_commit_took(server, client, monkeypatch):
    token, commit = client.create(), server.store.commit

    def slow(changes):
        server.clock.advance(ms=7)
        commit(changes)

    monkeypatch.setattr(server.store, "commit", slow)
    first = client.ask("evaluate", code="1", session_id=token, op_id="a")
    assert client.ask("evaluate", code="1", session_id=token, op_id="a")["timestamp"] == first["timestamp"]


def test_a_repeat_is_recognised_after_a_crash(server, client):
    token = client.create()
    client.evaluate("x = 0", session_id=token)
    client.evaluate("x = x + 1", session_id=token, op_id="a")
    server.restart()
    again = server.client()
    assert again.evaluate("x = x + 1", session_id=token, op_id="a") == "1"
    assert again.evaluate("x", session_id=token) == "1"


def test_a_repeat_while_the_first_runs_joins_it(client):
    token = client.create()
    first = client.send("evaluate", code="turns 20", session_id=token, op_id="a")
    second = client.send("evaluate", code="turns 20", session_id=token, op_id="a")
    replies = [client.receive(), client.receive()]
    assert [reply["id"] for reply in replies] == [first, second]
    assert client.result("history", session_id=token)["total"] == 1


def test_only_so_many_repeats_wait_for_one_answer(client, monkeypatch):
    monkeypatch.setattr("actors.durability.exactly_once.ASKERS_MAX", 2)
    token = client.create()
    sent = [client.send("evaluate", code="turns 20", session_id=token, op_id="a") for _ in range(4)]
    replies = {reply["id"]: reply for reply in (client.receive() for _ in sent)}
    assert [replies[each]["status"] for each in sent] == ["success", "success", "error", "error"]
    assert replies[sent[3]]["error_type"] == "Overloaded"
    assert replies[sent[3]]["details"] == {"limit": "askers_max", "maximum": 2, "retry_after_ms": 200}


@pytest.mark.parametrize("is_running", [True, False])
def test_the_same_key_with_other_content_is_refused(client, is_running):
    token = client.create()
    first = client.send("evaluate", code="turns 20", session_id=token, op_id="a")
    if not is_running:
        assert client.receive()["id"] == first
    client.send("evaluate", code="2", session_id=token, op_id="a")
    assert client.receive()["error_type"] == "InvalidRequest"


def test_a_failure_that_had_effects_is_remembered(client):
    token = client.create()
    client.evaluate("x = 0", session_id=token)
    for _ in range(2):
        assert client.error("evaluate", code="x = x + 1; error", session_id=token, op_id="a") == "EvaluationError"
    assert client.evaluate("x", session_id=token) == "1"


def test_a_refusal_is_not_remembered(make_server):
    server = make_server(sessions_per_client=1)
    client = server.client()
    token = client.create()
    assert client.error("create_session", client_id="ann", op_id="c") == "LimitExceeded"
    client.result("close_session", session_id=token)
    assert client.result("create_session", client_id="ann", op_id="c")["client_id"] == "ann"


def test_clients_do_not_meet_under_one_key(server, client):
    first, second = client.create("ann"), server.client().create("ben")
    other = server.client()
    assert client.evaluate("1", session_id=first, op_id="a") == "1"
    assert other.evaluate("2", session_id=second, op_id="a") == "2"


def test_without_a_session_id_connections_of_two_clients_do_not_meet(server, client):
    other = server.client()
    client.create("ann")
    other.create("ben")
    client.evaluate("x = 1", op_id="a")
    assert other.error("evaluate", code="x", op_id="b") == "InternalError"
    assert other.evaluate("x = 1", op_id="a") == "1"
    assert other.evaluate("x + 1", op_id="c") == "2"


def test_the_rust_clients_retry_over_a_new_connection_is_recognised(server, client):
    client.create("ann")
    client.evaluate("x = 0")
    client.send_raw([b"", rust_evaluate("x = x + 1")])
    first = ujson.loads(client.receive_raw())
    server.restart()
    again = server.client()
    again.send_raw([b"", rust_evaluate("x = x + 1")])
    second = ujson.loads(again.receive_raw())
    assert second["payload"]["data"]["data"]["result"] == "1"
    assert second["payload"]["data"] == first["payload"]["data"]


def test_a_repeated_creation_gives_the_session_to_the_new_connection(server, client):
    first = client.result("create_session", client_id="ann", op_id="c")
    again = server.client()
    assert again.result("create_session", client_id="ann", op_id="c") == first
    assert again.result("evaluate", code="1")["session_id"] == first["session_id"]
    assert again.result("list_client_sessions", client_id="ann")["session_count"] == 1


def test_a_repeated_close_is_answered_alike(client):
    token = client.create()
    for _ in range(2):
        assert client.result("close_session", session_id=token, op_id="z")["closed"] is True


def test_the_same_op_id_through_another_dialect_is_the_same_operation(server, client):
    token = client.create("ann")
    client.evaluate("x = 0", session_id=token)
    client.send_raw([b"", rust_evaluate("x = x + 1", session_id=token)])
    client.receive_raw()
    assert client.evaluate("x = x + 1", session_id=token, op_id=ENVELOPE_ID) == "1"


def test_a_short_key_over_a_fresh_connection_never_meets_a_clients(server, client):
    token = client.create("ann")
    client.evaluate("x = 42", op_id="1")
    stranger = server.client()
    reply = stranger.result("evaluate", code="x = 42", op_id="1")
    assert reply["session_id"] != token
    assert stranger.evaluate("x + 1", session_id=reply["session_id"]) == "43"


@pytest.mark.parametrize("op_id", ["1", ENVELOPE_ID])
def test_all_ways_to_name_a_client_are_one_scope(server, client, op_id):
    token = client.create("ann")
    client.evaluate("x = 0", op_id=op_id)
    for names in ({"session_id": token}, {"client_id": "ann"}, {"session_id": token, "client_id": "ann"}):
        for connection in (client, server.client()):
            reply = connection.ask("evaluate", code="x = 0", op_id=op_id, **names)
            assert (reply["error_type"], reply["details"]) == ("InvalidRequest", {"field": "op_id"})


@pytest.mark.parametrize("names_client", [True, False])
def test_a_stranger_who_names_a_session_is_not_told_its_answers(server, client, names_client):
    token = client.create("ann")
    client.evaluate("x = 42", session_id=token, op_id=ENVELOPE_ID)
    other = server.client()
    other.create("ben")
    names = {"client_id": "ben"} if names_client else {}
    assert other.error("evaluate", code="x = 42", session_id=token, op_id=ENVELOPE_ID, **names) == "PermissionDenied"


def test_anonymous_repeats_are_recognised_with_and_without_the_sessions_id(server, client):
    token = client.result("evaluate", code="x = 0", op_id="a")["session_id"]
    again = server.client()
    assert again.evaluate("x = 0", op_id="a") == "0"
    assert again.error("evaluate", code="x = 0", op_id="a", session_id=token) == "InvalidRequest"
    assert again.result("history", session_id=token)["total"] == 1


def test_a_repeat_over_a_fresh_connection_joins_the_first_that_runs(server, client):
    token = client.create("ann")
    first = client.send("evaluate", code="turns 20", op_id=ENVELOPE_ID)
    ping = client.send("ping")
    assert client.receive()["id"] == ping
    assert server.client().result("evaluate", code="turns 20", op_id=ENVELOPE_ID)["session_id"] == token
    assert client.receive()["id"] == first
    assert client.result("history", session_id=token)["total"] == 1
