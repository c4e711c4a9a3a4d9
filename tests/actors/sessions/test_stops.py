"""An evaluation that the server's end stops in its middle goes on after the start, and has its effects once."""

import pytest

from actors.sessions.session_stops import RESUMPTIONS_MAX
from storage import DiskFull

#: Turns of an evaluation that outlasts the grace of a server that stops.
LONG = "x = x + 1; turns 100; x"


def stop(server):
    """What SIGTERM does: end in good order, and start again."""
    server.system.stop()
    server.system.run()
    server.restart()


def begun(client, server, code=LONG, **parameters):
    """Send an evaluation and let it take a few turns."""
    sent = client.send("evaluate", code=code, **parameters)
    for _ in range(5):
        server.tick()
    return sent


@pytest.fixture
def server(make_server):
    return make_server(shutdown_grace_s=0.05)


@pytest.fixture
def token(client):
    made = client.create()
    client.evaluate("x = 0", session_id=made)
    return made


def test_a_repeat_after_the_start_gets_the_one_answer(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    assert client.socket.poll(0) == 0, "who has an op_id is answered when it is done"
    again = server.client()
    asked = {"code": LONG, "session_id": token, "op_id": "long"}
    first = again.result("evaluate", **asked)
    assert first["result"] == "1"
    assert again.result("evaluate", **asked) == first
    assert again.evaluate("x", session_id=token) == "1"
    assert [entry["code"] for entry in again.result("history", session_id=token)["entries"]] == ["x = 0", LONG, "x"]


def test_what_had_not_begun_is_done_once_for_who_asks_again_and_refused_to_who_cannot(server, client, token):
    begun(client, server, "turns 100", session_id=token, op_id="long")
    client.send("evaluate", code="x = x + 10", session_id=token, op_id="next")
    client.send("inspect", target="x", session_id=token, op_id="look")
    unkeyed = client.send("evaluate", code="x = x + 100", session_id=token)
    server.tick()
    stop(server)
    told = client.receive()
    assert (told["id"], told["error_type"]) == (unkeyed, "Interrupted")
    assert client.socket.poll(0) == 0
    again = server.client()
    again.result("evaluate", code="turns 100", session_id=token, op_id="long")
    asked = {"code": "x = x + 10", "session_id": token, "op_id": "next"}
    assert again.result("evaluate", **asked) == again.result("evaluate", **asked)
    assert again.evaluate("x", session_id=token) == "10"


def test_what_cannot_be_stored_just_now_runs_on_until_it_can(server, client, token):
    code = "x = x + 1; stubborn 50; turns 50; x"
    begun(client, server, code, session_id=token, op_id="long")
    stop(server)
    assert client.socket.poll(0) == 0
    assert server.client().result("evaluate", code=code, session_id=token, op_id="long")["result"] == "1"


def test_it_goes_on_by_itself_and_without_a_key_the_history_tells(server, client, token):
    sent = begun(client, server, session_id=token)
    stop(server)
    told = client.receive()
    assert (told["id"], told["error_type"], told["details"]) == (sent, "Interrupted", {"context_id": "c1"})
    again = server.client()
    for _ in range(150):
        entry = again.result("history", session_id=token)["entries"][-1]
        if entry["code"] == LONG:
            break
    assert (entry["code"], entry["result"], entry["has_error"]) == (LONG, "1", False)
    assert again.result("get_session_info", session_id=token, client_id="ann")["hibernated"] is False


def test_its_time_counts_on(server, client, token):
    """Each turn takes 10 ms of the still clock, before and after."""
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    result = server.client().result("evaluate", code=LONG, session_id=token, op_id="long")
    assert result["execution_time"] >= 990


def test_it_has_one_budget(make_server):
    server = make_server(shutdown_grace_s=0.05, cpu_budget_ms=300)
    client = server.client()
    token = client.create()
    for number in range(100):
        client.send("evaluate", code="spin", session_id=token, op_id="spin") if not number else None
        for _ in range(5):
            server.tick()
        stop(server)
        client = server.client()
        entries = client.result("history", session_id=token)["entries"]
        if entries:
            break
    assert entries[-1]["result"] == "Timeout: stopped"
    assert number < 10


@pytest.mark.parametrize("kills", ["SSS", "KSK", "SKKS", "KKKK"])
def test_stops_and_crashes_in_a_row_lose_nothing_and_double_nothing(server, client, token, kills):
    """S: the server ends in good order; K: it is killed, which leaves what was stored last."""
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    for kill in kills:
        for _ in range(7):
            server.tick()
        if kill == "S":
            stop(server)
        else:
            server.restart()
    again = server.client()
    assert again.result("evaluate", code=LONG, session_id=token, op_id="long")["result"] == "1"
    assert again.evaluate("x", session_id=token) == "1"


def test_what_ends_the_server_each_time_is_left_to_its_client(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    asked = {"code": LONG, "session_id": token, "op_id": "long"}
    for _ in range(RESUMPTIONS_MAX):
        server.client().send("ping")
        for _ in range(5):
            server.tick()
        server.restart()
    again = server.client()
    reply = again.ask("evaluate", **asked)
    assert (reply["error_type"], reply["details"]["context_id"]) == ("Interrupted", "c1")
    server.restart()
    again = server.client()
    assert again.ask("evaluate", **asked)["error_type"] == "Interrupted"
    assert again.result("debug", operation="Continue", session_id=token)["result"] == "1"


def test_a_failure_after_the_start_waits_under_the_same_name(server, client, token):
    begun(client, server, "turns 100; error; x + 7", session_id=token, op_id="long")
    stop(server)
    again = server.client()
    reply = again.ask("evaluate", code="turns 100; error; x + 7", session_id=token, op_id="long")
    assert (reply["error_type"], reply["details"]["context_id"]) == ("EvaluationError", "c1")
    assert again.result("debug", operation="Continue", session_id=token)["result"] == "7"


def test_a_computation_that_went_on_by_debug_is_stopped_and_goes_on_too(server, client, token):
    assert client.error("evaluate", code="error; turns 100; x + 3", session_id=token) == "EvaluationError"
    asked = {"operation": "Continue", "context": "c1", "session_id": token, "op_id": "go"}
    client.send("debug", **asked)
    for _ in range(5):
        server.tick()
    stop(server)
    done = server.client().result("debug", **asked)
    assert (done["state"], done["result"], done["context"]) == ("finished", "3", "c1")


def test_who_names_nothing_joins_by_the_key_alone(server, client):
    """The connection that spoke for a client is gone; a key that nobody guesses leads to the evaluation."""
    client.create("ann")
    client.evaluate("x = 0")
    begun(client, server, op_id="a-key-that-nobody-guesses")
    stop(server)
    again = server.client()
    assert again.result("evaluate", code=LONG, op_id="a-key-that-nobody-guesses")["result"] == "1"
    assert again.error("evaluate", code="2", op_id="a-key-that-nobody-guesses") == "InvalidRequest"


def test_other_content_under_the_key_is_refused_while_it_goes_on(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    again = server.client()
    assert again.error("evaluate", code="3", session_id=token, op_id="long") == "InvalidRequest"
    assert again.error("evaluate", code=LONG, session_id=token, client_id="ben", op_id="long") == "PermissionDenied"


def test_what_waits_behind_it_runs_behind_it(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    client.send("evaluate", code="x = x + 10", session_id=token)
    stop(server)
    assert server.client().evaluate("x = x * 5", session_id=token) == "5"


def test_an_interrupt_stops_it_after_the_start(server, client, token):
    begun(client, server, "spin", session_id=token, op_id="spin")
    stop(server)
    again = server.client()
    assert again.result("interrupt", session_id=token)["interrupted"] is True
    reply = again.ask("evaluate", code="spin", session_id=token, op_id="spin")
    assert (reply["error_type"], reply["details"]["context_id"]) == ("Interrupted", "c1")


def test_a_session_that_is_closed_meanwhile_ends_it(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    again = server.client()
    assert again.result("close_session", session_id=token)["closed"] is True
    server.restart()
    again = server.client()
    assert again.error("evaluate", code=LONG, session_id=token, op_id="long") == "Interrupted"
    assert again.error("evaluate", code="x", session_id=token) == "SessionNotFound"


@pytest.mark.parametrize("commits_before", [0, 1], ids=["when it goes on", "when it is done"])
def test_a_full_disk_only_delays_it(server, client, token, commits_before):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    server.fail_next_commit(DiskFull("no room"), after=commits_before)
    again = server.client()
    asked = {"code": LONG, "session_id": token, "op_id": "long"}
    if commits_before:
        assert again.error("evaluate", **asked) == "StorageError"
    assert again.result("evaluate", **asked)["result"] == "1"
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "1"


def test_a_failing_last_commit_leaves_nothing_behind(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    server.fail_next_commit(DiskFull("no room"))
    stop(server)
    again = server.client()
    assert again.evaluate("x", session_id=token) == "0"
    assert again.evaluate(LONG, session_id=token, op_id="long") == "1"


def test_subscribers_hear_its_end(server, client, token):
    begun(client, server, session_id=token, op_id="long")
    stop(server)
    again = server.client()
    again.result("subscribe", session_id=token, events=["evaluation"])
    for _ in range(150):
        server.tick()
    again.result("ping")
    assert [event["data"]["result"] for event in again.events] == ["1"]
