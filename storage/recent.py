"""Segments read lately, kept for the next questions: objects made together are read together, also by forks.

A segment never changes and its number is never given again, so nothing here can become wrong.
"""

from .segments import Segment, Segments

SEGMENTS_MAX = 256
"""Segments kept of all sessions together, some 13 KB each. For each session by itself they would be most of what a
woken session takes."""


class RecentSegments:
    """The segments of one store that were read lately."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._kept: dict[int, Segment] = {}

    def read(self, sid: int, number: int, segment_id: int) -> Segment:
        """Return a segment, which must not be changed; see `Segments.read`."""
        segment = self._kept.get(segment_id)
        if segment is None:
            segment = self._segments.read(sid, number, segment_id)
            if len(self._kept) >= SEGMENTS_MAX:
                del self._kept[next(iter(self._kept))]
            self._kept[segment_id] = segment
        return segment
