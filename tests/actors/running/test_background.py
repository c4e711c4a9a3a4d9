"""Processes of a session between its evaluations: when they run, what they tell, what becomes of a failed commit."""

import pytest

from actors.running.background import Bucket
from storage import DiskFull

MS = 1_000_000


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


def ticks(server, count=5):
    """Let the server do what there is to do; nothing sleeps, because each tick ends with something staged."""
    for _ in range(count):
        server.system.worker._work()
        server.system.worker._sweep.step()
        server.system.supervisor.alarms.step()


def test_the_reply_comes_first_and_processes_run_afterwards(client):
    client.create()
    assert client.evaluate("n := 0. [n := n + 1] fork. n") == "0"
    assert client.evaluate("n") == "1"


def test_what_a_process_did_is_there_after_a_crash(server, client):
    token = client.create()
    client.evaluate("n := 0. [n := n + 1. 1 hour wait. n := n + 1] fork")
    ticks(server)
    server.restart()
    client = server.client()
    assert client.evaluate("n", session_id=token) == "1"


def test_a_stored_session_is_woken_for_its_processes(server, client):
    token = client.create()
    client.evaluate("[1 hour wait. Transcript show: 'woken'] fork")
    ticks(server)
    server.restart()
    ticks(server)
    assert server.system.supervisor.roster.find(token) is None
    server.clock.advance(ms=3_600_000)
    ticks(server)
    assert server.system.supervisor.roster.find(token) is not None
    assert server.client().result("evaluate", code="3", session_id=token)["transcript"] == "woken"


def test_a_savepoint_brings_back_the_processes_it_was_made_with(server, client):
    client.create()
    client.evaluate("n := 0. p := [1 hour wait. n := 1] fork. Processor yield")
    client.result("save_context", name="before")
    assert client.evaluate("p terminate; isTerminated") == "true"
    client.result("load_context", name="before")
    ticks(server)
    server.clock.advance(ms=3_600_000)
    ticks(server)
    assert client.evaluate("n") == "1"


def test_a_session_that_only_sleeps_hibernates_and_is_woken_in_time(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, idle_timeout_s=1.0, sweep_s=1.0)
    client = server.client()
    token = client.create()
    client.evaluate("n := 0. [1 hour wait. n := 1. 1 hour wait. n := 2] fork")
    for _ in range(2):
        ticks(server)
        server.clock.advance(ms=2_000)
        ticks(server)
        assert server.system.supervisor.roster.find(token) is None
        server.clock.advance(ms=3_600_000)
        ticks(server)
        assert server.system.supervisor.roster.find(token) is not None
    assert client.evaluate("n", session_id=token) == "2"


def test_a_session_whose_processes_are_ready_does_not_hibernate(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, idle_timeout_s=1.0, sweep_s=1.0)
    client = server.client()
    token = client.create()
    server.clock.step_ns = MS // 10
    client.evaluate("[[Processor yield] repeat] fork")
    live = server.system.supervisor.roster.find(token)
    server.clock.advance(ms=5_000)
    assert live.session.is_busy
    server.system.worker._sweep.step()
    assert server.system.supervisor.roster.find(token) is live
    live.session.interrupt()
    ticks(server)
    assert not live.session.is_busy


def test_after_a_failed_commit_processes_go_on_from_the_last_good_one(server, client):
    token = client.create()
    client.evaluate("n := 0. s := Semaphore new. [[s wait. n := n + 1] repeat] fork")
    client.evaluate("s signal")
    ticks(server)
    server.fail_next_commit(DiskFull("no room"), after=1)  # the evaluation's own is the first
    client.evaluate("s signal")
    ticks(server)
    assert not server.store.failures
    assert client.evaluate("n", session_id=token) == "2"


def test_an_interrupt_ends_what_runs_in_the_background_and_leaves_what_waits(server, client):
    client.create()
    server.clock.step_ns = MS // 10
    client.evaluate("log := OrderedCollection new. p := [1 hour wait] fork. Processor yield")
    client.evaluate("[[[Processor yield] repeat] ensure: [log add: #ended]] fork")
    assert client.result("interrupt")["interrupted"] is True
    ticks(server)
    assert client.result("interrupt")["interrupted"] is False
    assert client.evaluate("{log asArray. p isWaiting}") == "#(#(#ended) true)"


def test_subscribers_hear_of_it_once_and_the_next_evaluation_tells_it_too(server, client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["transcript"])
    client.evaluate("[Transcript show: 'from the background'] fork")
    reply = client.result("evaluate", code="Transcript show: '!'")
    assert reply["transcript"] == "from the background!"
    ticks(server)
    client.ask("ping")
    assert [event["data"]["text"] for event in client.events] == ["from the background", "!"]


