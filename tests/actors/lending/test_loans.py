"""An evaluation that hogs the processor goes on in the quarantine worker, and its session notices nothing."""

from dataclasses import replace

import pytest

from storage import DiskFull

#: Turns of 10 ms: a session that takes a second of processor time is a hog.
LONG = "x = x + 1; turns 300; x"
TICKS_MAX = 500


def lend(server, client, quarantine, code=LONG, **parameters):
    """Send an evaluation and let it run until the quarantine worker has it."""
    sent = client.send("evaluate", code=code, **parameters)
    for _ in range(TICKS_MAX):
        if quarantine.guests:
            return sent
        server.tick()
    raise AssertionError("it was not lent")


def history(client, token):
    return [entry["code"] for entry in client.result("history", session_id=token)["entries"]]


def test_it_comes_home_with_its_answer_and_its_effects(server, client, quarantine, token):
    sent = lend(server, client, quarantine, session_id=token)
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")
    assert reply["result"]["execution_time"] >= 3_000
    assert (quarantine.guests, quarantine.loans.count) == (0, 0)
    assert client.evaluate("x", session_id=token) == "1"
    assert history(client, token) == ["x = 0", LONG, "x"]


def test_the_quarantine_worker_tells_of_its_guests_unasked(server, client, quarantine, token):
    sent = lend(server, client, quarantine, session_id=token)
    server.clock.advance(ms=1_000)
    quarantine.tick()
    figures = quarantine.link.figures
    assert (figures["state"]["guests"], figures["totals"]["guests_taken"], figures["uptime_s"] > 0) == (1, 1, True)
    assert client.receive()["id"] == sent
    server.clock.advance(ms=1_000)
    quarantine.tick()
    figures = quarantine.link.figures
    assert (figures["state"]["guests"], figures["totals"]["guests_taken"]) == (0, 1)


def test_short_evaluations_and_those_of_modest_sessions_stay(server, client, quarantine, token):
    for _ in range(20):
        client.evaluate("turns 30", session_id=token)
        assert not quarantine.loans.count
        server.clock.advance(ms=10_000)


def test_what_is_asked_meanwhile_waits_and_what_reads_the_store_does_not(server, client, quarantine, token):
    first = lend(server, client, quarantine, session_id=token)
    after = client.send("evaluate", code="x = x + 10; x", session_id=token)
    assert client.result("history", session_id=token)["total"] == 1
    restored = client.result("restore_session", session_id=token, client_id="ann")
    assert restored["error_state"] is None
    assert [client.receive()["id"] for _ in range(2)] == [first, after]
    assert client.evaluate("x", session_id=token) == "11"


def test_an_interrupt_goes_after_it(server, client, quarantine, token):
    sent = lend(server, client, quarantine, "x = 5; spin", session_id=token)
    assert client.result("interrupt", session_id=token)["interrupted"] is True
    reply = client.receive()
    assert (reply["id"], reply["error_type"]) == (sent, "Interrupted")
    assert client.result("restore_session", session_id=token, client_id="ann")["error_state"]["current"]["context_id"]
    assert client.evaluate("x", session_id=token) == "5"


def test_an_interrupt_before_it_left_is_not_lost(server, client, quarantine, token):
    sent = client.send("evaluate", code="spin", session_id=token)
    while not quarantine.loans.count:
        server.tick()
    assert client.result("interrupt", session_id=token)["interrupted"] is True
    reply = client.receive()
    assert (reply["id"], reply["error_type"]) == (sent, "Interrupted")


def test_an_error_waits_in_its_session(server, client, quarantine, token):
    lend(server, client, quarantine, "x = 2; turns 300; error; x = 3", session_id=token)
    reply = client.receive()
    assert reply["error_type"] == "EvaluationError"
    context = reply["details"]["context_id"]
    assert client.result("debug", operation="Continue", context=context, session_id=token)["result"] == "3"
    assert client.evaluate("x", session_id=token) == "3"


