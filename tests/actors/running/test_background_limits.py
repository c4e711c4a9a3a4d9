"""What bounds the background: its line, the length of its slices, its memory, and what cannot be stored."""

import weakref

import pytest

from actors.running.background import BackgroundLine, Bucket
from actors.traffic.call import RefusedError
from smalltalk import UnstorableValueError
from storage import RecordRefused
from tests.actors.fakes.clock import FakeClock

MS = 1_000_000


class StillTimer:
    """A timer that never asks anybody to give way."""

    def arm(self):
        """Do nothing."""

    def disarm(self):
        """Do nothing."""


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


def ticks(server, count=5):
    """Let the server do what there is to do; nothing sleeps, because each tick ends with something staged."""
    for _ in range(count):
        server.system.worker._work()


class Sleeper:
    """A session's background in the line; counts its slices."""

    def __init__(self):
        self.bucket = Bucket(0.5, 0)
        self.slices = 0

    def run_slice(self):
        self.slices += 1


@pytest.fixture
def line():
    return BackgroundLine(StillTimer(), FakeClock())


def test_a_session_that_left_the_line_and_came_back_goes_on_at_its_new_time_only(line):
    sleeper, now_ns = Sleeper(), line._clock.now_ns()
    line.put(sleeper, 0)
    line.remove(sleeper)
    line.put(sleeper, now_ns + 10 * MS)
    line.remove(sleeper)
    line.put(sleeper, now_ns + 20 * MS)
    line.step()
    line._clock.advance(ms=10)
    line.step()
    assert sleeper.slices == 0
    line._clock.advance(ms=10)
    for _ in range(2):
        line.step()
    assert sleeper.slices == 1


def test_a_session_that_came_back_at_the_same_time_goes_on_once(line):
    sleeper, due_ns = Sleeper(), line._clock.now_ns() + 10 * MS
    line.put(sleeper, due_ns)
    line.remove(sleeper)
    line.put(sleeper, due_ns)
    line._clock.advance(ms=10)
    for _ in range(2):
        line.step()
    assert sleeper.slices == 1


def test_a_session_that_waits_keeps_few_of_those_in_memory_that_left(line):
    first, now_ns = Sleeper(), line._clock.now_ns()
    line.put(first, now_ns + MS)
    left = []
    for i in range(500):
        sleeper = Sleeper()
        left.append(weakref.ref(sleeper))
        line.put(sleeper, now_ns + (i + 2) * MS)
        line.remove(sleeper)
    del sleeper
    assert sum(each() is not None for each in left) < 100
    line._clock.advance(ms=1)
    line.step()
    assert first.slices == 1


def test_a_session_that_leaves_memory_closes_its_image(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, idle_timeout_s=1.0, sweep_s=1.0)
    client = server.client()
    token = client.create()
    client.evaluate("[1 hour wait] fork")
    ticks(server)
    live = server.system.supervisor.roster.find(token)
    image = live.session.state.image()
    assert image.world.processes_if_any is not None
    server.system.supervisor.hibernate(live)
    assert not live.session.state.is_loaded
    assert image.world.processes_if_any is None


#: Two that alternate: each turn ends at a safe point, whatever the timer does.
ENDLESS = "p := [[Processor yield] repeat] fork. [[Processor yield] repeat] fork. 3"


@pytest.fixture
def running(server, client):
    """The background of a session with processes that never end."""
    token = client.create()
    server.clock.step_ns = MS // 10
    client.evaluate(ENDLESS)
    return server.system.supervisor.roster.find(token).session.background


def test_slices_do_not_grow_without_end_with_what_storing_them_takes(server, running, monkeypatch):
    settle, lengths_ns = running._settle, []
    background_slice = running._evaluator.background_slice

    def settle_slowly():
        server.clock.advance(ms=10_000)
        return settle()

    def note(work, slice_ns, is_too_big):
        lengths_ns.append(slice_ns)
        return background_slice(work, slice_ns, is_too_big)

    monkeypatch.setattr(running, "_settle", settle_slowly)
    monkeypatch.setattr(running._evaluator, "background_slice", note)
    for _ in range(3):
        running.run_slice()
    assert lengths_ns[1:] == [20 * MS, 20 * MS]


def test_restoring_a_session_does_not_make_its_slices_longer(server, running, monkeypatch):
    image = running._session.state.image

    def restore_slowly():
        server.clock.advance(ms=10_000)
        return image()

    with monkeypatch.context() as patch:
        patch.setattr(running, "look", lambda: None)
        patch.setattr(running, "_settle", lambda: True)
        patch.setattr(running._session.state, "image", restore_slowly)
        running.run_slice()
    assert running._slice_ns < 20 * MS


