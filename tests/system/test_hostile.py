"""Goal: bad input costs its sender one clear reply, and nobody else anything.

Method: against one real process: code without end, recursion without end, a terabyte, more memory than there is,
frames that are no messages; beside each, another client that must be served.
"""

import random
import socket
import struct

import pytest
import zmq

from protocol import LIMITS

pytestmark = pytest.mark.system

SEED = 20_260_801


@pytest.fixture
def server(start):
    return start("--cpu-budget-ms", "500", "--memory-growth-mb", "200")


def test_a_loop_without_end_is_stopped_by_its_budget(server, connect):
    hog, other = connect(server), connect(server)
    token = hog.create("ann")
    hog.send("evaluate", code="x := 7. [true] whileTrue", session_id=token)
    mine = other.create("ben")
    assert [other.evaluate(f"{n} + 1", session_id=mine) for n in range(20)] == [str(n + 1) for n in range(20)]
    assert hog.receive().answer.error_type == "Timeout"
    assert hog.evaluate("x", session_id=token) == "7"


def test_a_loop_without_end_is_interrupted_and_the_queue_goes_on(start, connect):
    server = start()
    client = connect(server)
    token = client.create()
    running = client.send("evaluate", code="x := 7. [true] whileTrue", session_id=token)
    waiting = client.send("evaluate", code="x + 1", session_id=token)
    interrupt = client.send("interrupt", session_id=token)
    answers = {reply.reply_id: reply.answer for reply in (client.receive() for _ in range(3))}
    assert answers[interrupt]["interrupted"] is True
    assert answers[running].error_type == "Interrupted"
    assert answers[waiting]["result"] == "8"


@pytest.mark.parametrize(
    "code",
    [
        "| f | f := nil. f := [:n | (f value: n + 1) + 1]. f value: 0",
        "Array new: 1000000000000",
        "String new: 1000000000000",
        "2 raisedTo: 100000000000",
        "| b | b := 3. [true] whileTrue: [b := b * b]",
        "| c | c := OrderedCollection new. [true] whileTrue: [c add: (Array new: 100000)]",
        "| s | s := 'x'. [true] whileTrue: [s := s , s]",
        "self foo: (1 to: 10) bar: #baz",
        "(((((((((",
        "'unterminated",
        "^ ^",
        "thisContext foo",
        "1 perform: nil",
        "[:x | x] value",
        "Object foo: 1 bar: 2",
        "#() first",
        "Smalltalk at: #NoSuchThing",
        "nil foo bar baz",
        "[ ^ 1 ] value. [[1/0] ensure: [2/0]] ensure: [3/0]",
    ],
)
def test_a_bad_program_is_one_clear_failure(server, connect, code):
    client, other = connect(server), connect(server)
    token = client.create("ann")
    client.evaluate("x := 7", session_id=token)
    answer = client.ask("evaluate", code=code, session_id=token)
    if "^ 1" not in code:
        assert answer.error_type in {"EvaluationError", "SyntaxError", "Timeout", "LimitExceeded"}, answer
        assert answer.message
    assert client.evaluate("x", session_id=token) == "7"
    assert other.evaluate("1 + 1") == "2"


def test_a_step_of_the_inspector_is_taken_although_showing_its_object_takes_too_long(server, connect):
    client = connect(server)
    token = client.create()
    for code in (
        "Object subclass: #Slow instanceVariableNames: 'x' classVariableNames: '' package: 'P'",
        "Slow compile: 'printOn: s [true] whileTrue'",
        "Association compile: 'printOn: s s << ''pair'''",
        "pair := 1 -> (7 -> Slow new)",
    ):
        client.result("evaluate", code=code, session_id=token)
    client.result("inspect", target="pair", session_id=token)
    state = client.result("navigate", into="value", session_id=token)
    assert [step["label"] for step in state["path"]] == ["pair", "value"]
    assert state["instance_vars"] == {"key": "7", "value": "<printing a Slow took too long>"}
    assert client.result("inspector_state", session_id=token)["index"] == 1


