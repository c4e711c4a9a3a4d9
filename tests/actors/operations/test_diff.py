"""What changed between two states of a session, told of Smalltalk programs."""

from types import SimpleNamespace

import pytest

NOTHING = {"added": [], "removed": [], "changed": []}
DEFINITION = "Object subclass: #Foo instanceVariableNames: 'a' classVariableNames: '' package: 'Demo'"


@pytest.fixture
def client(make_server, smalltalk):
    return make_server(make_engine=smalltalk).client()


@pytest.fixture
def run(client):
    token = client.create()

    def evaluate(*codes):
        for code in codes:
            client.evaluate(code, session_id=token)
        return token

    return evaluate


def test_it_tells_what_the_last_evaluation_changed(client, run):
    token = run("x := 1. y := OrderedCollection new. z := y. s := 'same'", "x := 2. y add: 3. new := nil")
    found = client.result("diff", session_id=token)
    assert found["variables"] == {"added": ["new"], "removed": [], "changed": ["x", "y", "z"]}
    assert (found["classes"], found["methods"], found["is_complete"]) == (NOTHING, NOTHING, True)
    assert found["objects"]["changed"] > 0


def test_it_tells_of_classes_methods_and_extensions_but_not_of_their_instances(client, run):
    token = run(DEFINITION, "Foo compile: 'a ^a'. Foo class compile: 'make ^self new'. f := Foo new")
    client.result("save_context", session_id=token, name="s")
    run(
        DEFINITION.replace("'a'", "'a b'"), "Foo compile: 'a ^a + 1'. Object subclass: #Bar", "Object compile: 'odd ^3'"
    )
    found = client.result("diff", session_id=token, savepoint="s")
    assert found["classes"] == {"added": ["Bar"], "removed": [], "changed": ["Foo"]}
    assert found["methods"] == {"added": ["Object>>odd"], "removed": [], "changed": ["Foo>>a"]}
    assert found["variables"] == NOTHING
    client.result("load_context", session_id=token, name="s")
    back = client.result("diff", session_id=token)
    assert (back["classes"]["removed"], back["methods"]["removed"]) == (["Bar"], ["Object>>odd"])


def test_any_two_states_can_be_compared_and_nothing_changes_by_it(client, run):
    token = run("x := 1", "x := 2", "x := 3")
    client.result("save_context", session_id=token, name="s")
    assert client.result("diff", session_id=token, before=1, to_before=2)["variables"]["added"] == ["x"]
    assert client.result("diff", session_id=token, before=2, to_savepoint="s")["variables"]["changed"] == ["x"]
    same = client.result("diff", session_id=token, savepoint="s")
    assert (same["variables"], same["objects"]) == (NOTHING, {"added": 0, "removed": 0, "changed": 0})
    assert client.evaluate("x", session_id=token) == "3"


def test_a_state_that_is_not_there_is_told(client, run):
    token = run("x := 1")
    assert client.error("diff", session_id=token, savepoint="no") == "ContextNotFound"
    assert client.ask("diff", session_id=token, savepoint="no")["error"] == "The session has no savepoint 'no'."
    assert client.error("diff", session_id=token, to_before=9) == "ContextNotFound"
    assert client.ask("diff", session_id=token, to_before=9)["error"].startswith(
        "There is no state to go back to before evaluation 9; those known are 1 to"
    )
    assert client.error("diff", session_id=token, savepoint="s", before=1) == "InvalidRequest"
    assert client.error("diff", session_id=client.create("bob")) == "ContextNotFound"


def test_long_lists_are_cut_and_that_is_told(client, run, monkeypatch):
    monkeypatch.setattr("actors.operations.comparing.ROWS_MAX", 2)
    found = client.result("diff", session_id=run("a := 1. b := 2. c := 3"))
    assert (found["variables"]["added"], found["is_complete"]) == (["a", "b"], False)


@pytest.fixture
def pauses(make_server, smalltalk):
    """A server with a session of 30 classes, and a count of the safe points; the third may do something."""
    server = make_server(make_engine=smalltalk)
    client = server.client()
    token = client.create()
    client.evaluate("1 to: 30 do: [:i | Object subclass: ('Foo', i printString) asSymbol]", session_id=token)
    evaluator = server.system.supervisor.parts.evaluator
    safe_point, acts = evaluator.safe_point, []

    def count():
        acts.append(None)
        if len(acts) == 3:
            pauses.at_third()
        return safe_point()

    evaluator.safe_point = count
    pauses = SimpleNamespace(server=server, client=client, token=token, acts=acts, at_third=lambda: None)
    return pauses


def test_a_comparison_of_many_classes_gives_way_again_and_again(pauses):
    found = pauses.client.result("diff", session_id=pauses.token, before=1)
    assert len(found["classes"]["added"]) == 30
    assert len(pauses.acts) > 30


def test_a_comparison_can_be_interrupted_and_leaves_the_session_as_it_was(pauses):
    session = pauses.server.system.supervisor.roster.find(pauses.token).session

    def interrupt():
        session.running.evaluation.interrupt()

    pauses.at_third = interrupt
    assert pauses.client.error("diff", session_id=pauses.token, before=1) == "Interrupted"
    assert pauses.client.evaluate("Foo1 new printString", session_id=pauses.token) == "'a Foo1'"
