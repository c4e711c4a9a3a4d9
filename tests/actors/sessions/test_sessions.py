"""Sessions: whose they are, how many there may be, how they end and come back."""

import pytest


def test_a_created_session_has_the_documented_fields(client):
    created = client.result("create_session", client_id="ann", client_info={"platform": "linux"})
    token = created.pop("session_id")
    assert len(bytes.fromhex(token.removeprefix("session_"))) >= 16
    assert created == {
        "client_id": "ann",
        "created_at": "2023-11-14T22:13:20.000Z",
        "last_modified": "2023-11-14T22:13:20.000Z",
        "timeout": 3600,
        "expires_at": "2023-12-14T22:13:20.000Z",
        "is_active": True,
        "capabilities": ["context_preservation", "object_registry", "inspector", "savepoints", "events", "debugger"],
        "client_isolation": "enabled",
        "max_concurrent_clients": 10_000,
    }


def test_ids_are_never_given_twice(server, client):
    first = client.create()
    server.restart()
    assert server.client().create() != first


def test_a_foreign_session_is_denied(server, client):
    token = client.create("ann")
    other = server.client()
    other.create("ben")
    assert other.error("evaluate", code="1", session_id=token) == "PermissionDenied"
    assert other.error("restore_session", session_id=token, client_id="ben") == "PermissionDenied"
    assert other.error("get_session_info", session_id=token) == "PermissionDenied"
    assert other.error("list_client_sessions", client_id="ann") == "PermissionDenied"
    assert other.error("close_session", session_id=token) == "PermissionDenied"
    assert other.error("create_session", client_id="ben", from_session=token) == "PermissionDenied"


def test_the_denial_does_not_name_the_session_or_its_owner(server, client):
    token = client.create("client-of-ann")
    other = server.client()
    reply = other.ask("restore_session", session_id=token, client_id="ben")
    assert token not in str(reply)
    assert "client-of-ann" not in str(reply)


@pytest.mark.parametrize("is_named", [True, False])
def test_unknown_and_foreign_sessions_are_told_alike_to_a_known_client(server, client, is_named):
    tokens = [client.create("ann"), "session_0"]
    other = server.client()
    names = {"client_id": "ben"} if is_named else {}
    if not is_named:
        other.create("ben")
    for command, extra in (("restore_session", {}), ("get_session_info", {}), ("evaluate", {"code": "1"})):
        foreign, unknown = (other.ask(command, session_id=token, **extra, **names) for token in tokens)
        assert foreign["error_type"] == "PermissionDenied"
        assert {**foreign, "id": 0, "timestamp": ""} == {**unknown, "id": 0, "timestamp": ""}


def test_one_connection_may_speak_for_several_clients(client):
    first, second = client.create("ann"), client.create("ben")
    assert client.evaluate("1", session_id=first) == "1"
    assert client.result("evaluate", code="1", client_id="ann")["session_id"] == first
    assert client.result("evaluate", code="1")["session_id"] == second
    assert client.error("evaluate", code="1", session_id=first, client_id="ben") == "PermissionDenied"


def test_an_unknown_session_is_not_found(client):
    for command in ("evaluate", "restore_session", "get_session_info", "close_session", "history", "subscribe"):
        extra = {"evaluate": {"code": "1"}, "subscribe": {"events": []}}.get(command, {})
        assert client.error(command, session_id="session_0", **extra) == "SessionNotFound"


def test_a_client_sees_its_own_sessions_only(server, client):
    client.create("ann")
    client.create("ann")
    other = server.client()
    token = other.create("ben")
    listed = other.result("list_client_sessions", client_id="ben")
    assert [session["session_id"] for session in listed["sessions"]] == [token]
    assert client.result("list_client_sessions", client_id="ann")["session_count"] == 2
    assert client.result("list_client_sessions", client_id="nobody")["sessions"] == []


def test_a_client_has_so_many_sessions_and_no_more(make_server):
    server = make_server(sessions_per_client=2)
    client = server.client()
    sent = [client.send("create_session", client_id="ann") for _ in range(3)]
    assert [client.receive()["status"] for _ in sent] == ["success", "success", "error"]
    server.restart()
    again = server.client()
    assert again.error("create_session", client_id="ann") == "LimitExceeded"
    token = again.result("list_client_sessions", client_id="ann")["sessions"][0]["session_id"]
    again.result("close_session", session_id=token)
    assert again.create("ann")


def test_there_are_so_many_clients_and_no_more(make_server):
    client = make_server(clients_max=1).client()
    client.create("ann")
    assert client.error("create_session", client_id="ben") == "LimitExceeded"
    assert client.create("ann")


def test_a_client_that_creates_too_fast_is_slowed(make_server):
    server = make_server(creations_per_minute=2, sessions_per_client=10)
    client = server.client()
    client.create("ann")
    client.create("ann")
    assert client.error("create_session", client_id="ann") == "LimitExceeded"
    assert client.create("ben")
    server.clock.advance(ms=60_000)
    assert client.create("ann")


