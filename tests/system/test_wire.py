"""Goal: no client, however it speaks, keeps the others from being served or takes the server's memory with it.

Method: one real process; clients that flood, do not read, connect by the hundred, speak other protocols, take names
that are not theirs. After each, another client is served, and what was taken is counted.
"""

import pytest
import zmq

from protocol import encode_request
from tests.system.conftest import open_connection, shaken_hands

pytestmark = pytest.mark.system

EMPTY_FRAMES = 200_000
STORM = 500
LEAVERS = 20


@pytest.fixture
def server(shared_server):
    return shared_server


@pytest.fixture
def witness(server, connect):
    """Another client, which must be served in any case."""
    client = connect(server)
    token = client.create("witness")
    yield lambda: client.evaluate("3 + 4", session_id=token) == "7"
    client.result("close_session", session_id=token, client_id="witness")


def refused(client):
    """The server's totals of refusals and of failures."""
    row = client.result("health")["workers"][0]
    return row["refused"], row["failures"]


def test_a_message_of_200_000_empty_frames_is_one_refusal(server, connect, witness):
    client = connect(server)
    client.socket.send_multipart([b""] * EMPTY_FRAMES)
    assert b"error" in client.receive_raw()
    assert client.result("ping")["status"] == "ready"
    assert witness()


@pytest.mark.parametrize(
    "garbage",
    [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0", b"\xff" * 4096, b"\0" * 4096, b"SSH-2.0-x\r\n"],
)
def test_other_protocols_are_cut_off(server, witness, garbage):
    with open_connection(server.address) as peer:
        peer.sendall(garbage)
        assert witness()
    assert witness()


def test_peers_that_stop_in_the_middle_cost_nobody(server, witness):
    """Of greeting and handshake each byte more is sent by another peer, and no peer goes on."""
    whole = b"\xff" + bytes(8) + b"\x7f\x03\0" + b"NULL".ljust(20, b"\0") + bytes(32) + b"\x04\x19\x05READY"
    peers = []
    for length in range(len(whole)):
        peers.append(open_connection(server.address))
        peers[-1].sendall(whole[:length])
    assert witness()
    for peer in peers:
        peer.close()
    assert witness()


def frame(body, *, more=False, length=None):
    """One frame as ZMTP writes it; its header may announce another length than it has."""
    return bytes([2 | more]) + (len(body) if length is None else length).to_bytes(8, "big") + body


PING = encode_request("ping", {}, 1)


@pytest.mark.parametrize(
    ("last_words", "requests"),
    [
        (frame(PING, length=len(PING) + 1), 0),
        (frame(b"", more=True), 0),
        (frame(b"", more=True) + frame(PING, more=True), 0),
        (frame(b"", more=True) + frame(PING), LEAVERS),
        (frame(encode_request("evaluate", {"code": "(1 to: 10) collect: [:each | each]"}, 1)), LEAVERS),
    ],
    ids=["half a frame", "no body", "no last frame", "a whole request", "one that takes its time"],
)
def test_peers_that_leave_in_the_middle_or_before_their_reply_leave_nothing(server, client, last_words, requests):
    """Half a message is none; a reply to the dead goes nowhere; neither is an error, and nothing stays under way."""
    before = client.result("health")["workers"][0]
    for _ in range(LEAVERS):
        with shaken_hands(server.address) as peer:
            peer.sendall(last_words)
    after, asked = client.result("health")["workers"][0], 1
    # What was taken in the same tick as the question is still under way.
    while after["totals"]["requests"] - asked - before["totals"]["requests"] < requests or (
        after["state"]["requests_under_way"] > 1
    ):
        after, asked = client.result("health")["workers"][0], asked + 1
    assert after["failures"] == before["failures"]


def test_a_storm_of_connections_passes(server, connect, context, witness):
    """Hundreds come at once, each asks once; all are answered, and when they left nothing of them is kept."""
    sockets = [context.socket(zmq.DEALER) for _ in range(STORM)]
    try:
        for each in sockets:
            each.linger = 0
            each.connect(server.address)
            each.send(encode_request("ping", {}, 1))
        assert witness()
        for each in sockets:
            assert each.poll(30_000)
            each.recv_multipart()
    finally:
        for each in sockets:
            each.close()
    assert witness()


def test_a_flood_whose_replies_nobody_reads_costs_its_own_replies(start, connect):
    """What it does not read waits within bounds, is then dropped and counted; others are served all the while."""
    server = start()
    flood, other = connect(server), connect(server)
    flood.socket.setsockopt(zmq.RCVHWM, 1)
    token = flood.create("ann")
    mine = other.create("ben")
    big = encode_request("evaluate", {"code": "String new: 900000 withAll: $a", "session_id": token}, 1)
    for _ in range(60):
        flood.socket.send(big)
    while other.result("health")["workers"][0]["totals"]["evaluations"] < 60:
        assert other.evaluate("3 + 4", session_id=mine) == "7"
    flood.close()
    assert other.evaluate("3 + 4", session_id=mine) == "7"


def test_a_name_that_belongs_to_another_connection_steals_nothing(server, connect, context, witness):
    """The second peer with a routing id is not let in; the first goes on, and gets its own replies."""
    sockets = []
    for _ in range(2):
        each = context.socket(zmq.DEALER)
        each.linger = 0
        each.setsockopt(zmq.ROUTING_ID, b"the-same-name")
        each.connect(server.address)
        sockets.append(each)
        if len(sockets) == 1:
            each.send(encode_request("ping", {"message": "first"}, 1))
            assert each.poll(30_000)
            each.recv_multipart()
    first, second = sockets
    second.send(encode_request("ping", {"message": "thief"}, 2))
    assert witness()
    first.send(encode_request("ping", {"message": "mine"}, 3))
    assert first.poll(30_000)
    assert b"mine" in first.recv_multipart()[-1]
    assert not second.poll(0)
    for each in sockets:
        each.close()


def test_a_request_that_is_replayed_runs_once(server, connect, witness):
    client, thief = connect(server), connect(server)
    token = client.create("ann")
    recorded = encode_request(
        "evaluate", {"code": "n := (n ifNil: [0]) + 1", "session_id": token, "op_id": "o" * 32}, 9
    )
    for _ in range(20):
        client.send_raw(recorded)
    assert len({client.receive_raw() for _ in range(20)}) == 1
    assert client.evaluate("n", session_id=token) == "1"
    thief.create("eve")
    before = refused(thief)[0].get("PermissionDenied", 0)
    thief.send_raw(recorded)
    assert b"PermissionDenied" in thief.receive_raw()
    assert refused(thief)[0]["PermissionDenied"] == before + 1
    assert witness()
