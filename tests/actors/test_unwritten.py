"""Large replies that a peer does not take are bounded in bytes, whatever ZeroMQ would keep of them."""

from types import SimpleNamespace

import zmq

from actors.traffic.unwritten import UNWRITTEN_BYTES_MAX, Unwritten

MESSAGE = "x" * 1_000_000
COUNT = 30


def test_a_peer_has_its_share_until_zeromq_is_done_with_some_of_it():
    unwritten = Unwritten()
    trackers = [SimpleNamespace(done=False) for _ in range(2)]
    for tracker in trackers:
        assert not unwritten.is_full(b"slow")
        unwritten.add(b"slow", tracker, UNWRITTEN_BYTES_MAX - 1)
    assert unwritten.is_full(b"slow")
    assert not unwritten.is_full(b"other")
    trackers[0].done = True
    assert not unwritten.is_full(b"slow")
    trackers[1].done = True
    unwritten.forget_written()
    assert not len(unwritten)


def test_what_a_peer_does_not_read_waits_in_the_backlog_and_is_dropped_there_and_it_gets_the_rest(make_server):
    """ZeroMQ alone would keep all of them: they are far fewer than its queue takes."""
    server = make_server(unread_mb=1)
    slow = server.client()
    slow.socket.setsockopt(zmq.RCVHWM, 1)
    for _ in range(COUNT):
        slow.send("ping", message=MESSAGE)
    other = server.client()
    while other.result("health")["workers"][0]["totals"]["requests"] < COUNT:
        continue
    dropped = other.result("health")["workers"][0]["totals"]["replies_dropped"]
    assert 0 < dropped < COUNT
    assert [len(slow.receive()["result"]["message"]) for _ in range(COUNT - dropped)] == [len(MESSAGE)] * (
        COUNT - dropped
    )
    assert other.result("ping")["status"] == "ready"
