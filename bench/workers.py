"""Several workers: what a front costs and brings, beside a bare echo and one process in the same run.

* throughput of trivial durable evaluations of 100 clients, with one worker and with two;
* the tail of 200 requests a second of others while four sessions spin, and without;
* how long the sessions of a worker are gone when it is killed;
* what clients notice while the workers are started anew one by one.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import zmq

from bench.echo import echo_server
from bench.figures import Row, Table, quantile
from bench.load import REPLY_TIMEOUT_MS, Clients
from bench.requests import requests_of, sessions
from bench.server import ServerProcess, command, result

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = 100
SECONDS = 2.0
SPINNERS = 4
OTHERS = 20
RATE = 200
KILLS = 5


def measure_throughput(echo: str, table: Table) -> None:
    """One worker and two, at the same load."""
    small = command("evaluate", session_id="x" * 32, code="3 + 4")
    clients = Clients(echo, CLIENTS)
    reference = clients.run(lambda _client, _turn: small, SECONDS)
    clients.close()
    rates: list[float] = []
    for workers in (1, 2):
        with ServerProcess(flags=("--workers", str(workers))) as server:
            clients = Clients(server.endpoint, CLIENTS)
            load = clients.run(requests_of("same", sessions(clients, CLIENTS)), SECONDS)
            clients.close()
            rates.append(load.rate)
        goal, met = ("", None) if workers == 1 else ("no worse than one", load.rate >= rates[0])
        what = f"trivial durable evaluate, {CLIENTS} clients, {workers} workers"
        table.add(Row(what, str(load), f"echo {reference}", f"{load.rate / reference.rate:.2f}", goal, met))


@contextmanager
def spinning(server: ServerProcess, count: int) -> Iterator[None]:
    """Sessions that spin until the end."""
    clients = Clients(server.endpoint, count + 1)
    ids = [
        str(result(clients.ask(k, command("create_session", client_id=f"hog-{k}")))["session_id"]) for k in range(count)
    ]
    for k, session_id in enumerate(ids):
        clients.sockets[k].send_multipart([b"", command("evaluate", session_id=session_id, code="[true] whileTrue")])
    yield
    for k, session_id in enumerate(ids):
        clients.ask(count, command("interrupt", session_id=session_id, client_id=f"hog-{k}"))
    clients.close()


def paced(server: ServerProcess, seconds: float) -> list[float]:
    """Latencies in milliseconds of an open loop: `RATE` requests a second, dealt among `OTHERS` clients."""
    clients = Clients(server.endpoint, OTHERS)
    make = requests_of("same", sessions(clients, OTHERS))
    poller = zmq.Poller()
    for socket in clients.sockets:
        poller.register(socket, zmq.POLLIN)
    sent_at: dict[zmq.Socket[bytes], list[float]] = {socket: [] for socket in clients.sockets}
    latencies: list[float] = []
    begin = time.perf_counter()
    number = 0
    while number < RATE * seconds or any(sent_at.values()):
        due = begin + number / RATE
        now = time.perf_counter()
        if number < RATE * seconds and now >= due:
            socket = clients.sockets[number % OTHERS]
            socket.send_multipart([b"", make(number % OTHERS, number)])
            # The time at which it was due: a late generator must not hide a late server.
            sent_at[socket].append(due)
            number += 1
            continue
        wait_ms = max(0, (due - now) * 1e3) if number < RATE * seconds else REPLY_TIMEOUT_MS
        for ready, _ in poller.poll(wait_ms):
            ready.recv_multipart()
            latencies.append((time.perf_counter() - sent_at[ready].pop(0)) * 1e3)
    clients.close()
    return latencies


def measure_tail(table: Table) -> None:
    """The others' tail with hogs and without."""
    for workers, hogs, goal_ms in ((1, 0, 5), (1, SPINNERS, 8), (2, 0, 5), (2, SPINNERS, 10)):
        with ServerProcess(flags=("--workers", str(workers))) as server, spinning(server, hogs):
            paced(server, 1.0)
            times = paced(server, 5.0)
        p50, p99 = quantile(times, 0.5), quantile(times, 0.99)
        what = f"{RATE} requests/s beside {hogs} spinning sessions, {workers} workers"
        table.add(Row(what, f"p50 {p50:.2f} p99 {p99:.2f} ms", goal=f"p99 < {goal_ms} ms", met=p99 < goal_ms))


def measure_renewal(table: Table) -> None:
    """Requests with an `op_id` in an even stream while SIGHUP starts the workers anew one by one."""
    times, failures = [], 0
    with ServerProcess(flags=("--workers", "2")) as server:
        clients = Clients(server.endpoint, OTHERS)
        ids = sessions(clients, OTHERS)
        before = pids_of(clients)
        assert server.process is not None
        server.process.send_signal(signal.SIGHUP)
        for number in itertools.count():
            begin = time.perf_counter()
            client = number % OTHERS
            request = command("evaluate", session_id=ids[client], code="3 + 4", op_id=f"renewal-{number}")
            failures += json.loads(clients.ask(client, request))["status"] != "success"
            times.append((time.perf_counter() - begin) * 1e3)
            if client == OTHERS - 1 and not set(pids_of(clients)) & set(before):
                break
        clients.close()
    figure = f"{len(times)} requests, {failures} failed, longest {max(times):.0f} ms"
    table.add(Row("workers started anew one by one under load", figure, goal="none failed", met=not failures))


def pids_of(clients: Clients) -> list[int]:
    """The processes of the workers."""
    return [int(row["pid"]) for row in result(clients.ask(0, command("health")))["workers"]]


def measure_recovery(table: Table) -> None:
    """From SIGKILL of a worker to the first answer of a session it had."""
    times = []
    with ServerProcess(flags=("--workers", "2")) as server:
        clients = Clients(server.endpoint, 1)
        session_id = sessions(clients, 1)[0]
        worker = int(session_id.startswith("session_1_"))
        for kill in range(KILLS):
            pid = pids_of(clients)[worker]
            begin = time.perf_counter()
            os.kill(pid, signal.SIGKILL)
            result(clients.ask(0, command("evaluate", session_id=session_id, code="3 + 4", op_id=f"kill-{kill}")))
            times.append((time.perf_counter() - begin) * 1e3)
        clients.close()
    p50, worst = quantile(times, 0.5), max(times)
    table.add(
        Row(
            "kill -9 of a worker to the next answer",
            f"p50 {p50:.0f} max {worst:.0f} ms",
            goal="< 250 ms",
            met=worst < 250,
        )
    )


def main() -> Table:
    """Run all."""
    table = Table("Several workers", "python -m bench.run workers")
    with echo_server() as echo:
        measure_throughput(echo, table)
    measure_tail(table)
    measure_recovery(table)
    measure_renewal(table)
    return table


if __name__ == "__main__":
    main()
