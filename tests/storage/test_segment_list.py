"""Lists of segments say what they were made of, in no more bytes than all ids take; what cannot be is damage."""

import random
import tracemalloc
from zlib import crc32

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import DamagedRecord, ObjectsChanged, SavepointLoaded, SavepointSaved
from storage.checksums import Table, row_crc
from storage.groups import SEGMENT_OIDS
from storage.records import pack, unpack, unpack_tuples
from storage.segment_list import SegmentList

FIRST_ID = 65_537
OWNER = (1, "root")

RUNS = st.lists(
    st.tuples(st.just(0) | st.integers(FIRST_ID, FIRST_ID + 40) | st.integers(2**40, 2**62), st.integers(1, 12)),
    max_size=12,
)
IDS = RUNS.map(lambda runs: [first and first + place for first, count in runs for place in range(count)])


def listing(ids):
    """A list made place by place."""
    return SegmentList().replacing(dict(enumerate(ids)))


def stored(listed):
    """What a list is stored as, decoded as from a row."""
    return unpack_tuples(pack(listed.packed()))


@given(IDS)
def test_a_list_says_what_it_was_made_of(ids):
    listed = listing(ids)
    assert (list(listed), len(listed)) == (ids, len(ids))
    assert [listed.id(number) for number in range(len(ids) + 2)] == [*ids, 0, 0]


@given(IDS)
def test_a_list_comes_back_as_it_was_stored_in_no_more_bytes_than_all_ids(ids):
    listed = listing(ids)
    assert len(pack(listed.packed())) <= len(pack(ids))
    back = SegmentList.unpacked(stored(listed), len(ids) * SEGMENT_OIDS, OWNER)
    assert (list(back), back) == (ids, listed)
    assert list(SegmentList.unpacked(unpack(pack(listed.packed())), len(ids) * SEGMENT_OIDS, OWNER)) == ids


@given(IDS)
def test_a_list_of_all_ids_is_read_whatever_the_next_object_is(ids):
    listed = SegmentList.unpacked(tuple(ids), 0, OWNER)
    assert listed == listing(ids)
    assert len(pack(listed.packed())) <= len(pack(ids))


@given(IDS, st.dictionaries(st.integers(0, 60), st.just(0) | st.integers(FIRST_ID, FIRST_ID + 9), max_size=8))
def test_other_ids_take_their_places_and_the_former_list_stays(ids, changed):
    listed = listing(ids)
    expected = [*ids, *[0] * (max(changed, default=-1) + 1 - len(ids))]
    for number, segment_id in changed.items():
        expected[number] = segment_id
    assert list(SegmentList.unpacked(stored(listed), 1 << 20, OWNER).replacing(changed)) == expected
    assert listed.replacing(changed) == listing(expected)
    assert list(listed) == ids


@given(IDS, IDS)
def test_lists_are_equal_if_they_say_the_same(ids, others):
    assert (listing(ids) == listing(others)) == (ids == others)
    assert listing(ids) != ids


def test_a_run_takes_some_bytes_however_long_it_is():
    assert len(pack(listing([*range(FIRST_ID, FIRST_ID + 2_000), *[0] * 1_000]).packed())) < 20


HUGE = 1 << 50


@pytest.mark.parametrize(
    "bad",
    [
        (FIRST_ID, (0, 4)),
        (FIRST_ID, 0, (0, 2, 1, 2)),
        (FIRST_ID, (0, HUGE)),
        (0, (0, HUGE)),
        (FIRST_ID, FIRST_ID, (0, 1, 1, HUGE)),
        (FIRST_ID, (0, 0)),
        (FIRST_ID, (0, -1)),
        (FIRST_ID, (0, 1.5)),
        (FIRST_ID, (0,)),
        (FIRST_ID, (1, 2)),
        (FIRST_ID, (0, "x")),
        (FIRST_ID, None),
        (FIRST_ID, 1.5),
        (FIRST_ID, FIRST_ID, FIRST_ID, ((1, 2), 2)),
        ("x", (0, 2)),
        (-2, (0, 3)),
        (2**63 - 2, (0, 3)),
        (2**63, 0, 0),
        ((0, 2),),
        ("x", 5),
        5,
        None,
        {"x": 1},
    ],
)
def test_what_cannot_be_a_list_is_damage_and_takes_no_memory(bad):
    tracemalloc.start()
    with pytest.raises(DamagedRecord, match="lists segments that cannot be"):
        SegmentList.unpacked(bad, 3 * SEGMENT_OIDS, OWNER)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000


