"""The generator's own connections speak to a real ROUTER, in frames of every size, in halves and in bursts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import zmq

from bench.peers import Peers

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT_S = 60
#: Around the sizes where a frame's head changes, and more than is read or fits a socket's buffer at a time.
SIZES = (0, 1, 254, 255, 256, 70_000, 12_000_000)


@pytest.fixture
def router() -> Iterator[zmq.Socket[bytes]]:
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    socket = context.socket(zmq.ROUTER)
    socket.linger = 0
    socket.bind("tcp://127.0.0.1:*")
    yield socket
    socket.close()
    context.term()


@pytest.fixture
def peers(router: zmq.Socket[bytes]) -> Iterator[Peers]:
    with Peers(router.last_endpoint.decode(), 2) as made:
        yield made


def take(peers: Peers, count: int) -> list[bytes]:
    found: list[bytes] = []
    while len(found) < count:
        assert peers.wait(WAIT_S)
        found += peers.received()
    return found


def echo(router: zmq.Socket[bytes], peers: Peers) -> list[bytes]:
    """What a ROUTER understood, sent back; what a peer could not send in one go goes on while it takes in."""
    while not router.poll(10):
        list(peers.received())
    frames = router.recv_multipart()
    router.send_multipart(frames)
    return frames


@pytest.mark.parametrize("size", SIZES)
def test_a_message_of_any_size_goes_and_comes_back_whole(router: zmq.Socket[bytes], peers: Peers, size: int) -> None:
    body = bytes(k % 251 for k in range(min(size, 1_000))) * (size // 1_000) or bytes(size)
    peers.send(0, body)
    _, delimiter, received = echo(router, peers)
    assert (delimiter, received) == (b"", body)
    assert take(peers, 1) == [body]


def test_many_messages_of_two_connections_come_in_the_order_of_each(router: zmq.Socket[bytes], peers: Peers) -> None:
    for number in range(100):
        peers.send(number % 2, b"%d" % number)
    senders = [echo(router, peers)[0] for _ in range(100)]
    assert len(set(senders)) == 2
    found = [int(body) for body in take(peers, 100)]
    assert [each for each in found if each % 2 == 0] == list(range(0, 100, 2))
    assert [each for each in found if each % 2] == list(range(1, 100, 2))


def test_a_server_that_closes_is_no_silent_end(router: zmq.Socket[bytes], peers: Peers) -> None:
    router.close()
    with pytest.raises(ConnectionError, match="closed a connection"):
        take(peers, 1)
