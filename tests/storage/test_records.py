"""Plain records <-> bytes: everything in the grammar comes back, everything else is refused."""

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import EncodedRecords, RecordRefused, pack_record, references, unpack_record
from storage.records import encoded_records, pack, plain_copy, unpack_tuples

any_text = st.text(st.characters(exclude_categories=()))
oids = st.integers(0, 2**40)
class_refs = st.one_of(any_text, oids)
atoms = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), any_text, st.binary())
values = st.recursive(
    st.one_of(atoms, st.tuples(oids, class_refs), st.tuples(oids), st.tuples(any_text)),
    lambda inner: st.builds(lambda tag, rest: (tag, *rest), any_text, st.lists(inner, max_size=4)),
    max_leaves=12,
)
many_values = st.lists(values, max_size=6).map(tuple)
records = st.tuples(class_refs, many_values, st.one_of(st.none(), any_text, st.binary(), st.integers(), many_values))


def plainly(value):
    """Make floats comparable by their bits and True distinct from 1."""
    if isinstance(value, tuple):
        return tuple(map(plainly, value))
    return struct.pack("<d", value) if isinstance(value, float) else (type(value), value)


@given(records)
def test_every_record_comes_back_bit_for_bit(record):
    assert plainly(unpack_record(pack_record(record))) == plainly(record)


@settings(max_examples=20)
@given(class_refs, many_values, st.lists(st.lists(values, max_size=4), max_size=3))
def test_a_record_encoded_in_pieces_is_the_same_to_the_byte(class_ref, slots, pieces):
    encoded = EncodedRecords()
    payload = tuple(value for piece in pieces for value in piece)
    encoded.add_long(7, class_ref, slots, len(payload), [encoded.piece(piece) for piece in pieces])
    assert encoded.flat == [7, pack_record((class_ref, slots, payload))]


@pytest.mark.parametrize("count", [0, 15, 16, 65_535, 65_536])
def test_pieces_of_every_length_are_put_together(count):
    encoded = EncodedRecords()
    values = list(range(count))
    encoded.add_long(7, "Array", (), 2 * count, [encoded.piece(values)] * 2)
    assert unpack_record(encoded.contents()[0]) == ("Array", (), (*values, *values))


@pytest.mark.parametrize("exponent", [7, 8, 31, 32, 63, 64, 65, 127, 128, 4_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_integers_around_every_boundary_come_back(exponent, sign):
    for step in (-1, 0, 1):
        number = sign * 2**exponent + step
        assert unpack_record(pack_record(("A", (number,), number))) == ("A", (number,), number)


@pytest.mark.parametrize("bits", [0x7FF8000000000001, 0xFFF8DEADBEEF0000, 0x7FF0000000000000, 0x8000000000000000, 1])
def test_special_floats_keep_their_bits(bits):
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    (_, (back,), _) = unpack_record(pack_record(("Float", (number,), None)))
    assert struct.pack("<d", back) == struct.pack("<Q", bits)
    assert math.copysign(1, back) == math.copysign(1, number)


@pytest.mark.parametrize("value", [object(), {1}, 1j, range(3)])
def test_what_is_not_plain_is_refused_by_name(value):
    with pytest.raises(RecordRefused, match=type(value).__name__):
        pack_record(("A", (value,), None))
    assert unpack_record(pack_record(("A", (1,), None))) == ("A", (1,), None)


def test_what_can_be_encoded_can_be_decoded_at_every_depth():
    value, depth_refused = 1, 0
    for depth in range(1, 1_500):
        value = ("tag", value)
        try:
            content = pack(value)
        except RecordRefused:
            depth_refused = depth_refused or depth
        else:
            unpack_tuples(content)
    assert 500 < depth_refused < 1_500


def test_lone_surrogates_do_not_hide_what_is_refused():
    value = "\ud800"
    for _ in range(1_500):
        value = ("tag", value)
    with pytest.raises(RecordRefused):
        pack(("\ud800", value))


def test_records_are_encoded_together_as_one_by_one():
    records = [(1, ("A", (), "plain")), (2, ("A", (), "\ud800")), (3, ("A", (2**80,), None))]
    encoded = encoded_records(records)
    assert (encoded.oids(), encoded.contents()) == ([1, 2, 3], [pack_record(record) for _, record in records])
    with pytest.raises(RecordRefused, match="object"):
        encoded_records([*records, (4, ("A", (object(),), None))])


def test_references_are_found_wherever_values_stand():
    record = (
        7,
        (1, (2, "A"), (3, 4), (65,), ("name",), ("pair", (5, "B"), ("inner", (6, "C")))),
        (8, 9, (10, "D"), "x"),
    )
    assert sorted(references(pack_record(record))) == [2, 3, 4, 5, 6, 7, 10]


@pytest.mark.parametrize(("ref", "classes"), [("A", []), (5, [5])])
def test_a_run_refers_to_all_its_objects_and_to_their_class(ref, classes):
    record = ("Array", (), (1, (20, ref, 4), (7, "A"), (24, ref, 2)))
    found = list(references(pack_record(record)))
    assert sorted(found) == sorted([7, *range(20, 26), *classes, *classes])


def test_two_slots_or_a_payload_of_two_integers_are_no_reference():
    assert list(references(pack_record(("Point", (3, 4), (5, 6))))) == []


@settings(max_examples=50)
@given(records)
def test_references_of_any_record_are_numbers(record):
    assert all(type(oid) is int for oid in references(pack_record(record)))


def test_plain_data_keeps_maps_and_makes_lists():
    assert plain_copy({"a": (1, [2, {"b": None}]), 3: "int key"}) == {"a": [1, [2, {"b": None}]], 3: "int key"}
