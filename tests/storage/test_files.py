"""The data directory and the file's origin: refusals in one plain sentence; full and failing disks."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from storage import (
    DamagedStore,
    DiskFull,
    ObjectsChanged,
    SessionClosed,
    Sid,
    SqliteStore,
    UnusableData,
)
from storage.schema import VERSION


def test_the_directory_is_private_and_made_with_its_parents(tmp_path):
    SqliteStore(tmp_path / "a" / "b").close()
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_second_server_on_the_same_data_is_refused_and_told_who_has_it(sqlite_store, tmp_path):
    with pytest.raises(UnusableData, match=f"in use by another server \\(process {os.getpid()}\\)"):
        SqliteStore(tmp_path / "data")
    sqlite_store.close()
    SqliteStore(tmp_path / "data").close()


def test_without_the_lock_file_sqlite_refuses_the_second_server(sqlite_store, tmp_path, monkeypatch):
    """The portable fall-back: no `flock`, as on other platforms."""
    monkeypatch.setattr("storage.files.fcntl.flock", lambda *_: None)
    with pytest.raises(UnusableData, match="in use"):
        SqliteStore(tmp_path / "data")


def test_a_directory_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UnusableData, match="cannot be used"):
        SqliteStore(tmp_path / "file" / "data")


def test_data_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    SqliteStore(tmp_path).close()
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = (tmp_path / "store.db").read_bytes()
    with pytest.raises(UnusableData, match=f"newer version .*format {VERSION + 1}"):
        SqliteStore(tmp_path)
    assert (tmp_path / "store.db").read_bytes() == before


def test_a_database_of_another_program_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("CREATE TABLE theirs(a)")
    db.close()
    with pytest.raises(UnusableData, match="another program"):
        SqliteStore(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "store.db").write_text("Dear diary, " * 1_000)
    with pytest.raises(DamagedStore, match="is damaged"):
        SqliteStore(tmp_path)


def test_a_crash_while_the_file_was_made_leaves_a_usable_directory(tmp_path):
    (tmp_path / "store.db").touch()
    store = SqliteStore(tmp_path)
    assert store.counts().sessions == 0
    store.close()


def test_a_refused_opening_releases_the_directory(tmp_path):
    (tmp_path / "store.db").write_text("Dear diary, " * 1_000)
    for _ in range(2):
        with pytest.raises(DamagedStore):
            SqliteStore(tmp_path)
    (tmp_path / "store.db").unlink()
    SqliteStore(tmp_path).close()


def test_a_full_disk_fails_the_commit_and_the_store_goes_on(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    pages = sqlite_store._db.pragma("page_count")
    sqlite_store._db.one(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskFull, match="No space"):
        sqlite_store.commit([ObjectsChanged(sid, 2, 3, [(0, ("A", (), "x" * 100_000))])])
    assert sqlite_store.load(sid).record(0) == ("Point", (0, (0, "Array")), None)
    sqlite_store._db.one("PRAGMA max_page_count = 1000000")
    sqlite_store.commit([ObjectsChanged(sid, 2, 3, [(0, ("A", (), "x" * 100_000))]), SessionClosed(sid)])
    assert sqlite_store.load(sid).seq == 2


FAILING_CHILD = """
import resource, signal, sys
from pathlib import Path
from storage import CommitFailed, DiskFailed, ObjectsChanged, SessionCreated, SqliteStore, StoreRefuses

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = SqliteStore(Path(sys.argv[1]))
sid = store.next_sid()
store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
step = 1
try:
    while True:
        store.commit([ObjectsChanged(sid, step, 1, [(0, ("A", (step,), "x" * 5_000))])])
        step += 1
except DiskFailed as error:
    assert "check the disk" in str(error), error
assert store.load(sid).seq == step - 1
for attempt in range(2):
    try:
        store.commit([ObjectsChanged(sid, step, 1, [])])
    except StoreRefuses:
        continue
    raise AssertionError("a failed disk was written again")
print(step - 1)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="needs a limit on file sizes to make writes fail")
def test_after_an_error_of_the_disk_nothing_more_is_written_and_nothing_acknowledged_is_lost(tmp_path):
    """Writes really fail: the child may not let a file grow beyond a size."""
    child = subprocess.run(
        [sys.executable, "-c", FAILING_CHILD, str(tmp_path / "data")],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
        timeout=60,
    )
    assert child.returncode == 0, child.stderr.decode()
    acknowledged = int(child.stdout)
    assert acknowledged > 0
    store = SqliteStore(tmp_path / "data")
    assert store.load(Sid(1)).seq == acknowledged
    assert store.verify().damages == []
    store.close()
