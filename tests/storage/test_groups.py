"""A segment's bytes say what it holds, whichever format wrote them; a group is decoded without the others."""

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.groups import (
    GROUP_OIDS,
    GROUPS,
    SEGMENT_OIDS,
    by_group,
    pack_group,
    pack_segment,
    split,
    unpack_group,
    unpack_segment,
)

SEGMENTS = st.dictionaries(st.integers(0, SEGMENT_OIDS - 1), st.binary(max_size=40))


@given(SEGMENTS)
def test_a_segment_comes_back_as_it_was(segment):
    assert unpack_segment(pack_segment(segment)) == segment


@given(SEGMENTS)
def test_a_segment_of_former_formats_is_read_and_sorted_into_groups(segment):
    former = msgpack.packb(segment)
    assert unpack_segment(former) == segment
    assert split(former) == split(pack_segment(segment))


@given(SEGMENTS)
def test_each_group_holds_its_own_places_and_nothing_else(segment):
    groups = split(pack_segment(segment))
    assert len(groups) == GROUPS
    for index, content in enumerate(groups):
        places = range(index * GROUP_OIDS, (index + 1) * GROUP_OIDS)
        assert unpack_group(content) == {place: segment[place] for place in places if place in segment}


def test_one_group_is_decoded_though_the_others_are_no_records():
    groups = split(pack_segment({0: b"zero", 127: b"last"}))
    groups[0] = b"\xc1 is never decoded"
    assert unpack_group(groups[-1]) == {127: b"last"}
    with pytest.raises(ValueError, match=r".*"):
        unpack_group(groups[0])


def test_nothing_takes_no_bytes():
    assert pack_group({}) == b""
    assert unpack_group(b"") == {}
    assert by_group({}) == {}