def test_an_error_in_a_process_is_told_and_the_session_lives(client):
    client.create()
    client.evaluate("[nil foo] fork")
    assert "MessageNotUnderstood" in client.result("evaluate", code="3")["transcript"]


def test_an_evaluation_that_waits_lets_its_processes_and_other_sessions_run(server, client):
    client.create()
    other = server.client()
    other.create("ben")
    client.send("evaluate", code="n := 0. [n := 5] fork. 10 seconds wait. n")
    assert other.evaluate("4") == "4"
    server.clock.advance(ms=10_000)
    assert client.receive()["result"]["result"] == "5"


def test_a_waiting_evaluation_can_be_interrupted(server, client):
    client.create()
    first = client.send("evaluate", code="1 hour wait")
    second = client.send("interrupt")
    replies = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert replies[second]["result"]["interrupted"] is True
    assert replies[first]["error_type"] == "Interrupted"


def test_a_wait_without_end_is_an_error_or_ends_in_time(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, wait_budget_ms=1_000)
    client = server.client()
    client.create()
    assert client.error("evaluate", code="Semaphore new wait") == "EvaluationError"
    sent = client.send("evaluate", code="1 hour wait")
    server.tick()
    server.clock.advance(ms=1_500)
    reply = client.receive()
    assert (reply["id"], reply["error_type"], reply["details"]["limit"]) == (sent, "Timeout", "wait_budget_ms")


def test_a_bucket_fills_at_its_share_and_waits_when_it_is_empty():
    bucket = Bucket(0.5, 0)
    bucket.take(100 * MS + 50 * MS, 0)
    assert bucket.ready_in_ns(0) == 100 * MS + 1
    assert bucket.ready_in_ns(99 * MS) > 0
    assert bucket.ready_in_ns(101 * MS) == 0


def test_a_full_bucket_holds_no_more():
    bucket = Bucket(0.5, 0)
    bucket.ready_in_ns(10_000 * MS)
    bucket.take(101 * MS, 10_000 * MS)
    assert bucket.ready_in_ns(10_000 * MS) > 0


def test_a_session_is_closed_while_a_process_has_its_evaluations_turn(server, client):
    token = client.create()
    server.clock.step_ns = MS
    first = client.send("evaluate", code="[[true] whileTrue] fork. Semaphore new wait", session_id=token)
    for _ in range(20):
        server.tick()
    second = client.send("close_session", session_id=token)
    replies = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert replies[first]["status"] == "error"
    assert replies[second]["result"]["closed"] is True
    assert server.client().create("ben")


def test_a_defect_in_the_background_restarts_the_session(server, client, monkeypatch):
    token = client.create()
    client.evaluate("n := 0. s := Semaphore new. [s wait. n := n + 1] fork")
    ticks(server)
    live = server.system.supervisor.roster.find(token)
    background = live.session.state.image().background
    client.evaluate("[n := 100] forkAt: 30")

    def break_down(_is_over):
        raise ZeroDivisionError

    monkeypatch.setattr(background, "run", break_down)
    live.session.background.run_slice()
    ticks(server)
    assert client.evaluate("n", session_id=token) == "100"
    assert server.system.worker._parts.counters.sessions_restarted == 1


def stop_recording_pauses(server, monkeypatch):
    """Stop the server; return how long it slept, each time in milliseconds."""
    pauses_ms = []

    def pause(timeout_ms):
        pauses_ms.append(timeout_ms)
        server.clock.advance(ms=timeout_ms)

    monkeypatch.setattr(server.system.worker, "_pause", pause)
    server.system.stop()
    server.system.run()
    return pauses_ms


def test_a_stopping_server_waits_for_an_evaluation_that_waits_no_longer_than_the_grace(server, client, monkeypatch):
    client.create()
    client.send("evaluate", code="(Delay forMilliseconds: 300) wait. 5")
    server.tick()
    assert stop_recording_pauses(server, monkeypatch) == [300]
    assert client.receive()["result"]["result"] == "5"


def test_a_stopping_server_does_not_wait_for_what_cannot_end_within_the_grace(server, client, monkeypatch):
    client.create()
    client.send("evaluate", code="1 hour wait")
    server.tick()
    assert stop_recording_pauses(server, monkeypatch) == []
    assert client.receive()["error_type"] == "Interrupted"
