"""Twice as much work as one core can do: what is admitted, what is refused. `python -m bench.run overload`.

The capacity is what a closed loop of many clients gets. Then an open loop asks for twice that, with `--overload-ms 25`:
what is admitted shall be answered soon, the rest refused at once, and nothing shall pile up.
"""

from __future__ import annotations

from bench.figures import Row, Table, quantile, tail_text
from bench.load import Clients, Load
from bench.pace import Pace
from bench.peers import Peers
from bench.requests import sessions
from bench.server import ServerProcess, command, numbered

#: So many that the server's line of new work is a crowd's, and no few sessions' own queues.
CLIENTS = 200
SECONDS, CAPACITY_S = 8.0, 3.0
FACTOR = 2
FLAGS = ("--overload-ms", "25")
#: Goals: tail of what is admitted, tail of refusals, growth.
ADMITTED_MS_MAX, REFUSED_MS_MAX, GROWTH_KIB_MAX = 100, 100, 20_000
#: By what it takes: of the first most is receiving and storing, of the second running.
WORK = {
    "a trivial evaluation": "3 + 4",
    "a millisecond of work": "(1 to: 3000) inject: 0 into: [:a :b | a + (b \\\\ 7)]",
}


def run_closed(code: str) -> Load:
    """What a server that refuses nobody does when every client waits for its reply."""
    with ServerProcess() as server:
        clients = Clients(server.endpoint, CLIENTS)
        requests = [command("evaluate", session_id=session_id, code=code) for session_id in sessions(clients, CLIENTS)]
        load = clients.run(lambda client, _turn: requests[client], CAPACITY_S)
        clients.close()
    return load


def measure(name: str, code: str, table: Table) -> None:
    """The capacity, then twice that of a server that refuses early."""
    capacity = run_closed(code)
    with ServerProcess(flags=FLAGS) as server:
        clients = Clients(server.endpoint, CLIENTS)
        ids = sessions(clients, CLIENTS)
        clients.close()
        with Peers(server.endpoint, CLIENTS) as peers:
            before_kib = server.resident_kib()
            pace = Pace(
                peers,
                lambda client, number: numbered(number, "evaluate", session_id=ids[client], code=code),
                FACTOR * capacity.rate,
            )
            stream = pace.run(SECONDS)
            grown_kib = server.resident_kib() - before_kib
    what = f"{name}, {FACTOR * capacity.rate:,.0f}/s wanted"
    # Latencies count from when a request was due: a generator that is late is part of them.
    reference = f"capacity {capacity.rate:,.0f}/s, generator late by {stream.late_ms:,.0f} ms at most"
    goal = f"p99 < {ADMITTED_MS_MAX} ms"
    figure = f"{len(stream.answered) / SECONDS:,.0f}/s, {stream}"
    is_soon = stream.ms(0.99) < ADMITTED_MS_MAX
    share = f"{len(stream.answered) / SECONDS / capacity.rate:.2f}"
    table.add(Row(f"{what}: admitted", figure, reference, share, goal, is_soon))
    if stream.refused:
        figure = f"{tail_text(stream.refused)}; {', '.join(sorted(stream.errors))}"
        is_soon = quantile(stream.refused, 0.99) < REFUSED_MS_MAX and set(stream.errors) == {"Overloaded"}
        goal, ratio = f"p99 < {REFUSED_MS_MAX} ms", f"{stream.refused_share:.2f}"
        table.add(Row(f"{what}: refused", figure, ratio=ratio, goal=goal, met=is_soon))
    goal, met = f"< {GROWTH_KIB_MAX:,} KiB", grown_kib < GROWTH_KIB_MAX
    table.add(Row(f"{what}: growth", f"{grown_kib:,} KiB", f"before {before_kib:,} KiB", goal=goal, met=met))


def main() -> Table:
    """Measure all of it."""
    table = Table("Twice what one core can do", "python -m bench.run overload")
    for name, code in WORK.items():
        measure(name, code, table)
    return table
