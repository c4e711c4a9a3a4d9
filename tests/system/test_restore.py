"""Goal: what was acknowledged is there and works after SIGKILL.

Method: one session with everything a session can hold, a kill, a new process on the same data, a restore.
"""

import pytest

pytestmark = pytest.mark.system

DEFINITION = "Object subclass: #Counter instanceVariableNames: 'count' classVariableNames: '' package: 'Demo'"


def test_everything_of_a_session_comes_back(server, connect):
    client = connect(server)
    token = client.create("ann")
    for code in (
        DEFINITION,
        "Counter compile: 'increment count := (count ifNil: [0]) + 1. ^ count'",
        "counter := Counter new. counter increment",
        "list := OrderedCollection new. list add: counter; add: list; yourself",
        "offset := 10. adder := [:n | n + offset]",
        "big := 2 raisedTo: 200",
        "text := 'héllo'",
    ):
        client.evaluate(code, session_id=token)
    client.evaluate("private := 1", session_id=token, tool_id="browser")
    client.failure("evaluate", code="1 / 0", session_id=token)
    client.result("inspect", target="list", session_id=token)
    client.result("navigate", into=0, session_id=token)
    client.result("update_session_state", session_id=token, state_data={"workspace": {"pane": 1}})
    client.result("save_context", session_id=token, name="before")
    server.kill()
    server.start()

    again = connect(server)
    restored = again.result("restore_session", session_id=token, client_id="ann")
    assert restored["session_state"] == {"workspace": {"pane": 1}}
    assert {"counter", "list", "adder", "big", "text", "private"} <= {
        variable["name"] for variable in restored["workspace_context"]["variables"]
    }
    path = restored["inspector_state"]["path"]
    assert (path[0]["label"], len(path)) == ("list", 2)
    assert again.evaluate("counter increment") == "2"
    assert again.evaluate("list first == counter") == "true"
    assert again.evaluate("(list at: 2) == list") == "true"
    assert again.evaluate("adder value: 5") == "15"
    assert again.evaluate("offset := 20. adder value: 5") == "25"
    assert again.evaluate("big = (2 raisedTo: 200)") == "true"
    assert again.evaluate("text") == "'héllo'"
    assert again.evaluate("private", tool_id="browser") == "1"
    assert again.evaluate("private") == "nil"
    history = again.result("history", session_id=token, offset=0, count=100)["entries"]
    assert history[0]["code"] == DEFINITION
    assert [entry["code"] for entry in history if entry["has_error"]] == ["1 / 0"]
    again.result("load_context", session_id=token, name="before")
    assert again.evaluate("counter increment") == "2"


def test_results_with_long_ids_are_listed_again_behind_a_savepoint_and_a_kill(server, connect):
    client = connect(server)
    token = client.create("ann")
    client.evaluate("100 factorial")
    client.evaluate("(String new: 300 withAll: $x) asSymbol")
    listed = client.result("restore_session", session_id=token)["object_registry"]
    assert len(listed) == 2
    client.result("save_context", name="long")
    client.result("load_context", name="long")
    assert client.result("restore_session", session_id=token)["object_registry"] == listed
    server.kill()
    server.start()
    again = connect(server)
    assert again.result("restore_session", session_id=token, client_id="ann")["object_registry"] == listed


def test_two_clients_do_not_see_each_other(server, connect):
    ann, ben = connect(server), connect(server)
    token = ann.create("ann")
    ben.create("ben")
    ann.evaluate("secret := 42")
    ann.evaluate("Object subclass: #Secret instanceVariableNames: '' classVariableNames: '' package: 'A'")
    assert ben.evaluate("secret") == "nil"
    assert ben.evaluate("Smalltalk includesKey: #Secret") == "false"
    assert ben.failure("evaluate", code="secret", session_id=token).error_type == "PermissionDenied"
    assert ben.failure("restore_session", session_id=token, client_id="ben").error_type == "PermissionDenied"
    assert ben.result("history", session_id=None)["total"] == 2


def test_an_idle_session_hibernates_and_wakes(start, connect):
    server = start("--idle-timeout", "0.1", "--sweep", "0.05")
    client, listener = connect(server), connect(server)
    token = client.create("ann")
    listener.result("subscribe", session_id=token, events=["session"])
    client.evaluate("x := 3", session_id=token)
    event = listener.next_event()
    assert (event.name, event.data) == ("session", {"state": "hibernated"})
    # It may have slept before the evaluation, too.
    while not client.result("get_session_info", session_id=token)["hibernated"]:
        pass
    assert client.evaluate("x + 1", session_id=token) == "4"
