"""Garbage collection and vacuum of the durable store: bounded steps, early ends, kills in the middle.

What the roots lead to stays as it was whatever happens in between; `test_contract.py` has what every store promises.
"""

import itertools
import random
import sqlite3
from contextlib import closing

import pytest

from storage import DamagedRecord, ObjectsChanged, SavepointLoaded, SavepointSaved, SessionPurged, Sid, SqliteStore
from storage.collecting import MARKS_PER_STEP, SEGMENTS_PER_STEP
from storage.vacuum import FREE_PAGES_KEPT

LIVING = 40
CONTENT_BYTES = 60


def content(oid):
    """An object's bytes, another for each, so that segments take their room although they are compressed."""
    return random.Random(oid).randbytes(CONTENT_BYTES)


CHILD = f"""
import itertools
from random import Random
from storage import ObjectsChanged, SessionCreated, SqliteStore

store = SqliteStore(Path(sys.argv[1]))
sid = store.next_sid()
store.commit([SessionCreated(sid, "t", "ann", 0, 0, {{}})])
os.write(1, b"0\\n")
for step in itertools.count(1):
    new = range(step * {LIVING}, step * {LIVING} + {LIVING})
    records = [(oid, ("B", (step,), Random(oid).randbytes({CONTENT_BYTES}))) for oid in new]
    records.append((0, ("A", tuple((oid, "B") for oid in new), None)))
    store.commit([ObjectsChanged(sid, step, new.stop, records)])
    os.write(1, f"{{step}}\\n".encode())
    if step % 8 == 0:
        for _ in store.collect(sid, (0,)):
            pass
        while store.vacuum(4):
            pass
"""

POINTS = [
    ("after INSERT INTO seg", 9),
    ("before INSERT INTO root", 6),
    ("after INSERT INTO root", 6),
    ("before DELETE FROM seg", 5),
    ("after DELETE FROM seg", 5),
    ("after UPDATE root SET", 3),
    ("before PRAGMA incremental_vacuum", 2),
    ("after PRAGMA incremental_vacuum", 2),
    *[("before COMMIT", count) for count in range(21, 25)],
    *[("after COMMIT", count) for count in range(21, 25)],
]


@pytest.fixture(autouse=True)
def few_free_pages_kept(monkeypatch):
    monkeypatch.setattr("storage.vacuum.FREE_PAGES_KEPT", 2)


@pytest.mark.parametrize(("point", "count"), POINTS, ids=[f"{point}-{n}".replace(" ", "-") for point, n in POINTS])
def test_a_kill_while_garbage_is_collected_loses_nothing_living(run_killed, tmp_path, point, count):
    program = "import storage.vacuum\nstorage.vacuum.FREE_PAGES_KEPT = 2\n" + CHILD
    acknowledged = run_killed(program, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    state = store.load(Sid(1))
    step = state.seq
    assert acknowledged <= step <= acknowledged + 1
    new = [oid for oid, _ in state.record(0)[1]]
    assert new == list(range(step * LIVING, step * LIVING + LIVING))
    assert [state.record(oid) for oid in new] == [("B", (step,), content(oid)) for oid in new]
    assert store.verify().damages == []
    for _ in store.collect(Sid(1), (0,)):
        pass
    assert list(store.load(Sid(1)).oids()) == [0, *new]
    store.close()


@pytest.fixture
def littered(sqlite_store, add_session):
    """A session of 6,000 objects of which every fourth is alive, and what is alive."""
    sid = add_session(sqlite_store, objects=1)
    living = range(4, 6_000, 4)
    records = [(oid, ("B", (oid,), content(oid))) for oid in range(1, 6_000)]
    head = (0, ("A", tuple((oid, "B") for oid in living), None))
    sqlite_store.commit([ObjectsChanged(sid, 2, 6_000, [head, *records])])
    sqlite_store.fold(sid)
    return sid, {0, *living}


def test_collecting_goes_in_steps_and_others_commit_in_between(sqlite_store, littered, add_session):
    sid, living = littered
    other = add_session(sqlite_store)
    steps = 0
    for steps, _ in enumerate(sqlite_store.collect(sid, (0,)), 1):
        sqlite_store.commit([ObjectsChanged(other, steps + 1, 3, [(0, ("A", (steps,), None))])])
    assert steps >= len(living) // MARKS_PER_STEP + 6_000 // 128 // SEGMENTS_PER_STEP
    assert set(sqlite_store.load(sid).oids()) == living
    assert sqlite_store.load(other).record(0) == ("A", (steps,), None)


@pytest.mark.parametrize("steps", [1, 3, 7, 9, 14])
@pytest.mark.parametrize("change", ["objects", "savepoint", "purge", "fold"])
def test_a_change_of_the_session_ends_its_collection_and_loses_nothing(sqlite_store, littered, steps, change):
    sid, living = littered
    sqlite_store.commit([SavepointSaved(sid, "all", 0, {})])
    collection = sqlite_store.collect(sid, (0,))
    for _ in itertools.islice(collection, steps):
        pass
    changes = {
        # Object 3 was garbage: what names it now must find it or be the one that writes it.
        "objects": [ObjectsChanged(sid, 3, 6_000, [(3, ("C", (), None)), (0, ("A", ((3, "C"),), None))])],
        "savepoint": [SavepointLoaded(sid, "all", 3)],
        "purge": [SessionPurged(sid)],
        "fold": [ObjectsChanged(sid, 3, 6_000, [])],
    }
    sqlite_store.commit(changes[change])
    if change == "fold":
        sqlite_store.fold(sid)
    for _ in collection:
        pass
    if change == "purge":
        assert sqlite_store.session(sid) is None
    else:
        found = set(sqlite_store.load(sid).oids())
        assert {"objects": {0, 3}, "savepoint": set(range(6_000)), "fold": living}[change] <= found
    assert sqlite_store.verify().damages == []


def test_a_damaged_session_keeps_its_bytes_and_is_not_looked_through_again(sqlite_store, littered, tmp_path):
    sid, _ = littered
    sqlite_store.close()
    with closing(sqlite3.connect(tmp_path / "data" / "store.db")) as db, db:
        db.execute("UPDATE seg SET crc = crc + 1 WHERE k = (SELECT max(k) FROM seg)")
        before = db.execute("SELECT k, b FROM seg").fetchall()
    store = SqliteStore(tmp_path / "data")
    assert [row.sid for row in store.garbage_due(9)] == [sid]
    with pytest.raises(DamagedRecord):
        list(store.collect(sid, (0,)))
    assert store.garbage_due(9) == []
    assert {k for k, _ in store._db.all("SELECT k, b FROM seg")} == {k for k, _ in before}
    store.close()


def test_free_pages_are_given_back_a_few_at_a_time_and_some_are_kept(sqlite_store, littered, monkeypatch, tmp_path):
    assert FREE_PAGES_KEPT > 2
    sid, _ = littered
    before = sqlite_store._db.pragma("page_count")
    sqlite_store.commit([SessionPurged(sid)])
    left = [sqlite_store.vacuum(10)]
    while left[-1]:
        left.append(sqlite_store.vacuum(10))
    assert len(left) > 3
    assert sqlite_store._db.pragma("freelist_count") == 2
    assert sqlite_store._db.pragma("page_count") < before * 0.6
    assert sqlite_store.verify().damages == []
    sqlite_store.close()
    assert (tmp_path / "data" / "store.db").stat().st_size < before * 0.6 * 4_096
