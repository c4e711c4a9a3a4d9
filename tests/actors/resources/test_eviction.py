"""When the process holds too much, the sessions that were not used for longest leave memory, and nothing is lost."""

import pytest

from actors.resources.eviction import Eviction

MIB = 1024 * 1024
BUDGET_MB = 100
#: More than the time between two looks.
LATER_MS = 1_000


class Held:
    """What the process seems to hold: as much for each session in memory, beside what is always there."""

    def __init__(self, server, each_mb, always_mb=0):
        self.roster = server.system.supervisor.roster
        self.each_mb = each_mb
        self.always_mb = always_mb

    def __call__(self):
        return MIB * (self.always_mb + self.each_mb * len(self.roster))


@pytest.fixture
def server(make_server):
    server = make_server(live_memory_mb=BUDGET_MB, sessions_per_client=1_000, idle_timeout_s=86_400.0)
    # The tests say what the process holds; what it really holds is no matter of theirs.
    server.system.worker._sweep._eviction._measure = lambda: 0
    return server


def go_round(server, eviction):
    """Look at the memory when it is time, and let sessions leave until that is done; answer how many steps it took."""
    server.clock.advance(ms=LATER_MS)
    eviction.step()
    steps = 0
    while eviction.is_under_way:
        eviction.step()
        steps += 1
    return steps


def evict(server, held):
    """Do the same with a new eviction, and let what left go."""
    steps = go_round(server, Eviction(server.system.supervisor, held))
    server.tick()
    return steps


def live_tokens(server):
    return {live.session.token for live in server.system.supervisor.roster}


def use(server, client, tokens):
    for number, token in enumerate(tokens):
        server.clock.advance(ms=1)
        client.evaluate(f"x = {number}", session_id=token)


def test_within_the_budget_nobody_leaves(server, client):
    use(server, client, [client.create() for _ in range(5)])
    evict(server, Held(server, each_mb=20))
    assert len(server.system.supervisor.roster) == 5


def test_those_unused_for_longest_leave_until_there_is_some_slack(server, client):
    tokens = [client.create() for _ in range(16)]
    use(server, client, tokens)
    evict(server, Held(server, each_mb=6))
    assert len(server.system.supervisor.roster) == 16
    stayed = [token for token in tokens if token in live_tokens(server)]
    use(server, client, stayed[8:])
    evict(server, Held(server, each_mb=8))
    assert len(live_tokens(server)) <= BUDGET_MB * 15 / 16 / 8
    assert set(stayed[8:]) <= live_tokens(server)


def test_what_left_is_there_when_it_is_asked_for(server, client):
    tokens = [client.create() for _ in range(10)]
    use(server, client, tokens)
    evict(server, Held(server, each_mb=50))
    assert len(server.system.supervisor.roster) <= 2
    assert [client.evaluate("x", session_id=token) for token in tokens] == [str(number) for number in range(10)]
    assert server.system.supervisor.parts.counters.sessions_evicted >= 8


def test_a_session_that_runs_stays(server, client):
    token = client.create()
    client.send("evaluate", code="spin", session_id=token)
    client.result("ping")
    evict(server, Held(server, each_mb=500))
    assert live_tokens(server) == {token}


def test_each_step_is_short(server, client):
    use(server, client, [client.create() for _ in range(40)])
    assert evict(server, Held(server, each_mb=50)) >= 5


def test_a_budget_that_cannot_be_kept_is_not_tried_over_and_over(server, client):
    held = Held(server, each_mb=0, always_mb=200)
    eviction = Eviction(server.system.supervisor, held)
    client.create()
    assert go_round(server, eviction)
    client.create()
    assert not go_round(server, eviction)
    held.always_mb = 220
    assert go_round(server, eviction)


def test_zero_means_no_bound(make_server):
    server = make_server(live_memory_mb=0)
    client = server.client()
    client.create()
    evict(server, Held(server, each_mb=10_000))
    assert len(server.system.supervisor.roster) == 1


def test_the_worker_does_it(server, client):
    client.create()
    server.system.worker._sweep._eviction._measure = Held(server, each_mb=500)
    server.clock.advance(ms=LATER_MS)
    client.result("ping")
    client.result("ping")
    assert len(server.system.supervisor.roster) == 0


def test_a_session_with_changes_that_are_not_stored_yet_stays(server, client):
    """Who asks before the commit would get a session without them."""
    token = client.create()
    sent = client.send("evaluate", code="x = 1; turns 3; x = 2", session_id=token)
    client.result("ping")
    system = server.system
    system.worker._sweep._eviction._measure = Held(server, each_mb=500)
    while system.supervisor.parts.scheduler.parked_count:
        server.clock.advance(ms=LATER_MS)
        server.tick()
    assert system.supervisor.parts.keeper.has_changes
    then = client.send("evaluate", code="x + 1", session_id=token)
    system.worker._gateway.wait(LATER_MS)
    answers = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert answers[sent]["status"] == "success"
    assert answers[then]["result"]["result"] == "3"


def test_after_a_failed_round_and_a_fall_the_budget_holds_again(server, client):
    held = Held(server, each_mb=0, always_mb=300)
    eviction = Eviction(server.system.supervisor, held)
    client.create()
    assert go_round(server, eviction)
    held.always_mb = 80
    client.create()
    assert not go_round(server, eviction)
    held.always_mb = 120
    assert go_round(server, eviction)
