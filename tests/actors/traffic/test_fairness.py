"""One client's share: what is over it is refused at once by a limit with a name, and nobody else notices."""

from types import SimpleNamespace

import pytest

from actors.running.scheduler import FIRST_COST_NS
from actors.running.usage import Usage
from actors.settings import Settings
from actors.traffic.call import RefusedError
from actors.traffic.fairness import Fairness

SECOND = 1_000_000_000
MS = 1_000_000


def refusal(client, command, **parameters):
    """The refusal's details, which every one has."""
    reply = client.ask(command, **parameters)
    assert reply["status"] == "error", reply
    return reply["error_type"], reply["details"]


def test_requests_a_second_are_bounded_for_each_client(make_server):
    server = make_server(requests_per_s=3)
    client, other = server.client(), server.client()
    token, mine = client.create("ann"), other.create("ben")
    assert [client.evaluate("1", session_id=token) for _ in range(3)] == ["1"] * 3
    kind, details = refusal(client, "evaluate", code="1", session_id=token)
    assert (kind, details["limit"], details["maximum"]) == ("LimitExceeded", "requests_per_s", 3)
    assert 0 < details["retry_after_ms"] <= 334
    assert other.evaluate("2", session_id=mine) == "2"
    server.clock.advance(ms=details["retry_after_ms"])
    assert client.evaluate("3", session_id=token) == "3"


def test_what_is_refused_wakes_no_session(make_server):
    server = make_server(requests_per_s=2)
    client = server.client()
    token = client.create("ann")
    assert client.evaluate("1", session_id=token) == "1"
    roster = server.system.supervisor.roster
    assert client.evaluate("2", session_id=token) == "2"
    server.system.supervisor.hibernate(roster.find(token))
    _, details = refusal(client, "evaluate", code="3", session_id=token)
    assert details["limit"] == "requests_per_s"
    assert roster.find(token) is None


def test_a_flood_for_sessions_nobody_knows_costs_its_own_connection(make_server):
    server = make_server(requests_per_s=2)
    flood, other = server.client(), server.client()
    kinds = [flood.error("evaluate", code="1", session_id=f"session_{number}") for number in range(3)]
    assert kinds == ["SessionNotFound", "SessionNotFound", "LimitExceeded"]
    assert other.evaluate("1", session_id=other.create("ann")) == "1"


def test_a_flood_that_names_nobody_costs_its_own_connection(make_server):
    server = make_server(requests_per_s=2)
    flood, other = server.client(), server.client()
    assert [flood.ask("ping")["status"] for _ in range(3)] == ["success", "success", "error"]
    assert other.result("ping")["status"] == "ready"


def test_requests_under_way_are_bounded_for_each_client(make_server):
    server = make_server(requests_under_way=2)
    client, other = server.client(), server.client()
    token, mine = client.create("ann"), other.create("ben")
    running = client.send("evaluate", code="spin", session_id=token)
    waiting = client.send("evaluate", code="2", session_id=token)
    kind, details = refusal(client, "evaluate", code="3", session_id=token)
    assert (kind, details) == ("LimitExceeded", {"limit": "requests_under_way", "maximum": 2})
    assert other.evaluate("4", session_id=mine) == "4"
    server.system.supervisor.roster.find(token).session.interrupt()
    assert {client.receive()["id"], client.receive()["id"]} == {running, waiting}
    assert client.evaluate("5", session_id=token) == "5"
    assert server.system.supervisor.parts.fairness.under_way == 0


def test_processor_time_a_minute_is_bounded_over_all_sessions_of_a_client(make_server):
    server = make_server(cpu_per_minute_ms=100)
    client, other = server.client(), server.client()
    first, second, mine = client.create("ann"), client.create("ann"), other.create("ben")
    assert client.result("evaluate", code="turns 30", session_id=first)
    kind, details = refusal(client, "evaluate", code="1", session_id=second)
    assert (kind, details["limit"]) == ("LimitExceeded", "cpu_per_minute_ms")
    assert client.result("get_session_info", session_id=second)
    assert other.evaluate("1", session_id=mine) == "1"
    server.clock.advance(ms=details["retry_after_ms"])
    assert client.evaluate("2", session_id=second) == "2"


def test_sessions_in_all_are_bounded_and_a_closed_one_makes_room(make_server):
    server = make_server(sessions_max=2)
    client = server.client()
    client.create("ann")
    token = client.create("ben")
    kind, details = refusal(client, "create_session", client_id="eve")
    assert (kind, details) == ("LimitExceeded", {"limit": "sessions_max", "maximum": 2})
    client.result("close_session", session_id=token, client_id="ben")
    assert client.create("eve")


