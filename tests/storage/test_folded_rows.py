"""Folded journal rows that wait to be deleted with those of other sessions: they say nothing, and no row is lost."""

import shutil
import sqlite3
from contextlib import closing

import pytest

import storage.folded_rows
import storage.upkeep
from storage import (
    CommitFailed,
    DamagedRecord,
    DiskFull,
    HistoryAppended,
    ObjectsChanged,
    SavepointSaved,
    SqliteStore,
    repair,
)
from storage.fold import LIGHT_STEPS
from storage.segments import read_root

STEPS = 20
SESSIONS = 3


@pytest.fixture
def sids(sqlite_store, add_session):
    """Sessions whose journals are long, and share pages."""
    made = [add_session(sqlite_store) for _ in range(SESSIONS)]
    for step in range(2, STEPS + 2):
        sqlite_store.commit([change for sid in made for change in step_of(sid, step)])
    settle(sqlite_store)
    return made


def settle(store):
    """Move all rows from the ring to the table."""
    store._settle(len(store._db.newest))


def step_of(sid, step):
    records = [(0, ("A", (step,), "x" * 900)), (step + 2, ("B", (step,), None))]
    return [ObjectsChanged(sid, step, step + 3, records), HistoryAppended(sid, step - 1, {"step": step})]


def everything(store, sid):
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    return state.seq, state.next_oid, objects, store.history(sid, 0, 999), store.undo_points(sid)


def row_counts(store, sids):
    """Rows in the table, and those in the ring that are not folded."""
    in_table = [store._db.number("SELECT count(*) FROM journal WHERE sid = ?", (sid,)) for sid in sids]
    return [
        count + sum(n > read_root(store._db, sid).n for n, *_ in store._db.newest.rows(sid))
        for sid, count in zip(sids, in_table, strict=True)
    ]


@pytest.fixture
def half_folded(sqlite_store, sids, tmp_path):
    """What is on disk when one of the sessions was folded, and what all of them hold."""
    answers = [everything(sqlite_store, sid) for sid in sids]
    assert sqlite_store.fold_due(LIGHT_STEPS) == LIGHT_STEPS * (SESSIONS - 1)
    assert row_counts(sqlite_store, sids) == [STEPS + 1] * SESSIONS
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    return tmp_path / "copy", answers


def test_rows_go_with_those_of_the_last_session_that_is_due(sqlite_store, sids):
    answers = [everything(sqlite_store, sid) for sid in sids]
    assert sqlite_store.fold_due(LIGHT_STEPS) == LIGHT_STEPS * 2
    sqlite_store.commit(step_of(sids[0], STEPS + 2))
    assert everything(sqlite_store, sids[1]) == answers[1]
    while sqlite_store.fold_due(1):
        pass
    assert row_counts(sqlite_store, sids) == [1, 0, 0]
    assert [everything(sqlite_store, sid) for sid in sids[1:]] == answers[1:]
    assert everything(sqlite_store, sids[0])[0] == STEPS + 2
    assert sqlite_store.verify().damages == []


def test_rows_that_a_stop_left_behind_say_nothing_and_go_at_the_next_folding(half_folded, sids):
    directory, answers = half_folded
    store = SqliteStore(directory)
    assert [everything(store, sid) for sid in sids] == answers
    assert store.verify().damages == []
    for sid in sids:
        store.commit(step_of(sid, STEPS + 2))
    while store.fold_due(1):
        pass
    assert row_counts(store, sids) == [0] * SESSIONS
    assert [everything(store, sid)[0] for sid in sids] == [STEPS + 2] * SESSIONS
    store.close()


def test_rows_whose_ids_were_given_again_are_not_deleted_in_their_place(sqlite_store, sids):
    """Savepoints delete all rows of the journal, so the next ones get the ids of the first, which are folded."""
    assert sqlite_store.fold_due(LIGHT_STEPS) == LIGHT_STEPS * (SESSIONS - 1)
    for sid in sids:
        sqlite_store.commit([SavepointSaved(sid, "s", 0, {})])
    for step in range(STEPS + 2, STEPS + 5):
        for sid in sids:
            sqlite_store.commit(step_of(sid, step))
    settle(sqlite_store)
    assert sqlite_store._db.number("SELECT min(id) FROM journal") == 1
    while sqlite_store.fold_due(1):
        pass
    assert [everything(sqlite_store, sid)[0] for sid in sids] == [STEPS + 4] * SESSIONS
    assert sqlite_store.verify().damages == []