NUMBERS = st.integers(-3, 6) | st.integers(-(2**64), 2**65)
PLAIN = NUMBERS | st.none() | st.booleans() | st.floats() | st.text(max_size=9) | st.binary(max_size=9)
ANYTHING = PLAIN | st.lists(PLAIN, max_size=4) | st.dictionaries(NUMBERS, PLAIN, max_size=2)


@given(ANYTHING | st.lists(ANYTHING, max_size=6) | st.builds(lambda ids, long: [*ids, long], IDS, st.lists(NUMBERS)))
@example([-1])
@example([None, 0])
@example(b"12345678")
def test_whatever_was_stored_is_a_list_or_damage(content):
    try:
        listed = SegmentList.unpacked(content, 9 * SEGMENT_OIDS, OWNER)
    except DamagedRecord:
        return
    ids = list(listed)
    assert [listed.id(number) for number in range(len(listed))] == ids
    assert list(listing(ids)) == ids


SEGMENTS = 500
PLACES = SEGMENTS * SEGMENT_OIDS
SHORT = 100


@pytest.fixture
def large(sqlite_store, add_session):
    """A session of many segments, written at once in no order."""
    sid = add_session(sqlite_store, objects=1)
    oids = list(range(0, PLACES, SEGMENT_OIDS // 2))
    random.Random(1).shuffle(oids)
    sqlite_store.commit([ObjectsChanged(sid, 2, PLACES, [(oid, ("Point", (oid,), None)) for oid in oids])])
    sqlite_store.fold(sid)
    return sid


def change(store, sid, seq, oid):
    """Change an object and fold that."""
    store.commit([ObjectsChanged(sid, seq, PLACES, [(oid, ("Point", ("changed",), None))])])
    store.fold(sid)


def length(store, table):
    return store._db.number(f"SELECT max(length(b)) FROM {table}")


def test_roots_savepoints_and_states_in_memory_are_short_though_the_session_is_large(sqlite_store, large):
    sqlite_store.commit([SavepointSaved(large, "all", 1, {})])
    for seq, oid in enumerate((0, PLACES // 2), 3):
        change(sqlite_store, large, seq, oid)
    assert length(sqlite_store, "root") < SHORT
    assert length(sqlite_store, "savepoint") < SHORT
    sqlite_store.load(large)
    tracemalloc.start()
    state = sqlite_store.load(large)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < SEGMENTS * 8
    assert [state.record(oid)[1] for oid in (0, 64, PLACES // 2, PLACES - 64)] == [
        ("changed",),
        (64,),
        ("changed",),
        (PLACES - 64,),
    ]
    assert sqlite_store.verify().damages == []


def test_a_large_session_goes_back_and_its_list_stays_short(sqlite_store, large):
    sqlite_store.commit([SavepointSaved(large, "all", 1, {})])
    change(sqlite_store, large, 3, 0)
    sqlite_store.commit([SavepointLoaded(large, "all", 4)])
    assert sqlite_store.load(large).record(0)[1] == (0,)
    assert length(sqlite_store, "root") < SHORT
    for _ in sqlite_store.collect(large, (PLACES - 64,)):
        pass
    assert list(sqlite_store.load(large).oids()) == [PLACES - 64]
    assert length(sqlite_store, "root") < SHORT
    sqlite_store.commit([SavepointLoaded(large, "all", 5)])
    assert len(list(sqlite_store.load(large).oids())) == 2 * SEGMENTS
    assert sqlite_store.verify().damages == []


@pytest.mark.parametrize(("table", "subkey"), [("root", 0), ("savepoint", crc32(b"all"))])
def test_a_row_with_a_good_checksum_that_lists_too_much_is_damage_of_its_session(
    sqlite_store, large, add_session, table, subkey
):
    other = add_session(sqlite_store, objects=10)
    sqlite_store.fold(other)
    sqlite_store.commit([SavepointSaved(large, "all", 1, {})])
    (content,) = sqlite_store._db.one(f"SELECT b FROM {table} WHERE sid = ?", (large,))
    bad = pack([[FIRST_ID, [0, HUGE]] if isinstance(part, list) else part for part in unpack(content)])
    row = (row_crc(Table[table.upper()], large, subkey, bad), bad, large)
    sqlite_store._db.run(f"UPDATE {table} SET crc = ?, b = ? WHERE sid = ?", row)
    with pytest.raises(DamagedRecord, match=table):
        _ = sqlite_store.load(large), sqlite_store.savepoints(large)
    assert {damage.sid for damage in sqlite_store.verify().damages} == {large}
    assert sqlite_store.load(other).record(9) is not None
