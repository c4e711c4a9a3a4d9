"""Folding in steps: a long journal part by part, a row of many records prepared before it is written.

Law: nothing visible changes at any step, and a stop at any point leaves the journal or the folded state.
"""

from itertools import pairwise

import pytest

import storage.upkeep
from storage import (
    UNDO_POINTS_MIN,
    CommitFailed,
    DamagedRecord,
    DiskFailed,
    DiskFull,
    HistoryAppended,
    MemoryStore,
    ObjectsChanged,
    SavepointSaved,
    SessionPurged,
    Sid,
    SqliteStore,
    StateUndone,
)
from storage.backlog import FOLD_DUE_BYTES, Backlog
from storage.fold import FOLD_STEP_WORK, LIGHT_STEPS, SEGMENTS_PER_STEP
from storage.folded_rows import DELETED_ROWS, FoldedRows
from storage.groups import SEGMENT_OIDS
from storage.merge import PIECE_RECORDS, SEGMENT_WORK
from storage.past import read_past
from storage.segments import read_root

ROWS = 400
MANY = 8 * PIECE_RECORDS


def evaluation(sid, step, records=()):
    """What evaluation number `step` stores, which is the session's step after the one that made it."""
    changed = [(0, ("A", (step,), None)), *records]
    return [ObjectsChanged(sid, step + 1, 3 + MANY, changed), HistoryAppended(sid, step, {"value": step})]


def evaluate(store, sids, steps):
    for step in steps:
        store.commit([change for sid in sids for change in evaluation(sid, step)])


def many(text):
    """Records of very many objects, two of which are there before."""
    return [(oid, ("B", (oid,), text)) for oid in range(1, 3 + MANY)]


def everything(store, sid):
    state = store.load(sid)
    objects = {oid: state.record(oid) for oid in state.oids()}
    return state.seq, state.next_oid, objects, store.history(sid, 0, 999), store.undo_points(sid)[-UNDO_POINTS_MIN:]


def steps_to_the_end(store):
    """Fold everything that is due; return the number of steps."""
    steps = 1
    while store.fold_due(1):
        steps += 1
        assert steps < 1_000
    return steps


def folded_rows(store, sid):
    return read_root(store._db, sid).n


@pytest.fixture
def heavy(sqlite_store, add_session):
    """A session whose journal ends with a row of very many records, and another one."""
    sid, other = add_session(sqlite_store), add_session(sqlite_store)
    sqlite_store.commit(evaluation(sid, 1))
    sqlite_store.fold(sid)
    sqlite_store.commit(evaluation(sid, 2, many("x")))
    return sid, other