def news(client):
    """What the events said of the Transcript so far."""
    client.ask("ping")
    return "".join(event["data"]["text"] for event in client.events)


def grow(monkeypatch, running, mb):
    """Let the process grow by that at each look at its memory, which the next slice takes twice."""
    sizes = iter([1_000 << 20, (1_000 + mb) << 20])
    monkeypatch.setattr("actors.sessions.session_background.resident_bytes", lambda: next(sizes))
    running._slice_ns = 0
    running.run_slice()


def test_what_storing_takes_counts_as_memory_of_the_processes(server, client, running, monkeypatch):
    client.result("subscribe", session_id=running._session.token, events=["transcript"])
    grow(monkeypatch, running, mb=5_000)
    monkeypatch.undo()
    ticks(server)
    assert "took too much memory" in news(client)
    assert client.evaluate("p isTerminated") == "true"


def test_growth_of_several_slices_counts_together_with_evaluations_between_them(server, client, running, monkeypatch):
    limit_mb = server.settings.memory_growth_mb
    grow(monkeypatch, running, mb=limit_mb - 1)
    monkeypatch.undo()
    assert client.evaluate("p isTerminated") == "false"
    running._line.remove(running)
    grow(monkeypatch, running, mb=2)
    monkeypatch.undo()
    ticks(server)
    assert client.evaluate("p isTerminated") == "true"


def test_processes_that_make_a_nearly_full_server_grow_are_ended(make_server, smalltalk, monkeypatch):
    server = make_server(make_engine=smalltalk)
    client = server.client()
    token = client.create()
    server.clock.step_ns = MS // 10
    client.evaluate(ENDLESS)
    running = server.system.supervisor.roster.find(token).session.background
    monkeypatch.setattr(running._evaluator, "_resident_bytes_max", 1_000 << 20)
    grow(monkeypatch, running, mb=1)
    monkeypatch.undo()
    ticks(server)
    assert client.evaluate("p isTerminated") == "true"


def test_a_long_slice_ends_early_when_too_much_memory_is_taken(server, running):
    began_ns = server.clock.monotonic_ns()
    used_ns = running._evaluator.background_slice(
        running._session.state.image().background.run, 10_000 * MS, lambda: True
    )
    assert used_ns <= server.clock.monotonic_ns() - began_ns < 10 * MS


def unstorable(running, monkeypatch, times, error=UnstorableValueError):
    """Let that many of the next attempts to store what processes did fail."""
    changes, left = running._session.state.changes, times

    def fail(history):
        nonlocal left
        if history is None and left:
            left -= 1
            raise error("no value of the language")
        return changes(history)

    monkeypatch.setattr(running._session.state, "changes", fail)


@pytest.mark.parametrize("error", [UnstorableValueError, RecordRefused])
def test_processes_that_cannot_be_stored_are_ended(server, client, running, monkeypatch, error):
    client.result("subscribe", session_id=running._session.token, events=["transcript"])
    unstorable(running, monkeypatch, 1, error)
    ticks(server, 50)
    assert not server.system.worker._parts.counters.sessions_restarted
    assert not running._session.is_busy
    told = news(client)
    assert told.startswith("What processes did in the background could not be stored and is undone")
    assert told.endswith("no value of the language\n")
    reply = client.result("evaluate", code="p isTerminated")
    assert (reply["result"], reply["transcript"]) == ("true", told)


def test_a_session_whose_processes_cannot_even_be_ended_fails(server, running, monkeypatch):
    unstorable(running, monkeypatch, 2)
    ticks(server, 50)
    assert server.system.worker._parts.counters.sessions_restarted == 1


def test_who_waited_while_another_was_set_back_goes_on(server, monkeypatch):
    """What cannot be kept is terminated once; processes that become ready later are not."""
    client = server.client()
    token = client.create()
    client.evaluate(
        "n := 0. [1 hour wait. n := n + 1] fork. [1 minute wait. y := 1. 2 hours wait] fork. Processor yield"
    )
    quotas, refusals = server.system.supervisor.parts.quotas, []

    def refuse(_client, _sid, changes):
        if not refusals and changes:
            refusals.append(changes)
            raise RefusedError("LimitExceeded", "full")

    monkeypatch.setattr(quotas, "check_growth", refuse)
    server.clock.advance(ms=60_000)
    ticks(server)
    assert refusals
    server.clock.advance(ms=3_600_000)
    ticks(server)
    assert client.evaluate("{n. y}", session_id=token) == "#(1 nil)"
