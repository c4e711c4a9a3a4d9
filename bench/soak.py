"""The soak: mixed load on a real server that is killed now and then. `python -m bench.soak --minutes 30`.

Each client counts in its session under an `op_id`; after every kill each counter must go on where it was
acknowledged. Every line tells rate, tail and resident memory; a run that grows fails.
"""

from __future__ import annotations

import random
import time

import click

from bench.figures import quantile
from bench.load import Clients
from bench.server import ServerProcess, command, result

CLIENTS = 20
#: Requests of one client between two kills, about half a minute of the mix on two cores.
ROUND_REQUESTS = 500
#: Resident memory at the end of the last round against that of the first, which does the same amount of work. A leak of
#: 1 KB a request, or state that is read at each start, shows within ten rounds.
GROWTH_MAX = 1.3
#: Beside counting: do-its of a workspace, an inspection, a read.
MIX = (
    ("evaluate", {"code": "(1 to: 100) inject: 0 into: [:a :b | a + b]"}),
    ("evaluate", {"code": "data := (1 to: 50) collect: [:i | i printString]"}),
    ("inspect", {"target": "data"}),
    ("history", {"count": 10}),
)


def play_round(server: ServerProcess, ids: list[str], counts: list[int], chance: random.Random) -> list[float]:
    """One stretch of load on every client in turn; answers the latencies in milliseconds."""
    clients = Clients(server.endpoint, len(ids))
    latencies = []
    for _ in range(ROUND_REQUESTS):
        for index, session_id in enumerate(ids):
            begin = time.perf_counter()
            number = counts[index] + 1
            code = "count := (count ifNil: [0]) + 1"
            done = result(
                clients.ask(index, command("evaluate", session_id=session_id, code=code, op_id=f"count-{number}"))
            )
            latencies.append((time.perf_counter() - begin) * 1e3)
            if done["result"] != str(number):
                raise RuntimeError(f"client {index} was told {done['result']} where {number} is right")
            counts[index] = number
            name, parameters = chance.choice(MIX)
            clients.ask(index, command(name, session_id=session_id, **parameters))
    clients.close()
    return latencies


@click.command()
@click.option("--minutes", default=30.0, help="How long.")
@click.option("--seed", default=None, type=int, help="Replay a run's choices.")
def main(minutes: float, seed: int | None) -> None:
    """Run the soak; fails at the first wrong count, and when memory grows."""
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"--seed {seed}")
    chance = random.Random(seed)
    counts = [0] * CLIENTS
    ends = time.monotonic() + minutes * 60
    with ServerProcess() as server:
        clients = Clients(server.endpoint, CLIENTS)
        ids = [
            str(result(clients.ask(k, command("create_session", client_id=f"soak-{k}")))["session_id"])
            for k in range(CLIENTS)
        ]
        clients.close()
        resident: list[int] = []
        while time.monotonic() < ends:
            begin = time.monotonic()
            latencies = play_round(server, ids, counts, chance)
            rate = 2 * len(latencies) / (time.monotonic() - begin)
            tail = f"p50 {quantile(latencies, 0.5):.2f} p99 {quantile(latencies, 0.99):.2f} ms"
            resident.append(server.resident_kib())
            print(f"{sum(counts):8} counted, {rate:,.0f} requests/s, {tail}, {resident[-1]:,} KiB", flush=True)
            server.kill()
            server.start()
    print("every count is what was acknowledged")
    if resident and resident[-1] > GROWTH_MAX * resident[0]:
        raise RuntimeError(f"resident memory grew from {resident[0]:,} to {resident[-1]:,} KiB")


if __name__ == "__main__":
    main()
