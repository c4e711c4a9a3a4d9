"""The store by itself: commits, bytes written, sleeping sessions. `python -m bench.run store`.

A commit is what a tick of the server makes durable: for each of some sessions about 1 KB of changed objects, a history
entry and a reply. References: the same rows appended to bare SQLite tables in one transaction, with the same settings;
and the size of the changed records, for the bytes that reach the disk until all of it is folded. Garbage is collected
as seldom as in the server.
"""

from __future__ import annotations

import gc
import random
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from actors.resources.memory_use import resident_bytes
from actors.resources.process import GC_THRESHOLDS, settle_memory
from actors.upkeep.sweep import FOLDS_PER_STEP
from bench.figures import Row, Table, quantile
from storage import HistoryAppended, ObjectsChanged, ReplyStored, SessionCreated, SqliteStore
from storage.database import Database
from storage.records import pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage import Change, Sid

#: Sessions of a commit, and goals: part of bare SQLite's rate, bytes written for each changed byte.
BATCHES = {10: 6.0, 1_000: 3.0}
RATE_MIN = 0.5
COMMITS = {10: 600, 1_000: 12}
#: Commits between two rounds of folding; the server folds once a second, and makes hundreds of commits in that time.
COMMITS_PER_FOLDING = 60
OBJECTS, OBJECT_CHARACTERS = 8, 100
SLEEPING, SLEEPING_BYTES_MAX = 100_000, 100_000_000
SLEEPING_PER_COMMIT = 1_000
#: Where Linux counts what a process made the disk write.
IO_FILE = Path("/proc/self/io")


