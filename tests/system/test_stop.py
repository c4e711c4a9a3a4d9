"""Goal: SIGTERM and SIGINT end the server in good order: what runs is finished, or stored and goes on after the start.

Method: signals to a real process, with nothing, with short, long and endless evaluations under way.
"""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from terminal import Client as WaitingClient

pytestmark = pytest.mark.system


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_server_stops_at_once(server, number):
    assert server.stop(number) == 0
    assert "stopped" in server.log()


def test_an_endless_evaluation_stops_with_the_server_and_can_be_interrupted_after_the_start(start, connect):
    server = start("--shutdown-grace-s", "0.2")
    client = connect(server)
    token = client.create()
    client.evaluate("x := 1", session_id=token)
    sent = client.send("evaluate", code="x := 2. [true] whileTrue", session_id=token)
    ping = client.send("ping")
    assert client.receive().reply_id == ping
    assert server.stop() == 0
    told = client.receive()
    assert (told.reply_id, told.answer.error_type) == (sent, "Interrupted")
    server.start()
    client = connect(server)
    assert client.result("interrupt", session_id=token)["interrupted"] is True
    assert client.evaluate("x", session_id=token) == "2"
    waiting = client.result("debug", operation="ListContexts", session_id=token)["contexts"]
    assert [(each["context_id"], each["kind"]) for each in waiting] == [
        (told.answer.details["context_id"], "interrupted")
    ]


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


#: Computed by counting, so that it takes as long as the machine needs; it prints its answer and how often it began.
LONG = "began := (began ifNil: [0]) + 1. n := 0. 1 to: 3000000 do: [:i | n := n + (i \\\\ 7)]. {n. began} asArray"
ANSWER = "#(8999997 1)"


@pytest.mark.parametrize("ends", ["T", "TT", "TKT"])
def test_a_long_evaluation_goes_on_after_the_start_and_is_answered_once(start, connect, ends):
    """T: SIGTERM in its middle; K: SIGKILL while it goes on, which leaves what the last SIGTERM stored."""
    server = start("--shutdown-grace-s", "0")
    client = connect(server)
    token = client.create()
    for end in ends:
        client.send("evaluate", code=LONG, session_id=token, op_id="long")
        ping = client.send("ping")
        while client.receive().reply_id != ping:
            pass
        if end == "T":
            assert server.stop() == 0
        else:
            server.kill()
        server.start()
        client = connect(server)
    done = client.result("evaluate", code=LONG, session_id=token, op_id="long")
    assert done["result"] == ANSWER
    assert client.result("evaluate", code=LONG, session_id=token, op_id="long") == done
    assert client.evaluate("began", session_id=token) == "1"


def test_nobody_need_ask_for_it_to_go_on(start, connect):
    server = start("--shutdown-grace-s", "0")
    client = connect(server)
    token = client.create()
    sent = client.send("evaluate", code=LONG, session_id=token)
    ping = client.send("ping")
    assert client.receive().reply_id == ping
    assert server.stop() == 0
    told = client.receive()
    assert (told.reply_id, told.answer.error_type) == (sent, "Interrupted")
    server.start()
    client = connect(server)
    while not (entries := client.result("history", session_id=token)["entries"]):
        pass
    assert entries[0]["result"] == ANSWER


def test_the_waiting_client_gets_the_right_answer_once(start, connect):
    """The client package repeats what was not answered; nobody but the server knows that it was stopped."""
    server = start("--shutdown-grace-s", "0")
    with WaitingClient(server.address, "ann") as waiting, ThreadPoolExecutor(1) as thread:
        waiting.evaluate("began := 0")
        token = waiting.session_id
        answer = thread.submit(waiting.evaluate, LONG)
        watching = connect(server)
        while watching.result("system_info", info_type="All")["info"]["evaluations_under_way"] == "0":
            pass
        assert server.stop() == 0
        server.start()
        assert answer.result().result == ANSWER
    assert connect(server).evaluate("began", session_id=token, client_id="ann") == "1"
