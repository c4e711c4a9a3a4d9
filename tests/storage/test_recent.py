"""Segments read lately are kept for all sessions of a store, within a bound, and what folding replaces stays right."""

import pytest

from storage import DamagedRecord, ObjectsChanged, SessionCreated, SessionForked, SqliteStore
from storage.groups import GROUP_OIDS, SEGMENT_OIDS, pack_group
from storage.recent import BYTES_MAX, SEGMENTS_MAX, RecentSegments


def text(step, oid):
    return ("String", (), f"step {step} of object {oid}")


@pytest.fixture
def store(tmp_path):
    opened = SqliteStore(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sid(store):
    """A folded session of three segments."""
    sid = store.next_sid()
    count = 3 * SEGMENT_OIDS
    records = [(oid, text(1, oid)) for oid in range(count)]
    store.commit([SessionCreated(sid, "token", "ann", 0, 0, {}), ObjectsChanged(sid, 1, count, records)])
    store.fold(sid)
    return sid


class Counted:
    """Segments that count how often they are read."""

    def __init__(self, content=b""):
        self.reads = []
        self._groups = [pack_group({place: content}) for place in range(0, SEGMENT_OIDS, GROUP_OIDS)]

    def read_groups(self, _sid, _number, segment_id):
        self.reads.append(segment_id)
        return self._groups


def test_a_segment_is_read_once_for_all_who_list_it():
    counted = Counted()
    recent = RecentSegments(counted)
    assert [recent.group(sid, 3, 77, place) for sid, place in ((1, 1), (2, 0), (2, 50))] == [{0: b""}] * 2 + [{48: b""}]
    assert counted.reads == [77]


def test_only_so_many_are_kept():
    counted = Counted()
    recent = RecentSegments(counted)
    for segment_id in range(1, SEGMENTS_MAX + 2):
        recent.group(1, 0, segment_id, 0)
    recent.group(1, 0, SEGMENTS_MAX + 1, 0)
    assert len(counted.reads) == SEGMENTS_MAX + 1
    recent.group(1, 0, 1, 0)
    assert len(counted.reads) == SEGMENTS_MAX + 2


def test_large_ones_are_kept_as_far_as_their_bytes_fit_and_the_last_one_always():
    half, whole = Counted(bytes(BYTES_MAX // 16 - 16)), Counted(bytes(BYTES_MAX))
    for counted, ids in ((half, (1, 2, 1, 3, 2, 1)), (whole, (1, 1, 2, 2, 1))):
        recent = RecentSegments(counted)
        for segment_id in ids:
            recent.group(1, 0, segment_id, 0)
    assert half.reads == [1, 2, 3, 1]
    assert whole.reads == [1, 2, 1]


def test_a_fork_reads_what_the_other_read(store, sid, monkeypatch):
    fork = store.next_sid()
    store.commit([SessionForked(fork, "fork", "ann", 0, 0, {}, sid)])
    assert store.load(sid).record(5) == text(1, 5)
    monkeypatch.setattr(store._segments, "read_groups", None)
    assert store.load(fork).record(6) == text(1, 6)


def test_what_did_not_change_is_read_after_folding_replaced_its_segment(store, sid):
    loaded = store.load(sid)
    assert loaded.record(0) == text(1, 0)
    count = 3 * SEGMENT_OIDS
    changed = SEGMENT_OIDS + 1
    store.commit([ObjectsChanged(sid, 2, count, [(changed, text(2, changed))])])
    store.fold(sid)
    assert loaded.record(changed + 1) == text(1, changed + 1)
    assert store.load(sid).record(changed) == text(2, changed)


def test_a_segment_that_is_gone_for_good_is_damage(store, sid):
    loaded = store.load(sid)
    assert loaded.record(0) == text(1, 0)
    with store._db.transaction():
        store._db.run("DELETE FROM seg")
    with pytest.raises(DamagedRecord):
        loaded.record(2 * SEGMENT_OIDS)