class Writers:
    """Sessions that change, and what they change."""

    def __init__(self, store: SqliteStore, count: int) -> None:
        self.store = store
        self.sids = [store.next_sid() for _ in range(count)]
        self._steps = dict.fromkeys(self.sids, 0)
        self._chance = random.Random(3)
        store.commit([SessionCreated(sid, f"session_{sid}", "bench", 0, 0, {}) for sid in self.sids])

    def changes(self) -> list[Change]:
        """What the next commit makes durable."""
        return [change for sid in self.sids for change in self._step(sid)]

    def _step(self, sid: Sid) -> list[Change]:
        self._steps[sid] = step = self._steps[sid] + 1
        text = self._chance.randbytes(OBJECT_CHARACTERS // 2).hex()
        first = (step - 1) * OBJECTS
        records = [(oid, ("String", (), text)) for oid in range(first, first + OBJECTS)]
        return [
            ObjectsChanged(sid, step, first + OBJECTS, records),
            HistoryAppended(sid, step, {"code": "list add: 3 + 4", "result": "7", "at_ms": step}),
            ReplyStored(f"client:{sid}", f"{text[:32]}", bytes(16), text.encode(), step),
        ]


def changed_bytes(changes: list[Change]) -> int:
    """Encoded size of the changed records."""
    return sum(len(pack(change.records)) for change in changes if isinstance(change, ObjectsChanged))


def written_bytes() -> int:
    """What the process made the disk write so far, 0 where the system does not say."""
    if not IO_FILE.exists():
        return 0
    lines = dict(line.split(": ") for line in IO_FILE.read_text().splitlines())
    return int(lines["write_bytes"])


def bare_tables(directory: Path) -> Database:
    """The reference: a file with our settings and three plain tables."""
    db = Database(directory / "bare.db")
    db.lock()
    db.configure()
    for name in ("objects", "history", "replies"):
        db.run(f"CREATE TABLE {name}(id INTEGER PRIMARY KEY, sid INTEGER NOT NULL, b BLOB NOT NULL)")
    return db


def commit_bare(db: Database, changes: list[Change]) -> None:
    """The same rows: encoded by the same encoder, one a change."""
    rows: dict[str, list[tuple[int, bytes]]] = {"objects": [], "history": [], "replies": []}
    for change in changes:
        if isinstance(change, ObjectsChanged):
            rows["objects"].append((change.sid, pack(change.records)))
        elif isinstance(change, HistoryAppended):
            rows["history"].append((change.sid, pack(change.entry)))
        elif isinstance(change, ReplyStored):
            rows["replies"].append((0, pack(change)))
    with db.transaction():
        for name, found in rows.items():
            db.run_many(f"INSERT INTO {name}(sid, b) VALUES(?, ?)", found)


def measure_commits(directory: Path, table: Table, size: int) -> None:
    """Rate and bytes of commits of some size, and how long folding holds up whoever comes next."""
    store = SqliteStore(directory / f"commits-{size}")
    writers = Writers(store, size)
    bare = bare_tables(directory)
    ours, theirs, folds = [], [], []
    changed = written = 0
    for number in range(COMMITS[size]):
        changes = writers.changes()
        changed += changed_bytes(changes)
        before = written_bytes()
        ours.append(_seconds(lambda: store.commit(changes)))  # noqa: B023 - called here
        if number % COMMITS_PER_FOLDING == COMMITS_PER_FOLDING - 1:
            folds += fold_all(store)
        written += written_bytes() - before
        theirs.append(_seconds(lambda: commit_bare(bare, changes)))  # noqa: B023 - called here
    before = written_bytes()
    folds += fold_all(store)
    store.close()
    written += written_bytes() - before
    bare.close()
    (directory / "bare.db").unlink()
    p50, reference = quantile(ours, 0.5), quantile(theirs, 0.5)
    figure = f"p50 {p50 * 1e3:.2f} p99 {quantile(ours, 0.99) * 1e3:.2f} ms"
    ratio, goal = reference / p50, f"rate >= {RATE_MIN}"
    bare_figure = f"bare SQLite {reference * 1e3:.2f} ms"
    table.add(Row(f"commit of {size:,} sessions", figure, bare_figure, f"{ratio:.2f}", goal, ratio >= RATE_MIN))
    fold = f"p50 {quantile(folds, 0.5) * 1e3:.2f} p99 {quantile(folds, 0.99) * 1e3:.2f} ms"
    table.add(Row(f"a step of folding in between, {size:,} sessions", fold))
    if written:
        amplification, bound = written / changed, BATCHES[size]
        what = f"bytes written, {size:,} sessions a commit"
        figure = f"{amplification:.2f} for each changed"
        table.add(Row(what, figure, goal=f"<= {bound:g}", met=amplification <= bound))


def fold_all(store: SqliteStore) -> list[float]:
    """Fold what is due as the server does; answer the seconds of each step, for which others wait."""
    seconds = []
    is_left = True
    while is_left:
        begin = time.perf_counter()
        is_left = bool(store.fold_due(FOLDS_PER_STEP))
        seconds.append(time.perf_counter() - begin)
    return seconds


def _seconds(action: Callable[[], object]) -> float:
    begin = time.perf_counter()
    action()
    return time.perf_counter() - begin


def measure_sleeping(directory: Path, table: Table) -> None:
    """Memory that sessions add which only the store knows."""
    place = directory / "sleeping"
    store = SqliteStore(place)
    for _ in range(SLEEPING // SLEEPING_PER_COMMIT):
        changes: list[Change] = []
        for _ in range(SLEEPING_PER_COMMIT):
            sid = store.next_sid()
            changes.append(SessionCreated(sid, f"session_{sid}", f"client-{sid}", 0, 0, {}))
            changes.append(ObjectsChanged(sid, 1, 2, [(1, ("String", (), "what it holds"))]))
        store.commit(changes)
    store.close()
    gc.collect()
    before = resident_bytes()
    store = SqliteStore(place)
    store.fold_due(1)
    count = sum(1 for _ in store.sessions())
    added = resident_bytes() - before
    store.close()
    what, goal = f"memory for {count:,} sleeping sessions", f"< {SLEEPING_BYTES_MAX / 1e6:.0f} MB"
    table.add(Row(what, f"{added / 1e6:.0f} MB", goal=goal, met=added < SLEEPING_BYTES_MAX))


def main() -> Table:
    """Measure all of it."""
    table = Table("The store", "python -m bench.run store")
    with tempfile.TemporaryDirectory(prefix="stui-bench-") as directory:
        thresholds = gc.get_threshold()
        gc.set_threshold(*GC_THRESHOLDS)
        settle_memory()
        for size in BATCHES:
            measure_commits(Path(directory), table, size)
        gc.set_threshold(*thresholds)
        measure_sleeping(Path(directory), table)
    return table
