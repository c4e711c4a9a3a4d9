"""Requests through the whole server: create, evaluate, restore, idle memory; each beside a bare echo.

Shapes: `same` repeats one do-it; `literals` changes the numbers in every request; `shapes` sends source whose
shape was never seen before (a new selector chain each time), so nothing compiled can be reused.
"""

from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING

from bench.echo import echo_server
from bench.figures import Row, Table, quantile
from bench.load import Clients
from bench.server import ServerProcess, command, result

if TYPE_CHECKING:
    from collections.abc import Callable

CLIENTS = 100
SECONDS = 3.0
#: The goals with one client, and of the part of the echo's rate with many.
ALONE_MS_MAX = 1.0
RATIO_MIN = {"same": 0.2, "literals": 0.2, "shapes": 0.15}
#: Unary selectors every number answers with a number: their products make do-its of ever new shape.
CHAIN = ("negated", "abs", "squared", "yourself", "asInteger", "sign", "copy", "ceiling", "floor", "rounded")


def sessions(clients: Clients, count: int) -> list[str]:
    """A session for each client; answers their ids."""
    made = [result(clients.ask(k, command("create_session", client_id=f"bench-{k}"))) for k in range(count)]
    return [str(session["session_id"]) for session in made]


def requests_of(kind: str, ids: list[str]) -> Callable[[int, int], bytes]:
    """The request maker of one kind of load."""
    same = [command("evaluate", session_id=session_id, code="3 + 4") for session_id in ids]
    chains = itertools.product(CHAIN, repeat=6)
    makers: dict[str, Callable[[int, int], bytes]] = {
        "same": lambda client, _turn: same[client],
        "literals": lambda client, turn: command(
            "evaluate", session_id=ids[client], code=f"{turn} + {turn * 7919 + client}"
        ),
        "shapes": lambda client, _turn: command(
            "evaluate", session_id=ids[client], code="3 " + " ".join(next(chains)) + " + 4"
        ),
    }
    return makers[kind]


def measure_creation(server: ServerProcess, table: Table) -> None:
    """Latency of a durable `create_session`, one client at a time."""
    clients = Clients(server.endpoint, 1)
    times = []
    for k in range(300):
        begin = time.perf_counter()
        result(clients.ask(0, command("create_session", client_id=f"creator-{k}")))
        times.append((time.perf_counter() - begin) * 1e3)
    clients.close()
    p50, p99 = quantile(times[50:], 0.5), quantile(times[50:], 0.99)
    table.add(Row("create a durable session", f"p50 {p50:.2f} p99 {p99:.2f} ms", goal="p50 < 5 ms", met=p50 < 5))


def measure_evaluation(server: ServerProcess, echo: str, table: Table) -> None:
    """Trivial durable evaluations, one client and many, beside the echo at the same number of clients."""
    small = command("evaluate", session_id="x" * 32, code="3 + 4")
    for count, kinds in ((1, ("same",)), (CLIENTS, ("same", "literals", "shapes"))):
        clients = Clients(echo, count)
        reference = clients.run(lambda _client, _turn: small, SECONDS)
        clients.close()
        for kind in kinds:
            clients = Clients(server.endpoint, count)
            load = clients.run(requests_of(kind, sessions(clients, count)), SECONDS)
            clients.close()
            ratio = load.rate / reference.rate
            goal, met = (f"p50 < {ALONE_MS_MAX:g} ms", load.p50_ms < ALONE_MS_MAX)
            if count > 1:
                goal, met = (f"ratio >= {RATIO_MIN[kind]}", ratio >= RATIO_MIN[kind])
            what = f"trivial durable evaluate, {count} clients, {kind}"
            table.add(Row(what, str(load), f"echo {reference}", f"{ratio:.2f}", goal, met))


def measure_restore(table: Table) -> None:
    """Kill a server that holds a 100 KB session; time restore, with a touch of an object, after the start."""
    times = []
    with ServerProcess() as server:
        clients = Clients(server.endpoint, 1)
        session_id = str(result(clients.ask(0, command("create_session", client_id="big")))["session_id"])
        code = "data := OrderedCollection new. 1 to: 2000 do: [:i | data add: (Array with: i with: i printString)]"
        result(clients.ask(0, command("evaluate", session_id=session_id, code=code)))
        clients.close()
        for _ in range(15):
            server.kill()
            server.start()
            clients = Clients(server.endpoint, 1)
            clients.ask(0, command("ping"))
            begin = time.perf_counter()
            result(clients.ask(0, command("restore_session", session_id=session_id, client_id="big")))
            times.append((time.perf_counter() - begin) * 1e3)
            found = result(clients.ask(0, command("evaluate", session_id=session_id, code="(data at: 1000) first")))
            assert found["result"] == "1000", found
            clients.close()
    p50, worst = quantile(times, 0.5), max(times)
    figure = f"p50 {p50:.2f} max {worst:.2f} ms"
    table.add(Row("restore a session of 2,000 arrays (100 KB) after a kill", figure, goal="p50 < 10 ms", met=p50 < 10))


def measure_idle_memory(table: Table, count: int = 1000) -> None:
    """Resident memory that `count` live idle sessions add."""
    with ServerProcess() as server:
        clients = Clients(server.endpoint, 1)
        ids = [
            str(result(clients.ask(0, command("create_session", client_id=f"idle-{k}")))["session_id"])
            for k in range(count + 1)
        ]
        result(clients.ask(0, command("evaluate", session_id=ids[0], code="x := 3 + 4")))
        before = server.resident_kib()
        for session_id in ids[1:]:
            result(clients.ask(0, command("evaluate", session_id=session_id, code="x := (3 + 4) printString")))
        each = (server.resident_kib() - before) / count
        clients.close()
    table.add(Row(f"{count} live idle sessions", f"{each:.1f} KiB each", goal="< 100 KiB", met=each < 100))


def main() -> Table:
    """Measure all of it."""
    table = Table("Requests through the server", "python -m bench.run requests")
    with ServerProcess() as server, echo_server() as echo:
        measure_creation(server, table)
        measure_evaluation(server, echo, table)
    measure_restore(table)
    measure_idle_memory(table)
    return table
