"""Bit flips in the write-ahead log: SQLite ends the log there without a word; opening must not."""

import random
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import DamagedStore, ObjectsChanged, SessionCreated, Sid, SqliteStore
from storage.wal import is_cut_short, transaction_ends

STEPS = 40


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> Path:
    """The directory of a killed process with some transactions in the log, which was restarted once before."""
    base = tmp_path_factory.mktemp("killed")
    store = SqliteStore(base / "live")
    sid = store.next_sid()
    store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
    for step in range(1, STEPS + 1):
        store.commit([ObjectsChanged(sid, step, step + 1, [(step, ("A", (step,), "x" * 900))])])
        if step == STEPS // 2:
            store._db.one("PRAGMA wal_checkpoint(PASSIVE)")
    shutil.copytree(base / "live", base / "killed")
    store.close()
    return base / "killed"


def open_damaged(killed: Path, copy: Path, bit: int, *, with_number: bool) -> int:
    """Flip a bit of the log, open, and return the last step found; the copy is removed."""
    shutil.copytree(killed, copy)
    log = bytearray((copy / "store.db-wal").read_bytes())
    log[bit // 8] ^= 1 << bit % 8
    (copy / "store.db-wal").write_bytes(log)
    if not with_number:
        (copy / "store.ack").unlink()
    try:
        store = SqliteStore(copy)
        try:
            assert store.verify().damages == []
            return store.load(Sid(1)).seq
        finally:
            store.close()
    finally:
        shutil.rmtree(copy)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_flipped_bit_anywhere_loses_nothing_silently(killed, tmp_path_factory, data):
    size_bytes = (killed / "store.db-wal").stat().st_size
    bit = data.draw(st.one_of(st.integers(0, 32 * 8 - 1), st.integers(0, size_bytes * 8 - 1)))
    try:
        found = open_damaged(killed, tmp_path_factory.mktemp("flip") / "data", bit, with_number=True)
    except DamagedStore:
        return
    assert found == STEPS


def test_flips_in_live_frames_are_noticed_without_the_acknowledged_number_too(killed, tmp_path):
    """Without the number, all but the last transaction can be proven lost by the log alone."""
    ends = transaction_ends(killed / "store.db-wal")
    rng = random.Random(1)
    for number in range(1, ends[-2] + 1):
        first_bit = (32 + (number - 1) * (24 + 4096)) * 8
        with pytest.raises(DamagedStore):
            open_damaged(killed, tmp_path / "data", first_bit + rng.randrange((24 + 4096) * 8), with_number=False)


def test_damage_is_kept_and_refused_until_the_operator_accepts_it(killed, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(killed, data)
    log = (data / "store.db-wal").read_bytes()
    damaged = log[:5_000] + bytes([log[5_000] ^ 1]) + log[5_001:]
    (data / "store.db-wal").write_bytes(damaged)
    for _ in range(2):
        with pytest.raises(DamagedStore, match="acknowledged commits") as caught:
            SqliteStore(data)
    assert "store.damage" in str(caught.value)
    assert (data / "store.db-wal.damaged").read_bytes() == damaged
    (data / "store.damage").unlink()
    store = SqliteStore(data)
    assert store.load(Sid(1)).seq < STEPS
    store.close()


def test_a_lost_log_is_noticed(killed, tmp_path):
    shutil.copytree(killed, tmp_path / "data")
    (tmp_path / "data" / "store.db-wal").unlink()
    with pytest.raises(DamagedStore, match="acknowledged commits"):
        SqliteStore(tmp_path / "data")


def test_a_lost_database_is_noticed(killed, tmp_path):
    shutil.copytree(killed, tmp_path / "data")
    for name in ("store.db", "store.db-wal"):
        (tmp_path / "data" / name).unlink()
    with pytest.raises(DamagedStore, match="acknowledged commits"):
        SqliteStore(tmp_path / "data")


def test_a_garbled_number_proves_nothing(killed, tmp_path):
    shutil.copytree(killed, tmp_path / "data")
    (tmp_path / "data" / "store.ack").write_bytes(b"\xff" * 12)
    store = SqliteStore(tmp_path / "data")
    assert store.load(Sid(1)).seq == STEPS
    store.close()


@pytest.mark.parametrize(
    ("ends", "recovered", "is_cut"),
    [([], 0, False), ([3, 5], 5, False), ([3, 5], 3, False), ([3, 5], 2, True), ([3, 5, 9], 4, True)],
)
def test_only_one_transaction_may_be_unsynced(ends, recovered, is_cut):
    assert is_cut_short(ends, recovered) is is_cut


@pytest.mark.parametrize("content", [None, b"", b"short", bytes(32), bytes(40)])
def test_a_log_without_frames_ends_no_transaction(tmp_path, content):
    if content is not None:
        (tmp_path / "log").write_bytes(content)
    assert transaction_ends(tmp_path / "log") == []


def test_a_frame_torn_between_size_and_salts_ends_no_transaction(killed, tmp_path):
    """Frame 42 lies so; with the size of an older frame and current salts it must not pass for a second loss."""
    log = bytearray((killed / "store.db-wal").read_bytes())
    stride = 24 + 4096
    frames = [bytes(log[32 + n * stride : 32 + (n + 1) * stride]) for n in range((len(log) - 32) // stride)]
    while len(frames) < 45:
        frames.append(frames[len(frames) % 7])
    sizes = [frame[:4] + bytes(4) + frame[8:] for frame in frames]
    for number in (41, 42, 43):
        torn = [*sizes]
        torn[number - 1] = frames[0][:4] + b"\0\0\0\7" + torn[number - 1][8:]
        (tmp_path / "log").write_bytes(bytes(log[:32]) + b"".join(torn))
        assert transaction_ends(tmp_path / "log") == ([] if number == 42 else [number])


def test_the_checksums_of_a_whole_log_follow_from_each_other(killed, monkeypatch):
    ends = transaction_ends(killed / "store.db-wal")
    monkeypatch.setattr("storage.wal._may_be_torn", lambda _: True)
    assert transaction_ends(killed / "store.db-wal") == ends != []


def test_compiled_code_does_not_stay_in_the_log_which_a_start_after_a_kill_reads(tmp_path):
    store = SqliteStore(tmp_path / "data")
    store.put_code([(b"hash", bytes(500_000))])
    store.commit([SessionCreated(store.next_sid(), "t", "ann", 0, 0, {})])
    (end,) = transaction_ends(tmp_path / "data" / "store.db-wal")
    assert end * 4_096 < 100_000
    store.close()


def test_what_a_power_loss_tore_is_gone_when_the_next_transaction_may_be_torn_too(tmp_path):
    """The log's first transaction was torn; the next one is written over its beginning, and must not end twice."""
    store = SqliteStore(tmp_path / "data")
    sid = store.next_sid()
    store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
    store._db.one("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(tmp_path / "data", tmp_path / "torn")
    store.commit([ObjectsChanged(sid, 1, 2, [(1, ("A", (), "x" * 9_000))])])
    torn = bytearray((tmp_path / "data" / "store.db-wal").read_bytes())
    store.close()
    torn[1_000] ^= 1
    (tmp_path / "torn" / "store.db-wal").write_bytes(torn)
    assert len(transaction_ends(tmp_path / "torn" / "store.db-wal")) == 1
    store = SqliteStore(tmp_path / "torn")
    assert transaction_ends(tmp_path / "torn" / "store.db-wal") == []
    store.commit([ObjectsChanged(sid, 1, 2, [(1, ("A", (), "y"))])])
    assert len(transaction_ends(tmp_path / "torn" / "store.db-wal")) == 1
    assert store.verify().damages == []
    store.close()
