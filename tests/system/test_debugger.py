"""Goal: a failed evaluation waits with its whole stack, through SIGKILL, and goes on as if nothing had happened.

Method: an error five calls deep, inside nested blocks and a collection's iteration, on a real server that is killed
before anybody looks at it.
"""

import sqlite3
from contextlib import closing

import pytest

from storage import SqliteStore

pytestmark = pytest.mark.system

CLASS = "Object subclass: #Till instanceVariableNames: 'rate' classVariableNames: '' package: 'Shop'"
METHODS = (
    "rate: aNumber rate := aNumber",
    "total: amounts ^amounts inject: 0 into: [:sum :each | sum + (self price: each)]",
    "price: amount ^[:factor | self priceOf: amount by: factor] value: 2",
    "priceOf: amount by: factor ^[Log add: amount. self divide: amount * factor] ensure: [Log add: #left]",
    "divide: amount ^amount / rate",
)
CODE = "till := Till new rate: 0; yourself. till total: #(3 4)"


@pytest.fixture
def token(client):
    """A session with the classes of the shop."""
    made = client.create()
    client.evaluate("Smalltalk at: #Log put: OrderedCollection new", session_id=made)
    client.evaluate(CLASS, session_id=made)
    for method in METHODS:
        client.evaluate(f"Till compile: '{method}'", session_id=made)
    return made


def debug(client, token, operation, **parameters):
    """The result of one operation of the debugger."""
    return client.result("debug", operation=operation, session_id=token, **parameters)


def fails(client, token):
    """Let the evaluation fail; answers the name of what waits."""
    failure = client.failure("evaluate", code=CODE, session_id=token)
    assert (failure.error_type, failure.details["class"]) == ("EvaluationError", "ZeroDivide")
    return failure.details["context_id"]


def test_an_error_five_calls_deep_goes_on_after_a_kill_with_the_right_answer_once(server, connect, client, token):
    context = fails(client, token)
    assert client.evaluate("Log asArray", session_id=token) == "#(3)", "no unwinding block has run"
    server.kill()
    server.start()
    client = connect(server)
    waiting = client.result("restore_session", session_id=token)["error_state"]
    assert (waiting["current"]["context_id"], waiting["current"]["class_name"]) == (context, "ZeroDivide")
    stack = debug(client, token, "GetStackTrace")
    methods = [row["method"] for row in stack["stack"]]
    assert methods.index("Till>>divide:") < methods.index("Till>>price:") < methods.index("Till>>total:")
    assert methods[-1] == "doIt"
    number = methods.index("Till>>divide:")
    shown = debug(client, token, "GetLocalVars", frame=number)
    assert shown["source"][shown["start"] : shown["stop"]].strip() != ""
    assert {each["name"]: each["text"] for each in shown["variables"]} == {"self": "a Till", "amount": "6", "rate": "0"}
    changed = debug(client, token, "SetVariable", frame=number, name="rate", expression="2")
    assert {each["name"]: each["text"] for each in changed["variables"]}["rate"] == "2"
    asked = {"operation": {"RestartFrame": {"frame": number}}, "session_id": token, "op_id": "again"}
    done = client.result("debug", **asked)
    assert (done["state"], done["result"], done["context"]) == ("finished", "7", context)
    assert client.result("debug", **asked) == done
    assert client.evaluate("Log asArray", session_id=token) == "#(3 #left 4 #left)"
    assert client.failure("debug", operation="Continue", context=context, session_id=token).error_type == (
        "ContextNotFound"
    )


