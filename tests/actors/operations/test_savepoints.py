"""Named states of a session."""

import pytest


@pytest.fixture
def token(client):
    token = client.create()
    client.evaluate("x = 1", session_id=token)
    return token


def test_a_savepoint_brings_the_state_back(server, client, token):
    saved = client.result("save_context", session_id=token, name="before")
    assert saved["size_bytes"] > 0
    client.evaluate("x = 2", session_id=token)
    assert client.result("load_context", session_id=token, name="before")["loaded"] is True
    assert client.evaluate("x", session_id=token) == "1"
    client.evaluate("x = x + 10", session_id=token)
    server.restart()
    assert server.client().evaluate("x", session_id=token) == "11"


def test_savepoints_take_their_turn_behind_evaluations(client, token):
    client.send("evaluate", code="x = 2", session_id=token)
    client.send("save_context", session_id=token)
    client.send("evaluate", code="x = 3", session_id=token)
    client.send("load_context", session_id=token)
    client.send("evaluate", code="x", session_id=token)
    replies = [client.receive() for _ in range(5)]
    assert [reply["status"] for reply in replies] == ["success"] * 5
    assert replies[-1]["result"]["result"] == "2"


def test_the_summary_lists_them_and_clearing_forgets_them(client, token):
    sizes = [client.result("save_context", session_id=token)["size_bytes"]]
    client.evaluate("y = 12345678901234567890", session_id=token)
    sizes.append(client.result("save_context", session_id=token, name="b")["size_bytes"])
    contexts = client.result("get_context_summary", session_id=token)["contexts"]
    assert [context["name"] for context in contexts] == ["default", "b"]
    assert [context["size_bytes"] for context in contexts] == sizes
    assert contexts[0]["saved_at"] == "2023-11-14T22:13:20.000Z"
    assert client.result("clear_context", session_id=token)["cleared"] is True
    contexts = client.result("get_context_summary", session_id=token)["contexts"]
    assert [context["name"] for context in contexts] == ["b"]


def test_what_waits_after_a_savepoint_was_loaded_has_names_of_its_own(server, client, token):
    """A name that meant one computation never means another, even after a crash and another load."""
    first = client.ask("evaluate", code="error", session_id=token)["details"]["context_id"]
    client.result("save_context", session_id=token)
    names = [first]
    for _ in range(2):
        names.append(client.ask("evaluate", code="error; 1", session_id=token)["details"]["context_id"])
        client.result("load_context", session_id=token)
        assert [each["context_id"] for each in client.result("debug", operation="ListContexts")["contexts"]] == [first]
    client.result("load_context", session_id=token)
    server.restart()
    client = server.client()
    names.append(client.ask("evaluate", code="error; 2", session_id=token)["details"]["context_id"])
    assert names == ["c1", "c2", "c3", "c4"]


def test_an_unknown_savepoint_is_told(client, token):
    assert client.error("load_context", session_id=token, name="no") == "ContextNotFound"
    assert client.error("clear_context", session_id=token, name="no") == "ContextNotFound"


def test_savepoints_are_bounded(client, token, monkeypatch):
    monkeypatch.setattr("actors.operations.savepoints.SAVEPOINTS_MAX", 1)
    client.result("save_context", session_id=token, name="a")
    client.result("save_context", session_id=token, name="a")
    assert client.error("save_context", session_id=token, name="b") == "LimitExceeded"
