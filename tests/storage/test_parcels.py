"""Parcels: a session leaves a store whole, as of one moment, and is the same session in another."""

import pytest

from storage import (
    HistoryAppended,
    MemoryStore,
    NewSession,
    ObjectsChanged,
    Parcel,
    SavepointLoaded,
    SavepointSaved,
    SessionCreated,
    SqliteStore,
    StoreError,
    UnusableData,
    gather,
    pack_parcel,
    taking_in,
    unpack_parcel,
)
from storage.parcels import ATTEMPTS_MAX, RECORDS_PER_STEP, SMALL_PARTS_MAX

ABOUT = {"client": "ann", "meta": {"a": 1}}


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    store = MemoryStore() if request.param == "memory" else SqliteStore(tmp_path / "from")
    yield store
    store.close()


def fill(store, count=10):
    """A session with `count` objects that was saved twice, and changed in between."""
    sid = store.next_sid()
    store.commit([SessionCreated(sid, "token", "ann", 1, 2, {})])
    store.commit([ObjectsChanged(sid, 1, count, [(oid, ("A", (oid,), None)) for oid in range(1, count)])])
    store.commit([HistoryAppended(sid, 1, {"code": "one"}), SavepointSaved(sid, "first", 10, {"n": 1})])
    store.commit([ObjectsChanged(sid, 2, count + 1, [(2, ("A", (True,), None)), (count, ("B", (), "new"))])])
    store.commit([SavepointSaved(sid, "second", 20, {})])
    store.commit([ObjectsChanged(sid, 3, count + 1, [(2, ("A", (1,), None)), (3, ("A", (-0.0,), b"x"))])])
    store.commit([HistoryAppended(sid, 2, {"code": "two"})])
    return store.session(sid)


