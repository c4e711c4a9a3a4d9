"""What forks cost: a prepared session handed to a class costs one copy, whatever each does with it later."""

import random

import pytest

from storage import HistoryAppended, ObjectsChanged, SessionForked, SessionPurged

STUDENTS = 100
OBJECTS = 4_000
#: What a fork may take beside what it shares: its row, its root with the list of segments, its share of the counts.
BYTES_PER_FORK = 4_096


def content(oid):
    """An object's bytes, another for each: what is alike would be compressed to next to nothing."""
    return random.Random(oid).randbytes(100)


@pytest.fixture
def prepared(sqlite_store, add_session):
    """A session of about half a megabyte."""
    sid = add_session(sqlite_store)
    records = [(oid, ("Point", (oid, (0, "Array")), content(oid))) for oid in range(OBJECTS)]
    sqlite_store.commit([ObjectsChanged(sid, 2, OBJECTS, records)])
    sqlite_store.fold(sid)
    return sid


def content_bytes(store):
    """Bytes of all content, whichever table it is in."""
    tables = ("session", "root", "seg", "journal", "history", "savepoint", "past")
    own = sum(store._db.number(f"SELECT sum(length(b)) FROM {table}") for table in tables)
    return own + 24 * store._db.number("SELECT count(*) FROM shared")


def fork(store, sid, number):
    made = store.next_sid()
    store.commit([SessionForked(made, f"fork {number}", "ann", 0, 0, {}, sid)])
    return made


def test_a_hundred_forks_cost_one_copy(sqlite_store, prepared):
    alone = content_bytes(sqlite_store)
    forks = [fork(sqlite_store, prepared, number) for number in range(STUDENTS)]
    assert content_bytes(sqlite_store) - alone < STUDENTS * BYTES_PER_FORK < alone
    assert [sqlite_store.load(made).record(OBJECTS - 1)[2] for made in forks] == [content(OBJECTS - 1)] * STUDENTS


def test_a_fork_pays_for_what_it_changes_and_no_more(sqlite_store, prepared):
    forks = [fork(sqlite_store, prepared, number) for number in range(STUDENTS)]
    before = content_bytes(sqlite_store)
    for number, made in enumerate(forks):
        changed = [(number, ("Point", (), f"changed by {number}"))]
        entry = HistoryAppended(made, 1, {"code": ""})
        sqlite_store.commit([ObjectsChanged(made, 3, OBJECTS, changed), entry])
        sqlite_store.fold(made)
    segment_bytes = 128 * 150
    assert content_bytes(sqlite_store) - before < STUDENTS * (segment_bytes + BYTES_PER_FORK)
    assert sqlite_store.load(forks[7]).record(7)[2] == "changed by 7"
    assert sqlite_store.load(forks[8]).record(7)[2] == content(7)
    assert sqlite_store.verify().damages == []


def test_what_was_shared_goes_with_the_last_that_lists_it(sqlite_store, prepared):
    forks = [fork(sqlite_store, prepared, number) for number in range(3)]
    for sid in (prepared, *forks[:2]):
        sqlite_store.commit([SessionPurged(sid)])
    assert sqlite_store.load(forks[2]).record(5)[2] == content(5)
    sqlite_store.commit([SessionPurged(forks[2])])
    assert content_bytes(sqlite_store) == 0
