"""Undoing evaluations: what every store promises.

Random sequences stand in `test_contract_machine.py`, what the durable store keeps for it in `test_past.py`.
"""

import pytest

import storage.past
from storage import (
    UNDO_POINTS_MIN,
    ChangeRefused,
    HistoryAppended,
    MemoryStore,
    ObjectsChanged,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionForked,
    Sid,
    SqliteStore,
    StateUndone,
)
from storage.groups import SEGMENT_OIDS
from storage.past import PAST_BYTES_MAX
from storage.undoing import COMPARED_SEGMENTS

from .steps import Steps, objects


def test_a_session_goes_back_to_before_any_of_its_last_evaluations(steps):
    states = {}
    for number in range(1, UNDO_POINTS_MIN + 40):
        states[number] = steps.objects()
        steps.evaluate()
        if number % 30 == 0:
            steps.store.fold(steps.sid)
    known = steps.store.undo_points(steps.sid)
    assert known[-UNDO_POINTS_MIN:] == list(range(steps.entries - UNDO_POINTS_MIN + 1, steps.entries + 1))
    for point in known[-UNDO_POINTS_MIN:]:
        assert objects(steps.store.former(steps.sid, point)) == states[point]
    for point in reversed(known[-40:]):
        steps.undo(point)
        assert steps.objects() == states[point]
    assert steps.store.verify().damages == []


def test_undoing_an_undo_brings_back_what_it_undid(steps):
    steps.evaluate(5)
    before = steps.objects()
    steps.undo(2)
    steps.evaluate(3)
    steps.undo(6)
    assert steps.objects() == before
    steps.undo(4)
    assert steps.objects()[0] == ("A", (3, (5, "B")), None)


def test_loading_a_savepoint_can_be_undone_and_what_was_before_it_too(steps):
    steps.evaluate(2)
    steps.store.commit([SavepointSaved(steps.sid, "s", 0, {})])
    saved = steps.objects()
    steps.evaluate(2)
    before = steps.objects()
    steps.go_back(SavepointLoaded(steps.sid, "s", 0))
    assert steps.objects() == saved
    assert objects(steps.store.former(steps.sid, 5)) == before
    steps.evaluate()
    assert steps.store.undo_points(steps.sid) == [1, 2, 3, 4, 5, 6]
    steps.undo(2)
    assert steps.objects()[0] == ("A", (1, (3, "B")), None)


def test_of_the_past_no_more_is_read_than_the_oldest_point_asked_for_needs(durable, monkeypatch):
    read = []

    def unpacked(sid, key, *row):
        read.append(key)
        return plain(sid, key, *row)

    plain = storage.past._unpacked
    monkeypatch.setattr(storage.past, "_unpacked", unpacked)
    for _ in range(10):
        durable.evaluate(2)
        durable.store.fold(durable.sid)
    for first, rows in [(20, 1), (19, 1), (18, 2), (21, 1), (1, 10)]:
        read.clear()
        assert durable.store.undo_points(durable.sid, first) == list(range(first, 21))
        assert len(read) == rows


def test_a_return_can_be_undone_without_any_savepoint(steps):
    states = []
    for number in range(1, 31):
        states.append(steps.objects())
        steps.evaluate()
        if number % 3 == 0:
            states.append(steps.objects())
            steps.undo(number - 1, is_kept=number % 2 == 0)
    for name in [savepoint.name for savepoint in steps.store.savepoints(steps.sid)]:
        steps.store.commit([SavepointDropped(steps.sid, name)])
    assert steps.store.undo_points(steps.sid) == list(range(1, len(states) + 1))
    for point, state in enumerate(states, 1):
        assert steps.store.undo_points(steps.sid, point) == list(range(point, len(states) + 1))
        assert objects(steps.store.former(steps.sid, point)) == state
    for point in (2, 17, 4, 30, 1):
        steps.undo(point, is_kept=False)
        assert steps.objects() == states[point - 1]
    assert steps.store.verify().damages == []


def test_what_changed_after_a_savepoint_and_before_the_first_evaluation_comes_back(steps):
    """A fork whose processes change it has no history yet."""
    fork = Steps(steps.store, steps.sid)
    fork.sid = steps.store.next_sid()
    steps.store.commit(
        [
            SessionForked(fork.sid, "fork", "ann", 0, 0, {}, steps.sid),
            SavepointSaved(fork.sid, "s", 0, {}),
            ObjectsChanged(fork.sid, fork.seq + 1, fork.next_oid, [(0, ("A", ("by a process",), None))]),
        ]
    )
    fork.seq += 1
    before = fork.objects()
    fork.go_back(SavepointLoaded(fork.sid, "s", 0), is_kept=False)
    assert fork.objects() != before
    fork.undo(1)
    assert fork.objects() == before