def test_a_value_stands_for_what_failed_and_code_runs_in_frames(server, connect, client, token):
    context = fails(client, token)
    server.kill()
    server.start()
    client = connect(server)
    methods = [row["method"] for row in debug(client, token, "GetStackTrace")["stack"]]
    number = methods.index("Till>>divide:")
    place = {"context": context, "frame": number, "session_id": token}
    assert client.evaluate("self class -> (amount + rate)", **place) == "Till->6"
    assert client.evaluate("amount := 60", **place) == "60"
    assert {"amount": "60"}.items() <= debug(client, token, "GetLocalVars", frame=number)["debug_info"].items()
    # The second element fails as well, and is the same computation.
    again = client.failure("debug", proceed_with="100", session_id=token)
    assert again.details["context_id"] == context
    assert client.result("debug", proceed_with="1000", session_id=token)["result"] == "1100"


def test_abandoning_runs_what_has_to_be_run(server, connect, client, token):
    fails(client, token)
    server.kill()
    server.start()
    client = connect(server)
    assert client.result("debug", abandon=True, session_id=token)["state"] == "abandoned"
    assert client.evaluate("Log asArray", session_id=token) == "#(3 #left)"
    assert debug(client, token, "ListContexts")["contexts"] == []


def test_what_used_up_its_budget_goes_on_with_another(server, connect, client):
    token = client.create()
    code = "n := 0. [n < 600000] whileTrue: [n := n + 1]. n"
    failure = client.failure("evaluate", code=code, timeout_ms=10, session_id=token)
    assert failure.error_type == "Timeout"
    server.kill()
    server.start()
    client = connect(server)
    assert debug(client, token, "Continue", context=failure.details["context_id"])["result"] == "600000"


def test_a_step_that_the_servers_end_meets_stays_a_step(start, connect):
    """The rest of the computation is not what was asked for: it waits where the step was stopped."""
    server = start("--shutdown-grace-s", "0")
    client = connect(server)
    token = client.create()
    client.evaluate(CLASS, session_id=token)
    client.evaluate("Till compile: 'long [rate == 6] whileFalse. ^6'", session_id=token)
    client.evaluate("Till compile: 'run | a | self halt. a := self long. ^a'", session_id=token)
    client.failure("evaluate", code="Till new run", session_id=token)
    debug(client, token, "StepOut")
    step = {"operation": "StepOver", "session_id": token, "op_id": "step"}
    client.send("debug", **step)
    ping = client.send("ping")
    assert client.receive().reply_id == ping
    assert server.stop() == 0
    server.start()
    client = connect(server)
    told = client.failure("debug", **step)
    assert told.error_type == "Interrupted"
    stack = debug(client, token, "GetStackTrace", context=told.details["context_id"])["stack"]
    assert [row["method"] for row in stack] == ["Till>>long", "Till>>run", "doIt"]


def test_what_was_interrupted_goes_on(client):
    token = client.create()
    sent = client.send("evaluate", code="go := false. [go] whileFalse. 7", session_id=token)
    stopping = client.send("interrupt", session_id=token)
    answers = {reply.reply_id: reply.answer for reply in (client.receive(), client.receive())}
    assert answers[stopping]["interrupted"] is True
    assert answers[sent].error_type == "Interrupted"
    client.evaluate("go := true", session_id=token)
    assert debug(client, token, "Continue", context=answers[sent].details["context_id"])["result"] == "7"


@pytest.mark.parametrize("kind", [b"\xab%Suspension", b"\xa8%Context"], ids=["suspension", "context"])
def test_damage_of_what_waits_is_told_and_hurts_nothing_else(server, connect, client, token, kind):
    # What a restore reads stands in front, and what waits behind so much that it has segments of its own.
    client.evaluate("till := nil. x := 7. many := (1 to: 600) collect: [:i | Array new: 1]. 3", session_id=token)
    context = fails(client, token)
    server.stop()
    flip_a_bit_beside(kind, server.data)
    server.start()
    client = connect(server)
    restored = client.result("restore_session", session_id=token)
    if "Suspension" in kind.decode("latin-1"):
        told = restored["error_state"]["current"]
        assert (told["is_resumable"], told["reason"]) == (False, "its record cannot be read")
    assert "x" in {each["name"] for each in restored["workspace_context"]["variables"]}
    # More often than a session may fail: asking for what is damaged is no failure of the session.
    for operation in ("GetStackTrace", "GetLocalVars", "StepOver", "Continue", "GetStackTrace", "Retry", "Pass"):
        failure = client.failure("debug", operation=operation, context=context, session_id=token)
        assert failure.error_type in {"SessionError", "NotResumable"}
        assert "checksum" in failure.message
    assert client.evaluate("x := x + many size", session_id=token) == "607"
    (listed,) = debug(client, token, "ListContexts")["contexts"]
    assert listed["recovery"] == ["Abandon"]
    assert debug(client, token, "Abandon", context=listed["context_id"])["state"] == "abandoned"
    assert debug(client, token, "ListContexts")["contexts"] == []
    server.kill()
    server.start()
    client = connect(server)
    assert debug(client, token, "ListContexts")["contexts"] == []
    assert client.evaluate("x", session_id=token) == "607"


