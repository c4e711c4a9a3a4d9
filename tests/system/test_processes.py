"""Goal: what a background process did is there after SIGKILL, and it goes on without being asked.

Method: real servers that are killed while a process counts or sleeps; nothing but the clock of the server wakes it.
"""

import pytest

pytestmark = pytest.mark.system

COUNTING = "n := 0. [| local | local := 0. [local := local + 1. n := local] repeat] fork. n"


def rises_above(client, count, **session):
    """Ask until the counter is above that; answers it."""
    while (counted := int(client.evaluate("n", **session))) <= count:
        pass
    return counted


def wakes(client, token):
    """Ask about a session, which does not wake it, until it is in memory."""
    while client.result("get_session_info", session_id=token, client_id="ann")["hibernated"]:
        pass


def test_a_counting_process_goes_on_after_each_kill(server, connect):
    client = connect(server)
    token = client.create("ann")
    client.evaluate(COUNTING, session_id=token)
    counted = rises_above(client, 0, session_id=token)
    for _ in range(3):
        server.kill()
        server.start()
        client = connect(server)
        wakes(client, token)
        again = int(client.evaluate("n", session_id=token))
        assert again >= counted
        counted = rises_above(client, again, session_id=token)


def test_a_sleeping_session_is_woken_in_time(start, connect):
    server = start("--idle-timeout", "0.05", "--sweep", "0.05")
    client = connect(server)
    token = client.create("ann")
    client.result("subscribe", session_id=token, events=["session", "transcript"])
    told, seconds = [], 1
    # A machine that stands still meanwhile wakes it before it slept: then it shall sleep for longer.
    while not told or told[0].name == "transcript":
        client.evaluate(f"[{seconds} seconds wait. Transcript show: 'woken'] fork", session_id=token)
        told, seconds = [client.next_event()], 3 * seconds
        while told[-1].name != "transcript":
            told.append(client.next_event())
    assert (told[0].name, told[0].data["state"]) == ("session", "hibernated")
    assert told[-1].data["text"] == "woken"


def test_a_process_that_slept_through_a_kill_wakes_after_the_start(server, connect):
    client = connect(server)
    token = client.create("ann")
    client.evaluate("n := 0. [1 second wait. n := 1] fork. n", session_id=token)
    server.kill()
    server.start()
    client = connect(server)
    wakes(client, token)
    assert rises_above(client, 0, session_id=token) == 1


def test_an_evaluation_that_waits_keeps_nobody_else_waiting(server, connect):
    waiting, other = connect(server), connect(server)
    waiting.create("ann")
    other.create("ben")
    sent = waiting.send("evaluate", code="1 second wait. 3")
    assert other.evaluate("4") == "4"
    reply = waiting.receive()
    assert (reply.reply_id, reply.answer["result"]) == (sent, "3")


def test_a_server_with_a_process_that_never_ends_stops_at_once(server, connect):
    client = connect(server)
    client.create("ann")
    client.evaluate("[[true] whileTrue] fork. 3")
    assert server.stop() == 0
