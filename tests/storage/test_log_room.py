"""Room for the write-ahead log: made ahead, never taken for a part of it."""

import os
import shutil

import pytest

from storage import DamagedStore, MemoryStore, ObjectsChanged, SessionCreated, Sid, SqliteStore
from storage.log_room import ROOM_BYTES, STEP_BYTES, USED_BYTES

USED_STEPS = 80


@pytest.fixture
def store(tmp_path):
    """A store whose log is in use."""
    store = SqliteStore(tmp_path / "live")
    store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
    commit(store, range(1, USED_STEPS + 1))
    yield store
    store.close()


def commit(store, steps):
    for step in steps:
        store.commit([ObjectsChanged(Sid(1), step, 2, [(1, ("A", (step,), "x" * 3_000))])])


def log_of(store):
    return store.directory / "store.db-wal"


def make_room(store):
    """Make all of it; return in how many steps."""
    steps = 0
    while store.lengthen_log():
        steps += 1
    return steps


def killed(store, tmp_path):
    """What a kill leaves."""
    return shutil.copytree(store.directory, tmp_path / "killed", dirs_exist_ok=True)


def test_a_log_in_use_becomes_as_long_as_it_will_be_in_steps(store):
    used_bytes = log_of(store).stat().st_size
    assert used_bytes >= USED_BYTES
    assert make_room(store) == -(-(ROOM_BYTES - used_bytes) // STEP_BYTES)
    commit(store, range(USED_STEPS + 1, 2 * USED_STEPS))
    assert log_of(store).stat().st_size == ROOM_BYTES
    assert make_room(store) == 0


def test_a_store_that_is_hardly_written_to_needs_none(tmp_path):
    store = SqliteStore(tmp_path / "data")
    store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
    assert not store.lengthen_log()
    assert log_of(store).stat().st_size < USED_BYTES
    store.close()
    assert not MemoryStore().lengthen_log()


def test_room_is_not_taken_for_commits_nor_for_lost_ones(store, tmp_path):
    make_room(store)
    commit(store, [USED_STEPS + 1])
    reopened = SqliteStore(killed(store, tmp_path))
    assert reopened.verify().damages == []
    assert reopened.load(Sid(1)).seq == USED_STEPS + 1
    commit(reopened, [USED_STEPS + 2])
    reopened.close()


@pytest.mark.parametrize("has_number", [True, False])
def test_a_log_cut_short_before_its_room_is_noticed(store, tmp_path, has_number):
    make_room(store)
    directory = killed(store, tmp_path)
    with (directory / "store.db-wal").open("r+b") as log:
        log.seek(USED_BYTES // 2)
        (byte,) = log.read(1)
        log.seek(USED_BYTES // 2)
        log.write(bytes([byte ^ 1]))
    if not has_number:
        (directory / "store.ack").unlink()
    with pytest.raises(DamagedStore):
        SqliteStore(directory)


def test_a_backup_copies_no_room(store, tmp_path):
    make_room(store)
    steps = store.back_up(tmp_path / "backup")
    next(steps)
    commit(store, range(USED_STEPS + 1, 2 * USED_STEPS))
    assert log_of(store).stat().st_size >= USED_BYTES
    assert not store.lengthen_log()
    for _ in steps:
        pass
    assert (tmp_path / "backup" / "store.db-wal").stat().st_size < ROOM_BYTES // 4
    assert make_room(store)


def test_a_disk_without_room_fails_nothing(store, monkeypatch):
    def fail(_descriptor):
        raise OSError

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        assert not store.lengthen_log()
    commit(store, [USED_STEPS + 1])
    assert store.load(Sid(1)).seq == USED_STEPS + 1