def test_too_many_clients_are_refused_and_one_that_left_makes_room(make_server):
    server = make_server(clients_max=1)
    client = server.client()
    token = client.create("ann")
    assert client.create("ann")
    kind, details = refusal(client, "create_session", client_id="ben")
    assert (kind, details["limit"]) == ("LimitExceeded", "clients_max")
    for each in (token, client.result("list_client_sessions", client_id="ann")["sessions"][-1]["session_id"]):
        client.result("close_session", session_id=each, client_id="ann")
    assert client.create("ben")


def test_creations_flow_again_before_the_minute_is_over(make_server):
    server = make_server(creations_per_minute=2, sessions_per_client=10)
    client = server.client()
    client.create(), client.create()
    _, details = refusal(client, "create_session", client_id="ann")
    assert (details["limit"], details["maximum"]) == ("creations_per_minute", 2)
    assert details["retry_after_ms"] == pytest.approx(30_000, abs=1)
    server.clock.advance(ms=details["retry_after_ms"])
    assert client.create()


def crowd(server, count):
    """Let so many sessions stand in line, none of which had its turn, and time pass."""
    clients = [server.client() for _ in range(count)]
    tokens = [client.create(f"c{number}") for number, client in enumerate(clients)]
    scheduler = server.system.supervisor.parts.scheduler
    for token in tokens:
        scheduler.add(server.system.supervisor.roster.find(token).session)
    server.clock.advance(ms=100)
    return clients[0], tokens[0]


def test_a_flood_that_comes_within_one_tick_is_seen_while_it_is_taken_in(make_server):
    """No more is admitted than the line takes: what was taken a moment ago stands in it."""
    server = make_server(overload_ms=5)
    client = server.client()
    tokens = [client.create(f"c{number}") for number in range(60)]
    sent = [client.send("evaluate", code="1", session_id=token) for token in tokens]
    replies = [client.receive() for _ in sent]
    admitted = [reply["id"] for reply in replies if reply["status"] == "success"]
    assert sent[0] in admitted
    assert (len(admitted) - 1) * FIRST_COST_NS <= 5_000_000
    assert {reply.get("error_type") for reply in replies} == {None, "Overloaded"}


@pytest.mark.parametrize(("count", "overload_ms"), [(70, 50), (3, 50), (70, 500)])
def test_a_line_that_waits_too_long_takes_no_more(make_server, monkeypatch, count, overload_ms):
    """Only work is refused, only of a line of many, and with a time to come back."""
    server = make_server(overload_ms=overload_ms)
    client, token = crowd(server, count)
    scheduler = server.system.supervisor.parts.scheduler
    with monkeypatch.context() as held:
        held.setattr(scheduler, "run_new", lambda: None)
        if (count, overload_ms) == (70, 50):
            kind, details = refusal(client, "evaluate", code="1", session_id=token)
            assert (kind, details["limit"], details["maximum"]) == ("Overloaded", "overload_ms", 50)
            assert details["retry_after_ms"] >= 100
            assert client.result("ping")["status"] == "ready"
        sent = client.send("evaluate", code="1", session_id=token) if (count, overload_ms) != (70, 50) else None
        server.tick()
    if sent is None:
        sent = client.send("evaluate", code="1", session_id=token)
    assert client.receive()["id"] == sent


def test_who_asks_more_while_its_own_requests_wait_is_refused_before_the_others(make_server, monkeypatch):
    """For each request before its own the whole line goes round once: that is what it would wait."""
    server = make_server(overload_ms=250)
    client, token = crowd(server, 70)
    other = server.client()
    mine = next(each.session.token for each in server.system.supervisor.roster if each.session.token != token)
    with monkeypatch.context() as held:
        held.setattr(server.system.supervisor.parts.scheduler, "run_new", lambda: None)
        waiting = [client.send("evaluate", code="1", session_id=token) for _ in range(2)]
        server.tick()
        kind, details = refusal(client, "evaluate", code="1", session_id=token)
        assert (kind, details["limit"], details["retry_after_ms"]) == ("Overloaded", "overload_ms", 300)
        last = other.send("evaluate", code="1", session_id=mine)
        server.tick()
    assert [client.receive()["id"] for _ in waiting] == waiting
    assert other.receive()["id"] == last


