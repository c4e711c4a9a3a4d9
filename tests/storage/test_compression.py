"""What is stored compressed comes back as it was; what says it stands for too much is damage."""

import random
import zlib

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import DamagedRecord, ObjectsChanged
from storage.checksums import Table, row_crc
from storage.compression import PACKED_BYTES_MAX, packed, unpacked
from storage.groups import SEGMENT_OIDS
from storage.segments import read_root

PLACE = (1, "segment", "7/0")
LISTS = st.lists(st.binary(max_size=300), max_size=60).map(msgpack.packb)
MAPS = st.dictionaries(st.integers(0, 127), st.binary(max_size=40)).map(msgpack.packb)


@given(LISTS | MAPS)
def test_lists_and_maps_come_back_as_they_were_and_never_get_longer(content):
    stored = packed(content)
    assert unpacked(stored, PLACE) == content
    assert len(stored) <= len(content)


@given(LISTS | MAPS)
def test_what_was_stored_before_anything_was_compressed_is_read_as_it_is(content):
    assert unpacked(content, PLACE) == content


def test_what_is_large_is_not_compressed_and_what_cannot_be_neither():
    large = msgpack.packb([bytes(PACKED_BYTES_MAX)])
    noise = msgpack.packb([random.Random(1).randbytes(1_000)])
    assert (packed(large), packed(noise)) == (large, noise)
    assert len(packed(msgpack.packb([bytes(PACKED_BYTES_MAX - 100)]))) < 1_000


@pytest.mark.parametrize("stored", [zlib.compress(bytes(PACKED_BYTES_MAX + 1)), b"\x78 is no zlib", b"\x78"])
def test_what_stands_for_too_much_or_nothing_is_damage(stored):
    with pytest.raises(DamagedRecord, match="7/0"):
        unpacked(stored, PLACE)


@pytest.fixture
def sid(sqlite_store, add_session):
    """A folded session of one segment whose objects are alike."""
    sid = add_session(sqlite_store)
    records = [(oid, ("Point", (oid, oid), None)) for oid in range(SEGMENT_OIDS)]
    sqlite_store.commit([ObjectsChanged(sid, 2, SEGMENT_OIDS, records)])
    sqlite_store.fold(sid)
    return sid


def test_a_segment_filled_at_once_takes_less_than_its_records_until_it_is_changed(sqlite_store, sid):
    encoded = sum(len(msgpack.packb(("Point", (oid, oid), None))) for oid in range(SEGMENT_OIDS))
    (segment_id,) = read_root(sqlite_store._db, sid).segments
    assert sqlite_store._segments.size_bytes([segment_id]) < encoded / 2
    sqlite_store.commit([ObjectsChanged(sid, 3, SEGMENT_OIDS, [(5, ("Point", (0, 0), None))])])
    sqlite_store.fold(sid)
    (segment_id,) = read_root(sqlite_store._db, sid).segments
    assert sqlite_store._segments.size_bytes([segment_id]) > encoded
    state = sqlite_store.load(sid)
    assert [state.record(oid)[1] for oid in range(4, 7)] == [(4, 4), (0, 0), (6, 6)]


def test_a_segment_with_a_good_checksum_that_cannot_be_decompressed_is_damage_of_its_session(
    sqlite_store, sid, add_session
):
    other = add_session(sqlite_store, objects=10)
    sqlite_store.fold(other)
    (segment_id,) = read_root(sqlite_store._db, sid).segments
    bad = b"\x78\x01 and nothing"
    row = (row_crc(Table.SEGMENT, segment_id, 0, bad), bad, segment_id)
    sqlite_store._db.run("UPDATE seg SET crc = ?, b = ? WHERE k = ?", row)
    with pytest.raises(DamagedRecord, match="decompressed"):
        sqlite_store.load(sid).record(1)
    assert {damage.sid for damage in sqlite_store.verify().damages} == {sid}
    assert sqlite_store.load(other).record(9) is not None
