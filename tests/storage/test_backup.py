"""Backups of a store in use, and restoring them: consistent as of one commit, whole or not there."""

import itertools
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage import (
    DamagedStore,
    DiskFailed,
    HistoryAppended,
    MemoryStore,
    ObjectsChanged,
    SavepointSaved,
    SessionCreated,
    Sid,
    SqliteStore,
    StoreRefuses,
    UnusableData,
    restore,
)

CHILD = """
import itertools
from storage import HistoryAppended, ObjectsChanged, SavepointSaved, SessionCreated, SqliteStore
import storage.backup

storage.backup.STEP_BYTES = 20_000
data = Path(sys.argv[1])
store = SqliteStore(data)
store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
os.write(1, b"0\\n")
steps = itertools.count(1)

def step():
    n = next(steps)
    records = [(n, ("B", (n,), "x" * 3_000))]
    store.commit([ObjectsChanged(1, n, n + 1, records), HistoryAppended(1, n, {})])
    os.write(1, f"{n}\\n".encode())
    store.fold_due(1)

for n in range(60):
    step()
for number in itertools.count():
    for _ in store.back_up(data.with_name(f"backup-{number}")):
        count("backup step")
        step()
"""


def step_of(store: SqliteStore) -> int:
    """Check that a store written by steps is whole, and return its last step."""
    state = store.load(Sid(1))
    assert {oid: state.record(oid) for oid in state.oids()} == {
        n: ("B", (n,), "x" * 3_000) for n in range(1, state.seq + 1)
    }
    assert store.history(Sid(1), 0, 1).total == state.seq
    assert store.verify().damages == []
    return state.seq


@pytest.fixture
def stepping(sqlite_store):
    """A store with a session, and the function that makes its next step and returns its number."""
    sqlite_store.commit([SessionCreated(sqlite_store.next_sid(), "t", "ann", 0, 0, {})])
    numbers = itertools.count(1)

    def step():
        n = next(numbers)
        changes = [ObjectsChanged(Sid(1), n, n + 1, [(n, ("B", (n,), "x" * 3_000))]), HistoryAppended(Sid(1), n, {})]
        sqlite_store.commit([*changes, *([SavepointSaved(Sid(1), "last", n, {})] if n % 8 == 0 else [])])
        return n

    return sqlite_store, step


