"""The soak: mixed load on two workers with kills, hibernation and folding. `python -m bench.soak --minutes 30`.

All clients ask at the same time, step by step. In each step each one counts in its session under an `op_id`, and does
something of the mix. In each round a third of the clients rests, so that their sessions leave memory; in some a worker
is killed in the midst of a step, in fewer the whole server, with requests on their way, which are then asked again.

The run fails at the first count that is not what was acknowledged, and at the first error nobody asked for. It is not
met when a round ends without a session out of memory, when memory, open files or the tail grow from the first third of
the rounds to the last, when the server's log tells of an error, or when something in the store is damaged at the end.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import click

from bench import page
from bench.figures import Row, Table, quantile
from bench.load import Clients
from bench.requests import sessions
from bench.server import ServerProcess, command, result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CLIENTS = 30
#: Steps of a round: some twenty seconds on two cores.
STEPS = 500
#: Rounds of which one loses a worker; rounds of which one loses the server.
WORKER_KILL_EVERY, SERVER_KILL_EVERY = 3, 10
#: Sessions leave memory after two seconds of rest, so those that rest for a round do.
FLAGS = ("--workers", "2", "--idle-timeout", "2", "--sweep", "1", "--log-format", "json", "--log-level", "warning")
#: The highest memory of the last third of the rounds against that of the first: a leak of 1 KB a request shows within
#: ten rounds. The middle of their tails: what a machine's own changes in half an hour leave room for.
GROWTH_MAX, TAIL_GROWTH_MAX = 1.3, 2.0
#: What the log may say at any time; of all else one line fails the run.
HARMLESS = frozenset({"debug", "info", "warning"})
#: Rounds without which there are no thirds to compare.
ROUNDS_MIN = 6
#: Characters shown of what should not have been said.
_SHOWN_CHARS = 200
#: Beside counting: what people and tools ask, and the error that is right.
MIX = (
    ("evaluate", {"code": "(1 to: 100) inject: 0 into: [:a :b | a + b]"}, None),
    ("evaluate", {"code": "data := (1 to: 50) collect: [:i | i printString]"}, None),
    ("evaluate", {"code": "[1/0] on: ZeroDivide do: [:e | e return: 3]"}, None),
    ("evaluate", {"code": "#(3 4 5) do: [:each | each zork]"}, "EvaluationError"),
    ("evaluate", {"code": "(1 to: 20000) inject: 0 into: [:a :b | a + (b \\\\ 7)]"}, None),
    ("debug", {"operation": "ListContexts"}, None),
    ("inspect", {"target": "data"}, None),
    ("history", {"count": 10}, None),
    ("save_context", {"name": "soak"}, None),
    ("get_context_summary", {}, None),
    ("complete", {"code": "OrderedColl"}, None),
)


class Soak:
    """The clients, their sessions, and what was acknowledged to them.

    Args:
        server: a server that runs.
        chance: decides who rests, who dies, and what is asked.
    """

    def __init__(self, server: ServerProcess, chance: random.Random) -> None:
        self._server = server
        self._chance = chance
        self._clients = Clients(server.endpoint, CLIENTS)
        self._ids = sessions(self._clients, CLIENTS)
        for index, session_id in enumerate(self._ids):
            result(self._clients.ask(index, command("evaluate", session_id=session_id, code="data := #(3 4)")))
        self._counts = [0] * CLIENTS
        self.requests = 0
        self.kills = 0

    def play_round(self, number: int) -> list[float]:
        """One stretch of load; answers the latencies in milliseconds."""
        active = self._chance.sample(range(CLIENTS), CLIENTS * 2 // 3)
        worker_lost_at = self._step_of_loss(number, WORKER_KILL_EVERY)
        server_lost_at = self._step_of_loss(number, SERVER_KILL_EVERY)
        latencies: list[float] = []
        for step in range(STEPS):
            if step == server_lost_at:
                self._lose_server(active)
            self._count(active, latencies, is_worker_lost=step == worker_lost_at)
            self._mix(active, latencies)
        return latencies

    def _step_of_loss(self, number: int, every: int) -> int | None:
        """In which step of a round something dies, None for never."""
        return self._chance.randrange(STEPS) if number % every == every - 1 else None

    def check_all(self) -> None:
        """Kill the server once more: every client, those at rest included, finds its last count."""
        self._lose_server(())
        for index, session_id in enumerate(self._ids):
            told = result(self._clients.ask(index, command("evaluate", session_id=session_id, code="count")))["result"]
            self._compare(index, told)

    def _compare(self, index: int, told: str) -> None:
        if told != str(self._counts[index] or "nil"):
            raise RuntimeError(f"client {index} was told {told} where {self._counts[index]} is right")

    def hibernated(self) -> int:
        """Sessions that are not in memory now."""
        rows = result(self._clients.ask(0, command("health")))["workers"]
        return sum(row["state"]["sessions_hibernated"] for row in rows)

    def _count(self, active: Sequence[int], latencies: list[float], *, is_worker_lost: bool) -> None:
        """Let the clients count, and check what they are told; maybe a worker dies meanwhile."""
        victim = self._chance.choice(self._workers()) if is_worker_lost else None
        begin = self._send({index: self._count_request(index) for index in active})
        if victim is not None:
            self.kills += 1
            os.kill(victim, signal.SIGKILL)
        for index in active:
            told = result(self._clients.received(index))["result"]
            latencies.append((time.perf_counter() - begin) * 1e3)
            self._counts[index] += 1
            self._compare(index, told)

    def _count_request(self, index: int) -> bytes:
        code, op_id = "count := (count ifNil: [0]) + 1", f"count-{self._counts[index] + 1}"
        return command("evaluate", session_id=self._ids[index], code=code, op_id=op_id)

    def _lose_server(self, active: Iterable[int]) -> None:
        """Kill the server with the next counts on their way; nobody knows then which were done."""
        self._send({index: self._count_request(index) for index in active})
        self.kills += 1
        self._server.kill()
        self._clients.close()
        self._server.start()
        self._clients = Clients(self._server.endpoint, CLIENTS)

    def _mix(self, active: Iterable[int], latencies: list[float]) -> None:
        """Let each client ask something, and check that nothing fails but what must."""
        chosen = {index: self._chance.choice(MIX) for index in active}
        requests = {
            index: command(name, session_id=self._ids[index], **parameters)
            for index, (name, parameters, _) in chosen.items()
        }
        begin = self._send(requests)
        for index, (name, _, error) in chosen.items():
            reply = json.loads(self._clients.received(index))
            latencies.append((time.perf_counter() - begin) * 1e3)
            if reply.get("error_type") != error:
                raise RuntimeError(f"{name} was answered {reply}")

    def _send(self, requests: dict[int, bytes]) -> float:
        """Send to all; answers when that began."""
        begin = time.perf_counter()
        for index, request in requests.items():
            self._clients.sockets[index].send_multipart([b"", request])
        self.requests += len(requests)
        return begin

    def _workers(self) -> list[int]:
        return [int(row["pid"]) for row in result(self._clients.ask(0, command("health")))["workers"]]


class Rounds:
    """What each round ended with: the tail in ms, memory in KiB, open files, sessions out of memory."""

    def __init__(self) -> None:
        self.tails: list[float] = []
        self.resident: list[int] = []
        self.files: list[int] = []
        self.hibernated: list[int] = []

    def add(self, tail_ms: float, resident_kib: int, files: int, hibernated: int) -> None:
        """A round is over."""
        self.tails.append(tail_ms)
        self.resident.append(resident_kib)
        self.files.append(files)
        self.hibernated.append(hibernated)


def judge(table: Table, rounds: Rounds) -> None:
    """Add a row for each thing that must not grow."""
    third = len(rounds.tails) // 3
    least, most_asleep = min(rounds.hibernated), max(rounds.hibernated)
    sleeping, goal = f"{least} to {most_asleep} sessions", "some in each round"
    table.add(Row("out of memory at the end of a round", sleeping, goal=goal, met=least > 0))
    if len(rounds.tails) < ROUNDS_MIN:
        few = f"{len(rounds.tails)} rounds"
        table.add(Row("growth from the first third to the last", few, goal=f"{ROUNDS_MIN} rounds to tell", met=False))
        return
    for what, unit, figures, of_third, most in (
        ("memory at most", "KiB", rounds.resident, max, GROWTH_MAX),
        ("open files at most", "", rounds.files, max, GROWTH_MAX),
        ("p99, middle of the rounds", "ms", rounds.tails, median, TAIL_GROWTH_MAX),
    ):
        before, after = of_third(figures[:third]), of_third(figures[-third:])
        ratio = after / before
        figure, reference = f"last third {after:,.0f} {unit}", f"first third {before:,.0f} {unit}"
        table.add(Row(what, figure.strip(), reference.strip(), f"{ratio:.2f}", f"<= {most}", ratio <= most))


def errors_in(log: Path) -> list[str]:
    """Lines of a log that tell of an error: those of that level, and what is no line of a log, as tracebacks are."""
    errors = []
    for line in log.read_text().splitlines():
        try:
            level = json.loads(line)["level"]
        except (ValueError, KeyError, TypeError):
            level = ""
        if level not in HARMLESS:
            errors.append(line)
    return errors


def judge_what_is_left(table: Table, server: ServerProcess, log: Path) -> None:
    """Add rows for what the server said and stored, after a last kill."""
    server.kill()
    verify = [sys.executable, "-m", "actors.cli", "verify", "--data", str(server.data)]
    damages = subprocess.run(verify, capture_output=True, text=True, check=False)
    is_whole = damages.returncode == 0
    said = "none" if is_whole else (damages.stdout + damages.stderr).strip()[:_SHOWN_CHARS]
    table.add(Row("damage in the store at the end", said, goal="none", met=is_whole))
    errors = errors_in(log)
    said = "none" if not errors else f"{len(errors)} lines, the first: {errors[0][:_SHOWN_CHARS]}"
    table.add(Row("errors in the server's log", said, goal="none", met=not errors))


def play(soak: Soak, server: ServerProcess, minutes: float) -> Rounds:
    """Play rounds for so long, telling of each; answer what they ended with."""
    rounds, ends = Rounds(), time.monotonic() + minutes * 60
    while time.monotonic() < ends:
        begin, before = time.monotonic(), soak.requests
        latencies = soak.play_round(len(rounds.tails))
        rate = (soak.requests - before) / (time.monotonic() - begin)
        rounds.add(quantile(latencies, 0.99), server.resident_kib(), server.open_files(), soak.hibernated())
        figures = f"p99 {rounds.tails[-1]:.2f} ms, {rounds.resident[-1]:,} KiB, {rounds.files[-1]} files"
        print(f"{rate:,.0f} requests/s, {figures}, {rounds.hibernated[-1]} hibernated", flush=True)
    return rounds


@click.command()
@click.option("--minutes", default=30.0, help="How long.")
@click.option("--seed", default=None, type=int, help="Replay a run's choices.")
@click.option("--keep/--no-keep", default=True, help="Write the table to bench/results/.")
def main(minutes: float, seed: int | None, *, keep: bool) -> None:
    """Run the soak; fails at the first wrong count or error, and when something grows."""
    seed = random.SystemRandom().randrange(2**32) if seed is None else seed
    print(f"--seed {seed}")
    table = Table("Soak", f"python -m bench.soak --minutes {minutes:g} --seed {seed}")
    with tempfile.TemporaryDirectory(prefix="stui-soak-") as directory:
        log = Path(directory) / "log"
        with ServerProcess(flags=FLAGS, log=log) as server:
            soak = Soak(server, random.Random(seed))
            rounds = play(soak, server, minutes)
            soak.check_all()
            figure = f"{soak.requests:,} requests, {soak.kills} kills, 0 errors"
            table.add(Row("all counts are what was acknowledged", figure, goal="no error", met=True))
            judge(table, rounds)
            judge_what_is_left(table, server, log)
    if keep:
        table.save("soak")
        page.write()
    if not all(row.met for row in table.rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
