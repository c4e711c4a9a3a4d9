"""Disk quotas: warned of before they are used up, then nothing becomes larger, and everything else goes on."""

import pytest

MIB = 1024 * 1024
#: Bytes that are near a quota of one MiB, and beyond it.
NEAR = "x := ByteArray new: 900000"
BEYOND = "x := ByteArray new: 1100000"
MORE = "y := ByteArray new: 5000"


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk, client_disk_mb=1, sweep_s=86_400.0)


def measure(server):
    """Let a second pass, and what changed be measured."""
    server.client().result("ping")
    server.clock.advance(ms=1_000)
    server.client().result("ping")
    server.client().result("ping")


def refused(client, command, **parameters):
    """The details of the refusal of a request."""
    reply = client.ask(command, **parameters)
    assert (reply["status"], reply["error_type"]) == ("error", "LimitExceeded"), reply
    return reply["details"]


def test_replies_and_health_warn_from_four_fifths_on(server, client):
    token = client.create()
    assert "warning" not in client.result("evaluate", code=NEAR, session_id=token)
    measure(server)
    for command, parameters in (
        ("evaluate", {"code": "1", "session_id": token}),
        ("create_session", {"client_id": "ann"}),
        ("save_context", {"session_id": token}),
    ):
        assert "client_disk_mb" in client.result(command, **parameters)["warning"]
    assert "warning" not in client.result("create_session", client_id="ben")
    (row,) = client.result("health")["workers"]
    assert row["state"]["clients_near_disk_quota"] == 1
    assert row["state"]["disk_used_bytes"] > 900_000


def test_beyond_it_nothing_grows(server, client):
    token = client.create()
    client.evaluate(BEYOND, session_id=token)
    measure(server)
    details = refused(client, "evaluate", code=MORE, session_id=token)
    assert (details["limit"], details["maximum"]) == ("client_disk_mb", 1)
    assert details["used_bytes"] > MIB
    assert refused(client, "create_session", client_id="ann") == details
    assert refused(client, "save_context", session_id=token) == details
    filed_in = refused(
        client, "file_in", session_id=token, format="chunk", text=f"Smalltalk at: #Z put: '{'z' * 2_000}'!"
    )
    assert filed_in["limit"] == "client_disk_mb"
    assert client.evaluate("y", session_id=token) == "nil"
    assert client.evaluate("x size", session_id=token) == "1100000"
    assert client.result("history", session_id=token)["total"] == 3


def test_others_are_not_concerned(server, client):
    client.evaluate(BEYOND, session_id=client.create())
    measure(server)
    other = client.create("ben")
    assert client.evaluate(f"({MORE}) size", session_id=other) == "5000"


def test_letting_go_of_objects_makes_room(make_server, smalltalk, monkeypatch):
    monkeypatch.setattr("storage.memory_sessions.UNDO_POINTS_MIN", 2)
    server = make_server(make_engine=smalltalk, client_disk_mb=1, sweep_s=10.0)
    client = server.client()
    token = client.create()
    client.evaluate("x := (1 to: 2000) collect: [:each | ByteArray new: 600]. 0", session_id=token)
    measure(server)
    refused(client, "evaluate", code=MORE, session_id=token)
    client.evaluate("x := nil", session_id=token)
    for _ in range(2):  # undoing reaches back so far
        client.evaluate("1", session_id=token)
        client.evaluate("2", session_id=token)
        server.clock.advance(ms=11_000)
        for _ in range(10):
            server.system.worker._sweep.step()
            server.client().result("ping")
    measure(server)
    assert client.evaluate(f"({MORE}) size", session_id=token) == "5000"


def test_undoing_clearing_and_closing_go_on(server, client):
    token, other = client.create(), client.create()
    client.result("save_context", session_id=token, name="empty")
    client.evaluate(BEYOND, session_id=token)
    client.result("save_context", session_id=token, name="full")
    measure(server)
    client.result("undo", session_id=token)
    client.result("load_context", session_id=token, name="empty")
    client.result("clear_context", session_id=token, name="full")
    client.result("update_session_state", session_id=token, state_data={"pane": 1})
    measure(server)
    refused(client, "evaluate", code=MORE, session_id=other)
    client.result("close_session", session_id=token)
    measure(server)
    assert client.evaluate(f"({MORE}) size", session_id=other) == "5000"


def test_processes_that_grow_are_set_back_and_terminated(server, client):
    token = client.create()
    client.evaluate(BEYOND, session_id=token)
    measure(server)
    client.evaluate("[[z := (z ifNil: [0]) + 1. (Delay forMilliseconds: 10) wait] repeat] fork", session_id=token)
    client.evaluate("[(Delay forMilliseconds: 10) wait. y := ByteArray new: 5000] fork", session_id=token)
    for _ in range(10):
        server.clock.advance(ms=20)
        server.client().result("ping")
    assert client.evaluate("y", session_id=token) == "nil"


