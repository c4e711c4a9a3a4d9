"""Python's full garbage collection runs while nobody waits, and takes a small part of the time."""

import pytest

from actors.resources.collector import Collector

#: Longer than a server must be quiet, and than the shortest rest.
QUIET_MS = 300
REST_MS = 11_000


class Collections:
    """Counts collections, each of which takes a time."""

    def __init__(self, clock):
        self.count = 0
        self.takes_ms = 0
        self._clock = clock

    def __call__(self):
        self.count += 1
        self._clock.advance(ms=self.takes_ms)


@pytest.fixture
def collections(server):
    return Collections(server.clock)


@pytest.fixture
def collector(server, collections):
    return Collector(server.system.supervisor.parts, collections)


def pass_time(server, collector, ms):
    """Let nothing happen for a while."""
    collector.step()
    server.clock.advance(ms=ms)
    collector.step()


def test_it_collects_once_after_work_when_all_is_quiet(server, client, collector, collections):
    client.create()
    pass_time(server, collector, QUIET_MS)
    pass_time(server, collector, REST_MS)
    assert collections.count == 1


def test_a_server_that_did_nothing_collects_nothing(server, collector, collections):
    pass_time(server, collector, REST_MS)
    assert collections.count == 0


def test_while_requests_come_it_waits(server, client, collector, collections):
    for _ in range(20):
        client.result("ping")
        pass_time(server, collector, QUIET_MS // 2)
    assert collections.count == 0


def test_a_server_that_is_never_quiet_is_stopped_for_it_once_in_a_minute(server, client, collector, collections):
    for _ in range(61):
        client.result("ping")
        server.clock.advance(ms=1_000)
        client.result("ping")
        collector.step()
    assert collections.count == 1


def test_while_an_evaluation_runs_it_waits(server, client, collector, collections):
    token = client.create()
    client.send("evaluate", code="spin", session_id=token)
    client.result("ping")
    pass_time(server, collector, REST_MS)
    assert collections.count == 0


def test_after_a_long_collection_it_rests_long(server, client, collector, collections):
    collections.takes_ms = 1_000
    client.create()
    pass_time(server, collector, QUIET_MS)
    client.result("ping")
    pass_time(server, collector, 99_000)
    assert collections.count == 1
    pass_time(server, collector, 2_000)
    assert collections.count == 2


def test_the_worker_does_it(server, client, collections):
    client.create()
    server.system.worker._sweep._collector._collect = collections
    client.result("ping")
    server.tick()
    server.clock.advance(ms=QUIET_MS)
    server.tick()
    assert collections.count == 1
