"""Disks that fail or are full at any moment: nothing acknowledged is lost, nothing refused is kept, reads go on.

Method: a layer below SQLite answers for the disk with its error codes at a chosen call (`recording_vfs.py`).
"""

import random
import sqlite3
from pathlib import Path

import pytest

from storage import (
    CommitFailed,
    DiskFailed,
    DiskFull,
    HistoryAppended,
    ObjectsChanged,
    SavepointSaved,
    SessionCreated,
    Sid,
    SqliteStore,
    StoreError,
    StoreRefuses,
)
from storage.acknowledged import Acknowledged
from storage.database import Database, plain_error
from tests.storage import recording_vfs as vfs
from tests.storage.power_losses import files_after_loss

pytestmark = pytest.mark.skipif(not vfs.is_available(), reason="needs SQLite as a shared library")

SID = Sid(1)
FULL = Path("/dev/full")
STEPS = 60


class Disk:
    """Answers for the disk: everything goes well until a countdown of one kind of call ends."""

    def __init__(self) -> None:
        self.left = None
        self.kind = "sync"
        self.code = 0

    def fail(self, kind: str, code: int, after: int) -> None:
        self.kind, self.code, self.left = kind, code, after

    def mend(self) -> None:
        self.left = None

    def answer(self, kind: str, _file: str) -> int:
        if self.left is None or kind != self.kind:
            return 0
        self.left -= 1
        return self.code if self.left < 0 else 0


def opened(folder, recorder) -> tuple[SqliteStore, Disk]:
    disk = Disk()
    recorder.failure = disk.answer
    store = SqliteStore(folder)
    store._db.run("PRAGMA wal_autocheckpoint = 60")
    if store.session(SID) is None:
        store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
    return store, disk


def step(store: SqliteStore, number: int) -> None:
    changes = [
        ObjectsChanged(SID, number, number + 1, [(number, ("A", (number,), "x" * 30 * number))]),
        HistoryAppended(SID, number, {"step": number}),
    ]
    store.commit([*changes, SavepointSaved(SID, "last", 0, {})] if number % 7 == 0 else changes)
    store.fold_due(1)


def check(store: SqliteStore, numbers: range) -> None:
    """Check that the store holds the steps to one of these numbers, whole."""
    state = store.load(SID)
    assert state.seq in numbers
    assert {oid: state.record(oid)[1] for oid in state.oids()} == {oid: (oid,) for oid in range(1, state.seq + 1)}
    assert store.history(SID, 0, 1).total == state.seq
    assert store.verify().damages == []


@pytest.mark.parametrize("seed", range(25))
def test_after_a_failed_sync_the_store_is_read_only_until_opened_anew_whatever_the_disk_kept(tmp_path, seed):
    rng = random.Random(seed)
    last = 0
    with vfs.recording() as recorder:
        store, disk = opened(tmp_path / "data", recorder)
        disk.fail("sync", sqlite3.SQLITE_IOERR_FSYNC, rng.randrange(80))
        try:
            for number in range(1, STEPS):
                step(store, number)
                last = number
        except CommitFailed as error:
            # A commit is not durable then; a folding changes nothing visible.
            committed = store._db.newest.number - 1
            last = max(last, committed)
            assert (type(error), "check the disk" in str(error)) == (DiskFailed, True)  # noqa: PT017 -- may go well
            check(store, range(last, last + 1))
            with pytest.raises(StoreRefuses, match="disk failed earlier"):
                step(store, last + 1)
        log = list(recorder.log)
        store.close()
    (tmp_path / "lost").mkdir()
    for name, content in files_after_loss(log, rng).items():
        (tmp_path / "lost" / name).write_bytes(content)
    for folder in ("data", "lost"):
        again = SqliteStore(tmp_path / folder)
        check(again, range(last, last + 2))
        again.close()


@pytest.mark.parametrize("seed", range(12))
def test_a_full_disk_refuses_commits_lets_reads_go_on_and_is_forgotten_when_there_is_room(tmp_path, seed):
    rng = random.Random(seed)
    with vfs.recording() as recorder:
        store, disk = opened(tmp_path / "data", recorder)
        number, refused = 1, 0
        while number < STEPS:
            disk.fail("write", sqlite3.SQLITE_FULL, rng.randrange(300))
            try:
                while number < STEPS:
                    step(store, number)
                    number += 1
            except DiskFull as error:
                assert "free some" in str(error)  # noqa: PT017 -- may go well
                number = max(number, store._db.newest.number)
                check(store, range(number - 1, number))
                for _ in range(3):
                    with pytest.raises(DiskFull):
                        store.commit([ObjectsChanged(SID, number, number + 1, [(0, ("A", (), "x" * 400_000))])])
                refused += 1
                disk.mend()
        assert refused > 0
        store.close()
    again = SqliteStore(tmp_path / "data")
    check(again, range(STEPS - 1, STEPS))
    again.close()


def test_the_layer_passes_on_what_goes_well(tmp_path):
    with vfs.recording() as recorder:
        store, disk = opened(tmp_path / "data", recorder)
        disk.fail("sync", sqlite3.SQLITE_IOERR_FSYNC, 0)
        with pytest.raises(StoreError):
            step(store, 1)
        store.close()


@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
def test_a_number_that_finds_no_room_is_no_failure_of_its_commit():
    acknowledged = Acknowledged(FULL)
    assert not acknowledged.write(7)
    assert acknowledged.read() == 0
    acknowledged.close()


def test_a_store_that_nobody_may_write_is_told_apart_from_a_broken_disk(tmp_path):
    sqlite3.connect(tmp_path / "store.db").execute("CREATE TABLE t (a)").connection.close()
    reader = sqlite3.connect(f"file:{tmp_path / 'store.db'}?mode=ro", uri=True)
    with pytest.raises(sqlite3.OperationalError) as refused:
        reader.execute("CREATE TABLE u (a)")
    reader.close()
    told = plain_error(refused.value, tmp_path / "store.db")
    assert isinstance(told, DiskFailed)
    assert "make it and its directory writable" in str(told)


def test_a_full_disk_that_undid_a_whole_transaction_in_a_part_of_it_is_told_as_that(tmp_path):
    db = Database(tmp_path / "store.db")
    db.run("CREATE TABLE t (a)")

    def meet_a_full_disk():
        with db.transaction(), db.part():
            db.run("ROLLBACK")  # SQLite does so by itself
            raise DiskFull("no room")

    with pytest.raises(DiskFull, match="no room"):
        meet_a_full_disk()
    with db.transaction():
        db.run("INSERT INTO t VALUES (1)")
    assert db.number("SELECT count(*) FROM t") == 1
    db.close()
