"""The laws of `storage/contract.py` about states that are kept or shared: savepoints, forks and what purging leaves."""

import pytest

from storage import (
    Counts,
    HistoryAppended,
    ObjectsChanged,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionForked,
    SessionPurged,
    SessionRow,
    UnknownSession,
)
from storage.past import PAST_BYTES_MAX

BIG = ("Array", (), "x" * 5_000)


def objects_of(store, sid):
    state = store.load(sid)
    return {oid: state.record(oid) for oid in state.oids()}


def test_a_savepoint_brings_back_the_objects_of_its_moment(store, add_session):
    sid = add_session(store, objects=200)
    then = objects_of(store, sid)
    store.commit([SavepointSaved(sid, "before", 5, {"note": "x"})])
    store.commit([ObjectsChanged(sid, 2, 301, [(0, ("Array", (), None)), (300, ("Array", (), None))])])
    now = objects_of(store, sid)
    store.fold(sid)
    store.commit([SavepointSaved(sid, "after", 6, {}), SavepointLoaded(sid, "before", 3)])
    assert objects_of(store, sid) == then
    assert (store.load(sid).seq, store.load(sid).next_oid) == (3, 301)
    store.commit([ObjectsChanged(sid, 4, 301, [(1, ("Array", (), None))]), SavepointLoaded(sid, "after", 5)])
    assert objects_of(store, sid) == now
    assert [(point.name, point.at_ms, point.seq, point.meta) for point in store.savepoints(sid)] == [
        ("before", 5, 1, {"note": "x"}),
        ("after", 6, 2, {}),
    ]
    assert all(point.size_bytes > 200 for point in store.savepoints(sid))
    assert store.verify().damages == []


def test_a_savepoint_may_be_replaced_and_dropped(store, add_session):
    sid = add_session(store)
    store.commit([SavepointSaved(sid, "a", 1, {}), SavepointSaved(sid, "b", 2, {})])
    store.commit([ObjectsChanged(sid, 2, 3, [(0, ("Array", (), None))]), SavepointSaved(sid, "a", 3, {})])
    assert [(point.name, point.seq) for point in store.savepoints(sid)] == [("b", 1), ("a", 2)]
    store.commit([SavepointDropped(sid, "b"), SavepointDropped(sid, "a")])
    assert store.savepoints(sid) == []
    assert objects_of(store, sid)[0] == ("Array", (), None)


def test_a_fork_begins_with_the_objects_of_its_source_and_both_go_their_own_ways(store, add_session):
    sid = add_session(store, objects=300)
    store.commit([HistoryAppended(sid, 1, {}), SavepointSaved(sid, "a", 1, {})])
    then = objects_of(store, sid)
    fork = store.next_sid()
    store.commit([SessionForked(fork, "fork", "bob", 7, 8, {"pane": 2}, sid)])
    assert store.session(fork) == SessionRow(fork, "fork", "bob", 7, 7, 8, is_closed=False, meta={"pane": 2})
    assert (objects_of(store, fork), store.load(fork).seq, store.load(fork).next_oid) == (then, 1, 300)
    assert (store.history(fork, 0, 9), store.savepoints(fork)) == ((0, []), [])
    store.commit([ObjectsChanged(fork, 2, 301, [(0, ("Array", (), None))]), ObjectsChanged(sid, 2, 300, [(1, BIG)])])
    store.fold(fork)
    store.fold(sid)
    assert objects_of(store, fork) == then | {0: ("Array", (), None)}
    assert objects_of(store, sid) == then | {1: BIG}
    assert store.verify().damages == []


def test_a_fork_of_a_savepoint_has_the_objects_of_its_moment(store, add_session):
    sid = add_session(store, objects=200)
    then = objects_of(store, sid)
    store.commit([SavepointSaved(sid, "a", 1, {}), ObjectsChanged(sid, 2, 400, [(399, BIG)])])
    fork = store.next_sid()
    store.commit([SessionForked(fork, "fork", "bob", 7, 8, {}, sid, "a")])
    assert (objects_of(store, fork), store.load(fork).seq, store.load(fork).next_oid) == (then, 2, 400)
    assert store.verify().damages == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_purged_session_is_gone_and_its_forks_keep_what_they_share(store, add_session, order):
    sids = [add_session(store, objects=300), store.next_sid(), store.next_sid()]
    then = objects_of(store, sids[0])
    store.commit([SavepointSaved(sids[0], "a", 1, {}), HistoryAppended(sids[0], 1, {})])
    store.commit([SessionForked(sids[1], "f1", "bob", 0, 0, {}, sids[0], "a")])
    store.commit([SessionForked(sids[2], "f2", "bob", 0, 0, {}, sids[1]), HistoryAppended(sids[2], 1, {})])
    left = list(sids)
    for place in order:
        store.commit([SessionPurged(sids[place])])
        left.remove(sids[place])
        assert store.session(sids[place]) is None
        with pytest.raises(UnknownSession):
            store.load(sids[place])
        assert [objects_of(store, sid) for sid in left] == [then] * len(left)
        assert store.verify().damages == []
    assert store.counts() == Counts(0, 0, 0)
    assert store.next_sid() > max(sids)


def test_of_what_was_changed_before_one_folding_the_newest_can_be_undone(sqlite_store, add_session):
    sid = add_session(sqlite_store)
    states = {}
    for number in range(1, 5):
        states[number] = objects_of(sqlite_store, sid)
        large = ("String", (), str(number) * (PAST_BYTES_MAX // 2 - 100))
        sqlite_store.commit([ObjectsChanged(sid, number + 1, 3, [(1, large)]), HistoryAppended(sid, number, {})])
    sqlite_store.fold(sid)
    assert sqlite_store.undo_points(sid) == [3, 4]
    for point in (3, 4):
        former = sqlite_store.former(sid, point)
        assert {oid: former.record(oid) for oid in former.oids()} == states[point]
