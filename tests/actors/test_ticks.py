"""A tick takes as much as fits its time, so that what others asked is answered although some requests are heavy."""

import pytest

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
