"""A loaded session: the newest records from its journal, all others from segments when they are asked for."""

from collections.abc import Iterator

from .contract import Oid, Record, SessionRow, Sid
from .database import Database
from .errors import DamagedRecord
from .journal import Tail
from .records import unpack_record
from .segments import SEGMENT_OIDS, Root, Segment, Segments, read_root

SEGMENTS_CACHED_MAX = 16
"""Segments kept as bytes for the next questions (about 128 KB), because objects made together are read together."""


class SqliteRecords:
    """A session's records as committed."""

    def __init__(self, db: Database, segments: Segments, sid: Sid, tail: Tail) -> None:
        self._sid = sid
        self._db = db
        self._segments = segments
        self._changed = tail.records
        self._cache: dict[int, Segment] = {}

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none; `DamagedRecord` if it is not what was stored."""
        content = self._changed.get(oid)
        if content is None:
            number, place = divmod(oid, SEGMENT_OIDS)
            content = self._segment(number).get(place)
        return None if content is None else unpack_record(content)

    def _segment(self, number: int) -> Segment:
        """Return a segment, from memory if it was read a moment ago."""
        segment = self._cache.get(number)
        if segment is None:
            # The root is read anew, because folding may have replaced the segments since the session was loaded.
            segments = self._root().segments
            segment_id = segments[number] if number < len(segments) else 0
            segment = self._segments.read(self._sid, number, segment_id)
            if len(self._cache) >= SEGMENTS_CACHED_MAX:
                del self._cache[next(iter(self._cache))]
            self._cache[number] = segment
        return segment

    def _root(self) -> Root:
        return read_root(self._db, self._sid)

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all stored objects, ascending; `DamagedRecord` if part of the state is damaged."""
        root = self._root()
        found = set(self._changed)
        count = 0
        for number, segment_id in enumerate(root.segments):
            segment = self._segments.read(self._sid, number, segment_id)
            count += len(segment)
            found.update(number * SEGMENT_OIDS + place for place in segment)
        if count != root.record_count:
            raise DamagedRecord(self._sid, "root", str(self._sid), f"{count} records, not {root.record_count}")
        return iter(sorted(found))

    def size_bytes(self) -> int:
        """Return about how much the objects take; what changed lately counts beside what it replaced."""
        return self._segments.size_bytes(self._root().segments) + sum(map(len, self._changed.values()))


class SqliteState(SqliteRecords):
    """A loaded session; see `LoadedState`."""

    def __init__(self, db: Database, segments: Segments, row: SessionRow, tail: Tail) -> None:
        super().__init__(db, segments, row.sid, tail)
        self.row = row
        self.next_oid = tail.head.next_oid
        self.seq = tail.head.seq
