"""Preparing the commit of a large step: new segments are written ahead of it, and nobody sees them.

Law: committed is what was handed in, whole, whatever happened meanwhile; what is not committed leaves nothing behind.
"""

from hashlib import sha512

import pytest

from storage import (
    CommitFailed,
    DamagedRecord,
    DiskFull,
    EncodedRecords,
    HistoryAppended,
    ObjectsChanged,
    ReplyStored,
    SavepointDropped,
    SavepointSaved,
    SessionPurged,
    SessionTouched,
    Sid,
    SqliteStore,
    StateUndone,
    StoreError,
    StoreRefuses,
    is_large,
)
from storage.groups import SEGMENT_OIDS
from storage.past import PAST_BYTES_MAX
from storage.preparing import LARGE_BYTES, LARGE_RECORDS, PreparedRecords
from storage.segments import DROPPED_AT_ONCE, read_root

MANY = 40 * SEGMENT_OIDS


@pytest.fixture(autouse=True)
def few_bytes_are_many(monkeypatch):
    """Some segments are written ahead with each transaction."""
    monkeypatch.setattr("storage.merge.WRITTEN_BYTES", 16_384)


def many(value, count=MANY):
    """Records of very many objects, which compressing makes no shorter."""
    return [(oid, ("B", (value,), sha512(b"%d" % oid).digest()[:40])) for oid in range(count)]


def step(sid, seq, entry, records):
    """What an evaluation stores."""
    return [ObjectsChanged(sid, seq, MANY, records), HistoryAppended(sid, entry, {"entry": entry})]


def prepared(store, changes, steps=None):
    """Prepare changes to the end, or for some steps, after which the preparation is returned."""
    preparing = store.prepare(changes)
    try:
        while steps is None or steps > 0:
            next(preparing)
            steps = None if steps is None else steps - 1
    except StopIteration as end:
        return end.value
    return preparing


def objects(store, sid):
    state = store.load(sid)
    return {oid: state.record(oid) for oid in state.oids()}


def everything(store, sid):
    state = store.load(sid)
    return state.seq, state.next_oid, objects(store, sid), store.history(sid, 0, 999), store.undo_points(sid)


def loose(store):
    return store._segments.loose.ids()


def stored_segments(store):
    return {k for (k,) in store._db.all("SELECT k FROM seg")}


def sweep(store):
    """Do what is due between commits, to the end."""
    while store.fold_due(1):
        pass


def test_a_prepared_step_is_committed_like_any_other_while_others_commit_between(store, add_session):
    sid, other = add_session(store), add_session(store)
    before, count = everything(store, sid), 0
    preparing = store.prepare(step(sid, 2, 1, many(7)))
    while True:
        try:
            next(preparing)
        except StopIteration as end:
            changes = end.value
            break
        count += 1
        store.commit([ObjectsChanged(other, count + 1, 3, [(0, ("A", (count,), None))])])
        assert everything(store, sid) == before
        assert store.verify().damages == []
    store.commit([*changes, ReplyStored("ann", "1", b"d", b"o", 0), SessionTouched(sid, 1, 2)])
    assert everything(store, sid) == (2, MANY, dict(many(7)), (1, [(1, {"entry": 1})]), [1])
    assert store.reply("ann", "1").outcome == b"o"
    store.commit([StateUndone(sid, 1, 3), HistoryAppended(sid, 2, {})])
    assert objects(store, sid) == before[2]
    assert store.load(other).seq == count + 1
    assert store.verify().damages == []