def test_compiled_code_that_is_kept_during_a_backup_leaves_it_whole(stepping, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.backup.STEP_BYTES", 30_000)
    store, step = stepping
    for _ in range(90):
        last = step()
    for _ in store.back_up(tmp_path / "backups" / "one"):
        store.put_code([(b"hash", bytes(200_000))])
        last = step()
    copy = SqliteStore(tmp_path / "backups" / "one")
    assert step_of(copy) == last
    assert copy.code(b"hash") == bytes(200_000)
    copy.close()


@pytest.mark.parametrize("before", [0, 1, 90, 200])
def test_a_backup_holds_every_commit_up_to_its_last_step_and_the_store_goes_on(stepping, tmp_path, before, monkeypatch):
    monkeypatch.setattr("storage.backup.STEP_BYTES", 30_000)
    monkeypatch.setattr("storage.backup.AUTOCHECKPOINT_PAGES", 1_000)
    store, step = stepping
    last = 0
    for _ in range(before):
        last = step()
    progress = []
    for size_bytes in store.back_up(tmp_path / "backups" / "one"):
        progress.append(size_bytes)
        last = step() if len(progress) % 3 else last
    assert progress == sorted(progress)
    assert not (tmp_path / "backups" / "one.partial").exists()
    after = step()
    copy = SqliteStore(tmp_path / "backups" / "one")
    assert step_of(copy) == last
    copy.close()
    for _ in range(400):
        after = step()
    assert (tmp_path / "data" / "store.db-wal").stat().st_size < 9_000_000  # checkpoints are made again
    store.close()
    again = SqliteStore(tmp_path / "data")
    assert step_of(again) == after
    again.close()


def test_a_backup_given_up_leaves_no_backup_and_the_next_one_replaces_its_rest(stepping, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.backup.STEP_BYTES", 3_000)
    store, step = stepping
    step()
    given_up = store.back_up(tmp_path / "one")
    next(given_up)
    given_up.close()
    assert not (tmp_path / "one").exists()
    assert store._db.pragma("wal_autocheckpoint") == 3_000
    for _ in store.back_up(tmp_path / "one"):
        pass
    copy = SqliteStore(tmp_path / "one")
    assert step_of(copy) == 1
    copy.close()


def test_a_backup_ends_when_its_store_is_closed(stepping, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.backup.STEP_BYTES", 3_000)
    store, step = stepping
    step()
    steps = store.back_up(tmp_path / "one")
    next(steps)
    store.close()
    with pytest.raises(StoreRefuses):
        list(steps)
    assert not (tmp_path / "one").exists()


def test_a_name_that_is_taken_or_cannot_be_made_is_refused(stepping, tmp_path):
    store, _ = stepping
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableData, match="there already"):
        list(store.back_up(tmp_path / "data"))
    with pytest.raises(UnusableData, match="cannot be written"):
        list(store.back_up(tmp_path / "file" / "backup"))
    with pytest.raises(UnusableData, match="in memory"):
        MemoryStore().back_up(tmp_path / "one")


@pytest.mark.parametrize("target", [".", "/", "..", "", "x" * 300, "a\0b", "\ud800"])
def test_a_target_that_names_no_new_directory_is_refused(stepping, tmp_path, monkeypatch, target):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UnusableData, match=r"there already|cannot be written"):
        list(stepping[0].back_up(Path(target)))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_backup_lies_outside_the_data_directory_and_removes_nothing_of_it(stepping, tmp_path):
    store, step = stepping
    (tmp_path / "link").symlink_to(tmp_path / "data")
    (tmp_path / "data.partial").mkdir()
    for target in ("data/b", "data/deep/b", "link/b", "data/new/../b", "new/../data/b"):
        with pytest.raises(UnusableData, match="outside the data directory"):
            list(store.back_up(tmp_path / target))
    assert not (tmp_path / "data" / "deep").exists()
    list(store.back_up(tmp_path / "new" / ".." / "data-2"))
    assert (tmp_path / "data-2" / "store.db").exists()
    other = SqliteStore(tmp_path / "named.partial")
    with pytest.raises(UnusableData, match="outside the data directory"):
        list(other.back_up(tmp_path / "named"))
    other.close()
    assert (tmp_path / "named.partial" / "store.db").exists()
    assert step() == 1


def test_a_disk_that_fails_under_the_backup_leaves_the_store_alone(stepping, tmp_path, monkeypatch):
    store, step = stepping

    def fail(_):
        raise OSError(28, "No space left on device")

    steps = store.back_up(tmp_path / "one")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        with pytest.raises(DiskFailed, match="No space left"):
            list(steps)
    assert not list(tmp_path.glob("one*"))
    assert step() == 1


def test_a_backup_without_room_for_its_last_file_is_none(tmp_path, monkeypatch):
    store = SqliteStore(tmp_path / "data")
    monkeypatch.setattr("storage.backup.Acknowledged.write", lambda _self, _number: False)
    with pytest.raises(DiskFailed, match="No space left"):
        list(store.back_up(tmp_path / "backup"))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    store.close()


POINTS = [*(("backup step", n) for n in (1, 3, 8, 14, 20)), ("after PRAGMA wal_checkpoint", 2), ("after SELECT", 400)]


@pytest.mark.parametrize(("point", "count"), POINTS)
def test_a_kill_during_a_backup_leaves_whole_backups_only(run_killed, tmp_path, point, count):
    acknowledged = run_killed(CHILD, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    assert acknowledged <= step_of(store) <= acknowledged + 1
    store.close()
    for backup in tmp_path.glob("backup-*"):
        if backup.suffix != ".partial":
            copy = SqliteStore(backup)
            assert 60 <= step_of(copy) <= acknowledged + 1
            copy.close()


@pytest.fixture
def backup(stepping, tmp_path):
    """A backup of five steps; its store has made two more since and is closed."""
    store, step = stepping
    for _ in range(5):
        step()
    for _ in store.back_up(tmp_path / "backup"):
        pass
    step()
    step()
    store.close()
    return tmp_path / "backup"


def test_a_restored_backup_takes_the_place_of_what_was_there_which_is_kept(backup, tmp_path):
    before = {path.name: path.read_bytes() for path in backup.iterdir()}
    for number in (1, 2):
        assert restore(backup, tmp_path / "data").sessions == 1
        assert (tmp_path / "data" / f"replaced-{number}" / "store.db").exists()
    assert {path.name: path.read_bytes() for path in backup.iterdir()} == before
    store = SqliteStore(tmp_path / "data")
    assert step_of(store) == 5
    store.close()
    replaced = SqliteStore(tmp_path / "data" / "replaced-1")
    assert step_of(replaced) == 7
    replaced.close()


def test_restoring_accepts_a_damaged_store_as_what_is_replaced(backup, tmp_path):
    (tmp_path / "data" / "store.db").write_bytes(b"rubbish" * 1_000)
    with pytest.raises(DamagedStore):
        SqliteStore(tmp_path / "data")
    restore(backup, tmp_path / "data")
    store = SqliteStore(tmp_path / "data")
    assert step_of(store) == 5
    store.close()


def test_a_damaged_backup_is_refused_and_nothing_is_changed(backup, tmp_path):
    with closing(sqlite3.connect(backup / "store.db")) as db, db:
        db.execute("UPDATE journal SET crc = crc + 1" if db.execute("SELECT 1 FROM journal").fetchone() else
                   "UPDATE root SET crc = crc + 1")  # fmt: skip
    with pytest.raises(DamagedStore, match="choose another"):
        restore(backup, tmp_path / "data")
    store = SqliteStore(tmp_path / "data")
    assert step_of(store) == 7
    store.close()


def test_what_is_no_backup_or_in_use_is_refused(backup, tmp_path):
    for wrong in (tmp_path / "nothing", tmp_path):
        with pytest.raises(UnusableData, match="holds no store"):
            restore(wrong, tmp_path / "data")
    with pytest.raises(UnusableData, match="itself"):
        restore(tmp_path / "data", tmp_path / "data")
    store = SqliteStore(tmp_path / "data")
    with pytest.raises(UnusableData, match="in use"):
        restore(backup, tmp_path / "data")
    store.close()


RESTORING = """
from storage import restore

count_calls((os, "fsync"), (os, "rename"), (Path, "rename"), (Path, "unlink"), (Path, "mkdir"))
try:
    restore(Path(point), Path(sys.argv[1]))
finally:
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("count", range(1, 24))
def test_a_kill_while_restoring_leaves_the_old_store_the_new_one_or_a_plain_word(backup, tmp_path, run_killed, count):
    run_killed(RESTORING, tmp_path / "data", str(backup), count)
    try:
        store = SqliteStore(tmp_path / "data")
    except DamagedStore as error:
        assert "run it again" in str(error)  # noqa: PT017 -- either way is right
        restore(backup, tmp_path / "data")
        store = SqliteStore(tmp_path / "data")
        assert step_of(store) == 5
    else:
        assert step_of(store) in (5, 7)
    store.close()
    kept = [path for path in (tmp_path / "data").glob("replaced-*") if (path / "store.db").exists()]
    steps = set()
    for path in kept:
        shutil.copytree(path, tmp_path / path.name)
        old = SqliteStore(tmp_path / path.name)
        steps.add(step_of(old))
        old.close()
    assert 7 in steps or not kept


def test_a_backup_may_be_restored_where_nothing_is(backup, tmp_path):
    restore(backup, tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["store.ack", "store.db", "store.lock"]
    store = SqliteStore(tmp_path / "new")
    assert step_of(store) == 5
    store.close()
