"""Restoring sessions: the first objects touched, by size, and many sessions at once. `python -m bench.run restore`.

A session holds a tree of arrays, 16 to a level, whose leaves are arrays of a number and a text. Timed is all from the
stored bytes to the printed answer of a do-it that names the leaves. *Warm* reads come from the system's cache, *cold*
ones from the disk: the store was opened anew, and the system was told to forget the file. Garbage is collected as
rarely as in the server, which does it while nobody waits. References, on the same objects: their rows read from a bare
SQLite table by key; all of them as one piece of MessagePack, read and made into slotted Python objects; the same as a
pickle.
"""

from __future__ import annotations

import gc
import os
import pickle  # noqa: TID251 - a reference to measure beside
import random
import sqlite3
import tempfile
import time
import tracemalloc
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgpack

from actors.clock import SystemClock
from actors.resources.memory_use import resident_bytes
from actors.resources.process import GC_THRESHOLDS, settle_memory
from actors.running.host import LanguageHost
from bench.charts import Axis, Chart, Line
from bench.figures import Row, Table, quantile
from bench.language import evaluate
from bench.load import Clients
from bench.server import ServerProcess, command, result
from smalltalk import Image, load_kernel
from storage import ObjectsChanged, SessionCreated, Sid, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smalltalk import Kernel

FAN_OUT = 16
#: Leaves of a tree, and about what its records take.
SIZES = {130: "10 KB", 1_300: "100 KB", 13_000: "1 MB", 130_000: "10 MB"}
TOUCHES = (1, 20)
WARM_ROUNDS, COLD_ROUNDS = 40, 15
WARM_MS_MAX, COLD_MS_MAX, TAIL_MS_MAX, SIZE_RATIO_MAX = 2.0, 5.0, 10.0, 2.0
CROWD, CROWD_S_MAX = 2_000, 2.0
START_MS_MAX, STARTS = 300.0, 9
WOKEN_BYTES_MAX = 60_000
#: Rounds that are neither timed nor weighed: the form of a do-it is compiled when it is seen again, once a process.
ROUNDS_BEFORE = 4
#: Sessions made, used and closed: those before the memory is looked at first, those after, and what they may add.
CYCLES_BEFORE, CYCLES, CYCLES_GROWTH_MAX = 500, 2_000, 1_000_000

MAKE_TREE = f"""| level |
level := (1 to: %d) collect: [:i | Array with: i with: 'the leaf of number ', i printString].
[level size > {FAN_OUT}] whileTrue: [
    level := (1 to: level size by: {FAN_OUT}) collect: [:i |
        level copyFrom: i to: (i + {FAN_OUT - 1} min: level size)]].
tree := level. nil"""


class Leaf:
    """What the references make of a leaf."""

    __slots__ = ("number", "text")

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text


