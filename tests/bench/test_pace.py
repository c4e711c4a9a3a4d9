"""The open loop matches replies by id, tells refusals from answers, and counts from when a request was due."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
import zmq

from bench.pace import Pace, Stream
from bench.peers import Peers
from bench.server import numbered

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 20
HELD_S = 0.05


@pytest.fixture
def endpoint() -> Iterator[str]:
    """A peer that keeps all requests until it has `COUNT`, then answers the last first, each third with an error."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.linger = 0
    port = router.bind_to_random_port("tcp://127.0.0.1")

    def answer() -> None:
        held = [router.recv_multipart() for _ in range(COUNT)]
        for identity, _, request in reversed(held):
            number = json.loads(request)["id"]
            error = {"status": "error", "error_type": "Overloaded"}
            reply = {"id": number, **(error if number % 3 == 0 else {"status": "success"})}
            router.send_multipart([identity, b"", json.dumps(reply).encode()])

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"tcp://127.0.0.1:{port}"
    thread.join()
    router.close()
    context.term()


def test_latencies_count_from_when_a_request_was_due(endpoint: str) -> None:
    with Peers(endpoint, 3) as peers:
        stream = Pace(peers, lambda _client, number: numbered(number, "ping"), COUNT / HELD_S).run(HELD_S)
    assert stream.errors == {"Overloaded": 7}
    assert len(stream.answered) == COUNT - 7
    assert stream.refused_share == 7 / COUNT
    # The first request waited for the last one, which was due 19 intervals later; nobody is answered before that.
    first_waited_ms = max(stream.refused)
    assert first_waited_ms >= HELD_S * (COUNT - 1) / COUNT * 1e3


def test_a_stream_without_an_answer_says_so() -> None:
    assert str(Stream(1.0)) == "nothing answered"
