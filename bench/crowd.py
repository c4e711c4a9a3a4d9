"""Very many sessions in one server: on disk, awake, connected, made and closed. `python -m bench.run crowd`.

The sessions on disk are made by the store's own commits, from what one real session consists of; everything else goes
over the wire.
"""

from __future__ import annotations

import json
import resource
import signal
import tempfile
import threading
import time
from typing import TYPE_CHECKING

from actors.clock import SystemClock
from actors.running.host import LanguageHost
from bench.figures import Row, Table
from bench.language import evaluate
from bench.load import Clients
from bench.pace import Pace
from bench.peers import Peers
from bench.server import ServerProcess, command, numbered, result
from smalltalk import Image, load_kernel
from storage import ObjectsChanged, SessionCreated, SqliteStore

if TYPE_CHECKING:
    from pathlib import Path

    from storage import Change

#: Connected clients; sessions each has on disk, and of those in memory.
CLIENTS, SESSIONS_EACH, AWAKE_EACH = 1_000, 100, 10
RATE, SECONDS = 500, 10.0
#: Goals: memory of all, memory of what sleeps, seconds of many at once, growth by what is gone.
MEMORY_KIB_MAX = 1_500_000
ASLEEP_KIB_MAX = 100_000
AT_ONCE, AT_ONCE_S_MAX = 2_000, 2.0
CYCLES, CYCLES_AT_A_TIME = 10_000, 500
#: More than the tables of clients have places (4,096 scopes of replies): what fills is not what grows.
CYCLES_BEFORE = 5_000
#: A fifth of a kilobyte for each session that was: less than any list that keeps them would take.
GROWTH_KIB_MAX = 2_000
#: Longer than the server's own rest between two searches for circles of objects.
REST_S = 12
#: Between two looks for sessions that rest; how long it may take until none is left.
SWEEP_S, ASLEEP_S_MAX = 2, 60
#: What the first may leave behind, and then as many others. Python keeps the room that the first ones took, because
#: some object that lasts lies in each megabyte of it, and gives it to the next; what each session costs while it
#: sleeps is what the others add: half a kilobyte at most.
LEFT_KIB_MAX, LEFT_BY_OTHERS_KIB_MAX = 10_000, 1_000
SESSIONS_PER_COMMIT = 2_000
RETENTION_MS = 30 * 86_400_000
CONTENT = "x := (1 to: 20) collect: [:i | Array with: i with: i printString]. x size"


def filled(data: Path) -> list[list[str]]:
    """Store the sessions of all clients; answers their public ids by client."""
    kernel, _ = load_kernel(None)
    image = Image.create(kernel, LanguageHost(SystemClock()))
    evaluate(image, CONTENT)
    delta = image.drain_delta()
    assert delta is not None
    now_ms = SystemClock().now_ms()
    store = SqliteStore(data)
    tokens: list[list[str]] = [[] for _ in range(CLIENTS)]
    changes: list[Change] = []
    for number in range(CLIENTS * SESSIONS_EACH):
        sid = store.next_sid()
        client = number % CLIENTS
        tokens[client].append(f"session_{sid:048x}")
        changes += (
            SessionCreated(sid, tokens[client][-1], f"client-{client}", now_ms, now_ms + RETENTION_MS, {}),
            ObjectsChanged(sid, 1, delta.next_oid, delta.records),
        )
        if len(changes) >= 2 * SESSIONS_PER_COMMIT:
            store.commit(changes)
            changes = []
    store.commit(changes)
    store.close()
    return tokens


def failures(replies: list[bytes]) -> int:
    """How many of the replies are errors."""
    return sum(json.loads(reply)["status"] != "success" for reply in replies)