class Subject:
    """Stored sessions of one store, one for each size, and the same objects for the references."""

    def __init__(self, kernel: Kernel, directory: Path) -> None:
        self._kernel = kernel
        self._directory = directory
        self._host = LanguageHost(SystemClock())
        self.store = SqliteStore(directory)
        self.raw = sqlite3.connect(directory / "raw.db")
        self.raw.execute("PRAGMA journal_mode = WAL")
        for name in ("obj", "msgpack", "pickle"):
            self.raw.execute(f"CREATE TABLE {name}(k INTEGER PRIMARY KEY, b BLOB NOT NULL)")
        self.sids = {count: self.add_session(MAKE_TREE % count) for count in SIZES}
        for count in SIZES:
            self._add_references(count)
        self.reopen()

    def add_session(self, code: str) -> Sid:
        """Store a session in which that code ran."""
        image = Image.create(self._kernel, self._host)
        evaluate(image, code)
        delta = image.drain_delta()
        assert delta is not None
        sid = self.store.next_sid()
        created = SessionCreated(sid, f"session_{sid}", "bench", 0, 0, {})
        self.store.commit([created, ObjectsChanged(sid, 1, delta.next_oid, delta.records)])
        self.store.fold(sid)
        image.close()
        return sid

    def _add_references(self, count: int) -> None:
        leaves = [(i, f"the leaf of number {i}") for i in range(1, count + 1)]
        with self.raw:
            rows = ((count << 20 | i, msgpack.packb(("Array", (), leaf))) for i, leaf in enumerate(leaves))
            self.raw.executemany("INSERT INTO obj VALUES(?, ?)", rows)
            self.raw.execute("INSERT INTO msgpack VALUES(?, ?)", (count, msgpack.packb(leaves)))
            self.raw.execute("INSERT INTO pickle VALUES(?, ?)", (count, pickle.dumps([Leaf(*leaf) for leaf in leaves])))

    def reopen(self, *, is_cold: bool = False) -> None:
        """Open the store anew, with nothing of it in memory."""
        self.store.close()
        if is_cold:
            for file in self._directory.iterdir():
                with file.open("rb") as opened:
                    os.fsync(opened.fileno())
                    os.posix_fadvise(opened.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        self.store = SqliteStore(self._directory)

    def restored(self, sid: Sid) -> Image:
        """Bring a session back."""
        return Image.restore(self._kernel, self._host, self.store.load(sid))

    def restore_and_touch(self, count: int, leaves: Sequence[int]) -> Image:
        """Bring a session back and touch some of its leaves."""
        image = self.restored(self.sids[count])
        evaluate(image, " + ".join(f"{path(leaf, count)} first" for leaf in leaves))
        return image

    def raw_read(self, count: int, leaves: Sequence[int]) -> None:
        """The same objects' bytes, by key."""
        for leaf in leaves:
            self.raw.execute("SELECT b FROM obj WHERE k = ?", (count << 20 | leaf,)).fetchone()

    def eager_msgpack(self, count: int, leaves: Sequence[int]) -> None:
        """All objects made at once from MessagePack."""
        (content,) = self.raw.execute("SELECT b FROM msgpack WHERE k = ?", (count,)).fetchone()
        made = [Leaf(*leaf) for leaf in msgpack.unpackb(content)]
        sum(made[leaf].number for leaf in leaves)

    def eager_pickle(self, count: int, leaves: Sequence[int]) -> None:
        """All objects made at once from a pickle."""
        (content,) = self.raw.execute("SELECT b FROM pickle WHERE k = ?", (count,)).fetchone()
        made = pickle.loads(content)
        sum(made[leaf].number for leaf in leaves)


def path(leaf: int, count: int) -> str:
    """The expression for a leaf (from 0) of a tree with so many."""
    places = [leaf % FAN_OUT]
    while count > FAN_OUT:
        leaf //= FAN_OUT
        count = -(-count // FAN_OUT)
        places.insert(0, leaf % FAN_OUT if count > FAN_OUT else leaf)
    expression = "tree"
    for place in places:
        expression = f"({expression} at: {place + 1})"
    return expression


def timed_ms(action: Callable[[], Any]) -> float:
    """Milliseconds of one call."""
    begin = time.perf_counter()
    action()
    return (time.perf_counter() - begin) * 1e3


def scattered(count: int, touches: int, chance: random.Random) -> list[int]:
    """Leaves far from each other."""
    return chance.sample(range(count), touches)


def measure_touches(subject: Subject, table: Table) -> None:
    """Rows for each size and number of touched leaves, warm and cold."""
    chance = random.Random(1)
    first: dict[tuple[int, bool], float] = {}
    drawn: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for count, size in SIZES.items():
        for touches in TOUCHES:
            raw, eager, pickled = (
                quantile([timed_ms(lambda: read(count, scattered(count, touches, chance))) for _ in range(9)], 0.5)  # noqa: B023 - called here
                for read in (subject.raw_read, subject.eager_msgpack, subject.eager_pickle)
            )
            references = f"raw {raw:.2f}, msgpack {eager:.2f}, pickle {pickled:.2f} ms"
            if touches == 1:
                drawn["all by MessagePack"].append((count, eager))
            for is_cold in (False, True):
                times, cpu_times = touch_times(subject, count, touches, chance, is_cold=is_cold)
                p50, p99, cpu = quantile(times, 0.5), quantile(times, 0.99), quantile(cpu_times, 0.5)
                first.setdefault((count, is_cold), cpu)
                drawn[f"{touches} touched, {'cold' if is_cold else 'warm'}"].append((count, p50))
                bound = COLD_MS_MAX if is_cold else WARM_MS_MAX
                what = f"{size}, {touches} touched, {'cold' if is_cold else 'warm'}"
                figure, goal = f"p50 {p50:.2f} p99 {p99:.2f} CPU {cpu:.2f} ms", f"{bound:g}, {TAIL_MS_MAX:g} ms"
                table.add(Row(what, figure, references, "", goal, p50 < bound and p99 < TAIL_MS_MAX))
    x = Axis("objects of the session, stored", is_log=True, ticks=tuple(SIZES.items()))
    lines = [Line(name, points, is_reference=name.startswith("all")) for name, points in sorted(drawn.items())]
    table.charts["size"] = Chart("Restore and first touch over size", x, Axis("ms, median", is_log=True), lines)
    small, large = min(SIZES), max(SIZES)
    for is_cold in (False, True):
        ratio = first[large, is_cold] / first[small, is_cold]
        what = f"first object of {SIZES[large]} beside {SIZES[small]}, {'cold' if is_cold else 'warm'}"
        table.add(Row(what, f"{ratio:.2f} times the CPU", goal=f"<= {SIZE_RATIO_MAX}", met=ratio <= SIZE_RATIO_MAX))


def touch_times(
    subject: Subject, count: int, touches: int, chance: random.Random, *, is_cold: bool
) -> tuple[list[float], list[float]]:
    """Milliseconds of restoring a session and touching some leaves, again and again: wall clock, and CPU."""
    for _ in range(ROUNDS_BEFORE):
        subject.restore_and_touch(count, scattered(count, touches, chance)).close()
    times, cpu_times = [], []
    for _ in range(COLD_ROUNDS if is_cold else WARM_ROUNDS):
        leaves = scattered(count, touches, chance)
        if is_cold:
            subject.reopen(is_cold=True)
        begin, cpu_begin = time.perf_counter(), time.process_time()
        image = subject.restore_and_touch(count, leaves)
        times.append((time.perf_counter() - begin) * 1e3)
        cpu_times.append((time.process_time() - cpu_begin) * 1e3)
        image.close()
    return times, cpu_times


def measure_crowd(subject: Subject, table: Table) -> None:
    """Many small sessions brought back at once, each with one object touched."""
    sids = [subject.add_session(f"x := Array with: {number} with: 'text'") for number in range(CROWD)]
    subject.reopen()
    begin = time.process_time()
    images = []
    for sid in sids:
        images.append(subject.restored(sid))
        evaluate(images[-1], "x first")
    used_s = time.process_time() - begin
    for image in images:
        image.close()
    table.add(
        Row(
            f"{CROWD:,} sessions at once",
            f"{used_s:.2f} s of CPU",
            goal=f"< {CROWD_S_MAX:g} s",
            met=used_s < CROWD_S_MAX,
        )
    )


def measure_woken(subject: Subject, table: Table) -> None:
    """Memory of a woken session with 20 of its objects touched."""
    count = next(count for count, size in SIZES.items() if size == "100 KB")
    leaves = scattered(count, 20, random.Random(2))
    for _ in range(ROUNDS_BEFORE):
        subject.restore_and_touch(count, leaves).close()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    image = subject.restore_and_touch(count, leaves)
    held = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    image.close()
    what = f"memory of a woken session of {SIZES[count]}, 20 touched"
    table.add(Row(what, f"{held / 1e3:.0f} KB", goal=f"< {WOKEN_BYTES_MAX / 1e3:.0f} KB", met=held < WOKEN_BYTES_MAX))


def measure_cycles(subject: Subject, table: Table) -> None:
    """Memory that is left of sessions that were made, used, brought back, used and let go."""

    def cycle(count: int) -> None:
        for number in range(count):
            sid = subject.add_session(f"x := Array with: {number} with: 'text'. x at: 1 put: x. x size")
            image = subject.restored(sid)
            evaluate(image, "x last size")
            image.close()

    cycle(CYCLES_BEFORE)
    before = resident_bytes()
    cycle(CYCLES)
    grown = resident_bytes() - before
    what, goal = f"growth by {CYCLES:,} sessions made, used and let go", f"< {CYCLES_GROWTH_MAX / 1e6:g} MB"
    table.add(Row(what, f"{grown / 1e3:,.0f} KB", goal=goal, met=grown < CYCLES_GROWTH_MAX))


def measure_start(table: Table) -> None:
    """Time from the start of a process, after a kill, to the first session that is back."""
    times = []
    # A server that is installed finds its modules compiled; some environments forbid to keep what was compiled.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with ServerProcess() as server:
        clients = Clients(server.endpoint, 1)
        session_id = str(result(clients.ask(0, command("create_session", client_id="ann")))["session_id"])
        result(clients.ask(0, command("evaluate", session_id=session_id, code="x := 3 + 4")))
        clients.close()
        for _ in range(STARTS):
            server.kill()
            begin = time.perf_counter()
            server.start()
            clients = Clients(server.endpoint, 1)
            result(clients.ask(0, command("restore_session", session_id=session_id, client_id="ann")))
            times.append((time.perf_counter() - begin) * 1e3)
            clients.close()
    p50 = quantile(times, 0.5)
    figure = f"p50 {p50:.0f} min {min(times):.0f} ms"
    table.add(
        Row("start after a kill to the first session", figure, goal=f"< {START_MS_MAX:.0f} ms", met=p50 < START_MS_MAX)
    )


def main() -> Table:
    """Measure all of it."""
    table = Table("Restoring sessions", "python -m bench.run restore")
    kernel, _ = load_kernel(None)
    with tempfile.TemporaryDirectory(prefix="stui-bench-") as directory:
        subject = Subject(kernel, Path(directory))
        thresholds = gc.get_threshold()
        gc.set_threshold(*GC_THRESHOLDS)
        settle_memory()
        measure_touches(subject, table)
        measure_woken(subject, table)
        measure_crowd(subject, table)
        gc.set_threshold(*thresholds)
        measure_cycles(subject, table)
        subject.store.close()
        subject.raw.close()
    measure_start(table)
    return table
