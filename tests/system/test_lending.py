"""Evaluations that hog the processor, in the real server: the quarantine worker has them, whatever dies."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

#: Rounds of a loop that make a hog of a session on a machine that is not very fast; four times as many otherwise.
ROUNDS = 30_000_000


@pytest.fixture
def server(start):
    return start("--workers", "2")


@pytest.fixture
def token(client):
    made = client.create("ann")
    client.evaluate("n := nil", session_id=made)
    return made


def lent(operator):
    return sum(row["state"]["evaluations_lent"] for row in operator.result("health")["workers"])


def lend(client, operator, token, **parameters):
    """Send an evaluation and wait until the quarantine worker has it; answer its code, and how often n was counted.

    One that comes to its end before was too short for this machine.
    """
    for count in range(1, 10):
        rounds = ROUNDS * 4 ** (count - 1)
        code = f"n := (n ifNil: [0]) + 1. 1 to: {rounds} do: [:each | each]. n"
        client.send(
            "evaluate", code=code, session_id=token, **{name: f"{each}-{count}" for name, each in parameters.items()}
        )
        while not client.socket.poll(0):
            if lent(operator):
                return code, str(count)
        assert client.receive().answer["result"] == str(count)
    raise AssertionError("nothing was lent")


def nursery_children(server):
    """The processes of all workers, by their niceness."""
    front = server.process.pid
    nursery = Path(f"/proc/{front}/task/{front}/children").read_text().split()[0]
    pids = Path(f"/proc/{nursery}/task/{nursery}/children").read_text().split()
    found = {}
    for pid in map(int, pids):
        with suppress(ProcessLookupError):  # it ended just now
            found[pid] = os.getpriority(os.PRIO_PROCESS, pid)
    return found


def quarantine_pid(server):
    (pid,) = [pid for pid, niceness in nursery_children(server).items() if niceness]
    return pid


def test_it_is_lent_and_comes_home(server, client, connect, token):
    _, count = lend(client, connect(server), token, op_id="busy")
    assert client.receive().answer["result"] == count
    assert client.evaluate("n", session_id=token) == count
    assert lent(connect(server)) == 0


def quarantine_row(operator, is_so):
    """The row of the quarantine worker as soon as something is so of it; it tells some times a second."""
    while not is_so(row := operator.result("health")["quarantine"]):
        pass
    return row


def test_the_quarantine_worker_has_a_row_of_its_own(server, client, connect, token):
    operator = connect(server)
    lend(client, operator, token)
    row = quarantine_row(operator, lambda row: row["totals"]["guests_taken"])
    assert (row["pid"], row["is_ready"]) == (quarantine_pid(server), True)
    assert row["state"]["resident_bytes"] > 0
    used_ms = row["totals"]["processor_ms"]
    quarantine_row(operator, lambda row: row["totals"]["processor_ms"] > used_ms)
    assert len(operator.result("health")["workers"]) == 2
    os.kill(row["pid"], signal.SIGKILL)
    quarantine_row(operator, lambda row: row["totals"]["worker_restarts"] == 1)
    again = quarantine_row(operator, lambda row: row["is_ready"])
    assert again["pid"] not in (0, row["pid"])
    assert again["totals"]["guests_taken"] == 0


def test_it_begins_again_when_the_quarantine_worker_is_killed(server, client, connect, token):
    _, count = lend(client, connect(server), token)
    os.kill(quarantine_pid(server), signal.SIGKILL)
    assert client.receive().answer["result"] == count
    assert client.evaluate("n", session_id=token) == count
    assert "a worker died" in server.log()


def test_it_is_done_once_when_its_owner_is_killed(server, client, connect, token):
    operator = connect(server)
    _, count = lend(client, operator, token, op_id="busy")
    owner = next(row for row in operator.result("health")["workers"] if row["state"]["evaluations_lent"])
    os.kill(owner["pid"], signal.SIGKILL)
    assert client.receive().answer["result"] == count
    assert client.evaluate("n", session_id=token) == count


def test_it_goes_on_when_all_are_renewed(server, client, connect, token):
    _, count = lend(client, connect(server), token, op_id="busy")
    before = nursery_children(server)
    server.process.send_signal(signal.SIGHUP)
    assert client.receive().answer["result"] == count
    assert client.evaluate("n", session_id=token) == count
    while set(nursery_children(server)) & set(before):
        pass


def test_it_goes_on_after_the_servers_end(server, client, connect, token):
    code, count = lend(client, connect(server), token, op_id="busy")
    assert server.stop() == 0
    server.start()
    again = connect(server)
    assert again.evaluate(code, session_id=token, op_id=f"busy-{count}") == count
    assert again.evaluate("n", session_id=token) == count


def test_an_interrupt_reaches_it(server, client, connect, token):
    client.send("evaluate", code="n := 5. [true] whileTrue", session_id=token)
    operator = connect(server)
    while not lent(operator):
        pass
    assert connect(server).result("interrupt", session_id=token)["interrupted"] is True
    assert client.receive().answer.error_type == "Interrupted"
    assert client.evaluate("n", session_id=token) == "5"


def test_without_a_quarantine_worker_hogs_stay(start, connect):
    server = start("--workers", "2", "--no-quarantine-worker")
    assert len(nursery_children(server)) == 2
    assert "quarantine" not in connect(server).result("health")
