"""Computations that wait in the sessions of a real server: what they cost on disk and in memory, and to open one.

Part of `python -m bench.run debugger`. Every session fails some do-its; then the server is killed and started, so that
none of it is in memory, and some sessions are opened by asking for their stack and doing a step.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.figures import Row, Table, quantile
from bench.load import Clients
from bench.server import ServerProcess, command, result

if TYPE_CHECKING:
    from pathlib import Path

#: The issue's figures.
SESSIONS = 2_000
WAITING = 10_000
#: Memory that they may cost together, asleep: the size of one page of an index is nothing that grows with them.
ASLEEP_KIB_MAX = 4 * 1024
OPEN_MS_MAX = 5.0
STEP_MS_MAX = 2.0
#: Sessions that are opened: every one of them for the first time.
OPENED = 100
FAILING = "| all | all := #(3 2 1 0). all collect: [:each | [12 / each] ensure: [each printString]]"


def disk_bytes(data: Path) -> int:
    """Bytes of all files of a data directory."""
    return sum(path.stat().st_size for path in data.rglob("*") if path.is_file())


def restarted(server: ServerProcess) -> tuple[Clients, int]:
    """Kill a server, start it, and answer a connection and its memory with no session in it, in KiB."""
    server.kill()
    server.start()
    clients = Clients(server.endpoint, 1)
    clients.ask(0, command("ping"))
    return clients, server.resident_kib()


def waiting_on_server(table: Table) -> None:
    """Let computations wait in many sessions of one server, and open some of them."""
    with ServerProcess() as server:
        _measured(server, table)


def _measured(server: ServerProcess, table: Table) -> None:
    clients = Clients(server.endpoint, 1)
    creations = (command("create_session", client_id=f"c{number}") for number in range(SESSIONS))
    tokens = [result(reply)["session_id"] for reply in clients.pipelined(creations)]
    clients.close()
    clients, empty_kib = restarted(server)
    before_bytes = disk_bytes(server.data)
    rounds = (tokens[number % SESSIONS] for number in range(WAITING))
    began = time.perf_counter()
    replies = list(clients.pipelined(command("evaluate", code=FAILING, session_id=token) for token in rounds))
    took_s = time.perf_counter() - began
    assert all(b'"context_id"' in reply for reply in replies)
    clients.close()
    clients, asleep_kib = restarted(server)
    each_bytes = (disk_bytes(server.data) - before_bytes) / WAITING
    what = f"{WAITING:,} waiting in {SESSIONS:,} sessions"
    table.add(Row(f"{what}, on disk", f"{each_bytes:,.0f} bytes each", f"{WAITING / took_s:,.0f} a second"))
    more_kib = asleep_kib - empty_kib
    goal, met = f"{ASLEEP_KIB_MAX:,} KiB", more_kib <= ASLEEP_KIB_MAX
    table.add(Row("their memory after a kill", f"{more_kib:,} KiB", f"server {empty_kib:,} KiB", "", goal, met))
    _opened(clients, tokens[:OPENED], table)
    clients.close()


def _opened(clients: Clients, tokens: list[str], table: Table) -> None:
    """Ask for the stack of what waits, in sessions that are not in memory, let it do steps, and evaluate something."""
    asked = (
        ("stack of one asleep, over the wire", OPEN_MS_MAX, "debug", {"operation": "GetStackTrace"}),
        ("its first step, over the wire", STEP_MS_MAX, "debug", {"operation": "StepOver"}),
        ("its next step, over the wire", STEP_MS_MAX, "debug", {"operation": "StepInto"}),
        ("an evaluation", 0.0, "evaluate", {"code": "3 + 4"}),
    )
    samples: list[list[float]] = [[] for _ in asked]
    for token in tokens:
        for times, (_, _, name, parameters) in zip(samples, asked, strict=True):
            request = command(name, **parameters, session_id=token)
            began = time.perf_counter()
            reply = clients.ask(0, request)
            times.append((time.perf_counter() - began) * 1e3)
            result(reply)
    plain = quantile(samples[-1], 0.5)
    for times, (what, goal, *_) in zip(samples[:-1], asked[:-1], strict=True):
        middle = quantile(times, 0.5)
        figure = f"p50 {middle:.2f} ms, p99 {quantile(times, 0.99):.2f} ms"
        reference = f"`3 + 4` there {plain:.2f} ms"
        table.add(Row(what, figure, reference, f"{middle / plain:.1f}", f"{goal:g} ms", middle <= goal))
