"""From a request to its durable effect and back."""

import pytest
import zmq


def test_an_effect_is_there_after_a_crash(server, client):
    token = client.create()
    assert client.evaluate("x = 3 + 4", session_id=token) == "7"
    server.restart()
    assert server.client().evaluate("x + 1", session_id=token) == "8"


def test_a_req_client_is_served(server):
    client = server.client(kind=zmq.REQ)
    token = client.create()
    assert client.evaluate("1 + 1", session_id=token) == "2"
    assert client.evaluate("2 + 2", session_id=token) == "4"


def test_the_reply_names_everything_the_contract_promises(client):
    token = client.create()
    result = client.result("evaluate", code="say hello", session_id=token, evaluation_mode="display")
    assert result == {
        "result": "hello",
        "display": "hello",
        "result_type": "str",
        "execution_time": 0,
        "has_error": False,
        "object_id": "i:hello",
        "transcript": "hello",
        "session_id": token,
    }


def test_many_requests_in_flight_are_answered_in_order(client):
    token = client.create()
    sent = [client.send("evaluate", code=f"x = {number}", session_id=token) for number in range(50)]
    replies = [client.receive() for _ in sent]
    assert [reply["id"] for reply in replies] == sent
    assert [reply["result"]["result"] for reply in replies] == [str(number) for number in range(50)]


def test_a_session_created_in_the_same_tick_is_the_connections_own(client):
    client.send("create_session", client_id="ann")
    client.send("evaluate", code="x = 1")
    created, evaluated = client.receive(), client.receive()
    assert evaluated["result"]["session_id"] == created["result"]["session_id"]


def test_an_unhandled_error_is_an_error_reply_with_its_place(client):
    token = client.create()
    reply = client.ask("evaluate", code="x = 1; error", session_id=token)
    assert (reply["error_type"], reply["error"]) == ("EvaluationError", "division by zero")
    assert reply["details"]["class"] == "ZeroDivide"
    assert reply["details"]["stack"] == ["DoIt line 1"]
    assert client.evaluate("x", session_id=token) == "1"


def test_effects_of_a_failed_evaluation_are_durable_too(server, client):
    token = client.create()
    client.error("evaluate", code="x = 5; error", session_id=token)
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "5"


def test_a_suspended_computation_that_is_not_there_is_told(client):
    assert client.error("evaluate", code="1", context="c1") == "ContextNotFound"


def test_history_is_kept_and_paged(server, client):
    token = client.create()
    for number in range(5):
        client.evaluate(f"x = {number}", session_id=token)
    client.error("evaluate", code="error", session_id=token)
    server.restart()
    page = server.client().result("history", session_id=token, count=2)
    assert page["total"] == 6
    assert [entry["code"] for entry in page["entries"]] == ["x = 4", "error"]
    assert page["entries"][-1] == {
        "seq": 6,
        "code": "error",
        "result": "ZeroDivide: division by zero",
        "timestamp": "2023-11-14T22:13:20.000Z",
        "execution_time": 0,
        "has_error": True,
    }
    first = server.client().result("history", session_id=token, offset=0, count=1)
    assert [entry["seq"] for entry in first["entries"]] == [1]


def test_a_page_of_history_ends_when_its_texts_are_too_long_and_has_one_entry_at_least(client, monkeypatch):
    token = client.create()
    for number in range(10, 50):
        client.evaluate(f"x = {number}", session_id=token)

    def shown(**parameters):
        return [entry["seq"] for entry in client.result("history", session_id=token, **parameters)["entries"]]

    assert (shown(), shown(offset=0)) == (list(range(1, 41)), list(range(1, 41)))
    # Each has six characters of code and two of result.
    monkeypatch.setattr("actors.operations.evaluation.HISTORY_CHARS_MAX", 20 * 8)
    assert (shown(), shown(offset=0), shown(offset=38)) == (list(range(21, 41)), list(range(1, 21)), [39, 40])
    monkeypatch.setattr("actors.operations.evaluation.HISTORY_CHARS_MAX", 3)
    assert (shown(), shown(offset=0), shown(offset=40), shown(count=0)) == ([40], [1], [], [])


def test_history_asked_behind_an_evaluation_shows_it(client):
    token = client.create()
    client.send("evaluate", code="x = 1", session_id=token)
    client.send("history", session_id=token)
    assert client.receive()["result"]["result"] == "1"
    assert client.receive()["result"]["total"] == 1


def test_a_full_queue_refuses_more(make_server):
    server = make_server(queue_max=2)
    client = server.client()
    token = client.create()
    sent = [client.send("evaluate", code="turns 30", session_id=token) for _ in range(4)]
    replies = {reply["id"]: reply for reply in (client.receive() for _ in sent)}
    refused = [number for number in sent if replies[number].get("error_type") == "Overloaded"]
    assert refused
    assert replies[refused[0]]["details"] == {"limit": "queue_max", "maximum": 2, "retry_after_ms": 200}
    assert all(replies[number]["status"] == "success" for number in sent if number not in refused)


@pytest.mark.parametrize(("grown_mb", "limit"), [(1_000_000, "memory_growth_mb"), (0, "memory_max_mb")])
def test_who_takes_too_much_memory_is_told_which_setting_says_so(server, client, grown_mb, limit):
    token = client.create()
    client.send("evaluate", code="spin", session_id=token)
    client.result("ping")
    run = server.system.supervisor.roster.find(token).session.running
    run.is_too_big, run.grown_bytes = True, grown_mb * 1024 * 1024
    run.evaluation.interrupt("memory")
    reply = client.receive()
    assert reply["error_type"] == "LimitExceeded"
    assert reply["details"]["limit"] == limit
    assert reply["details"]["maximum"] == getattr(server.settings, limit)