def done(steps):
    """What steps answer at their end, and how many there were."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value, count
        count += 1


def state(store, sid, name=None):
    """All records, or those at a savepoint."""
    state = store.load(sid) if name is None else store.former(sid, name)
    return {oid: state.record(oid) for oid in state.oids()}


@pytest.mark.parametrize("small_parts", [0, SMALL_PARTS_MAX])
def test_a_session_is_the_same_in_another_store(store, tmp_path, monkeypatch, small_parts):
    monkeypatch.setattr("storage.parcels.SMALL_PARTS_MAX", small_parts)
    row = fill(store)
    parcel, _ = done(gather(store, row, ABOUT))
    parcel, _ = done(unpack_parcel(b"".join(pack_parcel(parcel))))
    assert (dict(parcel.about), parcel.next_oid) == (ABOUT, 11)
    other = SqliteStore(tmp_path / "to")
    session = NewSession(other.next_sid(), "other", "bob", 5, 6, {"m": 2})
    for number, batch in enumerate(taking_in(parcel, session, {"draft": True})):
        other.commit(batch)
        assert number or small_parts or other.session_by_token("other")[5:] == (0, False, {"draft": True})
    taken = other.session_by_token("other")
    assert (taken.client_id, taken.created_at_ms, taken.expires_at_ms, taken.meta) == ("bob", 5, 6, {"m": 2})
    assert repr(state(other, taken.sid)) == repr(state(store, row.sid))
    assert other.history(taken.sid, 0, 9) == store.history(row.sid, 0, 9)
    assert [(each.name, each.at_ms, each.meta) for each in other.savepoints(taken.sid)] == [
        ("first", 10, {"n": 1}),
        ("second", 20, {}),
    ]
    for name in ("first", "second"):
        before, after = state(store, row.sid, name), state(other, taken.sid, name)
        assert repr({oid: after[oid] for oid in before}) == repr(before)
    other.fold(taken.sid)
    assert other.undo_points(taken.sid) == []
    assert repr(state(other, taken.sid)) == repr(state(store, row.sid))
    seq, present = other.load(taken.sid).seq, state(other, taken.sid)
    other.commit([SavepointLoaded(taken.sid, "first", seq + 1), HistoryAppended(taken.sid, 3, {"code": "load"})])
    assert state(other, taken.sid)[2] == ("A", (2,), None)
    other.fold(taken.sid)
    assert other.undo_points(taken.sid) == [3]
    assert repr(state(other, taken.sid, 3)) == repr(present)
    assert other.verify().damages == []
    other.close()


def test_a_savepoint_holds_what_was_otherwise_only(store):
    parcel, _ = done(gather(store, fill(store), ABOUT))
    assert [sorted(saved.records) for saved in parcel.savepoints] == [[2, 3], [2, 3]]
    assert parcel.savepoints[1].records[2] == ("A", (True,), None)


def test_a_session_that_changes_meanwhile_is_read_as_of_one_moment(store):
    row = fill(store, RECORDS_PER_STEP * 3)
    steps = gather(store, row, ABOUT)
    next(steps)
    store.commit([ObjectsChanged(row.sid, 4, 2_000, [(1, ("A", ("changed",), None)), (1_999, ("A", ("new",), None))])])
    parcel, _ = done(steps)
    assert repr(dict(sorted(parcel.records.items()))) == repr(state(store, row.sid))


def test_a_session_that_never_rests_is_read_at_one_go_in_the_end(store):
    row = fill(store, RECORDS_PER_STEP * 3)
    steps, seq = gather(store, row, ABOUT), 3
    for _ in range(ATTEMPTS_MAX):
        next(steps)
        seq += 1
        store.commit([ObjectsChanged(row.sid, seq, 2_000, [(1, ("A", (seq,), None))])])
    parcel, count = done(steps)
    assert count == 0
    assert parcel.records[1] == ("A", (seq,), None)


def test_a_session_without_objects(store):
    sid = store.next_sid()
    store.commit([SessionCreated(sid, "token", "ann", 1, 2, {})])
    parcel, _ = done(gather(store, store.session(sid), ABOUT))
    other = MemoryStore()
    (batch,) = taking_in(parcel, NewSession(other.next_sid(), "other", "ann", 1, 2, {}), {"draft": True})
    other.commit(batch)
    assert other.load(1).seq == 0


def test_a_damaged_parcel_is_refused():
    data = b"".join(pack_parcel(Parcel(ABOUT, 2, {1: ("A", (1, 2**70), None)}, [{"code": "x"}], [])))
    assert done(unpack_parcel(data))[0].records == {1: ("A", (1, 2**70), None)}
    for place in range(len(data)):
        with pytest.raises(UnusableData):
            done(unpack_parcel(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]))
        with pytest.raises(UnusableData):
            done(unpack_parcel(data[:place]))


def test_a_large_session_goes_in_small_batches(tmp_path):
    """Neither many objects nor large ones nor a long history make a batch that others would wait for."""
    records = {oid: ("A", (oid,), None) for oid in range(1, 4 * RECORDS_PER_STEP)}
    records |= {oid: ("ByteArray", (), bytes(10_000)) for oid in range(4 * RECORDS_PER_STEP, 4 * RECORDS_PER_STEP + 60)}
    parcel = Parcel(ABOUT, 5 * RECORDS_PER_STEP, records, [{"code": str(n)} for n in range(2 * RECORDS_PER_STEP)], [])
    parcel, steps = done(unpack_parcel(b"".join(pack_parcel(parcel))))
    assert steps > 30
    store = SqliteStore(tmp_path / "to")
    for batch in taking_in(parcel, NewSession(store.next_sid(), "other", "ann", 1, 2, {}), {"draft": True}):
        assert sum(len(getattr(change, "records", ())) + 1 for change in batch) <= RECORDS_PER_STEP + 1
        assert sum(len(record[2] or ()) for change in batch for _, record in getattr(change, "records", ())) < 30_000
        store.commit(batch)
    row = store.session_by_token("other")
    assert (row.expires_at_ms, row.meta, store.history(row.sid, 0, 0).total) == (2, {}, 2 * RECORDS_PER_STEP)
    assert state(store, row.sid) == records
    assert store.undo_points(row.sid) == []
    store.close()


def test_a_session_that_is_gone_is_an_error(store):
    row = fill(store)
    steps = gather(MemoryStore(), row, ABOUT)
    with pytest.raises(StoreError):
        done(steps)
