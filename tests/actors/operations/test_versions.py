"""Former versions of methods, with Smalltalk itself: seen, brought back, and there after a crash."""

import pytest


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


@pytest.fixture
def token(client):
    """A session whose class had three versions of a method."""
    token = client.create()
    client.evaluate(
        "Object subclass: #Foo instanceVariableNames: 'x' classVariableNames: '' package: 'P'", session_id=token
    )
    for number in (1, 2, 3):
        client.evaluate(f"Foo compile: 'bar ^ {number}' classified: 'asking'", session_id=token)
    return token


def versions(client, token, **more):
    return client.result("method_versions", session_id=token, class_name="Foo", method_name="bar", **more)["versions"]


def test_what_a_method_was_is_listed_newest_first(client, token):
    listed = versions(client, token)
    assert [version["source"] for version in listed] == ["bar ^ 3", "bar ^ 2", "bar ^ 1"]
    assert [version["change"] for version in listed] == [None, "replaced", "replaced"]
    assert listed[0]["version_id"] == 0
    assert listed[0]["replaced_at"] is None
    assert listed[1]["replaced_at"].endswith("Z")


def test_a_former_version_is_brought_back_and_what_it_replaced_is_kept(server, client, token):
    oldest = versions(client, token)[-1]["version_id"]
    server.restart()
    client = server.client()
    restored = client.result("restore_method", session_id=token, class_name="Foo", method_name="bar", version_id=oldest)
    assert (restored["method"]["source"], restored["method"]["category"]) == ("bar ^ 1", "asking")
    assert client.evaluate("Foo new bar", session_id=token) == "1"
    assert [version["source"] for version in versions(client, token)][:2] == ["bar ^ 1", "bar ^ 3"]


def test_a_removed_method_is_named_and_comes_back(client, token):
    client.evaluate("Foo removeSelector: #bar", session_id=token)
    listed = client.result("method_versions", session_id=token, class_name="Foo")
    assert (listed["versions"], listed["removed"]) == ([], ["bar"])
    last = versions(client, token)[0]
    assert last["change"] == "removed"
    client.result("restore_method", session_id=token, class_name="Foo", selector="bar", version_id=last["version_id"])
    assert client.evaluate("Foo new bar", session_id=token) == "3"


def test_what_is_not_there_is_told(client, token):
    where = {"session_id": token, "method_name": "bar", "version_id": 999}
    assert client.error("restore_method", class_name="Foo", **where) == "MethodNotFound"
    assert client.error("restore_method", class_name="Nobody", **where) == "ClassNotFound"
    assert client.error("method_versions", session_id=token, class_name="Nobody") == "ClassNotFound"


def test_a_version_that_no_longer_compiles_is_refused_with_its_place(client, token):
    client.evaluate("Foo compile: 'bar ^ x'. Foo compile: 'bar ^ 5'", session_id=token)
    client.evaluate(
        "Object subclass: #Foo instanceVariableNames: '' classVariableNames: '' package: 'P'", session_id=token
    )
    used = next(version for version in versions(client, token) if version["source"] == "bar ^ x")
    where = {"session_id": token, "class_name": "Foo", "method_name": "bar", "version_id": used["version_id"]}
    assert client.error("restore_method", **where) == "SyntaxError"
    assert client.evaluate("Foo new bar", session_id=token) == "5"
