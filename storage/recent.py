"""Segments read lately, kept for the next questions: objects made together are read together, also by forks.

A segment never changes and its number is never given again, so nothing here can become wrong.
"""

from .segments import Segment, Segments

SEGMENTS_MAX = 256
"""Segments kept of all sessions together, some 13 KB each. For each session by itself they would be most of what a
woken session takes."""

BYTES_MAX = 16 * 1024 * 1024
"""What the records in them take together: a few large objects may make a segment of any size. The one read last stays
whatever it takes, because its other objects are asked for next."""


class RecentSegments:
    """The segments of one store that were read lately."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._kept: dict[int, tuple[Segment, int]] = {}
        self._bytes = 0

    def read(self, sid: int, number: int, segment_id: int) -> Segment:
        """Return a segment, which must not be changed; see `Segments.read`."""
        kept = self._kept.get(segment_id)
        if kept is not None:
            return kept[0]
        segment = self._segments.read(sid, number, segment_id)
        size_bytes = sum(map(len, segment.values()))
        while self._kept and (len(self._kept) >= SEGMENTS_MAX or self._bytes + size_bytes > BYTES_MAX):
            _, dropped_bytes = self._kept.pop(next(iter(self._kept)))
            self._bytes -= dropped_bytes
        self._kept[segment_id] = (segment, size_bytes)
        self._bytes += size_bytes
        return segment
