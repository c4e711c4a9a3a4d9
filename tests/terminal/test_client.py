"""The synchronous client against a scripted server: results, errors, and what it does when answers do not come."""

import socket
from dataclasses import replace
from inspect import isfunction

import pytest

from protocol import ERROR_TYPES, LIMITS, Failure
from terminal import (
    AsyncClient,
    BadReplyError,
    Client,
    CodeError,
    CodeSyntaxError,
    DeniedError,
    NoAnswerError,
    RefusedRequestError,
    ServerError,
    SessionNotFoundError,
    StoppedError,
    TroubleError,
    debugquestions,
    questions,
)
from tests.terminal.fake_server import GARBAGE, LOST, SILENT, STRAY, FakeServer


@pytest.fixture
def client(server, patience):
    with Client(server.url, "ann", patience=patience) as client:
        yield client


@pytest.fixture
def hasty(server, little_patience):
    with Client(server.url, "ann", patience=little_patience) as client:
        yield client


def test_every_question_is_answered_with_a_typed_value(client):
    assert client.ping().server == "stui-server"
    assert client.describe()["operations"]["evaluate"]["doc"]
    assert client.create().session_id == client.session_id == "session_1"
    assert client.evaluate("3 + 4") == ("7", "SmallInteger", 0, None, "i:7", "", "session_1", {})
    view = client.inspect("Account new")
    assert (view.class_name, view.children[0].name, view.children[0].text) == ("Account", "balance", "42")
    state = client.navigate(into="balance")
    assert [step.label for step in state.path] == ["Account new", "balance"]
    assert state.position == 1
    assert state.shown == view
    assert client.select("balance").selected == "balance"
    assert client.define_view("Account", "short", "[:each | each balance]") == client.view("short", {"wide": True})
    assert client.inspector_state().view == "default"
    assert client.history().entries[0].code == "3 + 4"
    assert client.interrupt() is True
    assert client.complete("Acc").suggestions[0].text == "Account"
    assert client.read_text("i:7", 0, 4) == ("some", 0, 4)
    assert client.save_context("before").size_bytes == 99
    assert client.contexts()[0].name == client.load_context("before") == client.clear_context("before") == "before"
    assert client.undo(steps=2) == client.undo(before=1)
    assert client.diff("before").methods.changed == ("Till>>price:",)
    restored = client.restore()
    assert (restored.variables[0].text, restored.client_state, restored.objects) == (
        "42",
        {"pane": 1},
        {"1": "an Account"},
    )
    assert client.keep_state({"pane": 2}) == {"pane": 2}
    assert client.session_info().hibernated is True
    assert [session.session_id for session in client.sessions()] == ["session_1"]
    assert client.close_session() == "session_1"
    assert client.session_id is None


def test_requests_name_session_and_client_and_changes_carry_an_op_id(server, client):
    client.create()
    client.evaluate("x", tool_id="t", display=True)
    client.history()
    evaluate, history = server.requests[-2:]
    assert evaluate.parameters == {
        "session_id": "session_1",
        "client_id": "ann",
        "code": "x",
        "tool_id": "t",
        "evaluation_mode": "Display",
    }
    assert evaluate.op_id
    assert history.op_id is None


def evaluations(server):
    return [request for request in server.requests if request.operation == "evaluate"]


@pytest.mark.parametrize("trouble", [SILENT, LOST])
def test_what_was_not_answered_is_sent_again_and_done_once(server, hasty, trouble):
    server.script["evaluate"].append(trouble)
    hasty.patience = replace(hasty.patience, attempts=None)
    assert hasty.evaluate("x := x + 1").result == "7"
    sent = evaluations(server)
    assert len(sent) >= 2
    assert len({(request.op_id, request.digest) for request in sent}) == 1
    assert server.effects[sent[0].op_id] == 1


def test_after_all_attempts_the_error_names_the_op_id_to_ask_again_with(server, hasty, patience):
    server.script["evaluate"].extend([SILENT] * 3)
    with pytest.raises(NoAnswerError) as caught:
        hasty.evaluate("x")
    op_id = caught.value.details["op_id"]
    assert [request.op_id for request in evaluations(server)] == [op_id] * 3
    hasty.patience = patience
    assert hasty.evaluate("x", op_id=op_id).result == "7"
    assert server.effects[op_id] == 1


def test_a_server_that_comes_back_is_found_again(server, hasty, patience):
    assert hasty.ping()
    server.stop()
    with pytest.raises(NoAnswerError, match="could not be reached"):
        hasty.ping()
    server.start()
    hasty.patience = patience
    assert hasty.ping().version == "0.1.0"


def test_a_reply_to_another_request_is_not_taken(server, client):
    server.script["ping"].append(STRAY)
    assert client.ping().message == "pong"


