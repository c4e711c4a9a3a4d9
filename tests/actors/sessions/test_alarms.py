"""Alarms of sleeping sessions: none is lost when waking or reading fails, or when a failure ends a session."""

import pytest

from actors.sessions.alarms import SESSION_RETRY_NS, STORE_RETRY_NS
from storage import DamagedRecord, DiskFailed, StoreRefuses

HOUR_MS = 3_600_000
NS_PER_MS = 1_000_000
_SLEEPER = "n := 0. [1 hour wait. n := n + 1] fork. Processor yield"


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


def ticks(server, count=6):
    """Let the server do what there is to do, without sleeping."""
    for _ in range(count):
        server.system.worker._work()
        server.system.worker._parts.keeper.reopen_if_lost()
        server.system.supervisor.alarms.step()


def sleeper(server):
    """Make a session whose process waits for an hour."""
    client = server.client()
    token = client.create()
    client.evaluate(_SLEEPER)
    ticks(server)
    return token


def is_awake(server, token):
    return server.system.supervisor.roster.find(token) is not None


def fall_asleep(server, token):
    supervisor = server.system.supervisor
    supervisor.hibernate(supervisor.roster.find(token))
    ticks(server)
    assert not is_awake(server, token)


@pytest.mark.parametrize(
    ("error", "pause_ns"),
    [
        (StoreRefuses("closed"), STORE_RETRY_NS),
        (DamagedRecord(1, "session", "1", "wrong checksum"), SESSION_RETRY_NS),
    ],
)
def test_a_session_that_could_not_be_read_is_woken_later(server, monkeypatch, error, pause_ns):
    token = sleeper(server)
    fall_asleep(server, token)

    def fail(_token):
        raise error

    with monkeypatch.context() as broken:
        broken.setattr(server.system.supervisor, "row", fail)
        server.clock.advance(ms=HOUR_MS)
        ticks(server)
    assert server.system.supervisor.alarms.due_in_ns() == pause_ns
    server.clock.advance(ms=pause_ns // NS_PER_MS)
    ticks(server)
    assert is_awake(server, token)


def test_a_session_that_failed_too_often_is_woken_when_that_is_forgotten(server):
    token = sleeper(server)
    supervisor = server.system.supervisor
    server.clock.advance(ms=HOUR_MS)
    for _ in range(6):
        supervisor.session_failed(supervisor.roster.find(token).session)
    ticks(server)
    assert not is_awake(server, token)
    server.clock.advance(ms=SESSION_RETRY_NS // NS_PER_MS)
    ticks(server)
    assert server.client().evaluate("n", session_id=token) == "1"


def test_a_session_whose_actor_died_is_woken(server):
    token = sleeper(server)
    supervisor = server.system.supervisor
    supervisor.session_died(supervisor.roster.find(token).session)
    assert not is_awake(server, token)
    server.clock.advance(ms=HOUR_MS)
    ticks(server)
    assert is_awake(server, token)


def test_a_session_that_is_closed_has_no_alarm(server):
    token = sleeper(server)
    server.client().result("close_session", session_id=token)
    ticks(server)
    assert server.system.supervisor.alarms.due_in_ns() is None


def test_alarms_are_read_from_the_start_when_the_store_failed_meanwhile(server, monkeypatch):
    token = sleeper(server)
    server.restart()
    store = server.system.worker._parts.keeper.store

    def fail():
        raise StoreRefuses("closed")
        yield

    with monkeypatch.context() as broken:
        broken.setattr(store, "sessions", fail, raising=False)
        ticks(server)
    assert server.system.supervisor.alarms.due_in_ns() == STORE_RETRY_NS
    server.clock.advance(ms=HOUR_MS)
    ticks(server)
    assert is_awake(server, token)


def test_sessions_that_left_memory_with_the_store_are_woken_when_it_is_back(server):
    token = sleeper(server)
    other = server.client()
    other.create("ben")
    server.fail_next_commit(DiskFailed("no disk"))
    server.store.is_lost = True
    assert other.error("evaluate", code="x := 2") == "StorageError"
    assert not is_awake(server, token)
    server.clock.advance(ms=HOUR_MS)
    ticks(server)
    assert not is_awake(server, token)
    server.store.is_lost = False
    server.clock.advance(ms=STORE_RETRY_NS // NS_PER_MS)
    ticks(server)
    assert server.client().evaluate("n", session_id=token) == "1"


def test_a_session_has_one_alarm(server):
    token = sleeper(server)
    fall_asleep(server, token)
    alarms = server.system.supervisor.alarms
    due_ns = alarms.due_in_ns()
    alarms.read_again()
    ticks(server)
    alarms.add(token, server.clock.now_ns() + 2 * due_ns)
    server.clock.advance(ms=HOUR_MS)
    ticks(server)
    assert not is_awake(server, token)
    server.clock.advance(ms=HOUR_MS)
    ticks(server)
    assert is_awake(server, token)
