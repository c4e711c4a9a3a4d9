"""Session files beside JSON of the same data: export, import, size. `python -m bench.run sessionfiles`.

The session holds people with names, ages and friends, some 100 KB of stored objects. Export is all from reading the
store to the durable file; import all from reading the file to the durable session. The reference is JSON of the same
records, which has no checksum, checks nothing and stores nothing. Garbage is collected as rarely as in the commands.
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.clock import SystemClock
from actors.resources.process import GC_THRESHOLDS, settle_memory
from actors.running.language import SmalltalkEngine
from actors.upkeep.session_files import exporting, reading, taking
from bench.figures import Row, Table, quantile
from bench.language import evaluate
from storage import MemoryStore, ObjectsChanged, SessionCreated, SqliteStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from storage import Parcel, SessionRow

PEOPLE = 900
ROUNDS = 15
#: Goals of 100 KB of objects.
EXPORT_MS_MAX, IMPORT_MS_MAX, FILE_BYTES_MAX = 30, 60, 1_000_000
_PROGRAM = (
    "Object subclass: #Person instanceVariableNames: 'name age boss friends' classVariableNames: '' package: 'Bench'",
    "Person compile: 'name: n age: a boss: b name := n. age := a. boss := b. friends := OrderedCollection with: b'",
    "all := OrderedCollection new. all add: Person new",
    f"1 to: {PEOPLE} do: [:i | all add: (Person new name: 'Person number ', i printString age: i boss: all last)]. 3",
)


def prepared(store: SqliteStore, engine: SmalltalkEngine) -> SessionRow:
    """Store the session of the benchmark."""
    image = engine.create()
    sid = store.next_sid()
    store.commit([SessionCreated(sid, "session_bench", "bench", 0, 2**40, {})])
    for seq, code in enumerate(_PROGRAM, 1):
        evaluate(image, code)
        delta = image.drain_delta()
        assert delta is not None
        store.commit([ObjectsChanged(sid, seq, delta.next_oid, delta.records)])
    store.fold(sid)
    row = store.session(sid)
    assert row is not None
    return row


def timed(work: Callable[[], Any]) -> tuple[list[float], Any]:
    """Run something again and again; answers milliseconds of each run and the last result."""
    samples = []
    result = None
    for _ in range(ROUNDS):
        began_ns = time.perf_counter_ns()
        result = work()
        samples.append((time.perf_counter_ns() - began_ns) / 1e6)
    return samples, result


def import_once(place: Path, store: SqliteStore, engine: SmalltalkEngine) -> Parcel:
    """Read a file and store its session."""
    steps = reading(place, engine)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            parcel: Parcel = end.value
            break
    _, batches = taking(parcel, store, SystemClock(), 30.0, None)
    for batch in batches:
        store.commit(batch)
    return parcel


def row_of(what: str, samples: list[float], reference: list[float], goal_ms: int) -> Row:
    """A row of times."""
    p50, p90, of_json = quantile(samples, 0.5), quantile(samples, 0.9), quantile(reference, 0.5)
    figure = f"p50 {p50:.1f} ms, p90 {p90:.1f}"
    return Row(what, figure, f"JSON {of_json:.1f} ms", f"{p50 / of_json:.1f}", f"<= {goal_ms} ms", p50 <= goal_ms)


def main() -> Table:
    """Measure all rows."""
    table = Table("Session files", "python -m bench.run sessionfiles")
    engine = SmalltalkEngine(SystemClock(), MemoryStore())
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "session.ston"
        store = SqliteStore(Path(directory) / "data")
        row = prepared(store, engine)
        settle_memory()
        thresholds = gc.get_threshold()
        gc.set_threshold(*GC_THRESHOLDS)
        encoded_bytes = sum(len(record) for part in store.load(row.sid).encoded() for record in part.values())
        exports, _ = timed(lambda: list(exporting(store, row, engine, place)))
        imports, parcel = timed(lambda: import_once(place, store, engine))
        plain = [[oid, *record] for oid, record in parcel.records.items()]
        dumps, text = timed(lambda: json.dumps(plain))
        loads, _ = timed(lambda: json.loads(text))
        size_bytes = place.stat().st_size
        store.close()
        gc.set_threshold(*thresholds)
    what = f"{encoded_bytes / 1000:.0f} KB of objects ({len(parcel.records)})"
    table.add(row_of(f"export of {what}", exports, dumps, EXPORT_MS_MAX))
    table.add(row_of(f"import of {what}", imports, loads, IMPORT_MS_MAX))
    figure, reference = f"{size_bytes / 1000:.0f} KB", f"JSON {len(text) / 1000:.0f} KB"
    is_small = size_bytes <= FILE_BYTES_MAX
    table.add(Row(f"file of {what}", figure, reference, f"{size_bytes / len(text):.1f}", "<= 1 MB", is_small))
    return table


if __name__ == "__main__":
    main()