def test_the_quota_of_all_concerns_all(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, disk_mb=1)
    client = server.client()
    client.evaluate(BEYOND, session_id=client.create())
    other = client.create("ben")
    measure(server)
    assert refused(client, "evaluate", code=MORE, session_id=other)["limit"] == "disk_mb"
    assert refused(client, "create_session", client_id="cid")["limit"] == "disk_mb"
    figures = client.result("get_session_statistics")
    assert figures["disk_used_bytes"] > figures["disk_max_bytes"] == MIB
    assert "disk_mb" in figures["warning"]


def test_a_worker_that_has_used_up_its_part_names_the_whole(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, disk_mb=2, workers=2)
    client = server.client()
    token = client.create()
    client.evaluate(BEYOND, session_id=token)
    measure(server)
    reply = client.ask("evaluate", code=MORE, session_id=token)
    assert (reply["details"]["limit"], reply["details"]["maximum"]) == ("disk_mb", 2)
    assert "to each of the 2 workers, of 2 MB in all" in reply["error"]


def test_a_quota_counts_what_a_former_server_stored(server, client):
    token, other = client.create(), client.create()
    client.evaluate(BEYOND, session_id=token)
    server.restart()
    client = server.client()
    client.evaluate("1", session_id=other)
    measure(server)
    measure(server)
    refused(client, "evaluate", code=MORE, session_id=other)


def test_nothing_is_refused_without_quotas(make_server, smalltalk):
    server = make_server(make_engine=smalltalk, client_disk_mb=0)
    client = server.client()
    token = client.create()
    client.evaluate(BEYOND, session_id=token)
    measure(server)
    assert client.evaluate(f"({MORE}) size", session_id=token) == "5000"


def test_what_printing_makes_is_weighed_too(server, client):
    """The inspector runs user code: it must be no way around the quota, and looking goes on."""
    token = client.create()
    definition = "Object subclass: #Grower instanceVariableNames: 'n' classVariableNames: '' package: 'D'"
    client.evaluate(definition, session_id=token)
    client.evaluate("Grower compile: 'printOn: aStream n := ByteArray new: 50000'", session_id=token)
    client.evaluate("g := Grower new. 0", session_id=token)
    client.evaluate(BEYOND, session_id=token)
    measure(server)
    assert refused(client, "inspect", session_id=token, target="g")["limit"] == "client_disk_mb"
    shown = client.result("inspect", session_id=token, target="x", count=200)
    assert shown["object_info"]["class_name"] == "ByteArray"


def test_a_crowd_that_changes_all_the_time_is_measured_in_one_round(make_server):
    """A round goes through all that changed, in steps which only rest as long as measuring takes a hundredth."""
    server = make_server(client_disk_mb=1)
    quotas, clock = server.system.supervisor.parts.quotas, server.clock
    sids = range(1, 101)
    clock.advance(ms=1_000)
    seen = []
    server.store.inner.session = seen.append  # none of them is in the store
    for _ in range(20):
        for sid in sids:
            quotas.changed("ann", sid)
        quotas.step()
        clock.advance(ms=1)
    assert set(seen) == set(sids)
    assert len(seen) == len(sids)


def test_a_client_whose_sessions_are_all_closed_is_forgotten_and_one_with_an_empty_session_is_not(server, client):
    quotas = server.system.supervisor.parts.quotas
    closed, empty = client.create("ann"), client.create("ben")
    measure(server)
    assert set(quotas._accounts) == {"ann", "ben"}
    client.result("close_session", session_id=closed)
    client.result("update_session_state", session_id=empty, state_data={})
    measure(server)
    assert set(quotas._accounts) == {"ben"}


def test_a_session_that_is_closed_waits_no_more_to_be_measured(server, client):
    """Where very many are made and closed, the line of those that wait would only grow."""
    quotas = server.system.supervisor.parts.quotas
    token, other = client.create("ann"), client.create("ann")
    measure(server)
    for each in (token, other):
        client.evaluate("x := ByteArray new: 2000. 1", session_id=each)
    client.result("close_session", session_id=token)
    waiting = [*quotas._changed, *quotas._round]
    assert waiting == [server.store.inner.session_by_token(other).sid]


def test_a_client_is_not_forgotten_as_long_as_one_session_is_open(server, client):
    """A client that closes one of two sessions is measured by the other."""
    quotas = server.system.supervisor.parts.quotas
    tokens = [client.create("ann") for _ in range(2)]
    for token in tokens:
        client.evaluate("x := ByteArray new: 2000. 1", session_id=token)
    measure(server)
    before_bytes = quotas._accounts["ann"].used_bytes
    client.result("close_session", session_id=tokens[0])
    measure(server)
    assert 0 < quotas._accounts["ann"].used_bytes < before_bytes