def test_a_long_journal_is_folded_in_parts_between_which_nothing_visible_changes(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    evaluate(sqlite_store, [sid], range(1, ROWS + 1))
    before = everything(sqlite_store, sid)
    folded = [0]
    while sqlite_store.fold_due(1):
        folded.append(folded_rows(sqlite_store, sid))
        assert everything(sqlite_store, sid) == before
    parts = [last - first for first, last in pairwise(folded)]
    assert len(parts) >= 2
    assert max(parts) <= FOLD_STEP_WORK // 8
    assert sqlite_store.verify().damages == []
    assert sqlite_store.undo_points(sid)[-UNDO_POINTS_MIN:] == list(range(ROWS - UNDO_POINTS_MIN + 1, ROWS + 1))


def test_sessions_take_turns_so_that_nobody_waits_for_the_journal_of_another(sqlite_store, add_session):
    long, short = add_session(sqlite_store), add_session(sqlite_store)
    sqlite_store.fold_due(LIGHT_STEPS)
    evaluate(sqlite_store, [long], range(1, ROWS + 1))
    evaluate(sqlite_store, [short], range(1, 101))
    sqlite_store.fold_due(LIGHT_STEPS)
    part = folded_rows(sqlite_store, long)
    assert 0 < part < ROWS
    sqlite_store.fold_due(LIGHT_STEPS)
    assert (folded_rows(sqlite_store, long), folded_rows(sqlite_store, short)) == (part, 101)


def test_the_number_of_steps_that_are_left_counts_what_there_is_to_fold(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    sqlite_store.fold_due(LIGHT_STEPS)
    evaluate(sqlite_store, [sid], range(1, ROWS + 1))
    left = [sqlite_store.fold_due(LIGHT_STEPS) for _ in range(3)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 1


def test_a_row_of_many_records_is_prepared_in_steps_and_written_in_one(sqlite_store, heavy):
    sid, other = heavy
    before = everything(sqlite_store, sid)
    root = read_root(sqlite_store._db, sid)
    segments = sqlite_store._db.number("SELECT count(*) FROM seg")
    steps = 0
    while read_root(sqlite_store._db, sid) == root:
        assert sqlite_store._db.number("SELECT count(*) FROM seg") == segments
        assert everything(sqlite_store, sid) == before
        assert sqlite_store.fold_due(1) or steps
        steps += 1
        sqlite_store.commit(evaluation(other, steps))
    assert steps >= MANY // PIECE_RECORDS
    assert everything(sqlite_store, sid) == before
    steps_to_the_end(sqlite_store)
    assert sqlite_store.verify().damages == []


def test_few_records_that_lie_scattered_over_many_segments_are_prepared_in_steps_too(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    scattered = [(SEGMENT_OIDS * number, ("B", (number,), "x" * 100)) for number in range(2 * SEGMENTS_PER_STEP)]
    sqlite_store.commit([ObjectsChanged(sid, 2, SEGMENT_OIDS * len(scattered), scattered)])
    before = everything(sqlite_store, sid)
    assert steps_to_the_end(sqlite_store) > len(scattered) * SEGMENT_WORK // PIECE_RECORDS
    assert folded_rows(sqlite_store, sid) == 2
    assert everything(sqlite_store, sid) == before


def test_what_a_session_commits_while_its_row_is_prepared_stays_in_its_journal(sqlite_store, heavy):
    sid, _ = heavy
    sqlite_store.fold_due(3)
    sqlite_store.commit(evaluation(sid, 3, [(7, ("C", (), None))]))
    before = everything(sqlite_store, sid)
    steps_to_the_end(sqlite_store)
    assert folded_rows(sqlite_store, sid) == 3
    assert everything(sqlite_store, sid) == before
    sqlite_store.fold(sid)
    assert everything(sqlite_store, sid) == before
    for point in (3, 2, 1):
        assert sqlite_store.former(sid, point).record(7) == {3: ("B", (7,), "x")}.get(point)
    assert sqlite_store.former(sid, 2).record(1) == ("Point", (1, (0, "Array")), None)
    assert sqlite_store.verify().damages == []


@pytest.mark.parametrize("steps", [1, 4, MANY // PIECE_RECORDS + 3])
@pytest.mark.parametrize("change", ["savepoint", "undo", "fold", "collect", "purge"])
def test_whoever_changes_the_base_state_meanwhile_ends_the_folding(sqlite_store, heavy, steps, change):
    sid, other = heavy
    sqlite_store.fold_due(steps)
    if change == "savepoint":
        sqlite_store.commit([SavepointSaved(sid, "s", 0, {})])
    elif change == "undo":
        sqlite_store.commit([StateUndone(sid, 2, 4), HistoryAppended(sid, 3, {})])
    elif change == "fold":
        sqlite_store.fold(sid)
    elif change == "collect":
        list(sqlite_store.collect(sid, (0,)))
    else:
        sqlite_store.commit([SessionPurged(sid)])
    before = None if change == "purge" else everything(sqlite_store, sid)
    evaluate(sqlite_store, [other], range(1, 100))
    steps_to_the_end(sqlite_store)
    assert folded_rows(sqlite_store, other) == 100
    if before is not None:
        assert everything(sqlite_store, sid) == before
    assert sqlite_store.verify().damages == []


def test_rows_that_went_from_the_ring_to_the_table_meanwhile_are_deleted_too(sqlite_store, heavy, monkeypatch):
    sid, _ = heavy
    sqlite_store.fold(sid)
    monkeypatch.setattr("storage.fold.FOLD_STEP_WORK", 50)
    monkeypatch.setattr("storage.merge.PIECE_RECORDS", 50)
    sqlite_store.commit(evaluation(sid, 3, many("y")[:400]))
    assert len(sqlite_store._db.newest) > 0
    sqlite_store.fold_due(3)
    sqlite_store._settle(len(sqlite_store._db.newest))
    assert sqlite_store._db.number("SELECT count(*) FROM journal WHERE sid = ?", (sid,)) == 1
    steps_to_the_end(sqlite_store)
    assert folded_rows(sqlite_store, sid) == 4
    assert sqlite_store._db.number("SELECT count(*) FROM journal WHERE sid = ?", (sid,)) == 0


def test_a_folding_that_cannot_be_written_is_begun_anew(sqlite_store, heavy, monkeypatch):
    sid, _ = heavy
    before = everything(sqlite_store, sid)

    def full(*_):
        raise DiskFull("No space is left.")

    with monkeypatch.context() as patched:
        patched.setattr(storage.upkeep, "delete_rows", full)
        with pytest.raises(CommitFailed):
            steps_to_the_end(sqlite_store)
    assert everything(sqlite_store, sid) == before
    steps_to_the_end(sqlite_store)
    assert folded_rows(sqlite_store, sid) == 3
    assert everything(sqlite_store, sid) == before


def test_damage_that_is_met_while_a_row_is_prepared_stops_the_folding_of_nobody_else(sqlite_store, heavy):
    sid, other = heavy
    sqlite_store.fold_due(2)
    sqlite_store._db.run("UPDATE seg SET crc = crc + 1 WHERE k = ?", (read_root(sqlite_store._db, sid).segments.id(0),))
    evaluate(sqlite_store, [other], range(1, 100))
    steps_to_the_end(sqlite_store)
    assert (folded_rows(sqlite_store, sid), folded_rows(sqlite_store, other)) == (2, 100)
    assert {damage.sid for damage in sqlite_store.verify().damages} == {sid}


def test_a_preparation_that_the_disk_fails_is_never_taken_for_whole(sqlite_store, heavy, monkeypatch):
    """Also not by the next step, and the journals of others are folded."""
    sid, other = heavy
    before = everything(sqlite_store, sid)
    sqlite_store.fold_due(3)

    def fail(*_):
        raise DiskFailed("It cannot be read.")

    with monkeypatch.context() as patched:
        patched.setattr("storage.segments.Segments.read_groups", fail)
        with pytest.raises(DiskFailed):
            sqlite_store.fold_due(1)
    evaluate(sqlite_store, [other], range(1, 100))
    steps_to_the_end(sqlite_store)
    assert (folded_rows(sqlite_store, sid), folded_rows(sqlite_store, other)) == (2, 100)
    assert everything(sqlite_store, sid) == before
    sqlite_store.fold(sid)
    assert everything(sqlite_store, sid) == before
    assert sqlite_store.verify().damages == []


def test_a_folding_that_runs_out_of_memory_is_an_error_of_the_store(sqlite_store, heavy, monkeypatch):
    """So it ends no server, and the session is passed over."""
    sid, other = heavy
    before = everything(sqlite_store, sid)

    def fail(*_):
        raise MemoryError

    sqlite_store.fold_due(2)
    with monkeypatch.context() as patched:
        patched.setattr("storage.merge.pack_group", fail)
        with pytest.raises(CommitFailed, match="MemoryError"):
            steps_to_the_end(sqlite_store)
    evaluate(sqlite_store, [other], range(1, 100))
    steps_to_the_end(sqlite_store)
    assert (folded_rows(sqlite_store, sid), folded_rows(sqlite_store, other)) == (2, 100)
    assert everything(sqlite_store, sid) == before


def test_nothing_is_known_of_sessions_that_are_purged(sqlite_store, add_session):
    sqlite_store.fold_due(1)
    sid = add_session(sqlite_store)
    backlog = sqlite_store._upkeep._backlog
    assert backlog.weight_bytes(sid) > 0
    sqlite_store.commit([SessionPurged(sid)])
    assert backlog.weight_bytes(sid) == 0


def test_a_row_without_content_keeps_no_other_session_from_being_folded(sqlite_store, add_session):
    """Damage can make a NULL of what no statement could store."""
    damaged, other = add_session(sqlite_store), add_session(sqlite_store)
    evaluate(sqlite_store, [other], range(1, ROWS + 1))
    db = sqlite_store._db
    db.run("PRAGMA writable_schema = ON")
    db.run("UPDATE sqlite_master SET sql = replace(sql, 'b BLOB NOT NULL', 'b BLOB') WHERE name = 'journal'")
    db.run(f"PRAGMA schema_version = {db.pragma('schema_version') + 1}")
    db.run("INSERT INTO journal(sid, n, crc, b) VALUES(?, 9, 0, NULL)", (damaged,))
    steps_to_the_end(sqlite_store)
    assert folded_rows(sqlite_store, other) > 0
    with pytest.raises(DamagedRecord):
        sqlite_store.load(damaged)


@pytest.mark.parametrize("kind", [MemoryStore, SqliteStore])
def test_a_journal_is_made_short_step_by_step_whatever_else_is_due(kind, add_session, tmp_path):
    store = MemoryStore() if kind is MemoryStore else SqliteStore(tmp_path / "data")
    other, sid = add_session(store), add_session(store)
    evaluate(store, [other, sid], range(1, ROWS + 1))
    steps = 1
    while not store.shorten(sid):
        steps += 1
    assert steps <= ROWS
    if isinstance(store, SqliteStore):
        assert steps > 1
        assert folded_rows(store, sid) > ROWS - FOLD_DUE_BYTES // 256
        assert folded_rows(store, other) == 0
    store.close()


def test_what_is_too_old_to_be_undone_is_not_written_down(sqlite_store, add_session):
    """Nor is it told that it can be undone, before it is folded."""
    sid = add_session(sqlite_store)
    evaluate(sqlite_store, [sid], range(1, ROWS + 1))
    known = sqlite_store.undo_points(sid)
    sqlite_store.fold(sid)
    assert sqlite_store.undo_points(sid) == known
    past = read_past(sqlite_store._db, sid)
    assert len(past.steps) == UNDO_POINTS_MIN + 1
    oldest = sqlite_store.undo_points(sid)[0]
    assert oldest == ROWS - UNDO_POINTS_MIN + 1
    assert sqlite_store.former(sid, oldest).record(0) == ("A", (oldest - 1,), None)


def test_the_backlog_counts_what_grows_and_what_is_folded(sqlite_store):
    backlog = Backlog(sqlite_store._db)
    first, second = Sid(1), Sid(2)
    backlog.grow({first: FOLD_DUE_BYTES, second: FOLD_DUE_BYTES})
    assert (len(backlog), backlog.first()) == (2, first)
    backlog.shrink(first, 1)
    assert backlog.first() == second
    backlog.shrink(second, FOLD_DUE_BYTES // 2)
    assert (len(backlog), backlog.is_due(second)) == (1, False)
    backlog.grow({second: FOLD_DUE_BYTES // 2})
    assert backlog.is_due(second)
    backlog.correct(first, 0)
    backlog.forget(second)
    assert (len(backlog), backlog.steps) == (0, 0)


def test_folded_rows_are_deleted_a_few_at_a_time_and_neighbours_together():
    rows = FoldedRows()
    keys = [(row_id, 1, row_id) for row_id in range(1, 2 * DELETED_ROWS)]
    rows.add(keys[::2], 10)
    rows.add(keys[1::2], 10)
    assert (rows.take(), rows.take()) == (keys[:DELETED_ROWS], keys[DELETED_ROWS:])
    assert not rows


CHILD = """
import itertools
import storage.fold, storage.merge, storage.ring
from storage import HistoryAppended, ObjectsChanged, SessionCreated, SqliteStore

storage.fold.FOLD_STEP_WORK, storage.merge.PIECE_RECORDS = 20, 100
storage.ring.SLOTS, storage.ring.SLOTS_SETTLED = 24, 8  # so that rows come to the table soon
store = SqliteStore(Path(sys.argv[1]))
sid = store.next_sid()
store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
os.write(1, b"0\\n")
for step in itertools.count(1):
    records = [(oid, ("B", (step,), "x" * 40)) for oid in range(600 if step % 3 == 0 else 2)]
    store.commit([ObjectsChanged(sid, step, 600, records), HistoryAppended(sid, step, {"step": step})])
    os.write(1, f"{step}\\n".encode())
    store.fold_due(5)
"""

POINTS = [
    ("before INSERT INTO seg", 3),
    ("after INSERT INTO past", 2),
    ("before INSERT INTO root", 4),
    ("after DELETE FROM seg", 2),
    ("after DELETE FROM journal", 2),
    ("before COMMIT", 26),
    ("after COMMIT", 26),
]


@pytest.mark.parametrize(("point", "count"), POINTS, ids=[f"{point}-{n}".replace(" ", "-") for point, n in POINTS])
def test_a_kill_at_any_step_leaves_the_journal_or_the_folded_state(run_killed, tmp_path, point, count):
    acknowledged = run_killed(CHILD, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    state = store.load(Sid(1))
    assert acknowledged <= state.seq <= acknowledged + 1
    heavy = state.seq // 3 * 3
    expected = {oid: ("B", (state.seq if oid < 2 else heavy,), "x" * 40) for oid in range(600 if heavy else 2)}
    assert {oid: state.record(oid) for oid in state.oids()} == expected
    assert [entry["step"] for _, entry in store.history(Sid(1), 0, 999).entries] == list(range(1, state.seq + 1))
    for point_number in store.undo_points(Sid(1))[1:][-UNDO_POINTS_MIN:]:
        assert store.former(Sid(1), point_number).record(0) == ("B", (point_number - 1,), "x" * 40)
    assert store.verify().damages == []
    store.close()
