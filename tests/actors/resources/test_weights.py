"""What the live objects of a session take is measured; who takes more than it may is stopped, and loses nothing.

In the tiny language each variable weighs its value in MB, and each turn takes ten milliseconds.
"""

from dataclasses import replace

import pytest

from tests.actors.fakes.engine import FakeEngine


@pytest.fixture
def server(make_server):
    return make_server(session_memory_mb=4)


def refused(client, code, token):
    reply = client.ask("evaluate", code=code, session_id=token)
    assert reply["error_type"] == "LimitExceeded", reply
    details = reply["details"]
    assert (details["limit"], details["maximum"]) == ("session_memory_mb", 4)
    return details["used_bytes"] // 1024**2


def test_an_evaluation_whose_session_grows_too_heavy_is_stopped_and_the_session_is_as_before(server):
    client = server.client()
    token = client.create()
    client.evaluate("x = 3", session_id=token)
    assert refused(client, "y = 2; turns 100", token) == 5
    assert client.evaluate("x", session_id=token) == "3"
    assert client.evaluate("z = 1; turns 100; z", session_id=token) == "1"


def test_what_short_evaluations_made_too_heavy_may_not_grow_and_may_shrink(server):
    client = server.client()
    token = client.create()
    client.evaluate("x = 6", session_id=token)
    client.evaluate("turns 5", session_id=token)
    weigh_all(server)
    assert refused(client, "x = 7", token) == 7
    client.evaluate("x = 6; turns 5", session_id=token)
    weigh_all(server)
    assert client.evaluate("x = 5; x", session_id=token) == "5"


def weigh_all(server):
    """Let the server do what it does when there is time."""
    for _ in range(5):
        server.clock.advance(ms=10_000)
        server.client().result("ping")


def test_zero_is_no_bound(make_server):
    client = make_server(session_memory_mb=0).client()
    assert client.evaluate("x = 100000; turns 100; x", session_id=client.create()) == "100000"


def test_a_reload_changes_the_bound(server):
    client = server.client()
    token = client.create()
    server.system.reload(replace(server.settings, session_memory_mb=0))
    assert client.evaluate("x = 9; turns 100; x", session_id=token) == "9"


def test_the_measured_weight_is_told(server):
    client = server.client()
    token = client.create()
    assert "memory_bytes" not in client.result("get_session_info", session_id=token)
    client.evaluate("x = 3; turns 3", session_id=token)
    weigh_all(server)
    assert client.result("get_session_info", session_id=token)["memory_bytes"] == 3 * 1024**2
    assert client.result("get_session_statistics")["memory_bytes"] == 3 * 1024**2
    state = client.result("health")["workers"][0]["state"]
    assert (state["sessions_memory_bytes"], state["largest_session_bytes"]) == (3 * 1024**2,) * 2


class SlowlyWeighed(FakeEngine):
    """Weighing takes some slices."""

    def weigh(self, world, frame):
        for _ in range(5):
            self._clock.advance(ms=10)
            yield 0
        return (yield from super().weigh(world, frame))


def test_what_is_done_and_only_weighed_when_the_server_stops_is_kept_and_answered(make_server):
    server = make_server(make_engine=SlowlyWeighed, session_memory_mb=4, shutdown_grace_s=0)
    client = server.client()
    token = client.create()
    client.evaluate("x = 2", session_id=token)
    session = next(iter(server.system.supervisor.roster)).session
    session.weight.is_over = True
    client.send("evaluate", code="y = 1; y", session_id=token)
    while session.running is None or session.running.answer is None:
        server.tick()
    server.system.stop()
    server.system.run()
    server.restart()
    assert client.receive()["result"]["result"] == "1"
    assert server.client().evaluate("y", session_id=token) == "1"


def test_a_session_that_is_set_back_while_it_is_weighed_is_weighed_anew(make_server):
    server = make_server(make_engine=SlowlyWeighed, session_memory_mb=4)
    client = server.client()
    token = client.create()
    client.evaluate("x = 2; turns 5", session_id=token)
    server.clock.advance(ms=10_000)
    client.result("ping")
    assert server.system.worker._parts.weights._work is not None
    assert client.ask("evaluate", code="unstorable", session_id=token)["error_type"] == "EvaluationError"
    assert client.evaluate("turns 5; x", session_id=token) == "2"
    for _ in range(3):
        weigh_all(server)
    assert client.result("get_session_info", session_id=token)["memory_bytes"] == 2 * 1024**2
