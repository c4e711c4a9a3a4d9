"""Evaluations without end: others are served, interrupt stops them, state and queue are kept."""


def spinning(client, token, code="x = 1; spin"):
    """Start an evaluation without end and let it use up its first slices."""
    sent = client.send("evaluate", code=code, session_id=token)
    client.result("ping")
    return sent


def test_others_are_served_while_one_spins(server, client):
    spinning(client, client.create("ann"))
    other = server.client()
    token = other.create("ben")
    assert [other.evaluate(str(number), session_id=token) for number in range(20)] == [str(n) for n in range(20)]
    assert server.system.supervisor.parts.scheduler.parked_count == 1


def test_interrupt_stops_it_and_keeps_state_and_queue(client):
    token = client.create()
    first = spinning(client, token)
    second = client.send("evaluate", code="x + 1", session_id=token)
    third = client.send("interrupt", session_id=token)
    replies = {reply["id"]: reply for reply in (client.receive() for _ in range(3))}
    assert replies[third]["result"] == {"session_id": token, "interrupted": True}
    assert replies[first]["error_type"] == "Interrupted"
    assert replies[second]["result"]["result"] == "2"


def test_interrupt_of_nothing_says_so(client):
    token = client.create()
    assert client.result("interrupt", session_id=token)["interrupted"] is False


def test_an_interrupt_does_not_outlive_what_it_was_meant_for(client):
    """A request that no interrupt stops was about to begin: what is asked afterwards is not stopped in its place."""
    token = client.create()
    sent = [client.send("save_context", session_id=token), client.send("interrupt", session_id=token)]
    assert {client.receive()["id"] for _ in sent} == set(sent)
    assert client.evaluate("turns 3; 7", session_id=token) == "7"


def test_information_is_given_between_the_slices(client):
    token = client.create()
    client.evaluate("y = 2", session_id=token)
    spinning(client, token)
    assert client.result("history", session_id=token)["total"] == 1
    assert client.result("get_session_info", session_id=token)["hibernated"] is False
    assert client.result("restore_session", session_id=token, client_id="ann")["session_id"] == token
    client.send("interrupt", session_id=token)
    assert {client.receive()["status"], client.receive()["status"]} == {"success", "error"}


def test_two_hogs_share_the_turns(client):
    tokens = [client.create("ann"), client.create("ben")]
    sent = [
        client.send("evaluate", code="turns 30", session_id=token, client_id=name)
        for token, name in zip(tokens, ("ann", "ben"), strict=True)
    ]
    assert [client.receive()["id"] for _ in sent] == sent


def test_a_closed_session_ends_what_runs_in_it(client):
    token = client.create()
    running = spinning(client, token)
    closing = client.send("close_session", session_id=token)
    replies = {reply["id"]: reply for reply in (client.receive() for _ in range(2))}
    assert replies[running]["error_type"] == "Interrupted"
    assert replies[closing]["result"] == {"session_id": token, "closed": True}
    assert client.error("evaluate", code="1", session_id=token) == "SessionNotFound"


def test_a_stopping_server_interrupts_what_neither_ends_nor_can_be_kept(server, client):
    token = client.create()
    spinning(client, token, "x = 1; stubborn 1000")
    server.system.stop()
    server.system.run()
    assert client.receive()["error_type"] == "Interrupted"
    server.restart()
    assert server.client().error("evaluate", code="x", session_id=token) == "InternalError"


def test_a_stopping_server_lets_evaluations_end_that_do(server, client):
    token = client.create()
    spinning(client, token, "x = 3; turns 20")
    server.system.stop()
    server.system.run()
    assert client.receive()["result"]["result"] == "20"
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "3"


def test_a_request_may_lower_its_budget(client):
    token = client.create()
    reply = client.ask("evaluate", code="x = 1; spin", session_id=token, timeout_ms=50)
    assert (reply["error_type"], reply["details"]["limit"], reply["details"]["maximum"]) == (
        "Timeout",
        "timeout_ms",
        50,
    )
    assert client.evaluate("x", session_id=token) == "1"


def test_nobody_runs_longer_than_the_servers_budget(make_server):
    client = make_server(cpu_budget_ms=100).client()
    token = client.create()
    reply = client.ask("evaluate", code="spin", session_id=token, timeout_ms=3_600_000)
    assert (reply["error_type"], reply["details"]["limit"], reply["details"]["maximum"]) == (
        "Timeout",
        "cpu_budget_ms",
        100,
    )


def test_an_evaluation_that_eats_memory_is_stopped(server, client, monkeypatch):
    token = client.create()
    sizes = iter(range(0, 10**12, 2**28))
    monkeypatch.setattr("actors.running.evaluator.resident_bytes", lambda: next(sizes))
    assert client.error("evaluate", code="x = 1; spin", session_id=token) == "LimitExceeded"
    assert client.evaluate("x", session_id=token) == "1"


def test_an_interrupt_right_behind_an_evaluation_stops_it(client):
    """Both arrive in one tick; the evaluation has not begun when the interrupt is served."""
    token = client.create()
    running = client.send("evaluate", code="x = 1; spin", session_id=token)
    stopping = client.send("interrupt", session_id=token)
    replies = {reply["id"]: reply for reply in (client.receive(), client.receive())}
    assert replies[stopping]["result"]["interrupted"] is True
    assert replies[running]["error_type"] == "Interrupted"


def test_an_interrupted_hog_gets_the_very_next_slice(server, client):
    """It waits neither for its turn among those that hog nor for all others that want slices."""
    token = client.create("ann")
    client.send("evaluate", code="spin", session_id=token, client_id="ann")
    scheduler = server.system.supervisor.parts.scheduler
    while not scheduler.hog_count:
        server.tick()
    for name in ("ben", "cid", "dan"):
        other = client.create(name)
        client.send("evaluate", code="spin", session_id=other, client_id=name)
    while scheduler.parked_count < 4:
        server.tick()
    session = server.system.supervisor.roster.find(token).session
    assert session.interrupt()
    server.tick()
    assert session.running is None
    assert scheduler.parked_count == 3
