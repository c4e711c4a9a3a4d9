"""A segment's records in groups of 16 consecutive objects, each encoded on its own: reading one decodes no others.

A segment is a list of its groups, a group a map of place to record, or nothing without records. In formats 1 to 3 a
segment was one map. Decoding 128 records to read one took as long as reading them from the database.
"""

from collections.abc import Sequence

from .records import pack, unpack

SEGMENT_OIDS = 128
"""Objects a segment: about 8 KB, two pages. Smaller ones lengthen the root, larger ones make a single read slow."""

GROUP_OIDS = 16
"""Objects a group: as many as the groups of a segment come near to, so that neither list is long."""

GROUPS = SEGMENT_OIDS // GROUP_OIDS

Segment = dict[int, bytes]
"""Encoded records by `oid % SEGMENT_OIDS`; of a group those of its places."""


def split(content: bytes) -> list[bytes]:
    """Return the encoded groups of a segment of checked bytes, of any format."""
    groups: list[bytes] | Segment = unpack(content)
    return _groups(groups) if isinstance(groups, dict) else groups


def join(groups: Sequence[bytes]) -> bytes:
    """Return the bytes of a segment of encoded groups."""
    return pack(groups)


def pack_segment(segment: Segment) -> bytes:
    """Encode a segment."""
    return join(_groups(segment))


def unpack_segment(content: bytes) -> Segment:
    """Decode a segment of checked bytes, of any format."""
    segment: Segment = {}
    for group in split(content):
        segment.update(unpack_group(group))
    return segment


def pack_group(records: Segment) -> bytes:
    """Encode the records of a group."""
    return pack(records) if records else b""


def unpack_group(content: bytes) -> Segment:
    """Decode the records of a group."""
    records: Segment = unpack(content) if content else {}
    return records


def by_group(segment: Segment) -> dict[int, Segment]:
    """Sort records of a segment by the number of their group."""
    groups: dict[int, Segment] = {}
    for place, record in segment.items():
        groups.setdefault(place // GROUP_OIDS, {})[place] = record
    return groups


def _groups(segment: Segment) -> list[bytes]:
    groups = by_group(segment)
    return [pack_group(groups.get(index, {})) for index in range(GROUPS)]
