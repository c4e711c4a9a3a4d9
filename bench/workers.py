"""Several workers: what a front costs and brings, beside a bare echo and one process in the same run.

* throughput of trivial durable evaluations of 100 clients, with one worker and with two;
* how long the sessions of a worker are gone when it is killed under load, and whether anything is done twice;
* what clients notice while the workers are started anew one by one under load.

The load of the last two is an even stream of requests with an `op_id` each, in which every session counts.
`python -m bench.run workers`.
"""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING

from bench.echo import echo_server
from bench.figures import Row, Table, available_cores, quantile
from bench.load import Clients
from bench.pace import Pace, Stream
from bench.peers import Peers
from bench.requests import RATIO_MIN, requests_of, sessions
from bench.server import ServerProcess, command, numbered, result

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 100
SECONDS = 2.0
#: What two workers bring at least where the front, both of them and the clients have a core each.
MANY_CORES, MANY_CORES_FACTOR = 4, 1.5
OTHERS = 20
RATE = 200
KILLS, RECOVERY_MS_MAX = 10, 250
#: A stream in whose course something happens: how long it is, and when that is.
STREAM_S, INCIDENT_AFTER_S = 1.5, 0.3
#: Streams until all workers must be new ones.
RENEWAL_STREAMS_MAX = 10


def measure_throughput(echo: str, table: Table) -> None:
    """One worker and two, at the same loads."""
    small = command("evaluate", session_id="x" * 32, code="3 + 4")
    clients = Clients(echo, CLIENTS)
    reference = clients.run(lambda _client, _turn: small, SECONDS)
    clients.close()
    alone: dict[str, float] = {}
    with ServerProcess() as one, ServerProcess(flags=("--workers", "2")) as two:
        for kind in RATIO_MIN:
            for workers, server in ((1, one), (2, two)):
                clients = Clients(server.endpoint, CLIENTS)
                load = clients.run(requests_of(kind, sessions(clients, CLIENTS)), SECONDS)
                clients.close()
                goal, met = "", None
                if workers > 1:
                    factor = MANY_CORES_FACTOR if available_cores() >= MANY_CORES else 1
                    goal, met = f"{factor:g} times one worker", load.rate >= factor * alone[kind]
                alone.setdefault(kind, load.rate)
                what = f"trivial durable evaluate, {CLIENTS} clients, {kind}, {workers} worker{'s'[: workers - 1]}"
                table.add(Row(what, str(load), f"echo {reference}", f"{load.rate / reference.rate:.2f}", goal, met))


class Counters:
    """Sessions that count, and what they were told: whether all was done once.

    Args:
        server: a server with several workers.
    """

    def __init__(self, server: ServerProcess) -> None:
        self._server = server
        self._clients = Clients(server.endpoint, OTHERS)
        self._ids = sessions(self._clients, OTHERS)
        self._done = 0
        self._round = 0

    def stream(self, incident: Callable[[], None]) -> Stream:
        """An even stream of counting, in which something happens."""
        self._round += 1
        timer = threading.Timer(INCIDENT_AFTER_S, incident)
        with Peers(self._server.endpoint, OTHERS) as peers:
            timer.start()
            found = Pace(peers, self._request, RATE).run(STREAM_S)
        timer.join()
        self._done += len(found.answered)
        return found

    def _request(self, client: int, number: int) -> bytes:
        code, op_id = "count := (count ifNil: [0]) + 1", f"{self._round}-{number}"
        return numbered(number, "evaluate", session_id=self._ids[client], code=code, op_id=op_id)

    def unexplained(self) -> int:
        """How far what the sessions counted is from the answers there were: 0 if all was done once."""
        replies = [
            self._clients.ask(k, command("evaluate", session_id=each, code="count ifNil: [0]"))
            for k, each in enumerate(self._ids)
        ]
        return abs(sum(int(result(reply)["result"]) for reply in replies) - self._done)

    def pids(self) -> list[int]:
        """The processes of the workers."""
        return [int(row["pid"]) for row in result(self._clients.ask(0, command("health")))["workers"]]

    def close(self) -> None:
        """Drop the connections."""
        self._clients.close()


def measure_recovery(table: Table) -> None:
    """SIGKILL of a worker in the midst of a stream: how long its sessions are gone, and whether all is done once."""
    worst, errors = [], 0
    with ServerProcess(flags=("--workers", "2")) as server:
        counters = Counters(server)
        for kill in range(KILLS):
            pid = counters.pids()[kill % 2]
            found = counters.stream(lambda: os.kill(pid, signal.SIGKILL))  # noqa: B023 - called before the next round
            worst.append(max(found.answered))
            errors += len(found.refused)
        unexplained = counters.unexplained()
        counters.close()
    longest = max(worst)
    figure = f"p50 {quantile(worst, 0.5):.0f} max {longest:.0f} ms"
    what = f"kill -9 of a worker at {RATE} requests/s: longest latency"
    table.add(Row(what, figure, goal=f"< {RECOVERY_MS_MAX} ms", met=longest < RECOVERY_MS_MAX))
    figure = f"{errors} failed, {unexplained} lost or twice"
    table.add(Row(f"requests of {KILLS} such kills", figure, goal="none", met=not errors and not unexplained))


def measure_renewal(table: Table) -> None:
    """SIGHUP in the midst of a stream starts the workers anew one by one."""
    with ServerProcess(flags=("--workers", "2")) as server:
        counters = Counters(server)
        before = set(counters.pids())
        process = server.process
        assert process is not None
        streams = [counters.stream(lambda: process.send_signal(signal.SIGHUP))]
        while set(counters.pids()) & before and len(streams) < RENEWAL_STREAMS_MAX:
            streams.append(counters.stream(lambda: None))
        is_renewed = not set(counters.pids()) & before
        unexplained = counters.unexplained()
        counters.close()
    errors = sum(len(found.refused) for found in streams)
    longest = max(max(found.answered) for found in streams)
    figure = f"{errors} failed, {unexplained} lost or twice, longest {longest:.0f} ms"
    is_met = is_renewed and not errors and not unexplained
    table.add(Row(f"workers started anew at {RATE} requests/s", figure, goal="none", met=is_met))


def main() -> Table:
    """Run all."""
    table = Table("Several workers", "python -m bench.run workers")
    with echo_server() as echo:
        measure_throughput(echo, table)
    measure_recovery(table)
    measure_renewal(table)
    return table
