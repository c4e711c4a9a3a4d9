"""Idle sessions leave memory and come back; sessions past their retention go to the archive."""

from itertools import pairwise

import pytest

from actors.upkeep.sweep import ERRAND_NS
from storage import SessionMetaChanged, StoreError


@pytest.fixture
def server(make_server, tmp_path):
    return make_server(idle_timeout_s=60.0, sweep_s=10.0, retention_days=1.0, data=str(tmp_path))


def sweep(server, seconds):
    """Let time pass, and the sweep do what it then does."""
    server.clock.advance(ms=seconds * 1000)
    server.client().result("ping")
    for _ in range(5):
        server.system.worker._sweep.step()
        server.client().result("ping")


def test_an_idle_session_hibernates_and_any_request_wakes_it(server, client):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    sweep(server, 61)
    assert len(server.system.supervisor.roster) == 0
    info = client.result("get_session_info", session_id=token)
    assert (info["hibernated"], info["is_expired"]) == (True, False)
    assert client.evaluate("x", session_id=token) == "1"
    assert client.result("get_session_info", session_id=token)["hibernated"] is False


def test_a_used_session_stays(server, client):
    token = client.create()
    sweep(server, 40)
    client.evaluate("1", session_id=token)
    sweep(server, 40)
    assert len(server.system.supervisor.roster) == 1


def test_a_spinning_session_stays(server, client):
    token = client.create()
    client.send("evaluate", code="spin", session_id=token)
    client.result("ping")
    sweep(server, 1_000)
    assert len(server.system.supervisor.roster) == 1


def test_subscribers_hear_of_it(server, client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["session"])
    sweep(server, 61)
    client.result("ping")
    assert [event["data"] for event in client.events] == [{"state": "hibernated"}]


def test_a_session_past_its_retention_becomes_a_file_and_is_deleted(server, client, tmp_path):
    token = client.create()
    client.evaluate("x = 41", session_id=token)
    other = client.create()
    client.result("close_session", session_id=other)
    client.result("subscribe", session_id=token, events=["session"])
    sweep(server, 86_400 + 61)
    sweep(server, 11)
    assert client.error("get_session_info", session_id=token) == "PermissionDenied"
    assert list(server.store.sessions()) == []
    first, second = sorted((tmp_path / "archive").iterdir())
    assert {first.suffix, second.suffix} == {".ston"}
    assert b"('pair', 'x', 41)" in first.read_bytes() + second.read_bytes()
    assert [event["data"]["state"] for event in client.events][-2:] == ["due", "archived"]


def test_a_session_that_cannot_be_archived_stays_due_and_is_tried_again(server, client, tmp_path):
    (tmp_path / "archive").write_text("in the way")
    token = client.create()
    sweep(server, 86_400 + 61)
    assert client.error("evaluate", code="1", session_id=token) == "SessionNotFound"
    info = client.result("get_session_info", session_id=token)
    assert (info["is_expired"], info["is_active"], info["time_until_expiry"]) == (True, False, 0)
    assert server.store.session_by_token(token).meta["due_since_ms"] == server.clock.now_ms()
    assert client.result("list_client_sessions", client_id="ann")["session_count"] == 0
    (tmp_path / "archive").unlink()
    sweep(server, 11)
    assert server.store.session_by_token(token) is None


def test_use_puts_the_end_of_retention_off(server, client):
    token = client.create()
    sweep(server, 80_000)
    client.evaluate("x = 1", session_id=token)
    sweep(server, 80_000)
    assert client.evaluate("x", session_id=token) == "1"


def test_the_last_use_is_durable_at_hibernation(server, client):
    token = client.create()
    server.clock.advance(ms=30_000)
    client.evaluate("1", session_id=token)
    used_ms = server.clock.now_ms()
    sweep(server, 61)
    assert server.store.session_by_token(token).last_modified_ms == used_ms


def test_long_journals_are_folded_between_two_sweeps(make_server):
    server = make_server(sweep_s=86_400.0)
    asked = []
    server.store.inner.fold_due = lambda sessions_max: asked.append(sessions_max) or 0
    sweep(server, 2)
    assert asked


def test_journals_to_fold_are_spread_over_the_time_to_the_next_look(make_server):
    """Each fold keeps requests waiting for some milliseconds: not all of them one after the other."""
    server = make_server(sweep_s=86_400.0)
    left = [4, 3, 2, 1, 0]
    folded_ms = []

    def fold_due(_sessions_max):
        folded_ms.append(server.clock.now_ms())
        return left.pop(0) if left else 0

    server.store.inner.fold_due = fold_due
    while len(folded_ms) < 5:
        server.clock.advance(ms=10)
        server.tick()
    pauses_ms = [after - before for before, after in pairwise(folded_ms)]
    assert pauses_ms == pytest.approx([200, 250, 333, 500], abs=15)