def test_a_peer_that_speaks_something_else_is_told_apart(server, client):
    server.script["ping"].append(GARBAGE)
    with pytest.raises(BadReplyError):
        client.ping()
    server.script["evaluate"].append({"result": "7"})
    with pytest.raises(BadReplyError, match="result_type"):
        client.evaluate("3 + 4")
    assert client.ping()


@pytest.mark.parametrize("error_type", sorted(ERROR_TYPES))
def test_every_error_type_has_its_exception(server, client, error_type):
    server.script["evaluate"].append(Failure(error_type, "why", {"limit": "x"}))
    with pytest.raises(ServerError) as caught:
        client.evaluate("x")
    assert (caught.value.error_type, caught.value.message) == (error_type, "why")
    assert caught.value.details == {"limit": "x"}
    expected = {
        "SyntaxError": CodeSyntaxError,
        "EvaluationError": CodeError,
        "Timeout": StoppedError,
        "PermissionDenied": DeniedError,
        "SessionNotFound": SessionNotFoundError,
        "NotResumable": RefusedRequestError,
        "Overloaded": TroubleError,
        "InternalError": TroubleError,
    }
    assert isinstance(caught.value, expected.get(error_type, ServerError))


def test_everything_about_what_waits_is_answered_with_typed_values(server, client):
    client.create()
    halted, failed = client.suspended()
    assert (halted.kind, failed.context_id, failed.reason, failed.recovery[0]) == ("halt", "c2", "", "Continue")
    assert [each.method for each in client.stack("c2", count=3).frames][1] == "[ ] in Account>>average"
    view = client.frame("c2", 1)
    assert view.source[view.start : view.stop] == "sum / count"
    assert client.set_variable("count", "2", "c2", 1) == view
    stops = [client.step_into("c2"), client.step_over("c2"), client.step_out("c2")]
    assert {(each.evaluation, each.stop_kind) for each in stops} == {(None, "step")}
    ends = [client.proceed("3", "c2"), client.resume("3"), client.retry(), client.pass_exception()]
    ends += [client.restart_frame(1), client.return_value("3", 1), client.create_method("x ^ 1"), client.proceed()]
    assert {(each.evaluation.result, each.transcript) for each in ends} == {("42", "went on\n")}
    assert client.abandon() == "c2"
    assert client.set_breakpoint("Account>>average", 2) == client.breakpoints() == client.remove_breakpoint("A>>b")
    client.evaluate("count", context="c2", frame=1)
    sent = [r.parameters for r in server.requests if r.operation == "debug" and "context" in r.parameters]
    assert {parameters["context"] for parameters in sent} == {"c2"}
    assert (server.requests[-1].parameters["context"], server.requests[-1].parameters["frame"]) == ("c2", 1)


def test_a_failure_of_code_that_waits_names_it(server, client):
    client.create()
    server.script["evaluate"].append(Failure("EvaluationError", "no", {"context_id": "c7"}))
    with pytest.raises(CodeError) as caught:
        client.evaluate("1 / 0")
    assert caught.value.context_id == "c7"
    assert caught.value.context_id == "c7"
    assert client.restore().error_state == (None, ())


def test_a_failure_of_code_tells_place_suggestion_transcript_and_stack(server, client):
    details = {"line": 2, "column": 5, "suggestion": "say it", "transcript": "so far"}
    server.script["evaluate"].append(Failure("EvaluationError", "nil", details, "A>>b line 1\nC>>d line 2"))
    with pytest.raises(CodeError) as caught:
        client.evaluate("x")
    error = caught.value
    assert error.place == (2, 5)
    assert (error.suggestion, error.transcript) == ("say it", "so far")
    assert error.stack == ("A>>b line 1", "C>>d line 2")


def test_an_address_that_is_none_is_refused(patience):
    with Client("nowhere", patience=patience) as client, pytest.raises(ValueError, match="nowhere"):
        client.ping()


def test_a_request_larger_than_a_message_is_refused_before_it_is_sent(client):
    client.create()
    with pytest.raises(DeniedError, match="message_bytes_max"):
        client.evaluate("x" * LIMITS["message_bytes_max"].value)
    assert client.evaluate("3 + 4").result == "7"


def test_a_server_on_ipv6_is_reached(patience):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server = FakeServer("[::1]")
    with Client(server.url, "ann", patience=patience) as client:
        assert client.ping().server == "stui-server"
    server.close()


def test_both_clients_ask_every_question_there_is():
    modules = (questions, debugquestions)
    functions = [(module, each) for module in modules for each in vars(module).values() if isfunction(each)]
    asked = {each.__name__ for module, each in functions if each.__module__ == module.__name__}
    asked = {name for name in asked if name[0] != "_"}
    asked -= {"subscribe"}  # only the asyncio client can hear events; it asks when it is told to listen
    assert {"evaluate", "step_into"} < asked
    assert all(callable(getattr(kind, name)) for kind in (Client, AsyncClient) for name in asked)