def measure_crowd(table: Table) -> None:
    """Sessions on disk, then some awake, then a stream from all clients, then many restored at once."""
    with ServerProcess() as empty:
        empty_kib = empty.resident_kib()
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as settings:
        flags = ("--sessions-per-client", str(SESSIONS_EACH), "--sweep", str(SWEEP_S), "--config", settings.name)
        server = ServerProcess(flags=flags)
        tokens = filled(server.data)
        with server:
            _on_disk(server, empty_kib, table)
            _awake(server, [each[:AWAKE_EACH] for each in tokens], table)
            server.kill()
            server.start()
            # Not the empty one, which has just compiled the library and holds the room of that.
            started_kib = server.resident_kib()
            _at_once(server, tokens, table)
            settings.write(f"idle_timeout_s = {SWEEP_S}\n")
            settings.flush()
            _asleep(server, tokens, started_kib, table)


def _on_disk(server: ServerProcess, empty_kib: int, table: Table) -> None:
    clients = Clients(server.endpoint, 1)
    begin = time.perf_counter()
    result(clients.ask(0, command("ping")))
    result(clients.ask(0, command("get_session_statistics")))
    first_ms = (time.perf_counter() - begin) * 1e3
    more_kib = server.resident_kib() - empty_kib
    clients.close()
    what = f"memory for {CLIENTS * SESSIONS_EACH:,} sessions on disk"
    reference, goal = f"empty server {empty_kib / 1024:.0f} MB", f"< {ASLEEP_KIB_MAX / 1000:.0f} MB"
    figure = f"{more_kib / 1024:.0f} MB, first replies {first_ms:.0f} ms"
    table.add(Row(what, figure, reference, goal=goal, met=more_kib < ASLEEP_KIB_MAX))


