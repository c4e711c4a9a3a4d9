"""What an evaluation changed is encoded in slices: others are served meanwhile, and all of it is stored or nothing.

In the tiny language `steps = N` lets each later encoding of the session take N slices.
"""

import pytest

from storage import DiskFull, MemoryStore, StoreRefuses

STEPS = 12


@pytest.fixture
def token(client):
    made = client.create()
    client.evaluate("x = 0", session_id=made)
    return made


@pytest.fixture
def encoding(server, client, token):
    """An evaluation that has its answer, while what it changed is encoded."""

    def begin(code="x = 1; x", **parameters):
        sent = client.send("evaluate", code=f"steps = {STEPS}; {code}", session_id=token, **parameters)
        session = server.system.supervisor.roster.find(token).session
        while session.running is None or session.running.encoding is None:
            server.tick()
        server.tick()
        assert client.socket.poll(0) == 0
        return sent, session

    return begin


def test_others_are_served_meanwhile(server, client, encoding):
    sent, session = encoding()
    other = server.client()
    elsewhere = other.create("bob")
    for number in range(3):
        assert other.evaluate(f"{number} + 1", session_id=elsewhere) == str(number + 1)
    assert session.running is not None
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")


def test_the_session_does_nothing_else_until_it_is_stored(server, client, token, encoding):
    sent, session = encoding()
    asked = client.send("evaluate", code="x = x + 1; x", session_id=token)
    server.tick()
    assert session.waiting_count == 1
    assert session.is_busy
    assert [client.receive()["id"] for _ in range(2)] == [sent, asked]
    assert client.evaluate("x", session_id=token) == "2"


def test_its_slices_count_as_the_sessions_time(client, encoding):
    _, session = encoding()
    run = session.running
    client.receive()
    assert run.counted_ns == run.used_ns >= (STEPS - 1) * 10_000_000


def test_a_crash_in_the_middle_leaves_the_state_before(server, token, encoding):
    encoding(op_id="a")
    server.restart()
    again = server.client()
    assert again.evaluate("x", session_id=token) == "0"
    assert again.evaluate("x = x + 1; x", session_id=token, op_id="a2") == "1"


def test_what_turns_out_to_be_unstorable_sets_the_session_back(client, token, encoding):
    encoding("x = 7; unstorable")
    assert client.receive()["error_type"] == "EvaluationError"
    assert client.evaluate("x", session_id=token) == "0"


def test_an_interrupt_comes_too_late(server, client, token, encoding):
    sent, _ = encoding()
    server.client().result("interrupt", session_id=token)
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")
    assert client.evaluate("x", session_id=token) == "1"


def test_closing_waits_for_it(server, client, token, encoding):
    sent, _ = encoding()
    asked = client.send("close_session", session_id=token)
    replies = [client.receive() for _ in range(2)]
    assert [(reply["id"], reply["status"]) for reply in replies] == [(sent, "success"), (asked, "success")]
    assert len(server.system.supervisor.roster) == 0


def test_a_session_that_is_set_back_meanwhile_gives_it_up(server, client, token, encoding):
    sent, _ = encoding(op_id="a")
    server.fail_next_commit(DiskFull("no room"))
    assert server.client().error("update_session_state", session_id=token, state_data={}) == "StorageError"
    reply = client.receive()
    assert (reply["id"], reply["error_type"]) == (sent, "StorageError")
    assert client.evaluate("x", session_id=token) == "0"
    assert client.evaluate("x = x + 1; x", session_id=token, op_id="a2") == "1"


def test_a_server_that_stops_finishes_it(make_server):
    server = make_server(shutdown_grace_s=0)
    client = server.client()
    token = client.create()
    client.evaluate("x = 0", session_id=token)
    client.send("evaluate", code=f"steps = {STEPS}; x = 1; x", session_id=token, op_id="a")
    session = server.system.supervisor.roster.find(token).session
    while session.running is None or session.running.encoding is None:
        server.tick()
    server.system.stop()
    server.system.run()
    server.restart()
    assert client.receive()["result"]["result"] == "1"
    assert server.client().evaluate("x", session_id=token) == "1"


def test_one_that_takes_too_much_memory_is_given_up(server, client, token, encoding, monkeypatch):
    encoding()
    taken = iter(range(0, 10**12, 400 * 1024**2))
    monkeypatch.setattr("actors.running.evaluator.resident_bytes", lambda: next(taken))
    reply = client.receive()
    assert (reply["error_type"], reply["details"]["limit"]) == ("LimitExceeded", "memory_growth_mb")
    assert client.evaluate("x", session_id=token) == "0"
    assert server.system.worker._parts.counters.sessions_restarted == 0


@pytest.fixture
def preparing(server, monkeypatch):
    """Whatever changes is much, and takes the store so many steps; returns the sessions that were prepared."""
    prepared = []

    def prepare(self, changes):
        for _ in range(STEPS):
            yield
            server.clock.advance(ms=10)
        prepared.append(changes[0].sid)
        return (yield from plain(self, changes))

    plain = MemoryStore.prepare
    monkeypatch.setattr(MemoryStore, "prepare", prepare)
    monkeypatch.setattr("actors.state.session_state.is_large", lambda _records: True)
    return prepared


def test_the_commit_of_very_much_is_prepared_while_others_are_served(server, client, token, preparing):
    sent = client.send("evaluate", code="x = 1; x", session_id=token)
    session = server.system.supervisor.roster.find(token).session
    while session.running is None or session.running.encoding is None:
        server.tick()
    other = server.client()
    assert other.evaluate("1 + 1", session_id=other.create("bob")) == "2"
    assert session.sid not in preparing
    reply = client.receive()
    assert (reply["id"], reply["result"]["result"]) == (sent, "1")
    assert session.sid in preparing
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "1"


def test_what_cannot_be_prepared_is_committed_as_it_is(client, server, token, monkeypatch):
    def refuse(_store, _changes):
        yield
        raise StoreRefuses("Not now.")

    monkeypatch.setattr(MemoryStore, "prepare", refuse)
    monkeypatch.setattr("actors.state.session_state.is_large", lambda _records: True)
    assert client.evaluate("x = 1; x", session_id=token) == "1"
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "1"
