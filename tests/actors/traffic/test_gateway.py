"""Frames that are no good requests, and peers that behave badly: one answer each, and everybody else is served."""

import ctypes
import socket

import msgpack
import pytest
import ujson
import zmq

from actors.traffic.gateway import new_context
from protocol import LIMITS

GARBAGE = [
    b"",
    b"{",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b'{"command": 5}',
    b'{"command": "fly"}',
    b'{"command": "evaluate"}',
    b'{"a": NaN}',
]
#: What a peer can send to a server that does not read, and more.
MIB_SENT_MAX = 80


@pytest.mark.parametrize("body", GARBAGE)
@pytest.mark.parametrize("kind", [zmq.REQ, zmq.DEALER])
def test_garbage_gets_one_error_reply(server, kind, body):
    client = server.client(kind=kind)
    client.send_raw([body] if kind == zmq.REQ else [b"", body])
    raw = client.receive_raw()
    reply = ujson.loads(raw) if raw[:1] == b"{" else msgpack.unpackb(raw)
    assert reply["status"] == "error"
    assert client.result("ping")["status"] == "ready"


@pytest.mark.parametrize("frames", [[b""], [b"", b""], [b"a", b"b"], [b"", b"a", b"b"], [b"x"] * 5_000, [b""] * 50])
def test_odd_frames_get_one_error_reply(server, client, frames):
    client.send_raw(frames)
    assert client.receive()["status"] == "error"
    assert client.result("ping")["status"] == "ready"


def test_a_dealer_without_a_delimiter_is_answered_alike(server, client):
    client.send_raw([ujson.dumps({"id": 1, "command": "ping", "parameters": {}}).encode()])
    assert client.receive()["result"]["status"] == "ready"


def test_the_whole_envelope_is_echoed(server, client):
    body = ujson.dumps({"id": 1, "command": "ping", "parameters": {}}).encode()
    client.send_raw([b"hop", b"corr\0", b"", body])
    while not client.socket.poll(0):
        server.tick()
    frames = client.socket.recv_multipart()
    assert frames[:-1] == [b"hop", b"corr\0", b""]


def test_a_message_over_the_limit_is_answered_and_one_far_over_only_ends_its_connection(server, client):
    over = LIMITS["message_bytes_max"].value + 1
    client.send_raw([b"", b'{"' + bytes(over)])
    assert client.receive()["error_type"] == "LimitExceeded"
    client.send_raw([b"", bytes(LIMITS["transport_bytes_max"].value + 1)])
    assert server.client().result("ping")["status"] == "ready"


def test_a_peer_that_does_not_read_does_not_stop_the_others_and_gets_everything_later(make_server, monkeypatch):
    monkeypatch.setattr("actors.traffic.gateway.PEER_QUEUE_MAX", 1)
    server = make_server()
    slow = server.client()
    slow.socket.rcvhwm = 1
    text = "x" * 1_000_000
    for _ in range(12):
        slow.send("ping", message=text)
    for _ in range(5):
        assert server.client().result("ping")["status"] == "ready"
    assert [len(slow.receive()["result"]["message"]) for _ in range(12)] == [1_000_000] * 12
    assert not server.system.worker._gateway._backlog


def test_what_one_peer_sends_and_nobody_reads_does_not_fill_the_memory(server):
    flood, sent = server.context.socket(zmq.DEALER), 0
    flood.sndhwm, flood.linger = 1, 0
    flood.connect(server.system.address)
    # Beside what ZeroMQ takes ahead there is what the system's own buffers hold, some messages.
    while sent < MIB_SENT_MAX and flood.poll(500, zmq.POLLOUT):
        flood.send(bytes(1024 * 1024))
        sent += 1
    flood.close()
    assert sent < MIB_SENT_MAX


def test_a_peer_that_is_gone_is_forgotten(server, client):
    token = client.create()
    parts = server.system.supervisor.parts
    listener = server.client()
    listener.result("subscribe", session_id=token, events=["evaluation"])
    listener.close()
    while parts.events._channels[token].subscriptions:
        client.evaluate("1", session_id=token)


def test_the_routing_ids_that_zeromq_makes_up_begin_elsewhere_in_each_process():
    """Who knew the next one could choose it, at which ZeroMQ ends the process."""
    library, drawn = ctypes.CDLL(None), set()
    for _ in range(3):
        library.srand(1)
        new_context().term()
        drawn.add(library.rand())
    assert len(drawn) == 3


def test_a_loopback_address_of_the_newer_internet_protocol_is_served(make_server):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server = make_server(bind="tcp://[::1]:0")
    assert server.system.address.startswith("tcp://[::1]:")
    server.context.setsockopt(zmq.IPV6, 1)
    assert server.client().result("ping")["status"] == "ready"


@pytest.mark.parametrize("asked", [b'{"command": "ping", "parameters": {}}', b"GET / HTTP/1.1\r\n\r\n"])
def test_a_peer_of_an_old_version_that_chose_its_routing_id_is_refused_and_nobody_else(server, client, asked):
    """Garbage reads as such a greeting: a length, flags, an id. ZeroMQ tells no descriptor of such a connection."""
    host, port = server.system.address.removeprefix("tcp://").split(":")
    with socket.create_connection((host, int(port))) as peer:
        peer.sendall(b"\x04\x00ann" + b"\x01\x01" + bytes([len(asked) + 1, 0]) + asked)
        peer.settimeout(0.01)
        heard = b""
        while b"ZMTP 3" not in heard:
            assert client.result("ping")["status"] == "ready"
            try:
                piece = peer.recv(4_096)
            except TimeoutError:
                continue
            assert piece, "the connection was closed"
            heard += piece
    assert client.result("health")["workers"][0]["failures"] == {"InvalidRequest": 1}