def _awake(server: ServerProcess, tokens: list[list[str]], table: Table) -> None:
    """Wake all sessions, and let all clients ask in an even stream."""
    clients = Clients(server.endpoint, 1)
    asked = [command("evaluate", session_id=token, code="x size") for each in tokens for token in each]
    begin = time.perf_counter()
    errors = failures(list(clients.pipelined(asked)))
    took_s = time.perf_counter() - begin

    def request(client: int, number: int) -> bytes:
        token = tokens[client][number // CLIENTS % AWAKE_EACH]
        return numbered(number, "evaluate", session_id=token, code=f"x at: 3 put: {number}. x size")

    with Peers(server.endpoint, CLIENTS) as peers:
        stream = Pace(peers, request, RATE).run(SECONDS)
        state = result(clients.ask(0, command("health")))["workers"][0]["state"]
        used_kib = server.resident_kib()
    clients.close()
    what = f"{CLIENTS:,} connections, {state['sessions_live']:,} sessions awake: memory"
    goal, met = f"< {MEMORY_KIB_MAX / 1e6:g} GB", used_kib < MEMORY_KIB_MAX
    table.add(Row(what, f"{used_kib / 1024:.0f} MB", goal=goal, met=met))
    table.add(Row("waking them", f"{len(asked) / took_s:,.0f}/s, {errors} errors", goal="none", met=not errors))
    figure = f"{stream}, {len(stream.refused)} errors"
    table.add(Row(f"{RATE} requests/s from all of them", figure, goal="none", met=not stream.refused))


def _at_once(server: ServerProcess, tokens: list[list[str]], table: Table) -> None:
    """Everybody comes back after a kill, each to as many sessions."""
    asked = _restoring(tokens, 0)
    clients = Clients(server.endpoint, 1)
    before_s = _processor_s(clients)
    begin = time.perf_counter()
    errors = failures(list(clients.pipelined(asked)))
    took_s = time.perf_counter() - begin
    used_s = _processor_s(clients) - before_s
    clients.close()
    figure, goal = f"{took_s:.2f} s (CPU {used_s:.2f}), {errors} errors", f"< {AT_ONCE_S_MAX:g} s"
    met = took_s < AT_ONCE_S_MAX and not errors
    table.add(Row(f"{len(asked):,} sessions restored after a kill", figure, goal=goal, met=met))


def _restoring(tokens: list[list[str]], first: int) -> list[bytes]:
    """The requests that bring sessions of every client back, as many as come at once, from its `first` on."""
    return [
        command("restore_session", session_id=token, client_id=f"client-{client}")
        for client, each in enumerate(tokens)
        for token in each[first : first + AT_ONCE // CLIENTS]
    ]


def _asleep(server: ServerProcess, tokens: list[list[str]], started_kib: int, table: Table) -> None:
    """All leave memory again, because the configuration says now that they rest for too long; then as many others."""
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    clients = Clients(server.endpoint, 1)
    left_kib = _left_kib(server, clients)
    errors = failures(list(clients.pipelined(_restoring(tokens, AT_ONCE // CLIENTS))))
    more_kib = _left_kib(server, clients) - left_kib
    clients.close()
    left_kib -= started_kib
    what, goal = f"what {AT_ONCE:,} of them leave when they hibernate", f"< {LEFT_KIB_MAX / 1000:g} MB"
    table.add(Row(what, f"{left_kib / 1024:.1f} MB", goal=goal, met=left_kib < LEFT_KIB_MAX))
    what, goal = f"what {AT_ONCE:,} others leave after them", f"< {LEFT_BY_OTHERS_KIB_MAX:,} KiB"
    met = more_kib < LEFT_BY_OTHERS_KIB_MAX and not errors
    table.add(Row(what, f"{more_kib:,} KiB, {errors} errors", goal=goal, met=met))


def _left_kib(server: ServerProcess, clients: Clients) -> int:
    """Memory when every session has left it."""
    ends = time.monotonic() + ASLEEP_S_MAX
    while live := result(clients.ask(0, command("health")))["workers"][0]["state"]["sessions_live"]:
        if time.monotonic() > ends:
            raise TimeoutError(f"{live} sessions are still in memory")
        threading.Event().wait(SWEEP_S)
    return _settled_kib(server)


def _processor_s(clients: Clients) -> float:
    """Processor time of the server so far."""
    return float(result(clients.ask(0, command("health")))["workers"][0]["totals"]["processor_ms"]) / 1e3


def measure_cycles(table: Table) -> None:
    """Sessions that are made, used and closed, each of a client of its own, leave nothing in memory."""
    with ServerProcess() as server:
        clients = Clients(server.endpoint, 1)
        for first in range(0, CYCLES_BEFORE, CYCLES_AT_A_TIME):
            _cycle(clients, first)
        before_kib = _settled_kib(server)
        begin = time.perf_counter()
        for first in range(CYCLES_BEFORE, CYCLES_BEFORE + CYCLES, CYCLES_AT_A_TIME):
            _cycle(clients, first)
        took_s = time.perf_counter() - begin
        grown_kib = _settled_kib(server) - before_kib
        clients.close()
    what = f"growth by {CYCLES:,} sessions made, used and closed"
    figure, goal = f"{grown_kib:,} KiB, {CYCLES / took_s:,.0f}/s", f"< {GROWTH_KIB_MAX:,} KiB"
    table.add(Row(what, figure, goal=goal, met=grown_kib < GROWTH_KIB_MAX))


def _settled_kib(server: ServerProcess) -> int:
    """Memory after a rest: circles of objects are only looked for in quiet moments."""
    threading.Event().wait(REST_S)
    return server.resident_kib()


def _cycle(clients: Clients, first: int) -> None:
    numbers = range(first, first + CYCLES_AT_A_TIME)
    made = clients.pipelined(command("create_session", client_id=f"passing-{number}") for number in numbers)
    tokens = [str(result(reply)["session_id"]) for reply in made]
    for name, parameters in (("evaluate", {"code": CONTENT}), ("close_session", {})):
        for reply in clients.pipelined(command(name, session_id=token, **parameters) for token in tokens):
            result(reply)


def main() -> Table:
    """Measure all of it."""
    # A connection takes about three descriptors on the clients' side.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    table = Table("Very many sessions", "python -m bench.run crowd")
    measure_crowd(table)
    measure_cycles(table)
    return table