LARGE = "x" * (PAST_BYTES_MAX // 2)
"""Two objects of it and what belongs to them take more than is kept of a session's past."""


def test_what_is_too_large_and_whose_savepoint_is_forgotten_cannot_be_undone_any_more(durable):
    durable.evaluate(3, text=LARGE)
    durable.undo(2)
    durable.evaluate()
    durable.store.commit([SavepointDropped(durable.sid, "before 4")])
    assert durable.store.undo_points(durable.sid) == [1, 2, 5]
    with pytest.raises(ChangeRefused):
        durable.store.commit([StateUndone(durable.sid, 3, durable.seq + 1)])
    with pytest.raises(ChangeRefused):
        durable.store.former(durable.sid, 4)
    durable.undo(1)
    assert durable.objects()[0] == ("Point", (0, (0, "Array")), None)


def test_a_savepoint_saved_anew_under_its_name_does_not_stand_for_the_old_one(durable):
    durable.evaluate(3, text=LARGE)
    durable.undo(2)
    durable.evaluate()
    assert durable.store.undo_points(durable.sid) == [1, 2, 3, 4, 5]
    durable.store.commit([SavepointSaved(durable.sid, "before 4", 0, {})])
    assert durable.store.undo_points(durable.sid) == [1, 2, 5]


def test_two_states_are_compared_in_steps(steps):
    """A durable store reads so many segments in each, whatever lies between."""
    many = 2 * COMPARED_SEGMENTS * SEGMENT_OIDS
    steps.next_oid = many
    steps.evaluate(2)
    steps.seq += 1
    made = [(oid, ("B", (oid,), None)) for oid in range(5, many)]
    steps.store.commit([ObjectsChanged(steps.sid, steps.seq, steps.next_oid, made)])
    before, after = objects(steps.store.former(steps.sid, 2)), steps.objects()
    comparing, pauses = steps.store.differences(steps.sid, 2, None), 0
    while True:
        try:
            next(comparing)
        except StopIteration as end:
            found = end.value
            break
        pauses += 1
    assert (found.added, found.removed) == (len(after) - len(before), 0)
    assert found.changed == {oid for oid in before if after[oid] != before[oid]} != set()
    assert (objects(found.before), objects(found.after)) == (before, after)
    assert pauses > 2 or isinstance(steps.store, MemoryStore)


def test_ids_far_beyond_the_stored_objects_cost_undoing_nothing(durable):
    """As after the import of a file that says so: the list of segments ends with the last object."""
    durable.next_oid = 1 << 28
    durable.store.commit([ObjectsChanged(durable.sid, durable.seq + 1, durable.next_oid, [])])
    durable.seq += 1
    for number in (1, 2):
        durable.seq += 1
        records = [(0, ("A", (number,), None))]
        entry = HistoryAppended(durable.sid, number, {})
        durable.store.commit([ObjectsChanged(durable.sid, durable.seq, durable.next_oid, records), entry])
    durable.entries = 2
    assert durable.store.former(durable.sid, 2).size == 1
    durable.undo(2)
    assert durable.objects()[0] == ("A", (1,), None)
    assert durable.store._db.number("SELECT length(b) FROM root") < 100


def test_an_evaluation_that_is_not_known_is_refused(steps):
    steps.evaluate()
    for point in (0, 2):
        with pytest.raises(ChangeRefused):
            steps.store.commit([StateUndone(steps.sid, point, steps.seq + 1)])
    assert steps.store.undo_points(steps.sid) == [1]


def test_several_evaluations_of_one_commit_are_undone_one_by_one(steps):
    first, second, third = steps.changes(), steps.changes(), steps.changes()
    background = ObjectsChanged(steps.sid, steps.seq + 1, steps.next_oid, [(1, ("B", ("later",), None))])
    steps.store.commit([*first, *second, *third, background])
    steps.seq += 1
    steps.undo(3)
    assert steps.objects()[0] == ("A", (2, (4, "B")), None)
    assert steps.objects()[1] == ("Point", (1, (0, "Array")), None)
    steps.undo(2)
    assert set(steps.objects()) == {0, 1, 2, 3}


@pytest.mark.parametrize("is_folded", [False, True])
def test_collecting_garbage_keeps_what_undoing_leads_to(steps, is_folded):
    steps.evaluate(20, text="kept")
    states = {point: objects(steps.store.former(steps.sid, point)) for point in (5, 12)}
    if is_folded:
        steps.store.fold(steps.sid)
    for _ in steps.store.collect(steps.sid, (0,)):
        pass
    for point, state in states.items():
        steps.undo(point)
        oid = state[0][1][1][0]
        assert {n: steps.objects()[n] for n in (0, oid)} == {n: state[n] for n in (0, oid)}


def test_collecting_drops_what_no_undoing_leads_to_any_more(durable):
    durable.evaluate(UNDO_POINTS_MIN + 60)
    for _ in durable.store.collect(durable.sid, (0,)):
        pass
    known = durable.store.undo_points(durable.sid)
    assert len(durable.objects()) <= len(known) + 5


def test_a_large_past_is_gone_through_in_steps_and_a_change_between_them_ends_the_collection(durable):
    durable.evaluate()
    durable.seq += 1
    many = [(0, ("A", tuple((1, "Point") for _ in range(3_000)), None))]
    durable.store.commit([ObjectsChanged(durable.sid, durable.seq, durable.next_oid, many)])
    durable.evaluate()
    collection = durable.store.collect(durable.sid, (0,))
    for _ in range(3):
        next(collection)
    durable.evaluate()
    assert list(collection) == []
    assert durable.store.load(durable.sid).record(2) is not None
    assert len(list(durable.store.collect(durable.sid, (0,)))) > 3
    assert durable.store.load(durable.sid).record(2) is None


def test_a_fork_begins_without_a_past(steps):
    steps.evaluate(3)
    fork = steps.store.next_sid()
    steps.store.commit([SessionForked(fork, "fork", "ann", 0, 0, {}, steps.sid)])
    assert steps.store.undo_points(fork) == []


CHILD = """
import itertools
from storage import HistoryAppended, ObjectsChanged, SavepointSaved, SessionCreated, SqliteStore, StateUndone

store = SqliteStore(Path(sys.argv[1]))
sid = store.next_sid()
store.commit([SessionCreated(sid, "t", "ann", 0, 0, {})])
os.write(1, b"0\\n")
seq = entries = 0
for number in itertools.count(1):
    for _ in range(3):
        seq, entries = seq + 1, entries + 1
        records = [(0, ("A", (entries, (entries, "B")), None)), (entries, ("B", (), "x" * 50))]
        entry = HistoryAppended(sid, entries, {"value": entries})
        store.commit([ObjectsChanged(sid, seq, entries + 1, records), entry])
        os.write(1, f"{seq}\\n".encode())
    if number % 2:
        store.fold(sid)
    seq, entries = seq + 1, entries + 1
    value = {"value": store.former(sid, entries - 1).record(0)[1][0]}
    saved = SavepointSaved(sid, "before", 0, {})
    store.commit([saved, StateUndone(sid, entries - 1, seq, "before"), HistoryAppended(sid, entries, value)])
    os.write(1, f"{seq}\\n".encode())
    for _ in store.collect(sid, (0,)):
        pass
"""

POINTS = [
    (f"{when} {what}", count)
    for when in ("before", "after")
    for what, count in [("INSERT INTO past", 3), ("INSERT INTO past", 4), ("DELETE FROM journal", 4), ("COMMIT", 17)]
]


@pytest.mark.parametrize(("point", "count"), POINTS, ids=[f"{point}-{n}".replace(" ", "-") for point, n in POINTS])
def test_a_kill_while_undoing_leaves_the_state_before_or_after_it(run_killed, tmp_path, point, count):
    acknowledged = run_killed(CHILD, tmp_path / "data", point, count)
    store = SqliteStore(tmp_path / "data")
    sid = Sid(1)
    state = store.load(sid)
    assert acknowledged <= state.seq <= acknowledged + 1
    entries = store.history(sid, 0, 999).entries
    assert state.record(0)[1][0] == entries[-1][1]["value"]
    assert state.record(state.record(0)[1][1][0]) == ("B", (), "x" * 50)
    assert store.verify().damages == []
    for number in store.undo_points(sid):
        former = store.former(sid, number)
        if former.record(0) is not None:
            assert former.record(0)[1][0] == entries[number - 2][1]["value"]
    store.close()
