"""Segments read lately, kept for the next questions: objects made together are read together, also by forks.

A segment never changes and its number is never given again, so nothing here can become wrong.
"""

from .groups import GROUP_OIDS, Segment, unpack_group
from .segments import Segments

SEGMENTS_MAX = 512
"""Segments kept of all sessions together, some 6 KB each while most of their groups are encoded. For each session by
itself they would be most of what a woken session takes."""

BYTES_MAX = 16 * 1024 * 1024
"""What the records in them take together: a few large objects may make a segment of any size. The one read last stays
whatever it takes, because its other objects are asked for next."""

_Groups = list[bytes | Segment]
"""The groups of a segment, decoded when they are first asked for."""


class RecentSegments:
    """The segments of one store that were read lately."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._kept: dict[int, tuple[_Groups, int]] = {}
        self._bytes = 0

    def group(self, sid: int, number: int, segment_id: int, place: int) -> Segment:
        """Return the records of the group that a place is in, which must not be changed.

        Args:
            sid: the session, for the report.
            number: which of the session's segments it is.
            segment_id: its id from a root.
            place: an `oid % SEGMENT_OIDS`.

        Raises:
            DamagedRecord: the segment is damaged or missing.
        """
        kept = self._kept.get(segment_id)
        groups = self._read(sid, number, segment_id) if kept is None else kept[0]
        index = place // GROUP_OIDS
        group = groups[index]
        if isinstance(group, bytes):
            group = groups[index] = unpack_group(group)
        return group

    def _read(self, sid: int, number: int, segment_id: int) -> _Groups:
        """Read a segment and keep it."""
        groups: _Groups = [*self._segments.read_groups(sid, number, segment_id)]
        size_bytes = sum(map(len, groups))
        while self._kept and (len(self._kept) >= SEGMENTS_MAX or self._bytes + size_bytes > BYTES_MAX):
            _, dropped_bytes = self._kept.pop(next(iter(self._kept)))
            self._bytes -= dropped_bytes
        self._kept[segment_id] = (groups, size_bytes)
        self._bytes += size_bytes
        return groups