def test_a_variable_whose_printing_never_ends_hides_no_other_one(client):
    token = client.create()
    client.evaluate(CLASS, session_id=token)
    client.evaluate("Till compile: 'printOn: aStream [true] whileTrue'", session_id=token)
    client.failure("evaluate", code="| till x | till := Till new. x := 5. x foo: till", session_id=token)
    shown = debug(client, token, "GetLocalVars", frame=1)
    texts = {each["name"]: each["text"] for each in shown["variables"]}
    assert (texts["till"], texts["x"]) == ("<printing a Till took too long>", "5")
    assert client.result("inspect", target="{till. 3}", session_id=token)["total_children"] == 2


def flip_a_bit_beside(kind, data):
    """Move everything into segments; flip a bit in the last of those that hold such a record (as MessagePack)."""
    store = SqliteStore(data)
    while store.fold_due(10):
        pass
    store.close()
    with closing(sqlite3.connect(data / "store.db")) as database:
        rows = [row for row in database.execute("SELECT k, b FROM seg ORDER BY k") if kind in row[1]]
        key, content = rows[-1]
        damaged = content[:50] + bytes([content[50] ^ 4]) + content[51:]
        database.execute("UPDATE seg SET b = ? WHERE k = ?", (damaged, key))
        database.commit()


def test_what_waits_in_another_session_is_out_of_reach(server, connect, client, token):
    context = fails(client, token)
    other = connect(server)
    foreign = other.create("ben")
    for asked in ({"session_id": foreign}, {}):
        assert other.failure("debug", operation="Continue", context=context, **asked).error_type == "ContextNotFound"
    failure = other.failure("debug", operation="Continue", context=context, session_id=token)
    assert failure.error_type == "PermissionDenied"
    assert debug(client, token, "ListContexts")["contexts"][0]["context_id"] == context


def test_names_are_given_once_whatever_a_savepoint_brings_back(server, connect, client, token):
    first = fails(client, token)
    client.result("save_context", session_id=token, name="a")
    names = [client.failure("evaluate", code="nil bar", session_id=token).details["context_id"]]
    client.result("load_context", session_id=token, name="a")
    names.append(client.failure("evaluate", code="nil baz", session_id=token).details["context_id"])
    client.result("load_context", session_id=token, name="a")
    server.kill()
    server.start()
    client = connect(server)
    names.append(client.failure("evaluate", code="nil foo", session_id=token).details["context_id"])
    assert len({first, *names}) == 1 + len(names)
    assert client.failure("debug", operation="Continue", context=names[0], session_id=token).error_type == (
        "ContextNotFound"
    )


def test_a_breakpoint_in_what_is_not_there_names_what_is_missing(client, token):
    for method, error_type, suggestion in [
        ("Till>>totl:", "MethodNotFound", "total:"),
        ("Tll>>x", "ClassNotFound", "Till"),
    ]:
        failure = client.failure("debug", operation="SetBreakpoint", file=method, session_id=token)
        assert (failure.error_type, failure.details["suggestion"]) == (error_type, suggestion)
