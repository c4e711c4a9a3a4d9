"""Goal: every documented dialect is understood and answered in kind, in both codecs, over REQ and DEALER.

Method: hand-written messages as a client of that dialect sends them, and the fields it reads from the reply.
"""

import msgpack
import pytest
import ujson
import zmq

pytestmark = pytest.mark.system

UUID = "7d444840-9dc0-41d1-b245-5ffdce74fad{}"
CODECS = {"json": (lambda value: ujson.dumps(value).encode(), ujson.loads), "msgpack": (msgpack.packb, msgpack.unpackb)}


def rust(operation, params, number):
    data = {"request_type": operation, "params": params}
    envelope = {"id": UUID.format(number), "version": "1.0.0", "timestamp": "2025-01-01T00:00:00Z"}
    return {**envelope, "payload": {"type": "Request", "data": data}}


def rust_demo(operation, params, _number):
    return {"request_type": operation, "params": params}


def pharo(operation, params, number):
    return {"id": number, "command": operation, "parameters": params}


def seed(operation, params, _number):
    return {"command": operation, "parameters": params}


def flat(operation, params, number):
    return {"id": number, "command": operation, **params}


DIALECTS = {
    "A": (rust, lambda reply: reply["payload"]["data"]["data"]),
    "A'": (rust_demo, lambda reply: reply["data"]),
    "B": (pharo, lambda reply: reply["result"]),
    "B0": (seed, lambda reply: reply["result"]),
    "B'": (flat, lambda reply: reply["result"]),
}


@pytest.mark.parametrize("kind", [zmq.REQ, zmq.DEALER], ids=["REQ", "DEALER"])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_session_in_every_dialect(shared_server, connect, dialect, codec, kind):
    write, read = DIALECTS[dialect]
    dumps, loads = CODECS[codec]
    client = connect(shared_server, kind=kind)
    is_rust = dialect.startswith("A")

    def ask(operation, number, **params):
        client.send_raw(dumps(write(operation, params, number)))
        return loads(client.receive_raw())

    names = ("CreateSession", "Evaluate", "Inspect") if is_rust else ("create_session", "evaluate", "inspect")
    created = read(ask(names[0], 1, client_id=f"{dialect}-{codec}-{kind}"))
    session_id = created["session_id"]
    evaluated = read(ask(names[1], 2, code="3 + 4", session_id=session_id))
    assert (evaluated["result"], evaluated["result_type"], evaluated["has_error"]) == ("7", "SmallInteger", False)
    assert type(evaluated["execution_time"]) is int
    inspected = read(ask(names[2], 3, target="3 -> 4", session_id=session_id))
    assert inspected["object_info"]["class_name"] == "Association"
    reply = ask(names[1], 4, code="3 +", session_id=session_id)
    if is_rust:
        message = reply["payload"]["data"] if dialect == "A" else reply
        assert (message["response_type"], message["data"]["code"]) == ("Error", "EvaluationError")
        assert message["data"]["details"]["line"] == "1"
    else:
        assert (reply["status"], reply["error_type"]) == ("error", "SyntaxError")


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_debugger_in_every_dialect(shared_server, connect, dialect, codec):
    """What strict structs read: the name of what waits as text, `result` as text, `debug_info` as texts."""
    write, read = DIALECTS[dialect]
    dumps, loads = CODECS[codec]
    client = connect(shared_server)
    is_rust = dialect.startswith("A")

    def ask(operation, number, /, **params):
        client.send_raw(dumps(write(operation, params, number)))
        return loads(client.receive_raw())

    names = ("CreateSession", "Evaluate", "Debug") if is_rust else ("create_session", "evaluate", "debug")
    session_id = read(ask(names[0], 5, client_id=f"debug-{dialect}-{codec}"))["session_id"]
    reply = ask(names[1], 6, code="2 + nil foo", session_id=session_id)
    failure = (reply["payload"]["data"] if dialect == "A" else reply)["data"] if is_rust else reply
    context = failure["details"]["context_id"]
    assert type(context) is str
    forms = ("GetStackTrace", {"GetLocalVars": {"frame": 0}})
    stack, variables = (
        read(ask(names[2], number, operation=form, context=context, session_id=session_id))
        for number, form in enumerate(forms, 7)
    )
    for answer in (stack, variables):
        assert answer["state"] == "suspended"
        assert type(answer["result"]) is str
        assert {type(value) for value in answer["debug_info"].values()} == {str}
    done = read(ask(names[2], 9, proceed_with="40", context=context, session_id=session_id))
    assert (done["state"], done["result"]) == ("finished", "42")
