"""A session in whose midst servers die over and over is left alone, tells why, and can be opened without running."""

from functools import partial

import pytest

from actors.durability.running_mark import MARK_FILE, RunningMark
from actors.state.quarantine import DEATHS, DEATHS_MAX, QUARANTINE, SAFE, after_death, after_run, is_held, mode, opened
from actors.system import System
from storage import Sid
from tests.actors.fakes.gateway import listen


class Dying:
    """A server that is killed in the midst of sessions."""

    def __init__(self, server, data):
        self.server = server
        self._data = data

    def start(self):
        server = self.server
        server.system.close()
        server.system = System(
            server.settings,
            server.clock,
            lambda _store: server.make_engine(),
            server.store.open,
            listen,
            partial(RunningMark, self._data),
        )

    def die_in(self, sid):
        """Start again after a death in the midst of a session."""
        self.start()
        mark = self.server.system.supervisor.parts.evaluator.mark
        mark.enter(sid)
        # What the dead process left in the file, which closing does not change.
        self.start()


@pytest.fixture
def dying(server, tmp_path):
    return Dying(server, tmp_path)


def sid_of(server, token):
    return server.store.session_by_token(token).sid


def test_the_mark_outlives_its_process(tmp_path):
    mark = RunningMark(tmp_path)
    mark.enter(Sid(7))
    mark.close()
    assert RunningMark(tmp_path).found == [7]
    assert RunningMark(tmp_path).found == []


def test_a_process_that_ran_nothing_leaves_no_mark(tmp_path):
    mark = RunningMark(tmp_path)
    mark.enter(Sid(7))
    mark.leave()
    mark.close()
    assert RunningMark(tmp_path).found == []
    assert (tmp_path / MARK_FILE).stat().st_mode & 0o777 == 0o600


def test_processes_mark_in_the_cells_of_their_own_shards(tmp_path):
    one, other = RunningMark(tmp_path, [0, 2]), RunningMark(tmp_path, [1])
    one.enter(Sid(5))
    other.enter(Sid(6))
    assert RunningMark(tmp_path, [1]).found == [6]
    assert RunningMark(tmp_path, [0, 2]).found == [5]


def test_deaths_in_a_row_end_in_quarantine_and_a_run_that_ends_forgets_them():
    meta = {"other": 1}
    for _ in range(DEATHS_MAX - 1):
        meta = after_death(meta, 0)
    assert not is_held(meta)
    assert after_run(meta) == {"other": 1}
    assert QUARANTINE in after_death(meta, 0)
    assert QUARANTINE not in after_death(after_run(meta), 0)


def test_opening_ends_quarantine_and_safe_mode_is_left_again():
    meta = {QUARANTINE: {"at_ms": 0, "reason": "why"}, "other": 1}
    assert mode(meta) == {"quarantine": {"since": "1970-01-01T00:00:00.000Z", "reason": "why"}}
    assert opened(meta, is_safe=False) == {"other": 1}
    safe = opened(meta, is_safe=True)
    assert is_held(safe)
    assert mode(safe) == {"safe_mode": True}
    assert opened(safe, is_safe=False) == {"other": 1}


def test_dying_in_safe_mode_counts_too():
    meta = {SAFE: True, DEATHS: DEATHS_MAX - 1}
    assert mode(after_death(meta, 0)).keys() == {"quarantine"}


def test_a_session_that_servers_die_of_is_left_alone_and_tells_why(dying):
    client = dying.server.client()
    token, other = client.create(), client.create()
    client.evaluate("x = 1", session_id=token)
    client.result("save_context", session_id=token, name="good")
    sid = sid_of(dying.server, token)
    for _ in range(DEATHS_MAX):
        dying.die_in(sid)
    client = dying.server.client()
    reply = client.ask("evaluate", code="x", session_id=token)
    assert reply["error_type"] == "SessionError"
    assert "quarantine" in reply["error"]
    assert reply["details"]["savepoints"] == ["good"]
    assert client.evaluate("1 + 1", session_id=other) == "2"
    assert "quarantine" in client.result("get_session_info", session_id=token)
    assert client.error("restore_session", session_id=token) == "SessionError"


def test_a_run_that_ends_between_two_deaths_forgets_them(dying):
    client = dying.server.client()
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    sid = sid_of(dying.server, token)
    for _ in range(2 * DEATHS_MAX):
        dying.die_in(sid)
        assert dying.server.client().evaluate("x", session_id=token) == "1"
    assert DEATHS not in dying.server.store.session(sid).meta


@pytest.fixture
def quarantined(dying):
    """The token of a session in quarantine."""
    client = dying.server.client()
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    for _ in range(DEATHS_MAX):
        dying.die_in(sid_of(dying.server, token))
    return token


def test_safe_mode_opens_it_lasts_over_a_restart_and_is_left(dying, quarantined):
    client = dying.server.client()
    restored = client.result("restore_session", session_id=quarantined, safe_mode=True)
    assert restored["safe_mode"] is True
    assert client.evaluate("x", session_id=quarantined) == "1"
    dying.start()
    client = dying.server.client()
    assert client.result("restore_session", session_id=quarantined)["safe_mode"] is True
    assert "safe_mode" not in client.result("restore_session", session_id=quarantined, safe_mode=False)
    assert client.evaluate("x", session_id=quarantined) == "1"


def test_it_can_be_opened_as_usual_as_well(dying, quarantined):
    client = dying.server.client()
    assert "quarantine" not in client.result("restore_session", session_id=quarantined, safe_mode=False)
    assert client.evaluate("x", session_id=quarantined) == "1"


def test_a_savepoint_can_be_loaded_and_it_closed_meanwhile(dying, quarantined):
    client = dying.server.client()
    assert client.result("get_context_summary", session_id=quarantined)["contexts"] == []
    assert client.result("close_session", session_id=quarantined)["closed"] is True


def test_a_session_that_runs_something_stays_in_its_mode(server, client):
    token = client.create()
    client.send("evaluate", code="spin", session_id=token)
    client.result("ping")
    assert client.error("restore_session", session_id=token, safe_mode=True) == "SessionError"


def test_the_anonymous_clients_get_another_session(dying):
    client = dying.server.client()
    client.evaluate("x = 1")
    (row,) = dying.server.store.sessions()
    for _ in range(DEATHS_MAX):
        dying.die_in(row.sid)
    assert dying.server.client().evaluate("1 + 1") == "2"