def test_allow_and_deny_lists(make_server):
    client = make_server(allow_clients=("ann", "ben"), deny_clients=("ben",)).client()
    assert client.create("ann")
    assert client.error("create_session", client_id="ben") == "PermissionDenied"
    assert client.error("create_session", client_id="cid") == "PermissionDenied"
    assert client.result("validate_feature_access", client_id="ben", feature="savepoints")["allowed"] is False


def test_capabilities_answer_for_features(client):
    granted = client.result("validate_feature_access", client_id="ann", feature="savepoints")
    assert granted == {"client_id": "ann", "feature": "savepoints", "allowed": True}
    assert client.result("validate_feature_access", client_id="ann", feature="flight")["allowed"] is False


def test_restoring_brings_state_and_makes_the_session_the_connections_own(server, client):
    token = client.create("ann")
    client.evaluate("x = 1", session_id=token)
    client.result("update_session_state", session_id=token, state_data={"workspace": {"pane": 2}})
    server.restart()
    again = server.client()
    restored = again.result("restore_session", session_id=token, client_id="ann")
    assert restored["session_state"] == {"workspace": {"pane": 2}}
    assert restored["workspace_context"] == {"variables": [{"name": "x"}]}
    assert again.result("evaluate", code="x")["session_id"] == token


def test_the_clients_state_is_kept_verbatim_and_the_older_form_replaces_parts(client):
    token = client.create()
    state = {"workspace": {"a": [1, None, {"b": "ü"}]}}
    assert client.result("update_session_state", session_id=token, state_data=state)["session_state"] == state
    updated = client.result("update_session_state", session_id=token, object_registry={"1": "an Array"})
    assert updated["session_state"] == {**state, "object_registry": {"1": "an Array"}}
    assert updated["update_successful"] is True


def test_the_clients_state_is_bounded(client):
    token = client.create()
    reply = client.ask("update_session_state", session_id=token, state_data={"x": "y" * 2**20})
    assert (reply["error_type"], reply["details"]["limit"]) == ("LimitExceeded", "state_bytes_max")


def test_a_closed_session_is_gone_and_does_not_count(server, client):
    token = client.create()
    client.result("close_session", session_id=token)
    server.restart()
    again = server.client()
    assert again.error("restore_session", session_id=token) == "SessionNotFound"
    assert again.error("get_session_info", session_id=token) == "SessionNotFound"
    assert again.result("list_client_sessions", client_id="ann")["session_count"] == 0


def test_requests_behind_a_close_find_no_session(client):
    token = client.create()
    for command, extra in (("evaluate", {"code": "1"}), ("close_session", {}), ("evaluate", {"code": "2"})):
        client.send(command, session_id=token, **extra)
    replies = sorted((client.receive() for _ in range(3)), key=lambda reply: reply["id"])
    assert [reply.get("error_type") for reply in replies] == [None, None, "SessionNotFound"]


def test_a_session_may_begin_as_a_copy_of_another(client):
    source = client.create("ann")
    client.evaluate("x = 5", session_id=source)
    copy = client.create("ann", from_session=source)
    assert client.evaluate("x = x + 1", session_id=copy) == "6"
    assert client.evaluate("x", session_id=source) == "5"


def test_statistics(client):
    client.create("ann")
    client.create("ben")
    figures = client.result("get_session_statistics")
    assert figures.pop("disk_used_bytes") >= 0
    assert figures.pop("memory_bytes") == 0
    assert figures == {
        "disk_max_bytes": 0,
        "total_sessions": 2,
        "active_clients": 2,
        "max_sessions_per_client": 5,
        "default_timeout": 3600,
        "cleanup_interval": 300,
    }


@pytest.mark.parametrize("kind", ["Basic", "Memory", "Packages", "Environment", "All"])
def test_system_info_is_all_text(client, kind):
    info = client.result("system_info", info_type=kind)["info"]
    assert info
    assert all(isinstance(value, str) for value in info.values())


def test_ping_echoes_and_describe_shows_the_table(client):
    assert client.result("ping", message="hi")["message"] == "hi"
    assert "evaluate" in client.result("describe")["operations"]


def test_what_a_client_says_of_itself_is_kept_and_shown(server, client):
    about = {"client_info": {"platform": "linux"}, "client_version": "1.2", "config": {"theme": "dark"}}
    token = client.create("ann", **about)
    client.result("update_session_state", session_id=token, state_data={"pane": 1})
    server.restart()
    info = server.client().result("get_session_info", session_id=token)
    assert {name: info[name] for name in about} == about


def test_what_a_client_says_of_itself_is_bounded(client, monkeypatch):
    monkeypatch.setattr("actors.operations.sessions.ABOUT_BYTES_MAX", 200)
    assert client.error("create_session", client_id="ann", config={"x": "y" * 200}) == "LimitExceeded"
    client.create("ann")
