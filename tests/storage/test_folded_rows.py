"""Folded journal rows that wait to be deleted with those of other sessions: they say nothing, and no row is lost."""

import shutil
import sqlite3
from contextlib import closing

import pytest

import storage.sqlite
from storage import CommitFailed, DiskFull, HistoryAppended, ObjectsChanged, SavepointSaved, SqliteStore, repair

STEPS = 20
SESSIONS = 3


@pytest.fixture
def sids(sqlite_store, add_session):
    """Sessions whose journals are long, and share pages."""
    made = [add_session(sqlite_store) for _ in range(SESSIONS)]
    for step in range(2, STEPS + 2):
        sqlite_store.commit([change for sid in made for change in step_of(sid, step)])
    return made


def step_of(sid, step):
    records = [(0, ("A", (step,), "x" * 900)), (step + 2, ("B", (step,), None))]
    return [ObjectsChanged(sid, step, step + 3, records), HistoryAppended(sid, step - 1, {"step": step})]


def everything(store, sid):
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    return state.seq, state.next_oid, objects, store.history(sid, 0, 999), store.undo_points(sid)


def row_counts(store, sids):
    return [store._db.number("SELECT count(*) FROM journal WHERE sid = ?", (sid,)) for sid in sids]


@pytest.fixture
def half_folded(sqlite_store, sids, tmp_path):
    """What is on disk when one of the sessions was folded, and what all of them hold."""
    answers = [everything(sqlite_store, sid) for sid in sids]
    assert sqlite_store.fold_due(1) == SESSIONS - 1
    assert row_counts(sqlite_store, sids) == [STEPS + 1] * SESSIONS
    shutil.copytree(tmp_path / "data", tmp_path / "copy")
    return tmp_path / "copy", answers


def test_rows_go_with_those_of_the_last_session_that_is_due(sqlite_store, sids):
    answers = [everything(sqlite_store, sid) for sid in sids]
    assert sqlite_store.fold_due(1) == 2
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
    assert sqlite_store.fold_due(1) == SESSIONS - 1
    for sid in sids:
        sqlite_store.commit([SavepointSaved(sid, "s", 0, {})])
    for step in range(STEPS + 2, STEPS + 5):
        for sid in sids:
            sqlite_store.commit(step_of(sid, step))
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
        patched.setattr(storage.sqlite, "delete_rows", full)
        with pytest.raises(CommitFailed):
            sqlite_store.fold_due(SESSIONS)
    assert sqlite_store.fold_due(1) == SESSIONS - 1
    while sqlite_store.fold_due(1):
        pass
    assert [everything(sqlite_store, sid) for sid in sids] == answers
    assert row_counts(sqlite_store, sids) == [0] * SESSIONS


def test_damage_of_a_row_that_waits_is_told_and_repaired(half_folded, sids):
    directory, answers = half_folded
    with closing(sqlite3.connect(directory / "store.db")) as db, db:
        db.execute("UPDATE journal SET crc = crc + 1 WHERE id = (SELECT min(id) + 3 FROM journal)")
    store = SqliteStore(directory)
    assert len({damage.sid for damage in store.verify().damages}) == 1
    store.close()
    repair(directory)
    store = SqliteStore(directory)
    assert store.verify().damages == []
    assert sum(everything(store, sid) == answer for sid, answer in zip(sids, answers, strict=True)) >= SESSIONS - 1
    store.close()