def test_a_full_line_still_knows_what_was_done_before(make_server, monkeypatch):
    """A repeat gets its answer, not a refusal that it would take for the outcome; what is new is refused and undone."""
    server = make_server(overload_ms=50)
    asking = server.client()
    mine = asking.create("mine")
    asking.result("evaluate", code="n = 0", session_id=mine)
    count = {"code": "n = n + 1; n", "session_id": mine}
    assert asking.result("evaluate", **count, op_id="first")["result"] == "1"
    crowd(server, 70)
    with monkeypatch.context() as held:
        held.setattr(server.system.supervisor.parts.scheduler, "run_new", lambda: None)
        assert asking.result("evaluate", **count, op_id="first")["result"] == "1"
        assert refusal(asking, "evaluate", **count, op_id="second")[0] == "Overloaded"
        assert refusal(asking, "evaluate", **count)[0] == "Overloaded"
        assert server.system.supervisor.parts.measures.refused == {"overload_ms": 2}
    server.tick()
    assert asking.result("evaluate", **count, op_id="second")["result"] == "2"


def test_only_a_line_of_many_counts_as_one():
    """For each request before it in its own session the line goes round once."""
    fairness = Fairness(Settings(overload_ms=1_000))
    fairness.check_line(80 * MS, sessions=1, before=50)
    fairness.check_line(80 * MS, sessions=30, before=1)
    with pytest.raises(RefusedError):
        fairness.check_line(80 * MS, sessions=30, before=50)
    assert fairness.is_full(1_001 * MS, 16)
    assert not fairness.is_full(1_001 * MS, 15)
    assert not fairness.is_full(1_000 * MS, 16)


def test_many_long_evaluations_refuse_no_short_request_but_their_like(make_server, monkeypatch):
    """500 that never end wait for each other longer than anybody may; who asks little passes them all."""
    server = make_server()
    clients = [server.client() for _ in range(3)]
    short, *long_ones = [client.create(f"c{number}") for number, client in enumerate(clients)]
    supervisor = server.system.supervisor
    scheduler = supervisor.parts.scheduler
    since_ns = server.clock.monotonic_ns()
    spinning = supervisor.roster.find(long_ones[0]).session
    for each in long_ones:
        supervisor.roster.find(each).session.usage.is_long = True
    # They stand in line as evaluations do that had their first turn, and get no other while this is looked at.
    parked = [SimpleNamespace(session=spinning, parked_at_ns=since_ns, parked_behind=k) for k in range(500)]
    scheduler._parked.extend(parked)
    server.clock.advance(ms=5_000)
    monkeypatch.setattr(scheduler, "run_parked", lambda: None)
    assert clients[0].result("evaluate", code="3 + 4", session_id=short)["result"] == "7"
    kind, details = refusal(clients[2], "evaluate", code="3 + 4", session_id=long_ones[1])
    assert (kind, details["limit"]) == ("Overloaded", "overload_ms")
    # That it would be long was a guess: who comes back is let in, and shows.
    assert clients[2].result("evaluate", code="3 + 4", session_id=long_ones[1])["result"] == "7"
    scheduler._parked.clear()


def test_those_that_hog_the_processor_let_shorter_ones_pass(client, server):
    """A session that ran for a second gets one slice in eight while another wants them."""
    hog, short = client.create("ann"), client.create("ben")
    client.send("evaluate", code="spin", session_id=hog, client_id="ann")
    scheduler = server.system.supervisor.parts.scheduler
    while not scheduler.hog_count:
        server.tick()
    sent = client.send("evaluate", code="turns 80", session_id=short, client_id="ben")
    while scheduler.parked_count < 2:
        server.tick()
    run = server.system.supervisor.roster.find(hog).session.running
    before_ns = run.used_ns
    assert client.receive()["id"] == sent
    assert 0 < run.used_ns - before_ns <= 80 * 10_000_000 / 4


def test_use_of_the_processor_is_forgiven_with_time():
    usage = Usage()
    usage.add(SECOND, 0)
    assert not usage.is_hog
    usage.add(SECOND // 2, SECOND)
    assert usage.is_hog
    usage.add(1000, 60 * SECOND)
    assert not usage.is_hog


def test_the_bounds_are_off_or_generous_unless_set():
    """What nobody configured refuses no client that works as one does."""
    settings = Settings()
    assert (settings.requests_per_s, settings.cpu_per_minute_ms) == (0, 0)
    assert settings.requests_under_way > settings.queue_max
