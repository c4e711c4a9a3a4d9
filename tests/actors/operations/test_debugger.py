"""Computations that wait, over the wire: they are named, looked at, let go on, given up, and outlive the server."""

import pytest


def waiting(client, code="x = 1; error; x + 1", **parameters):
    """Fail, and answer the name of what waits."""
    reply = client.ask("evaluate", code=code, **parameters)
    assert reply["status"] == "error"
    return reply["details"]["context_id"]


def test_a_failure_names_what_waits_and_the_session_says_so_after_a_crash(server, client):
    token = client.create()
    assert client.result("restore_session", session_id=token)["error_state"] is None
    context = waiting(client)
    told = client.result("get_session_info", session_id=token)["error_state"]
    server.restart()
    again = server.client()
    assert "error_state" not in again.result("get_session_info", session_id=token, client_id="ann"), "it is asleep"
    state = again.result("restore_session", session_id=token)["error_state"]
    assert state["current"]["context_id"] == context
    assert state["suspended"] == [state["current"]]
    assert state == told
    assert state["recovery"] == state["current"]["recovery"] == ["Continue", "Abandon"]
    assert state["current"]["suspended_at"] == "2023-11-14T22:13:20.000Z"
    assert again.result("get_context_summary", session_id=token)["error_state"] == state


def test_what_waits_goes_on_after_a_crash_once(server, client):
    token = client.create()
    context = waiting(client)
    server.restart()
    again = server.client()
    asked = {"operation": "Continue", "context": context, "session_id": token, "op_id": "go"}
    done = again.result("debug", **asked)
    assert (done["state"], done["result"], done["result_type"], done["context"]) == ("finished", "2", "int", context)
    assert again.result("debug", **asked) == done
    assert again.error("debug", operation="Continue", context=context, session_id=token) == "ContextNotFound"
    history = again.result("history", session_id=token)["entries"]
    assert [(entry["code"], entry["result"]) for entry in history] == [
        ("x = 1; error; x + 1", "ZeroDivide: division by zero"),
        ('"debug Continue of c1"', "2"),
    ]


def test_a_value_can_be_given_to_go_on_with(client):
    client.create()
    waiting(client, "x = 2; error")
    done = client.result("debug", proceed_with="x + 40")
    assert (done["state"], done["result"]) == ("finished", "42")
    assert client.result("history")["entries"][-1]["code"] == '"debug Continue of c1" x + 40'


def test_what_fails_again_keeps_its_name(client):
    client.create()
    context = waiting(client, "error; error; 3")
    reply = client.ask("debug", operation="Continue")
    assert (reply["error_type"], reply["details"]["context_id"]) == ("EvaluationError", context)
    assert client.result("debug", operation="Continue")["result"] == "3"


@pytest.mark.parametrize(
    ("code", "error_type"), [("turns 3; 7", "Timeout"), ("spin", "Interrupted")], ids=["timeout", "interrupt"]
)
def test_what_was_stopped_goes_on_with_a_new_budget(make_server, code, error_type):
    server = make_server(cpu_budget_ms=1_000)
    client = server.client()
    token = client.create()
    sent = client.send("evaluate", code=code, timeout_ms=20)
    if error_type == "Interrupted":
        client.send("interrupt", session_id=token)
    replies = {reply["id"]: reply for reply in [client.receive() for _ in range(1 + (error_type == "Interrupted"))]}
    assert replies[sent]["error_type"] == error_type
    context = replies[sent]["details"]["context_id"]
    again = client.ask("debug", operation="Continue", context=context, timeout_ms=20)
    assert again.get("error_type") == ("Timeout" if code == "spin" else None)


def test_the_stack_and_the_variables_are_shown(client):
    token = client.create()
    context = waiting(client)
    stack = client.result("debug", operation="GetStackTrace")
    assert (stack["total"], stack["state"], stack["context"]) == (1, "suspended", context)
    row = {
        "frame": 0,
        "method": "doIt",
        "class_name": "UndefinedObject",
        "selector": "doIt",
        "receiver": "nil",
        "line": 1,
        "column": 2,
        "is_block": False,
        "is_resumable_here": True,
    }
    assert stack["stack"] == [row]
    assert client.result("debug", operation="GetStackTrace", offset=1)["stack"] == []
    shown = client.result("debug", operation="get_local_vars")
    assert (shown["frame"], shown["source"], shown["start"], shown["stop"]) == (row, "x = 1; error; x + 1", 0, 1)
    variable = {"name": "x", "kind": "temporary", "class_name": "int", "text": "1", "object_id": "i:1"}
    assert shown["variables"] == [variable]
    assert shown["session_id"] == token
    for answer in (stack, shown):
        assert answer["result"]
        assert all(type(value) is str for value in answer["debug_info"].values())


