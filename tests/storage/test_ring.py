"""The ring: the newest commits are found again, damage in it hurts no more than it must, and little is written."""

import random
import shutil
import sqlite3
from contextlib import closing

import pytest

from storage import (
    DamagedRecord,
    DamagedStore,
    HistoryAppended,
    ObjectsChanged,
    ReplyStored,
    SessionPurged,
    Sid,
    SqliteStore,
    StoreError,
    StoreRefuses,
    repair,
)
from storage import ring as ring_file
from storage.newest import Newest

SESSIONS = 4
STEPS = 6


def step_of(sid, step, size=300):
    return [
        ObjectsChanged(sid, step, step + 3, [(step, ("A", (step,), "x" * size))]),
        HistoryAppended(sid, step - 1, {"step": step}),
        ReplyStored("ann", f"{sid}-{step}", b"digest", b"outcome", step),
    ]


def everything(store, sid):
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    replies = [store.reply("ann", f"{sid}-{step}") for step in range(2, STEPS + 2)]
    return state.seq, state.next_oid, objects, store.history(sid, 0, 99), replies


@pytest.fixture
def sids(sqlite_store, add_session):
    made = [add_session(sqlite_store) for _ in range(SESSIONS)]
    for step in range(2, STEPS + 2):
        sqlite_store.commit([change for sid in made for change in step_of(sid, step)])
    return made


@pytest.fixture
def killed(sqlite_store, sids, tmp_path):
    """What a kill leaves, and what the store said."""
    shutil.copytree(tmp_path / "data", tmp_path / "killed")
    return tmp_path / "killed", {sid: everything(sqlite_store, sid) for sid in sids}


def test_commits_in_the_ring_are_found_after_a_kill_and_a_close_settles_them(killed):
    directory, answers = killed
    store = SqliteStore(directory)
    assert len(store._db.newest) == SESSIONS + STEPS
    assert {sid: everything(store, sid) for sid in answers} == answers
    assert store.verify().damages == []
    store.close()
    store = SqliteStore(directory)
    assert len(store._db.newest) == 0
    assert {sid: everything(store, sid) for sid in answers} == answers
    store.commit(step_of(Sid(1), STEPS + 2))
    assert store.load(Sid(1)).seq == STEPS + 2
    store.close()


def slots(directory):
    with closing(sqlite3.connect(directory / "store.db")) as db:
        return dict(db.execute("SELECT id, b FROM ring"))


def with_slot(directory, slot_id, content):
    with closing(sqlite3.connect(directory / "store.db")) as db, db:
        db.execute("UPDATE ring SET b = ? WHERE id = ?", (content, slot_id))


@pytest.mark.parametrize("seed", range(40))
def test_a_flipped_bit_hurts_at_most_one_session_or_reply_and_is_reported(killed, seed):
    directory, answers = killed
    rng = random.Random(seed)
    slot_id, content = rng.choice(list(slots(directory).items()))
    used = len(content.rstrip(b"\0"))
    place = rng.choice([rng.randrange(used), rng.randrange(60), len(content) - 1 - rng.randrange(60)])
    damaged = bytearray(content)
    damaged[place] ^= 1 << rng.randrange(8)
    with_slot(directory, slot_id, bytes(damaged))
    store = SqliteStore(directory)
    hurt = [sid for sid in answers if not is_whole(store, sid, answers)]
    assert len(hurt) <= 1
    is_padding = content[place] == 0 and not hurt
    assert store.verify().damages or is_padding
    store.close()


