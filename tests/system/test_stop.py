"""Goal: SIGTERM and SIGINT end the server in good order: what runs is finished, or stored and goes on after the start.

Method: signals to a real process, with nothing, with short, long and endless evaluations under way.
"""

import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from protocol import Failure
from terminal import Client as WaitingClient
from terminal import Patience

pytestmark = pytest.mark.system

#: However long the start of a server takes.
ENDLESS = Patience(attempts=None)


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
    while client.receive().reply_id != sent:
        pass
    server.start()
    assert connect(server).evaluate("x", session_id=token) == "5"


def test_what_was_asked_before_the_signal_is_answered_and_durable(server, connect):
    client = connect(server)
    token = client.create()
    client.evaluate("x := 0", session_id=token)
    sent = [client.send("evaluate", code="x := x + 1", session_id=token) for _ in range(50)]
    # Its answer tells that all of them have arrived.
    ping, answered = client.send("ping"), []
    while (reply_id := client.receive().reply_id) != ping:
        answered.append(reply_id)
    assert server.stop() == 0
    server.start()
    done = int(connect(server).evaluate("x", session_id=token))
    answered += [client.receive().reply_id for _ in range(done - len(answered))]
    assert answered == sent[:done]
    assert not client.socket.poll(0)


TURNS = 1_000_000


def counted(turns):
    """What `counting` comes to."""
    return sum(i % 7 for i in range(1, turns + 1))


def counting(turns):
    """A program that counts: it takes as long as the machine needs."""
    return f"n := 0. 1 to: {turns} do: [:i | n := n + (i \\\\ 7)]. n"


#: It prints its answer and how often it began.
LONG = f"began := (began ifNil: [0]) + 1. {counting(TURNS)}. {{n. began}} asArray"
ANSWER = f"#({counted(TURNS)} 1)"


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
    turns, told, ends = TURNS, None, 0
    while not isinstance(told, Failure):
        client.send("evaluate", code=counting(turns), session_id=token)
        client.result("ping")
        assert server.stop() == 0
        told = client.receive().answer
        server.start()
        client = connect(server)
        # A test that stands still at a wrong moment stops the server too late.
        turns, ends = 4 * turns, ends + 1
    assert told.error_type == "Interrupted"
    while len(entries := client.result("history", session_id=token)["entries"]) < ends:
        pass
    assert entries[-1]["result"] == str(counted(turns // 4))


def evaluations_under_way(client):
    return client.result("system_info", info_type="All")["info"]["evaluations_under_way"]


def test_the_waiting_client_gets_the_right_answer_once(start, connect):
    """The client package repeats what was not answered; nobody but the server knows that it was stopped."""
    server = start("--shutdown-grace-s", "0")
    with WaitingClient(server.address, "ann", patience=ENDLESS) as waiting, ThreadPoolExecutor(1) as thread:
        waiting.evaluate("began := 0")
        token = waiting.session_id
        answer = thread.submit(waiting.evaluate, LONG)
        watching = connect(server)
        while not answer.done() and evaluations_under_way(watching) == "0":
            pass
        assert server.stop() == 0
        server.start()
        assert answer.result().result == ANSWER
    assert connect(server).evaluate("began", session_id=token, client_id="ann") == "1"
