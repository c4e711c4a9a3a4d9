"""The tail of others while some sessions spin, and how soon an interrupt is answered. `python -m bench.run tails`.

With several workers it is measured from when the quarantine worker has those that spin, some seconds after they began.

Others are an even stream of trivial durable evaluations (`pace.py`). The reference is the same stream to a bare echo
while the same sessions spin: what the machine's own scheduler makes of it, with nothing evaluated or stored.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.charts import Axis, Chart, Line
from bench.echo import echo_server
from bench.figures import Row, Table, quantile, tail_text
from bench.load import Clients
from bench.pace import Pace, Stream
from bench.peers import Peers
from bench.requests import sessions
from bench.server import ServerProcess, command, numbered, result

if TYPE_CHECKING:
    from collections.abc import Iterator

SPINNERS = 4
OTHERS = 20
RATES = (200, 2_000)
SECONDS, WARM_UP_S = 5.0, 1.0
#: Goals of the others' p99 in milliseconds by workers, spinning sessions and rate; one worker has one at 200 a second.
TAIL_MS_MAX = {(1, 4, 200): 8, (2, 0, 200): 5, (2, 0, 2_000): 5, (2, 4, 200): 10, (2, 4, 2_000): 10}
INTERRUPTS, INTERRUPT_MS_MAX = 100, 20
#: Between two looks whether those that spin are lent.
LOOK_S = 0.05
#: How long an evaluation spins before it is interrupted: some slices.
SPIN_S = 0.02
#: Shares of the requests that the chart shows.
SHARES = {0.5: "50 %", 0.9: "90 %", 0.99: "99 %", 0.999: "99.9 %"}


@contextmanager
def spinning(server: ServerProcess, count: int, workers: int) -> Iterator[None]:
    """Sessions that spin until the end; with several workers the quarantine worker has them."""
    clients = Clients(server.endpoint, count + 1)
    made = [result(clients.ask(k, command("create_session", client_id=f"hog-{k}"))) for k in range(count)]
    for k, session in enumerate(made):
        spin = command("evaluate", session_id=session["session_id"], code="[true] whileTrue")
        clients.sockets[k].send_multipart([b"", spin])
    while workers > 1 and lent(clients, count) < count:
        threading.Event().wait(LOOK_S)
    yield
    for k, session in enumerate(made):
        clients.ask(count, command("interrupt", session_id=session["session_id"], client_id=f"hog-{k}"))
    clients.close()


def lent(clients: Clients, k: int) -> int:
    """How many evaluations the quarantine worker has."""
    rows = result(clients.ask(k, command("health")))["workers"]
    return sum(row["state"]["evaluations_lent"] for row in rows)


def stream(endpoint: str, ids: list[str], rate: float, seconds: float) -> Stream:
    """Trivial evaluations of some sessions at a rate, each session by a connection of its own."""
    with Peers(endpoint, len(ids)) as peers:
        pace = Pace(peers, lambda k, number: numbered(number, "evaluate", session_id=ids[k], code="3 + 4"), rate)
        return pace.run(seconds)


def measure_tail(workers: int, hogs: int, rate: int, echo: str, table: Table) -> Stream:
    """The others' tail at a rate, and the echo's beside it."""
    with ServerProcess(flags=("--workers", str(workers))) as server, spinning(server, hogs, workers):
        clients = Clients(server.endpoint, OTHERS)
        ids = sessions(clients, OTHERS)
        clients.close()
        stream(server.endpoint, ids, rate, WARM_UP_S)
        ours = stream(server.endpoint, ids, rate, SECONDS)
        reference = stream(echo, ids, rate, SECONDS)
    bound = TAIL_MS_MAX.get((workers, hogs, rate))
    met = None if bound is None else ours.ms(0.99) < bound and not ours.errors
    what = f"{rate:,} requests/s beside {hogs} spinning, {workers} worker{'s'[: workers - 1]}"
    ratio = f"{ours.ms(0.99) / reference.ms(0.99):.1f}"
    goal = f"p99 < {bound} ms" if bound else ""
    table.add(Row(what, f"{ours}, {sum(ours.errors.values())} errors", f"echo {reference}", ratio, goal, met))
    if (workers, hogs, rate) == (2, SPINNERS, RATES[0]):
        chart_of(table).lines.append(Line(f"bare echo, {hogs} spinning", by_share(reference), is_reference=True))
    return ours


def by_share(found: Stream) -> list[tuple[float, float]]:
    """A stream's latencies at the chart's shares; equal steps are equal factors of what lies beyond."""
    return [(1 / (1 - share), found.ms(share)) for share in SHARES]


def chart_of(table: Table) -> Chart:
    """The table's chart of tails, made at its first use."""
    ticks = tuple((1 / (1 - share), text) for share, text in SHARES.items())
    x = Axis("part of the requests that is answered so soon", is_log=True, ticks=ticks)
    title = f"Others' latency at {RATES[0]} requests/s beside sessions that spin"
    return table.charts.setdefault("spinning", Chart(title, x, Axis("ms", is_log=True)))


def measure_interrupts(workers: int, hogs: int, table: Table) -> None:
    """From an interrupt to the end of the evaluation at its client, with others spinning or none."""
    with ServerProcess(flags=("--workers", str(workers))) as server, spinning(server, hogs, workers):
        clients = Clients(server.endpoint, 2)
        session_id = str(result(clients.ask(0, command("create_session", client_id="ann")))["session_id"])
        times = [interrupted_ms(clients, session_id) for _ in range(INTERRUPTS)]
        clients.close()
    p99 = quantile(times, 0.99)
    what = f"interrupt to reply beside {hogs} spinning, {workers} worker{'s'[: workers - 1]}"
    goal = f"p99 < {INTERRUPT_MS_MAX} ms"
    table.add(Row(what, tail_text(times), goal=goal, met=p99 < INTERRUPT_MS_MAX))


def interrupted_ms(clients: Clients, session_id: str) -> float:
    """Let a session spin for a while, interrupt it, and answer how long its evaluation's reply took from then."""
    clients.sockets[0].send_multipart([b"", command("evaluate", session_id=session_id, code="[true] whileTrue")])
    interrupt = command("interrupt", session_id=session_id, client_id="ann")
    let_go = time.perf_counter() + SPIN_S
    while time.perf_counter() < let_go:
        clients.ask(1, command("ping"))
    begin = time.perf_counter()
    # An interrupt that comes before the evaluation's first slice finds nothing; the time goes on then.
    while not result(clients.ask(1, interrupt))["interrupted"]:
        pass
    reply = clients.received(0)
    took_ms = (time.perf_counter() - begin) * 1e3
    assert b'"Interrupted"' in reply, reply
    return took_ms


def main() -> Table:
    """Run all."""
    table = Table("Others beside sessions that spin", "python -m bench.run tails")
    with echo_server() as echo:
        for workers in (1, 2):
            for hogs in (0, SPINNERS):
                for rate in RATES:
                    found = measure_tail(workers, hogs, rate, echo, table)
                    if rate == RATES[0]:
                        name = f"{workers} worker{'s'[: workers - 1]}, {hogs or 'none'} spinning"
                        chart_of(table).lines.append(Line(name, by_share(found)))
    for workers in (1, 2):
        for hogs in (0, SPINNERS):
            measure_interrupts(workers, hogs, table)
    return table