def is_whole(store, sid, answers):
    """Tell whether a session says the same; what says something else without an error fails the test."""
    try:
        said = everything(store, sid)
    except DamagedRecord:
        return False
    assert said == answers[sid]
    return True


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_lost_slot_is_never_a_shorter_store(killed, place):
    """A slot of zeros: what was in it is told as lost when it is opened, and by a repair."""
    directory, answers = killed
    found = slots(directory)
    slot_id = {"first": min(found), "middle": len(found) // 2, "last": max(found)}[place]
    with_slot(directory, slot_id, bytes(len(found[slot_id])))
    with pytest.raises(DamagedStore):
        SqliteStore(directory)
    losses = repair(directory)
    assert losses
    store = SqliteStore(directory)
    for sid in answers:
        assert store.session(sid) is None or everything(store, sid)[0] <= answers[sid][0]
    assert store.verify().damages == []
    store.close()


@pytest.mark.parametrize(
    ("damage", "told"),
    [("UPDATE tally SET commits = commits + 1", "counters"), ("PRAGMA user_version = 0", "lost")],
    ids=["counters", "version"],
)
def test_a_repair_keeps_what_is_in_the_ring(killed, damage, told):
    """Also if a flipped bit makes the version 0, from which on there is no ring yet."""
    directory, answers = killed
    with closing(sqlite3.connect(directory / "store.db")) as db, db:
        db.execute(damage)
    with pytest.raises(DamagedStore, match=told):
        SqliteStore(directory)
    repair(directory)
    store = SqliteStore(directory)
    assert {sid: everything(store, sid) for sid in answers} == answers
    store.close()


def test_a_damaged_reply_in_the_ring_is_an_error_and_never_a_missing_one(killed):
    directory, _ = killed
    found = slots(directory)
    slot_id, content = next((slot_id, b) for slot_id, b in found.items() if b"2-4" in b)
    with_slot(directory, slot_id, content.replace(b"\xa32-4\xc4\x06digest", b"\xa32-4\xc4\x06digesT"))
    store = SqliteStore(directory)
    with pytest.raises(DamagedRecord, match="reply"):
        store.reply("ann", "2-4")
    assert store.reply("ann", "2-5").outcome == b"outcome"
    store.close()


@pytest.fixture
def small(monkeypatch):
    """A ring that is soon full."""
    monkeypatch.setattr(ring_file, "SLOTS", 24)
    monkeypatch.setattr(ring_file, "SLOTS_SETTLED", 8)


def test_a_full_ring_gives_its_oldest_commits_to_the_tables_and_goes_round(small, sqlite_store, sids, tmp_path):
    for step in range(STEPS + 2, 60):
        sqlite_store.commit([change for sid in sids for change in step_of(sid, step)])
        assert sqlite_store._db.newest.slots <= ring_file.SLOTS
    assert len(slots_of(sqlite_store)) <= ring_file.SLOTS + STEPS
    answers = {sid: everything(sqlite_store, sid) for sid in sids}
    assert answers[sids[0]][0] == 59
    shutil.copytree(tmp_path / "data", tmp_path / "killed")
    store = SqliteStore(tmp_path / "killed")
    assert {sid: everything(store, sid) for sid in sids} == answers
    assert store.verify().damages == []
    store.close()


def slots_of(store):
    return store._db.all("SELECT id FROM ring")


def test_a_repair_without_counters_tells_no_losses_of_commits_that_were_moved_and_written_over(
    small, sqlite_store, sids, tmp_path
):
    for step in range(STEPS + 2, 40):
        size = 300 if step % 3 else 6_000
        sqlite_store.commit([change for sid in sids for change in step_of(sid, step, size)])
    answers = {sid: everything(sqlite_store, sid) for sid in sids}
    shutil.copytree(tmp_path / "data", tmp_path / "killed")
    with closing(sqlite3.connect(tmp_path / "killed" / "store.db")) as db, db:
        db.execute("UPDATE tally SET commits = commits + 1")
    assert repair(tmp_path / "killed") == []
    store = SqliteStore(tmp_path / "killed")
    assert {sid: everything(store, sid) for sid in sids} == answers
    store.close()


def test_folded_and_purged_rows_are_not_moved_to_the_tables(sqlite_store, sids):
    sqlite_store.fold(sids[0])
    sqlite_store.commit([SessionPurged(sids[1])])
    sqlite_store._settle(len(sqlite_store._db.newest))
    counts = dict(sqlite_store._db.all("SELECT sid, count(*) FROM journal GROUP BY sid"))
    assert counts == dict.fromkeys(sids[2:], STEPS + 1)
    assert sqlite_store.verify().damages == []


def test_a_large_commit_goes_to_the_tables_after_those_before_it(sqlite_store, sids):
    size = ring_file.LARGE_SLOTS * ring_file.SLOT_BYTES
    sqlite_store.commit(step_of(sids[0], STEPS + 2, size))
    assert len(sqlite_store._db.newest) == 0
    sqlite_store.commit(step_of(sids[0], STEPS + 3))
    assert len(sqlite_store._db.newest) == 1
    assert everything(sqlite_store, sids[0])[0] == STEPS + 3
    assert sqlite_store.verify().damages == []


def test_a_commit_that_fails_leaves_the_ring_as_it_was(sqlite_store, sids):
    answers = {sid: everything(sqlite_store, sid) for sid in sids}
    with pytest.raises(StoreError):
        sqlite_store.commit([*step_of(sids[0], STEPS + 2), *step_of(Sid(99), 1)])
    assert {sid: everything(sqlite_store, sid) for sid in sids} == answers
    sqlite_store.commit(step_of(sids[0], STEPS + 2))
    assert sqlite_store.verify().damages == []


def test_what_was_stored_and_could_not_be_noted_forbids_to_go_on(sqlite_store, sids, tmp_path, monkeypatch):
    """Without this the next commit would take the number and the slots of one that is durable."""

    def fails(*_):
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(Newest, "add", fails)
        with pytest.raises(StoreRefuses, match="MemoryError"):
            sqlite_store.commit(step_of(sids[0], STEPS + 2))
    with pytest.raises(StoreRefuses):
        sqlite_store.commit(step_of(sids[0], STEPS + 3))
    shutil.copytree(tmp_path / "data", tmp_path / "again")
    with closing(SqliteStore(tmp_path / "again")) as store:
        assert store.load(sids[0]).seq == STEPS + 2


def test_a_commit_writes_no_page_but_its_slots(small, sqlite_store, sids):
    """Once the ring is made; frames of the log are counted."""
    for step in range(STEPS + 2, 40):
        sqlite_store.commit(step_of(sids[0], step))
    sqlite_store._settle(len(sqlite_store._db.newest))
    sqlite_store._db.one("PRAGMA wal_checkpoint(RESTART)")
    sqlite_store.commit(step_of(sids[0], 40))
    assert sqlite_store._db.one("PRAGMA wal_checkpoint(PASSIVE)")[1] == 1