def test_what_takes_long_waits_while_messages_do_but_not_for_long(make_server):
    server = make_server(sweep_s=86_400.0)
    folded = []
    server.store.inner.fold_due = lambda steps_max: folded.append(steps_max) or 1_000
    server.clock.advance(ms=1_001)
    server.tick()
    done = []
    for _ in range(30):
        server.clock.advance(ms=1)
        server.system.worker._sweep.step(is_awaited=True)
        done.append(len(folded))
    assert done[8] == 1
    assert done[-1] == 4


def test_room_for_commits_is_made_until_there_is_enough_and_looked_for_again(make_server):
    server = make_server(sweep_s=86_400.0)
    left = [True, True, False]
    made_ms = []

    def lengthen_log():
        made_ms.append(server.clock.now_ms())
        return left.pop(0) if left else False

    server.store.inner.lengthen_log = lengthen_log
    while len(made_ms) < 5:
        server.clock.advance(ms=10)
        server.tick()
    assert [after - before for before, after in pairwise(made_ms)] == [20, 20, 1_000, 1_000]


def test_journals_are_folded_while_a_long_errand_is_under_way(make_server):
    server = make_server(sweep_s=86_400.0)
    folded, sweep = [], server.system.worker._sweep
    server.store.inner.fold_due = lambda steps_max: folded.append(steps_max) or 0
    sweep._steps = iter(range(1_000))
    for _ in range(5):
        server.clock.advance(ms=1_001)
        server.tick()
    assert len(folded) == 5
    assert next(sweep._steps) >= 5


def test_a_store_that_cannot_be_measured_ends_neither_the_loop_nor_the_folding(make_server, monkeypatch):
    server = make_server(sweep_s=86_400.0)
    folded = []
    server.store.inner.fold_due = lambda steps_max: folded.append(steps_max) or 0

    def fail():
        raise StoreError("It cannot be read.")

    monkeypatch.setattr(server.system.supervisor.parts.quotas, "step", fail)
    monkeypatch.setattr(server.system.worker._sweep, "_due_steps", fail)
    server.clock.advance(ms=1_001)
    assert server.client().result("ping")
    assert folded


def test_a_session_that_was_closed_during_the_sweep_is_left_alone(make_server, monkeypatch):
    """Who has no room on disk is idle at once; what was closed between two steps must not be told to sleep."""
    server = make_server(sweep_s=10.0)
    monkeypatch.setattr(server.system.supervisor.parts.quotas, "is_full", lambda _client: True)
    monkeypatch.setattr("actors.upkeep.sweep._SESSIONS_PER_STEP", 8)
    client = server.client()
    tokens = [client.create(f"c{number}") for number in range(12)]
    roster = server.system.supervisor.roster
    steps = server.system.worker._sweep._hibernate_idle()
    next(steps)
    left = [token for token in tokens if roster.find(token) is not None]
    assert 0 < len(left) < len(tokens)
    client.result("close_session", session_id=left[0])
    for _ in steps:
        pass
    assert len(roster) == 0
    assert server.system.supervisor.parts.counters.hibernations == len(tokens) - 1


def test_an_errand_goes_on_for_some_milliseconds_of_each_tick_and_waits_for_the_commit(make_server, monkeypatch):
    """One step a tick lets an import go forward as slowly as the slices of a session that runs without end are long."""
    server = make_server(sweep_s=86_400.0)
    row = server.store.session_by_token(server.client().create())
    keeper, done = server.system.supervisor.parts.keeper, []

    def errand():
        for number in range(10):
            done.append(number)
            server.clock.advance(ms=1)
            if number == 5:
                keeper.stage(SessionMetaChanged(row.sid, {"seen": True}))
            yield

    sweep = server.system.worker._sweep
    monkeypatch.setattr(sweep, "_do_errand", errand)
    sweep._next_errand_ns = server.clock.monotonic_ns()
    server.tick()
    assert len(done) == ERRAND_NS // 1_000_000 == 4
    server.tick()
    assert len(done) == 6
    server.tick()
    assert len(done) == 10


def test_an_errand_does_one_step_while_messages_wait(make_server, monkeypatch):
    server = make_server(sweep_s=86_400.0)
    sweep, steps = server.system.worker._sweep, iter(range(10))
    monkeypatch.setattr(sweep, "_do_errand", lambda: steps)
    sweep._next_errand_ns = server.clock.monotonic_ns()
    sweep.step(is_awaited=True)
    assert next(steps) == 1


def test_the_sweep_does_one_step_a_tick(make_server, monkeypatch):
    server = make_server(sweep_s=60.0)
    sweep = server.system.worker._sweep
    steps = iter(range(100))
    monkeypatch.setattr(sweep, "_sweep", lambda: steps)
    sweep._next_ns = server.clock.monotonic_ns()
    for _ in range(3):
        server.tick()
    assert next(steps) == 3
