"""Goal: SIGTERM and SIGINT end the server in good order: what runs is finished or interrupted, and told.

Method: signals to a real process, with nothing, with a short and with an endless evaluation under way.
"""

import signal

import pytest

pytestmark = pytest.mark.system


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once(server, number):
    assert server.stop(number) == 0
    assert "stopped" in server.log()


def test_an_endless_evaluation_is_interrupted_and_its_client_told(start, connect):
    server = start("--shutdown-grace-s", "0.2")
    client = connect(server)
    token = client.create()
    client.evaluate("x := 1", session_id=token)
    client.send("evaluate", code="x := 2. [true] whileTrue", session_id=token)
    client.result_of_ping = client.send("ping")
    assert client.receive().reply_id == client.result_of_ping
    assert server.stop() == 0
    assert client.receive().answer.error_type == "Interrupted"
    server.start()
    assert connect(server).evaluate("x", session_id=token) == "1"


def test_an_evaluation_that_waits_ends_within_the_grace_though_requests_still_arrive(server, connect):
    client = connect(server)
    token = client.create()
    sent = client.send("evaluate", code="(Delay forMilliseconds: 300) wait. x := 5", session_id=token)
    ping = client.send("ping")
    assert client.receive().reply_id == ping
    client.send("ping")
    assert server.stop() == 0
    replies = {client.receive().reply_id: None}
    while client.socket.poll(0):
        replies[client.receive().reply_id] = None
    assert sent in replies
    server.start()
    assert connect(server).evaluate("x", session_id=token) == "5"


def test_what_was_asked_before_the_signal_is_answered_and_durable(server, connect):
    client = connect(server)
    token = client.create()
    client.evaluate("x := 0", session_id=token)
    sent = [client.send("evaluate", code="x := x + 1", session_id=token) for _ in range(50)]
    first = client.receive()
    assert server.stop() == 0
    answered = [first]
    while client.socket.poll(200):
        answered.append(client.receive())
    assert [reply.reply_id for reply in answered] == sent[: len(answered)]
    server.start()
    assert int(connect(server).evaluate("x", session_id=token)) == len(answered)