def test_a_prepared_step_goes_past_the_journal_and_leaves_nothing_loose(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    changes = prepared(sqlite_store, step(sid, 2, 1, many(7)))
    assert isinstance(changes[0].records, PreparedRecords)
    assert len(loose(sqlite_store)) == MANY // SEGMENT_OIDS
    sqlite_store.commit(changes)
    assert loose(sqlite_store) == set()
    assert read_root(sqlite_store._db, sid).seq == 2
    assert sqlite_store._db.newest.rows(sid)[-1][0] < read_root(sqlite_store._db, sid).n
    sqlite_store.commit(prepared(sqlite_store, step(sid, 3, 2, many(8))))
    sqlite_store.commit(step(sid, 4, 3, many(9, 2)))
    expected = everything(sqlite_store, sid)
    assert expected[2] == {**dict(many(8)), **dict(many(9, 2))}
    assert expected[4] == [1, 2, 3]
    sqlite_store.close()
    with_others = SqliteStore(sqlite_store.directory)
    assert everything(with_others, sid) == expected
    assert with_others.former(sid, 2).record(MANY - 1) == many(7)[-1][1]
    assert with_others.verify().damages == []
    with_others.close()


@pytest.mark.parametrize("change", ["savepoint", "step", "fold", "undo"])
def test_what_was_prepared_for_another_state_is_left_and_the_records_are_committed(sqlite_store, add_session, change):
    sid = add_session(sqlite_store)
    sqlite_store.commit(step(sid, 2, 1, many(5, 3)))
    changes = prepared(sqlite_store, step(sid, 4 if change in {"step", "undo"} else 3, 3, many(7)))
    if change == "savepoint":
        sqlite_store.commit([SavepointSaved(sid, "s", 0, {}), HistoryAppended(sid, 2, {})])
    elif change == "step":
        sqlite_store.commit(step(sid, 3, 2, many(6, 3)))
    elif change == "fold":
        sqlite_store.commit([HistoryAppended(sid, 2, {})])
        sqlite_store.fold(sid)
    else:
        sqlite_store.commit([StateUndone(sid, 1, 3), HistoryAppended(sid, 2, {})])
    sqlite_store.commit(changes)
    assert objects(sqlite_store, sid) == dict(many(7))
    del changes
    sweep(sqlite_store)
    assert loose(sqlite_store) == set()
    assert sqlite_store.verify().damages == []


def test_more_of_the_session_in_the_same_commit_is_committed_with_it(store, add_session):
    sid = add_session(store)
    changes = prepared(store, step(sid, 2, 1, many(7)))
    store.commit([*changes, *step(sid, 3, 2, many(8, 2)), SavepointSaved(sid, "s", 0, {})])
    assert everything(store, sid)[0] == 3
    assert objects(store, sid) == {**dict(many(7)), **dict(many(8, 2))}
    assert store.former(sid, 2).record(0) == many(7)[0][1]
    changes = prepared(store, step(sid, 4, 3, many(9)))
    store.commit([*changes, HistoryAppended(sid, 4, {"entry": 4})])
    assert objects(store, sid) == dict(many(9))
    assert store.history(sid, 0, 99).total == 4
    changes = prepared(store, step(sid, 5, 5, many(1)))
    store.commit([*changes, SavepointDropped(sid, "s")])
    assert (objects(store, sid), store.savepoints(sid)) == (dict(many(1)), [])
    assert store.verify().damages == []


def test_a_step_without_an_entry_is_prepared_and_others_are_not(store, add_session):
    sid = add_session(store)
    store.commit(prepared(store, [ObjectsChanged(sid, 2, MANY, many(7))]))
    assert objects(store, sid) == dict(many(7))
    for changes in ([], [ReplyStored("a", "b", b"", b"", 0)], [SavepointSaved(sid, "s", 0, {}), *step(sid, 3, 1, [])]):
        assert list(prepared(store, changes)) == changes


@pytest.mark.parametrize("steps", [1, 3, 15, 30])
def test_what_is_given_up_is_deleted(sqlite_store, add_session, steps):
    sid = add_session(sqlite_store)
    before = everything(sqlite_store, sid)
    sqlite_store.fold(sid)
    segments = stored_segments(sqlite_store)
    preparing = prepared(sqlite_store, step(sid, 2, 1, many(7)), steps)
    sweep(sqlite_store)
    assert (stored_segments(sqlite_store) > segments) == (steps > 3)
    preparing.close()
    del preparing
    sweep(sqlite_store)
    assert stored_segments(sqlite_store) == segments
    assert loose(sqlite_store) == set()
    assert everything(sqlite_store, sid) == before
    assert sqlite_store.verify().damages == []


def test_what_a_failed_commit_was_to_list_is_deleted(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    before = everything(sqlite_store, sid)
    with pytest.raises(CommitFailed):
        sqlite_store.commit([*prepared(sqlite_store, step(sid, 2, 1, many(7))), SavepointDropped(sid, "none")])
    assert everything(sqlite_store, sid) == before
    sweep(sqlite_store)
    assert loose(sqlite_store) == set()
    assert len(stored_segments(sqlite_store)) == 1
    sqlite_store.commit(prepared(sqlite_store, step(sid, 2, 1, many(8))))
    assert objects(sqlite_store, sid) == dict(many(8))


def test_ids_out_of_range_are_refused_as_ever(store, add_session):
    sid = add_session(store)
    changes = prepared(store, [ObjectsChanged(sid, 2, MANY - 1, many(7))])
    with pytest.raises(CommitFailed, match="not all from 0"):
        store.commit(changes)


def test_a_session_that_is_not_there_or_damaged_cannot_be_prepared(sqlite_store, add_session):
    with pytest.raises(StoreError, match="no session"):
        prepared(sqlite_store, step(Sid(9), 1, 1, many(7)))
    sid = add_session(sqlite_store)
    sqlite_store.fold(sid)
    sqlite_store._db.run("UPDATE seg SET crc = crc + 1")
    with pytest.raises(DamagedRecord):
        prepared(sqlite_store, step(sid, 2, 1, many(7)))


def test_a_full_disk_or_a_closed_store_ends_the_preparing(sqlite_store, add_session, monkeypatch):
    sid = add_session(sqlite_store)

    def full(*_):
        raise DiskFull("No space is left.")

    changes = step(sid, 2, 1, many(7))
    with monkeypatch.context() as patched:
        patched.setattr("storage.segments.Segments.store", full)
        with pytest.raises(DiskFull):
            prepared(sqlite_store, changes)
    sqlite_store.commit(changes)
    preparing = prepared(sqlite_store, step(sid, 3, 2, many(8)), 10)
    sqlite_store.close()
    with pytest.raises(StoreRefuses):
        next(preparing)


def test_a_purge_meanwhile_takes_nothing_with_it(sqlite_store, add_session):
    sid, other = add_session(sqlite_store), add_session(sqlite_store)
    changes = prepared(sqlite_store, step(sid, 2, 1, many(7)))
    sqlite_store.commit([SessionPurged(sid)])
    with pytest.raises(CommitFailed):
        sqlite_store.commit(changes)
    del changes
    sweep(sqlite_store)
    assert len(objects(sqlite_store, other)) == 3
    assert sqlite_store.verify().damages == []
    assert len(stored_segments(sqlite_store)) <= 1


def test_many_segments_that_are_replaced_are_deleted_later_in_steps(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    count = (DROPPED_AT_ONCE + 1) * SEGMENT_OIDS
    for seq in (2, 3):
        records = [(oid, ("B", (seq,), None)) for oid in range(count)]
        sqlite_store.commit(prepared(sqlite_store, [ObjectsChanged(sid, seq, count, records)]))
    assert len(loose(sqlite_store)) == DROPPED_AT_ONCE + 1
    assert sqlite_store.verify().damages == []
    left = [sqlite_store.fold_due(1)]
    while left[-1]:
        left.append(sqlite_store.fold_due(1))
    assert left == sorted(left, reverse=True)
    assert len(left) > 3
    assert len(stored_segments(sqlite_store)) == DROPPED_AT_ONCE + 1
    assert objects(sqlite_store, sid) == dict(records)


def test_damage_to_what_says_which_segments_are_loose_is_told_and_deletes_nothing(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    sqlite_store.commit(prepared(sqlite_store, step(sid, 2, 1, many(7))))
    listed = read_root(sqlite_store._db, sid).segments
    sqlite_store._db.run("INSERT INTO loose VALUES(?, 1, 3)", (listed.id(0),))
    sweep(sqlite_store)
    assert objects(sqlite_store, sid) == dict(many(7))
    assert [(damage.table, damage.sid) for damage in sqlite_store.verify().damages] == [("loose", None)]
    sqlite_store._db.run("DELETE FROM loose")
    sqlite_store._segments.loose.leave([listed.id(0)])
    damages = sqlite_store.verify().damages
    assert [(damage.table, damage.what) for damage in damages] == [("loose", "a session lists it")]


def test_what_a_step_replaces_is_not_kept_if_it_is_too_much(store, add_session):
    sid = add_session(store)
    long = [(oid, ("B", (), "x" * (PAST_BYTES_MAX // 30))) for oid in range(40)]
    store.commit(prepared(store, [ObjectsChanged(sid, 2, MANY, long)]))
    store.commit(prepared(store, step(sid, 3, 1, many(7))))
    assert store.undo_points(sid) == ([] if isinstance(store, SqliteStore) else [1])
    store.commit(prepared(store, step(sid, 4, 2, many(8, 2))))
    assert store.undo_points(sid)[-1] == 2
    assert store.former(sid, 2).record(0) == many(7)[0][1]


def test_a_backup_while_a_step_is_prepared_is_whole(sqlite_store, add_session, tmp_path):
    sid = add_session(sqlite_store)
    before = everything(sqlite_store, sid)
    preparing = prepared(sqlite_store, step(sid, 2, 1, many(7)), 20)
    for _ in sqlite_store.back_up(tmp_path / "backup"):
        pass
    preparing.close()
    copy = SqliteStore(tmp_path / "backup")
    assert loose(copy)
    assert copy.verify().damages == []
    assert everything(copy, sid) == before
    sweep(copy)
    assert len(stored_segments(copy)) == 1
    copy.close()


@pytest.mark.parametrize(
    ("count", "size", "expected"),
    [(1, 10, False), (LARGE_RECORDS, 1, False), (LARGE_RECORDS + 1, 1, True), (2, LARGE_BYTES // 2 + 1, True)],
)
def test_large_is_what_has_very_many_records_or_bytes(count, size, expected):
    records = EncodedRecords()
    for oid in range(count):
        records.add(oid, ("B", (), b"x" * size))
    assert is_large(records) == expected


CHILD = """
import itertools
import storage.merge, storage.loose, storage.segments
from storage import HistoryAppended, ObjectsChanged, SessionCreated, SqliteStore

storage.merge.WRITTEN_BYTES, storage.merge.PIECE_RECORDS = 4_000, 300
storage.loose.DELETED_SEGMENTS, storage.segments.DROPPED_AT_ONCE = 2, 3
store = SqliteStore(Path(sys.argv[1]))
sid = store.next_sid()
store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
os.write(1, b"0\\n")
for step in itertools.count(1):
    records = [(oid, ("B", (step,), "x" * 40)) for oid in range(900 if step % 3 else 2)]
    changes = [ObjectsChanged(sid, step, 900, records), HistoryAppended(sid, step, {"step": step})]
    preparing = store.prepare(changes)
    while step % 3:
        store.fold_due(1)
        try:
            next(preparing)
        except StopIteration as end:
            changes = end.value
            break
    store.commit(changes)
    os.write(1, f"{step}\\n".encode())
"""

POINTS = [
    *[("before INSERT OR REPLACE", count) for count in (1, 2)],
    *[("after INSERT OR REPLACE", count) for count in (1, 3)],
    *[("after INSERT INTO seg", count) for count in (1, 2, 9)],
    *[("after DELETE FROM seg", count) for count in (1, 4)],
    *[("after DELETE FROM loose", count) for count in (1, 2, 3)],
    *[(f"{place} COMMIT", count) for place in ("before", "after") for count in range(16, 43, 2)],
]


@pytest.mark.parametrize(("point", "count"), POINTS, ids=[f"{point}-{n}".replace(" ", "-") for point, n in POINTS])
def test_a_kill_at_any_step_leaves_the_state_before_or_after_the_commit(run_killed, tmp_path, point, count):
    acknowledged = run_killed(CHILD, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    for _ in range(2):
        assert store.verify().damages == []
        seq = store.load(Sid(1)).seq
        assert acknowledged <= seq <= acknowledged + 1
        heavy = seq - (seq % 3 == 0)
        expected = {oid: ("B", (seq if oid < 2 else heavy,), "x" * 40) for oid in range(900 if seq else 0)}
        assert objects(store, Sid(1)) == expected
        assert [entry["step"] for _, entry in store.history(Sid(1), 0, 999).entries] == list(range(1, seq + 1))
        for number in store.undo_points(Sid(1))[1:]:
            assert store.former(Sid(1), number).record(0) == ("B", (number - 1,), "x" * 40)
        sweep(store)
    assert loose(store) == set()
    assert stored_segments(store) == {*read_root(store._db, Sid(1)).segments} - {0}
    store.close()