def test_a_variable_that_is_set_counts_when_it_goes_on(server, client):
    token = client.create()
    waiting(client)
    changed = client.result("debug", operation={"SetVariable": {"name": "x", "expression": "20 + 1"}})
    assert changed["variables"][0]["text"] == "21"
    server.restart()
    assert server.client().result("debug", operation="Continue", session_id=token)["result"] == "22"


def test_code_runs_in_a_frame(client):
    client.create()
    context = waiting(client)
    assert client.evaluate("x + 5", context=context, frame=0) == "6"
    assert client.error("evaluate", code="1", context="c9") == "ContextNotFound"


def test_several_wait_and_the_latest_is_meant_unless_told(client):
    client.create()
    first, second = waiting(client, "error; 1"), waiting(client, "error; 2")
    listed = client.result("debug", operation="ListContexts")
    assert [each["context_id"] for each in listed["contexts"]] == [first, second]
    assert (listed["context"], listed["state"]) == (second, "suspended")
    assert client.result("debug", operation="Continue")["result"] == "2"
    assert client.result("debug", operation="Continue")["result"] == "1"
    assert client.error("debug", operation="Continue") == "ContextNotFound"
    listed = client.result("debug", operation="ListContexts")
    assert (listed["contexts"], listed["context"], listed["state"]) == ([], None, "finished")


def test_what_is_given_up_is_gone_after_a_crash_too(server, client):
    token = client.create()
    context = waiting(client)
    gone = client.result("debug", abandon=True)
    assert (gone["state"], gone["abandoned"], gone["context"]) == ("abandoned", True, context)
    server.restart()
    asked = {"operation": "GetStackTrace", "context": context, "session_id": token}
    assert server.client().error("debug", **asked) == "ContextNotFound"


def test_a_step_says_where_it_stopped(client):
    client.create()
    waiting(client)
    stopped = client.result("debug", operation="StepOver")
    assert (stopped["state"], stopped["stop"]["kind"], stopped["stop"]["frames"]) == ("suspended", "step", 1)
    assert stopped["stop"]["row"] == stopped["stack"][0]
    assert stopped["result"] == "doIt line 1"


def test_breakpoints_are_named_by_their_methods(client):
    client.create()
    named = {"class_name": "Foo", "method_name": "bar:", "is_class_method": True}
    set_ = client.result("debug", operation="SetBreakpoint", **named, line=3)
    row = {
        "file": "Foo class>>bar:",
        "class_name": "Foo class",
        "selector": "bar:",
        "line": 3,
        "stops_at": 3,
        "is_active": True,
    }
    assert set_["breakpoints"] == client.result("debug", operation="ListBreakpoints")["breakpoints"] == [row]
    assert client.result("debug", operation="RemoveBreakpoint", file="Foo class>>bar:")["breakpoints"] == []


@pytest.mark.parametrize(
    ("asked", "error_type"),
    [
        ({"operation": "Continue", "context": "c7"}, "ContextNotFound"),
        ({"operation": "GetLocalVars", "frame": 3}, "ObjectNotFound"),
        ({"operation": "Continue"}, "NotResumable"),
        ({"operation": "Dance"}, "InvalidRequest"),
        ({"operation": "SetBreakpoint", "file": "nowhere"}, "InvalidRequest"),
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(client, asked, error_type):
    client.create()
    waiting(client, "damaged; error")
    before = client.result("debug", operation="ListContexts")
    assert client.error("debug", **asked) == error_type
    assert client.result("debug", operation="ListContexts") == before


def test_what_waits_elsewhere_is_neither_seen_nor_touched(server, client):
    token = client.create("ann")
    context = waiting(client)
    other = server.client()
    other.create("ben")
    assert other.error("debug", operation="Abandon", context=context) == "ContextNotFound"
    assert other.error("debug", operation="Abandon", context=context, session_id=token) == "PermissionDenied"
    assert client.result("debug", operation="Continue", context=context)["result"] == "2"


def test_subscribers_hear_what_is_suspended_and_what_finishes(client):
    token = client.create()
    client.result("subscribe", session_id=token, events=["evaluation"])
    context = waiting(client)
    client.result("debug", operation="Continue")
    client.evaluate("3")
    told = [{name: event["data"].get(name) for name in ("state", "context_id", "has_error")} for event in client.events]
    assert told == [
        {"state": "suspended", "context_id": context, "has_error": True},
        {"state": "finished", "context_id": context, "has_error": False},
    ]
    client.result("ping")
    assert client.events[-1]["data"] == {
        "code": "3",
        "result": "3",
        "execution_time": 0,
        "has_error": False,
        "state": "finished",
    }