def test_a_folding_that_fails_deletes_nothing_that_was_not_folded(sqlite_store, sids, monkeypatch):
    answers = [everything(sqlite_store, sid) for sid in sids]

    def full(*_):
        raise DiskFull("No space is left.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.upkeep, "delete_rows", full)
        with pytest.raises(CommitFailed):
            sqlite_store.fold_due(LIGHT_STEPS * SESSIONS)
    assert sqlite_store.fold_due(LIGHT_STEPS) == LIGHT_STEPS * (SESSIONS - 1)
    while sqlite_store.fold_due(1):
        pass
    assert [everything(sqlite_store, sid) for sid in sids] == answers
    assert row_counts(sqlite_store, sids) == [0] * SESSIONS


def damaged(directory, statement):
    with closing(sqlite3.connect(directory / "store.db")) as db, db:
        db.execute(statement)
    return SqliteStore(directory)


def folded_sid(store, sids):
    """The session whose rows wait."""
    return next(sid for sid in sids if read_root(store._db, sid).n)


@pytest.mark.parametrize("place", ["min(id) + 3", "max(id)"])
def test_damage_of_a_row_that_waits_is_told_and_hurts_nobody(half_folded, sids, sqlite_store, place):
    directory, answers = half_folded
    sid = folded_sid(sqlite_store, sids)
    store = damaged(directory, f"UPDATE journal SET b = 7 WHERE id = (SELECT {place} FROM journal WHERE sid = {sid})")
    assert [damage.sid for damage in store.verify().damages] == [sid]
    assert [everything(store, each) for each in sids] == answers
    store.commit(step_of(sid, STEPS + 2))
    assert everything(store, sid)[0] == STEPS + 2
    store.close()
    assert repair(directory) == []
    store = SqliteStore(directory)
    assert [everything(store, each) for each in sids if each != sid] == [
        answer for each, answer in zip(sids, answers, strict=True) if each != sid
    ]
    assert everything(store, sid)[0] == STEPS + 2
    assert store.verify().damages == []
    store.close()


def test_a_row_that_says_it_was_folded_and_was_not_is_a_loss(half_folded, sids, sqlite_store):
    directory, _ = half_folded
    sid = folded_sid(sqlite_store, sids)
    store = SqliteStore(directory)
    store.commit(step_of(sid, STEPS + 2))
    store.close()
    store = damaged(directory, f"UPDATE journal SET n = 3 WHERE id = (SELECT max(id) FROM journal WHERE sid = {sid})")
    with pytest.raises(DamagedRecord):
        store.load(sid)
    store.close()
    assert len(repair(directory)) == 1


def test_rows_that_wait_do_not_count_and_go_when_there_is_nothing_else_to_fold(sqlite_store, sids):
    sqlite_store.fold_due(LIGHT_STEPS)
    sid = folded_sid(sqlite_store, sids)
    size_bytes = sqlite_store.size_of(sid)
    for each in sids:
        if each != sid:
            sqlite_store.fold(each)
    assert row_counts(sqlite_store, [sid]) == [STEPS + 1]
    assert sqlite_store.fold_due(1) == 0
    assert row_counts(sqlite_store, [sid]) == [0]
    assert sqlite_store.size_of(sid) == size_bytes


def test_rows_that_wait_are_few_bytes(sqlite_store, sids, monkeypatch):
    monkeypatch.setattr(storage.folded_rows, "FOLDED_BYTES_MAX", STEPS * 900)
    assert sqlite_store.fold_due(LIGHT_STEPS) == LIGHT_STEPS * (SESSIONS - 1)
    assert sorted(row_counts(sqlite_store, sids)) == [0] + [STEPS + 1] * (SESSIONS - 1)