def test_random_bytes_are_each_answered_once(server, connect):
    print("seed", SEED)  # noqa: T201 - so that a failure can be replayed
    chance = random.Random(SEED)
    client = connect(server)
    for _ in range(200):
        client.send_raw(chance.randbytes(chance.randrange(200)))
    for _ in range(200):
        client.receive_raw()
    assert client.result("ping")["status"] == "ready"


def test_a_req_client_survives_every_refusal(server, connect):
    client = connect(server, kind=zmq.REQ)
    for body in (b"", b"{", b"\xc1", b'{"command": "fly"}', b'{"command": "evaluate", "parameters": {"code": NaN}}'):
        client.send_raw(body)
        client.receive_raw()
    assert client.result("ping")["status"] == "ready"


@pytest.mark.parametrize("piece", ["ByteArray new: 4000000", "Array new: 10"])
def test_memory_that_is_not_there_is_one_failure(start, connect, piece):
    server = start("--memory-max-mb", "256", "--memory-growth-mb", "4096")
    client, other = connect(server), connect(server)
    token = client.create("ann")
    client.evaluate("x := 7", session_id=token)
    eater = f"| c | c := OrderedCollection new. [true] whileTrue: [c add: ({piece})]"
    assert client.failure("evaluate", code=eater, session_id=token)
    assert client.evaluate("x", session_id=token) == "7"
    assert other.evaluate("1 + 1") == "2"


MIB = 1024 * 1024
OVERSIZES = [10 * MIB + 1, 16 * MIB + 1, LIMITS["transport_bytes_max"].value]


@pytest.mark.parametrize("size", OVERSIZES)
@pytest.mark.parametrize("kind", [zmq.REQ, zmq.DEALER])
def test_a_frame_that_is_too_large_gets_one_reply(server, connect, kind, size):
    client = connect(server, kind=kind)
    client.send_raw(bytes(size))
    assert b"message_bytes_max" in client.receive_raw()
    assert client.result("ping")["status"] == "ready"


def test_what_a_peer_asked_before_its_frame_that_is_too_large_is_answered(server, connect):
    client = connect(server)
    token = client.create()
    running = client.send("evaluate", code="x := 7. [true] whileTrue", session_id=token)
    client.send_raw(bytes(OVERSIZES[-1]))
    waiting = client.send("evaluate", code="x + 1", session_id=token)
    answers = {reply.reply_id: reply.answer for reply in (client.receive() for _ in range(3))}
    assert answers[None].error_type == "LimitExceeded"
    assert answers[running].error_type == "Timeout"
    assert answers[waiting]["result"] == "8"


def test_frames_that_are_announced_and_never_sent_cost_the_others_nothing(start, connect):
    """Each announced frame takes room; when none is left, those peers are cut off and the server goes on."""
    server = start("--memory-max-mb", "512")
    client = connect(server)
    token = client.create()
    peers = [announce_frame(server.address, LIMITS["transport_bytes_max"].value) for _ in range(16)]
    assert client.evaluate("((1 to: 1000) collect: [:each | each squared]) size", session_id=token) == "1000"
    assert client.evaluate("3 + 4", session_id=token) == "7"
    for peer in peers:
        peer.close()


def announce_frame(address, size):
    """Speak ZMTP 3.0 up to the header of a frame, and answer the connection (rfc.zeromq.org/spec/23)."""
    host, port = address.removeprefix("tcp://").split(":")
    peer = socket.create_connection((host, int(port)))
    peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\0" + b"NULL".ljust(20, b"\0") + bytes(32))
    ready = b"\x05READY\x0bSocket-Type" + struct.pack(">I", 6) + b"DEALER"
    peer.sendall(bytes([4, len(ready)]) + ready + b"\x02" + struct.pack(">Q", size))
    peer.recv(64)
    return peer