def test_what_goes_on_in_the_debugger_is_lent_as_well(server, client, quarantine, token):
    reply = client.ask("evaluate", code="x = 2; error; turns 300; x = 3", session_id=token)
    context = reply["details"]["context_id"]
    sent = client.send("debug", operation="Continue", context=context, session_id=token)
    while not quarantine.guests:
        server.tick()
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"], reply["result"]["state"]) == (sent, "3", "finished")
    assert client.evaluate("x", session_id=token) == "3"


@pytest.mark.parametrize(
    ("end", "error_type"),
    [("unstorable", "EvaluationError"), ("defect", "InternalError")],
    ids=["unstorable", "defect"],
)
def test_what_cannot_be_kept_leaves_the_session_as_it_was(server, client, quarantine, token, end, error_type):
    lend(server, client, quarantine, f"x = 2; turns 300; {end}", session_id=token)
    assert client.receive()["error_type"] == error_type
    assert client.evaluate("x", session_id=token) == "0"


def test_closing_ends_it(server, client, quarantine, token):
    sent = lend(server, client, quarantine, "spin", session_id=token)
    client.send("close_session", session_id=token)
    assert client.receive()["id"] == sent
    assert client.receive()["status"] == "success"
    assert quarantine.guests == 0


def test_it_begins_again_when_the_quarantine_worker_dies_and_stays(server, client, quarantine, token):
    sent = lend(server, client, quarantine, session_id=token, op_id="once")
    quarantine.die()
    quarantine.open()
    for _ in range(TICKS_MAX):
        server.tick()
        assert not quarantine.loans.count
        if client.socket.poll(0):
            break
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")
    assert client.evaluate("x", session_id=token) == "1"
    assert history(client, token) == ["x = 0", LONG, "x"]


def test_an_interrupt_is_kept_when_the_quarantine_worker_dies(server, client, quarantine, token):
    sent = lend(server, client, quarantine, "spin", session_id=token)
    client.send("interrupt", session_id=token)
    server.system.worker.tick()
    quarantine.die()
    replies = {reply["id"]: reply.get("error_type") for reply in (client.receive(), client.receive())}
    assert replies == {sent: "Interrupted", sent + 1: None}


def test_it_goes_on_with_the_next_quarantine_worker_where_the_one_before_ended_in_good_order(
    server, client, quarantine, token
):
    sent = lend(server, client, quarantine, "x = x + 1; turns 200; x = x + 1; turns 200; x", session_id=token)
    for _ in range(100):
        quarantine.tick()
    quarantine.end()
    assert quarantine.loans.count == 1
    quarantine.open()
    while not quarantine.guests:
        server.tick()
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "2")
    assert 4_000 <= reply["result"]["execution_time"] < 4_200, "what it had done is not done again"
    assert client.evaluate("x", session_id=token) == "2"


def restarted(server, quarantine):
    """The next server, which a client of its own asks."""
    server.restart()
    quarantine.orphan()
    assert quarantine.guests == 0
    quarantine.meet()
    return server.client()


def test_at_the_servers_end_it_comes_home_as_it_is_and_goes_on_after_the_start(server, client, quarantine, token):
    code = "x = x + 1; turns 200; x = x + 1; turns 400; x"
    lend(server, client, quarantine, code, session_id=token, op_id="long")
    for _ in range(100):
        quarantine.tick()
    quarantine.stop_server()
    assert client.socket.poll(0) == 0, "who has an op_id is answered when it is done"
    assert quarantine.guests == 0
    again = restarted(server, quarantine)
    result = again.result("evaluate", code=code, session_id=token, op_id="long")
    assert result["result"] == "2"
    assert 6_000 <= result["execution_time"] < 6_300, "what it had done is not done again"
    assert again.evaluate("x", session_id=token) == "2"
    assert history(again, token) == ["x = 0", code, "x"]


def test_it_ends_within_the_grace_of_the_servers_end(server, client, quarantine, token):
    server.system.supervisor.parts.settings = replace(server.system.supervisor.parts.settings, shutdown_grace_s=60)
    sent = lend(server, client, quarantine, session_id=token)
    quarantine.stop_server()
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")


