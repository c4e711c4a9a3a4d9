"""The inspector, with Smalltalk itself: what it shows, where it goes, and that it comes back."""

import pytest


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


@pytest.fixture
def token(client):
    token = client.create()
    client.evaluate("point := 3 -> (4 -> #(5 6))", session_id=token)
    return token


def test_an_expression_is_shown_with_its_variables(client, token):
    shown = client.result("inspect", session_id=token, target="point")
    assert shown["object_info"]["class_name"] == "Association"
    assert shown["object_info"]["string_representation"] == "3->4->#(5 6)"
    assert shown["instance_vars"] == {"key": "3", "value": "4->#(5 6)"}
    assert [child["name"] for child in shown["children"]] == ["key", "value"]
    assert shown["total_children"] == 2
    assert "methods" not in shown


def test_the_selectors_of_its_class_are_shown_when_asked_for(client, token):
    client.evaluate("Object subclass: #Account instanceVariableNames: '' package: 'Bank'", session_id=token)
    client.evaluate("Account compile: 'deposit: amount ^ amount'; compile: 'balance ^ 0'", session_id=token)
    shown = client.result("inspect", session_id=token, target="Account new", include_methods=True)
    assert shown["methods"] == ["balance", "deposit:"]


def test_an_object_is_shown_by_the_id_of_a_result(client, token):
    object_id = client.result("evaluate", code="#(7 8 9)", session_id=token)["object_id"]
    shown = client.result("inspect", session_id=token, objectId=object_id, offset=1, count=1)
    assert [child["string_representation"] for child in shown["children"]] == ["8"]
    assert shown["total_children"] == 3


@pytest.mark.parametrize("object_id", ["999999", "x:y", "i:", "-1"])
def test_an_id_of_nothing_is_told(client, token, object_id):
    assert client.error("inspect", session_id=token, object_id=object_id) == "ObjectNotFound"


def test_failures_of_the_expression_are_told(client, token):
    assert client.error("inspect", session_id=token, target="1/0") == "EvaluationError"
    assert client.error("inspect", session_id=token, target="1 +") == "SyntaxError"


def test_children_are_shown_to_the_depth_asked_for(client, token):
    one = client.result("inspect", session_id=token, target="point")
    assert "children" not in one["children"][1]
    two = client.result("inspect", session_id=token, target="point", depth=2)
    assert [child["string_representation"] for child in two["children"][1]["children"]] == ["4", "#(5 6)"]
    assert two["children"][1]["total_children"] == 2
    assert two["instance_vars"] == one["instance_vars"]
    none = client.result("inspect", session_id=token, target="point", depth=0)
    assert (none["children"], none["total_children"]) == ([], 2)


def test_what_an_inspected_expression_writes_is_told(client, token):
    shown = client.result("inspect", session_id=token, target="Transcript show: 'hello'. 7")
    assert shown["transcript"] == "hello"


def test_a_step_shows_the_object_it_leads_to(client, token):
    client.result("inspect", session_id=token, target="point")
    inner = client.result("navigate", session_id=token, into="value", depth=2)
    assert inner["object_info"]["string_representation"] == "4->#(5 6)"
    assert [child["string_representation"] for child in inner["children"][1]["children"]] == ["5", "6"]
    assert client.result("select", session_id=token, child="key")["object_info"] == inner["object_info"]
    again = client.result("navigate", session_id=token, to=1, offset=1, count=1)
    assert [child["name"] for child in again["children"]] == ["value"]
    assert again["selected_object"] == "key"
    client.result(
        "define_view", session_id=token, **{"class": "Association", "name": "sum", "code": "[:a | a key + 1]"}
    )
    assert client.result("view", session_id=token, name="sum")["view_text"] == "5"


def test_a_view_can_be_chosen_before_anything_is_inspected(client):
    state = client.result("view", session_id=client.create(), name="raw")
    assert (state["path"], "object_info" in state) == ([], False)


def test_navigation_goes_in_back_forward_and_to_a_place(client, token):
    client.result("inspect", session_id=token, target="point")

    def labels(**step):
        state = client.result("navigate", session_id=token, **step)
        return [place["label"] for place in state["path"]], state["index"]

    assert labels(into="value") == (["point", "value"], 1)
    assert labels(into=0) == (["point", "value", "key"], 2)
    assert labels(back=True) == (["point", "value", "key"], 1)
    assert labels(forward=True) == (["point", "value", "key"], 2)
    assert labels(to=0) == (["point", "value", "key"], 0)
    assert client.error("navigate", session_id=token, back=True) == "ObjectNotFound"
    assert client.error("navigate", session_id=token, into="nobody") == "ObjectNotFound"


def test_elements_go_by_their_names_first(client, token):
    client.result("inspect", session_id=token, target="#(7 8)")
    state = client.result("select", session_id=token, child="1")
    assert state["selected_object"] == "1"
    assert client.result("select", session_id=token, child=0)["selected_object"] == "1"
    assert client.result("select", session_id=token)["selected_object"] is None


@pytest.mark.parametrize("child", ["\u0661", "\u00b2", "9" * 256, "+1", "1_0"])
def test_what_is_neither_a_name_nor_plain_digits_is_no_child(client, token, child):
    client.result("inspect", session_id=token, target="#(7 8)")
    assert client.error("select", session_id=token, child=child) == "ObjectNotFound"


def test_the_state_survives_a_crash(server, client, token):
    client.result("inspect", session_id=token, target="point")
    client.result("navigate", session_id=token, into="value")
    client.result("select", session_id=token, child="key")
    client.result("view", session_id=token, name="raw", settings={"columns": 2})
    before = client.result("inspector_state", session_id=token)
    server.restart()
    again = server.client()
    assert again.result("inspector_state", session_id=token) == before
    assert before["view"] == {"name": "raw", "settings": {"columns": 2}}
    restored = again.result("restore_session", session_id=token, client_id="ann")
    assert restored["inspector_state"]["selected_object"] == "key"
    assert [variable["name"] for variable in restored["workspace_context"]["variables"]] == ["point"]


def test_a_custom_view_shows_its_class(client, token):
    client.result(
        "define_view", session_id=token, **{"class": "Association", "name": "sum", "code": "[:a | a key + 1]"}
    )
    client.result("view", session_id=token, name="sum")
    assert client.result("inspect", session_id=token, target="point")["view_text"] == "4"
    assert (
        client.error("define_view", session_id=token, **{"class": "Nobody", "name": "v", "code": "[:a | a]"})
        == "ClassNotFound"
    )
    assert (
        client.error("define_view", session_id=token, **{"class": "Object", "name": "v", "code": "[:a | "})
        == "SyntaxError"
    )


def test_variables_belong_to_a_tool(client, token):
    client.evaluate("x := 1", session_id=token, tool_id="browser")
    assert client.evaluate("x", session_id=token, tool_id="browser") == "1"
    assert client.evaluate("x", session_id=token) == "nil"
