"""Stores of earlier formats, kept as they were written: they open, are brought to the present format, and say the same.

`golden/format-N.db.gz` was written by the last program of format N.
"""

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import DamagedRecord, ObjectsChanged, SavepointLoaded, SessionForked, Sid, SqliteStore
from storage.schema import VERSION

GOLDEN = Path(__file__).with_name("golden")
STEPS = 100


@pytest.fixture(params=range(1, VERSION))
def golden(request, tmp_path):
    """A data directory of an earlier format."""
    return unpacked(tmp_path, request.param)


def unpacked(directory: Path, version: int) -> Path:
    """Make a data directory of an earlier format."""
    data = directory / "data"
    data.mkdir()
    (data / "store.db").write_bytes(gzip.decompress((GOLDEN / f"format-{version}.db.gz").read_bytes()))
    return data


def check(store: SqliteStore) -> None:
    """Compare with what the golden stores were made of."""
    for sid in (Sid(1), Sid(2)):
        row, state = store.session(sid), store.load(sid)
        assert row == (
            sid,
            f"token-{sid}",
            "ann",
            1_000,
            1_000,
            2_000,
            sid == 2,
            {"pane": sid, "list": [1, None, True]},
        )
        assert (state.seq, state.next_oid) == (STEPS, STEPS + 2)
        assert list(state.oids()) == list(range(1, STEPS + 2))
        assert state.record(1) == ("%Root", ((STEPS + 1, "Array"), "sym", True, None, (97,)), None)
        for step in range(1, STEPS + 1):
            assert state.record(step + 1) == ("Array", (), (step, 1 << 80, -0.5, (1, "%Root"), ("Array",), "x"))
            assert store.reply("ann", f"op{sid}-{step}") == (b"digest", str(step).encode(), step)
        entries = [(step, {"code": f"{step}", "result": "\ud800"}) for step in range(1, STEPS + 1)]
        assert store.history(sid, 0, 999) == (STEPS, entries)
        (savepoint,) = store.savepoints(sid)
        assert (savepoint.name, savepoint.at_ms, savepoint.seq, savepoint.meta) == ("forty", 40, 40, {"note": "x"})
    assert store.code(b"hash") == b"code"
    assert store.verify().damages == []


def test_a_store_of_an_earlier_format_says_the_same_and_goes_on(golden):
    for _ in range(2):
        store = SqliteStore(golden)
        check(store)
        store.close()
    with closing(sqlite3.connect(golden / "store.db")) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    store = SqliteStore(golden)
    fork = store.next_sid()
    store.commit([SessionForked(fork, "fork", "bob", 0, 0, {}, Sid(1)), SavepointLoaded(Sid(1), "forty", STEPS + 1)])
    store.commit([ObjectsChanged(fork, STEPS + 1, STEPS + 2, [(1, ("%Root", (), None))])])
    for _ in store.collect(fork, (1,)):
        pass
    assert list(store.load(fork).oids()) == [1]
    assert list(store.load(Sid(1)).oids()) == list(range(1, 42))
    assert store.verify().damages == []
    store.close()


def test_lists_that_name_every_segment_are_read_and_become_short_when_they_are_written_next(tmp_path):
    store = SqliteStore(unpacked(tmp_path, 6))
    lengths = "SELECT length(b) FROM root WHERE sid = 3"
    before = store._db.number(lengths)
    for sid, changed in ((Sid(3), (0, 128 * 10, 128 * 35)), (Sid(4), ())):
        state = store.load(sid)
        oids = [*range(256), *range(256, 128 * 20, 64), *range(128 * 30, 128 * 40, 64)]
        assert list(state.oids()) == oids
        slots = [state.record(oid)[1] for oid in oids]
        assert slots == [(oid, "changed" if oid in changed else -oid) for oid in oids]
    assert store._db.number(lengths) == before
    store.commit([ObjectsChanged(Sid(3), 3, 128 * 40, [(0, ("Point", (), None))])])
    store.fold(Sid(3))
    assert store._db.number(lengths) < before / 2
    store.commit([SavepointLoaded(Sid(3), "first", 4)])
    assert list(store.load(Sid(3)).oids()) == oids
    assert store.load(Sid(3)).record(0)[1] == (0, 0)
    assert store.verify().damages == []
    store.close()


OPENING = """
from storage import SqliteStore

SqliteStore(Path(sys.argv[1])).close()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(
    ("point", "count"),
    [
        ("before ALTER TABLE root", 1),
        ("after ALTER TABLE root", 1),
        ("after CREATE TABLE shared", 1),
        ("after CREATE TABLE loose", 1),
        ("after PRAGMA user_version", 2),
        ("before COMMIT", 1),
        ("after COMMIT", 1),
        ("after the end", 1),
    ],
)
def test_a_kill_during_the_migration_leaves_either_format_whole(golden, run_killed, point, count):
    run_killed(OPENING, golden, point, count)
    store = SqliteStore(golden)
    check(store)
    store.close()


def test_damage_in_a_store_of_an_earlier_format_is_noticed_after_its_migration(golden):
    with closing(sqlite3.connect(golden / "store.db")) as db, db:
        db.execute("UPDATE root SET b = zeroblob(length(b)) WHERE sid = 1")
    store = SqliteStore(golden)
    with pytest.raises(DamagedRecord):
        store.load(Sid(1))
    assert {damage.sid for damage in store.verify().damages} == {1}
    store.close()
