"""A tick takes as much as fits its time, so that what others asked is answered although some requests are heavy."""

import os

import pytest
import zmq

from actors.front.letters import Batch, head_frame
from actors.front.link import Link
from actors.limits import SERVER_LIMITS

SHARE = 20
COUNT = 60
#: What each look at the clock costs, of which there is one at least for each request.
STEP_NS = SERVER_LIMITS["taking_ns_max"].value // SHARE


@pytest.mark.parametrize("operation", ["ping", "get_session_statistics"])
def test_a_tick_answers_those_it_had_time_for_and_the_next_ones_the_rest(server, operation):
    """Statistics are answered behind the tick's commit, which is bounded by itself."""
    client, counters = server.client(), server.system.supervisor.parts.counters
    sent = [client.send(operation) for _ in range(COUNT)]
    server.clock.step_ns = STEP_NS
    answered = []
    while sum(answered) < COUNT:
        before = counters.replies
        server.tick()
        answered.append(counters.replies - before)
    assert max(answered) <= SHARE + 1
    assert [client.receive()["id"] for _ in range(COUNT)] == sent


def test_who_takes_fewer_of_a_batch_gets_the_rest_the_next_time_without_waiting(tmp_path):
    context = zmq.Context()
    lifeline, lifeline_end = os.pipe()
    front = context.socket(zmq.ROUTER)
    front.bind(f"ipc://{tmp_path / 'front'}")
    options = {"has_anonymous": True, "beat": lambda: None, "sleep_ms_max": 30_000, "lifeline": lifeline}
    link = Link(context, f"ipc://{tmp_path / 'front'}", b"0.1", **options)
    link.hello([])
    front.recv_multipart()
    batch = Batch()
    for number in range(1, 4):
        batch.add(head_frame(number, [b"client", b""], b"key"), b"%d" % number)
    front.send_multipart([b"0.1", batch.take()])
    link.wait(30_000)
    assert next(iter(link.receive())).body == b"1"
    link.wait(30_000)
    assert [each.body for each in link.receive()] == [b"2", b"3"]
    link.close()
    front.close()
    context.term()
    os.close(lifeline)
    os.close(lifeline_end)