def test_it_goes_on_from_where_it_was_lent_when_nobody_says_how_far_it_came(server, client, quarantine, token):
    sent = lend(server, client, quarantine, session_id=token)
    worker, quarantine.worker = quarantine.worker, None
    quarantine.stop_server()
    quarantine.worker = worker
    reply = client.receive()
    assert (reply["id"], reply["error_type"]) == (sent, "Interrupted")
    assert reply["details"]["context_id"] == "c1"
    again = restarted(server, quarantine)
    while again.result("history", session_id=token)["total"] < 2:
        pass
    assert again.evaluate("x", session_id=token) == "1"


def test_a_crash_of_its_owner_leaves_nothing_of_it(server, client, quarantine, token):
    lend(server, client, quarantine, session_id=token, op_id="long")
    server.restart()
    quarantine.orphan()
    quarantine.meet()
    again = server.client()
    assert again.evaluate("x", session_id=token) == "0"
    assert again.result("evaluate", code=LONG, session_id=token, op_id="long")["result"] == "1"


def test_what_comes_home_to_another_owner_is_not_taken(server, client, quarantine, token):
    lend(server, client, quarantine, session_id=token)
    server.restart()
    quarantine.meet()
    while quarantine.guests:
        quarantine.tick()
    assert server.client().evaluate("x", session_id=token) == "0"


def test_a_commit_that_fails_when_it_comes_home_leaves_the_session_as_it_was(server, client, quarantine, token):
    lend(server, client, quarantine, session_id=token)
    while not quarantine.link.written:
        quarantine.worker.tick()
    server.fail_next_commit(DiskFull("the disk is full"))
    assert client.receive()["error_type"] == "StorageError"
    assert client.evaluate("x", session_id=token) == "0"


def test_a_failed_commit_of_its_session_takes_it_back(server, client, quarantine, token):
    sent = lend(server, client, quarantine, session_id=token)
    server.clock.advance(ms=3_600_000)  # the next request is noted as the session's last use
    server.fail_next_commit(DiskFull("the disk is full"))
    client.send("update_session_state", session_id=token, state_data={})
    errors = {reply["id"]: reply["error_type"] for reply in (client.receive(), client.receive())}
    assert errors == {sent: "StorageError", sent + 1: "StorageError"}
    assert quarantine.loans.count == 0
    server.tick()
    assert quarantine.guests == 0
    assert client.evaluate("x", session_id=token) == "0"


def test_subscribers_hear_of_it_when_it_is_home(server, client, quarantine, token):
    client.result("subscribe", session_id=token, events=["transcript", "evaluation"])
    lend(server, client, quarantine, "turns 300; say again", session_id=token)
    client.receive()
    client.result("ping")
    heard = [(event["event"], event["data"].get("text")) for event in client.events]
    assert heard == [("transcript", "again"), ("evaluation", None)]


def test_its_budget_is_one(server, client, quarantine, token):
    lend(server, client, quarantine, "spin", session_id=token, timeout_ms=4_000)
    reply = client.receive()
    assert (reply["error_type"], reply["details"]["limit"]) == ("Timeout", "timeout_ms")


def test_what_cannot_be_stopped_just_now_is_lent_later(server, client, quarantine, token):
    lend(server, client, quarantine, "stubborn 200; turns 300; 3", session_id=token)
    assert client.receive()["result"]["result"] == "3"


def test_large_sessions_stay(server, client, quarantine, token, monkeypatch):
    monkeypatch.setattr("actors.lending.loans._BYTES_MAX", 0)
    live = server.system.supervisor.roster.find(token)
    sent = client.send("evaluate", code=LONG, session_id=token)
    server.tick()
    live.session.weight.bytes = 1
    for _ in range(TICKS_MAX):
        live.session.weight.bytes = 1
        server.tick()
        assert not quarantine.loans.count
        if client.socket.poll(0):
            break
    assert client.receive()["id"] == sent
