"""Browsing, searching and completing over the wire, with Smalltalk itself."""

import pytest
import ujson


@pytest.fixture
def server(make_server, smalltalk):
    return make_server(make_engine=smalltalk)


@pytest.fixture
def token(client):
    token = client.create()
    for code in (
        "Object subclass: #Account instanceVariableNames: 'balance' classVariableNames: 'Count' package: 'Bank'",
        "Account compile: 'deposit: n balance := n' classified: 'accessing'",
        "Account class compile: 'open ^ self new deposit: 5' classified: 'creation'",
        "account := Account new",
    ):
        client.evaluate(code, session_id=token)
    return token


def test_a_class_is_shown_with_what_was_asked_for(client, token):
    shown = client.result("browse_class", session_id=token, class_name="Account")
    assert shown["class_info"]["package"] == "Bank"
    assert [method["name"] for method in shown["instance_methods"]] == ["deposit:"]
    assert [method["is_class_method"] for method in shown["class_methods"]] == [True]
    assert (shown["instance_vars"], shown["class_vars"]) == (["balance"], ["Count"])
    bare = client.result(
        "browse_class",
        session_id=token,
        class_name="Account",
        include_methods=False,
        include_instance_vars=False,
        include_class_vars=False,
    )
    assert [bare[name] for name in ("instance_methods", "class_methods", "instance_vars", "class_vars")] == [[]] * 4


def test_the_class_browsers_panes_are_filled(client, token):
    def ask(operation, **parameters):
        return client.result(operation, session_id=token, **parameters)

    assert ask("get_class_tree", class_name="Account")["classes"][0]["children"] == []
    assert ask("get_method_categories", class_name="Account", mode="class")["categories"][0]["name"] == "creation"
    assert [row["name"] for row in ask("get_method_list", class_name="Account")["methods"]] == ["deposit:"]
    assert ask("get_method_code", class_name="Account", method_name="deposit:")["method"]["line_count"] == 1
    assert (
        ask("get_method", class_name="Account", method_name="open", is_class_method=True)["method"]["comment"] is None
    )
    assert ask("search_classes", query="Acc", limit=1)["classes"][0]["name"] == "Account"
    assert ask("search_methods", query="depo", class_name="Account", mode="Instance")["total_count"] == 1


def test_lists_are_cut_at_the_limit_and_counted_whole(client, token):
    listed = client.result("list_classes", session_id=token, pattern="*Collection", limit=2)
    assert len(listed["classes"]) == 2 < listed["total_count"]
    found = client.result("implementors", session_id=token, selector="printOn:", limit=3)
    assert len(found["methods"]) == 3 < found["total_count"]
    own = client.result("list_classes", session_id=token, include_system=False)
    assert [row["name"] for row in own["classes"]] == ["Account"]


def test_code_is_found_by_what_it_sends_and_uses(client, token):
    (sender,) = client.result("senders", session_id=token, selector="deposit:")["methods"]
    assert (sender["class_name"], sender["name"], sender["is_class_method"]) == ("Account", "open", True)
    assert client.result("references", session_id=token, class_name="Account")["total_count"] == 0


@pytest.mark.parametrize(
    ("operation", "parameters", "error_type"),
    [
        ("browse_class", {"class_name": "Acount"}, "ClassNotFound"),
        ("get_class_tree", {"class_name": "Acount"}, "ClassNotFound"),
        ("get_method_list", {"class_name": "Acount"}, "ClassNotFound"),
        ("get_method_categories", {"class_name": "Acount"}, "ClassNotFound"),
        ("search_methods", {"class_name": "Acount", "query": "d"}, "ClassNotFound"),
        ("get_method", {"class_name": "Account", "method_name": "deposit"}, "MethodNotFound"),
        ("get_method_code", {"class_name": "Account", "method_name": "deposit"}, "MethodNotFound"),
    ],
)
def test_what_is_not_there_is_told_with_the_nearest(client, token, operation, parameters, error_type):
    reply = client.ask(operation, session_id=token, **parameters)
    assert reply["error_type"] == error_type
    assert reply["details"]["suggestion"] in ("Account", "deposit:")


def test_completion_knows_the_workspace_of_its_tool(client, token):
    proposed = client.result("complete", session_id=token, code="account dep")
    assert proposed["suggestions"][0] == {
        "text": "deposit:",
        "kind": "method",
        "signature": "deposit: n",
        "doc": "",
    }
    assert proposed["start"] == 8
    client.evaluate("accolade := 1", session_id=token, tool_id="other")
    other = client.result("complete", session_id=token, code="acco", tool_id="other", limit=1)
    assert other["suggestions"][0]["text"] == "accolade"
    assert client.result("complete", session_id=token, code="acco", limit=1)["suggestions"][0]["text"] == "account"


def test_sessions_do_not_see_each_others_classes(client, token):
    other = client.create("bob")
    assert client.error("browse_class", session_id=other, client_id="bob", class_name="Account") == "ClassNotFound"
    found = client.result("senders", session_id=other, client_id="bob", selector="deposit:")
    assert found["total_count"] == 0


def test_the_rust_clients_names_are_understood(client, token):
    request = {"request_type": "CodeCompletion", "params": {"session_id": token, "code": "account dep", "position": 11}}
    client.send_raw([b"", ujson.dumps(request).encode()])
    reply = ujson.loads(client.receive_raw())
    assert reply["response_type"] == "CodeCompletion"
    assert reply["data"]["suggestions"][0]["text"] == "deposit:"


def test_what_was_asked_for_before_is_seen(client, token):
    sent = client.send("evaluate", session_id=token, code="Account compile: 'late ^ 1'")
    client.send("get_method", session_id=token, class_name="Account", method_name="late")
    assert client.receive()["id"] == sent
    assert client.receive()["status"] == "success"


def test_definitions_survive_a_crash_and_are_browsed_again(server, client, token):
    before = client.result("browse_class", session_id=token, class_name="Account")
    server.restart()
    assert server.client().result("browse_class", session_id=token, class_name="Account") == before
