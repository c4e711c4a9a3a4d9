"""A defect of the server itself: one answer each, the session comes back, the others never notice."""

import pytest

from actors.sessions.restart import PERIOD_MS, RESTARTS_MAX, may_restart
from storage import DamagedRecord


@pytest.fixture
def token(client):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    return token


def test_a_defect_is_one_reply_and_the_session_goes_on(client, token):
    assert client.error("evaluate", code="x = 2; defect", session_id=token) == "InternalError"
    assert client.evaluate("x", session_id=token) == "1"


def test_a_defect_is_not_remembered_as_an_answer(client, token):
    for _ in range(2):
        assert client.error("evaluate", code="defect", session_id=token, op_id="a") == "InternalError"
    assert client.result("history", session_id=token)["total"] == 1


def test_a_session_that_keeps_failing_is_left_alone_for_a_while(server, client, token):
    for _ in range(RESTARTS_MAX + 1):
        assert client.error("evaluate", code="defect", session_id=token) == "InternalError"
    assert client.error("evaluate", code="x", session_id=token) == "SessionError"
    server.clock.advance(ms=PERIOD_MS)
    assert client.evaluate("x", session_id=token) == "1"


def test_a_dead_actor_is_replaced(server, client, token, monkeypatch):
    live = server.system.supervisor.roster.find(token)
    monkeypatch.setattr(live.session, "accept", lambda _call: 1 / 0)
    client.send("evaluate", code="1", session_id=token)
    other = server.client()
    other.result("ping")
    monkeypatch.undo()
    assert not live.ref.is_alive()
    assert other.evaluate("x", session_id=token) == "1"


def test_others_never_notice(server, client, token):
    other = server.client()
    mine = other.create("ben")
    client.send("evaluate", code="defect", session_id=token)
    assert other.evaluate("2", session_id=mine) == "2"


@pytest.mark.parametrize(
    ("ages_s", "may"), [([], True), ([0] * 5, True), ([0] * 6, False), ([59] * 6, False), ([60] * 9, True)]
)
def test_restart_intensity(ages_s, may):
    now_ms = 1_000_000
    assert may_restart(tuple(now_ms - age * 1000 for age in ages_s), now_ms) is may


def test_a_defect_of_an_operation_that_reads_is_one_reply(server, client, token, monkeypatch):
    monkeypatch.setattr(server.store.inner, "savepoints", lambda _sid: 1 / 0)
    assert client.error("get_context_summary", session_id=token) == "InternalError"
    monkeypatch.undo()
    assert client.evaluate("x", session_id=token) == "1"


def test_a_defect_of_the_supervisor_is_one_reply(server, client, monkeypatch):
    monkeypatch.setattr(server.store.inner, "counts", lambda: 1 / 0)
    assert client.error("get_session_statistics") == "InternalError"
    assert client.result("ping")["status"] == "ready"


def test_what_cannot_be_stored_sets_the_session_back(client, token):
    assert client.error("evaluate", code="x = 2; unstorable", session_id=token) == "EvaluationError"
    assert client.evaluate("x", session_id=token) == "1"


@pytest.mark.parametrize("step", ["restore", "begin"])
def test_a_session_that_cannot_be_brought_back_is_one_reply(server, client, token, monkeypatch, step):
    server.restart()
    again = server.client()
    mine = again.create("ben")
    engine = server.system.supervisor.parts.engine
    if step == "restore":
        monkeypatch.setattr(engine, "restore", lambda _source: 1 / 0)
    else:
        restore = engine.restore

        def restored(source):
            image = restore(source)
            image.begin = lambda **_options: 1 / 0
            return image

        monkeypatch.setattr(engine, "restore", restored)
    sent = [again.send("evaluate", code="x", session_id=token, client_id="ann") for _ in range(RESTARTS_MAX + 3)]
    replies = [again.receive() for _ in sent]
    assert sorted(reply["id"] for reply in replies) == sent
    # What arrives after the last failure that may be is refused before it gets there.
    assert {reply["error_type"] for reply in replies} in ({"InternalError"}, {"InternalError", "SessionError"})
    assert again.evaluate("2", session_id=mine, client_id="ben") == "2"
    monkeypatch.undo()
    server.clock.advance(ms=PERIOD_MS)
    assert again.evaluate("x", session_id=token, client_id="ann") == "1"


def test_damage_is_told_and_confined_to_its_session(server, client, token, monkeypatch):
    other = server.client()
    mine = other.create("ben")
    server.restart()
    load = server.store.inner.load

    class Damaged:
        def __init__(self, state):
            self.row, self.seq, self.next_oid, self.entries = state.row, state.seq, state.next_oid, state.entries

        def record(self, _oid):
            raise DamagedRecord(1, "segment", "0", "the checksum is wrong")

    monkeypatch.setattr(server.store.inner, "load", lambda sid: Damaged(load(sid)) if sid == 1 else load(sid))
    again = server.client()
    reply = again.ask("evaluate", code="x", session_id=token)
    assert reply["error_type"] == "SessionError"
    assert "damaged" in reply["error"]
    assert again.evaluate("2", session_id=mine) == "2"
    monkeypatch.undo()
    assert again.evaluate("x", session_id=token) == "1"


def test_too_much_waiting_work_is_refused(server, client, token, monkeypatch):
    monkeypatch.setattr("actors.sessions.reception.WAITING_BYTES_MAX", 300)
    running = client.send("evaluate", code="turns 5", session_id=token)
    refused = client.send("evaluate", code="'" + "x" * 300 + "'", session_id=token)
    replies = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert replies[refused]["error_type"] == "Overloaded"
    assert replies[running]["status"] == "success"
    assert client.evaluate("x", session_id=token) == "1"
