"""Latency over load and throughput over clients, with one worker and two. `python -m bench.run curves`.

The reference is the bare echo under the same load by the same generator. All evaluate `3 + 4`, durably.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.charts import Axis, Chart, Line
from bench.echo import echo_server
from bench.figures import Row, Table
from bench.load import Clients
from bench.pace import Pace
from bench.peers import Peers
from bench.requests import sessions
from bench.server import ServerProcess, command, numbered

if TYPE_CHECKING:
    from bench.load import Load
    from bench.pace import Stream

SECONDS = 3.0
#: Clients of a closed loop; those of the open loop, and its rates as parts of what one worker does at most.
COUNTS = (1, 3, 10, 30, 100, 300, 1_000)
OPEN_CLIENTS = 100
SHARES = (0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
#: Where the closed loop tells the most that one worker does.
CAPACITY_COUNT = 100
#: As long as a session's public id.
ECHOED = "x" * 58
#: Each number of clients has sessions of its own, and those of fewer stay open.
FLAGS = ("--sessions-per-client", "20")


class Subject:
    """Something that answers: a server, or the echo.

    Args:
        name: what it is called in rows and legends.
        endpoint: its address.
        is_reference: whether it is the echo, which has no sessions.
    """

    def __init__(self, name: str, endpoint: str, *, is_reference: bool = False) -> None:
        self.name = name
        self.is_reference = is_reference
        self._endpoint = endpoint
        self._made: list[str] = []

    def _ids(self, clients: Clients, count: int) -> list[str]:
        """Ids of so many sessions, made when they are needed first."""
        if len(self._made) < count:
            self._made = [ECHOED] * count if self.is_reference else sessions(clients, count)
        return self._made[:count]

    def closed(self, count: int) -> Load:
        """So many clients, each waiting for its reply."""
        clients = Clients(self._endpoint, count)
        requests = [command("evaluate", session_id=each, code="3 + 4") for each in self._ids(clients, count)]
        load = clients.run(lambda client, _turn: requests[client], SECONDS, warm_up_s=0.5)
        clients.close()
        return load

    def open(self, rate: float) -> Stream:
        """An even stream."""
        clients = Clients(self._endpoint, OPEN_CLIENTS)
        ids = self._ids(clients, OPEN_CLIENTS)
        clients.close()
        with Peers(self._endpoint, OPEN_CLIENTS) as peers:
            pace = Pace(peers, lambda k, number: numbered(number, "evaluate", session_id=ids[k], code="3 + 4"), rate)
            return pace.run(SECONDS)


def throughput(subjects: list[Subject], table: Table) -> float:
    """Rates over clients; answers the most that the first subject does."""
    x, y = Axis("clients, each waiting for its reply", is_log=True), Axis("requests a second", is_log=True)
    chart = table.charts["throughput"] = Chart("Throughput over clients", x, y)
    loads = {(subject.name, count): subject.closed(count) for count in COUNTS for subject in subjects}
    for subject in subjects:
        points = [(count, loads[subject.name, count].rate) for count in COUNTS]
        chart.lines.append(Line(subject.name, points, is_reference=subject.is_reference))
    *ours, echo = subjects
    for count in COUNTS:
        reference = loads[echo.name, count]
        for subject in ours:
            load = loads[subject.name, count]
            what = f"{count:,} clients, {subject.name}"
            table.add(Row(what, str(load), f"echo {reference}", f"{load.rate / reference.rate:.2f}"))
    return loads[ours[0].name, CAPACITY_COUNT].rate


def latency(subjects: list[Subject], capacity: float, table: Table) -> None:
    """Latencies over load."""
    x, y = Axis("requests a second"), Axis("ms from when a request was due", is_log=True)
    chart = table.charts["latency"] = Chart("Latency over load", x, y)
    rates = [round(share * capacity) for share in SHARES]
    streams = {(subject.name, rate): subject.open(rate) for rate in rates for subject in subjects}
    for subject in subjects:
        for share, name in ((0.5, "p50"), (0.99, "p99")):
            points = [(rate, streams[subject.name, rate].ms(share)) for rate in rates]
            chart.lines.append(Line(f"{subject.name}, {name}", points, is_reference=subject.is_reference))
    *ours, echo = subjects
    for rate in rates:
        reference = streams[echo.name, rate]
        for subject in ours:
            stream = streams[subject.name, rate]
            ratio = f"{stream.ms(0.5) / reference.ms(0.5):.1f}"
            table.add(Row(f"{rate:,} requests/s, {subject.name}", str(stream), f"echo {reference}", ratio))


def main() -> Table:
    """Measure both."""
    table = Table("Throughput and latency", "python -m bench.run curves")
    with ExitStack() as stack:
        servers = [stack.enter_context(ServerProcess(flags=("--workers", each, *FLAGS))) for each in ("1", "2")]
        subjects = [
            Subject("1 worker", servers[0].endpoint),
            Subject("2 workers", servers[1].endpoint),
            Subject("bare echo", stack.enter_context(echo_server()), is_reference=True),
        ]
        capacity = throughput(subjects, table)
        latency(subjects, capacity, table)
    return table
