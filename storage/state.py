"""A loaded session: the newest records from its journal, all others from segments when they are asked for."""

from collections.abc import Iterator, Mapping

from .changes import Oid, Record, Sid
from .contract import SessionRow
from .database import Database
from .errors import DamagedRecord
from .groups import SEGMENT_OIDS, Segment
from .journal import Tail
from .recent import RecentSegments
from .records import unpack_tuples
from .segments import Root, Segments, read_root


class SqliteRecords:
    """A session's records as committed.

    Args:
        db: the file.
        segments: all of its segments.
        recent: what of them was read lately.
        sid: the session.
        root: its base state.
        tail: what its journal holds beyond that.
    """

    def __init__(
        self, db: Database, segments: Segments, recent: RecentSegments, sid: Sid, root: Root, tail: Tail
    ) -> None:
        self._sid = sid
        self._db = db
        self._segments = segments
        self._recent = recent
        self._changed = tail.records
        self._listed = root.segments

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none; `DamagedRecord` if it is not what was stored."""
        content = self._changed.get(oid)
        if content is None:
            number, place = divmod(oid, SEGMENT_OIDS)
            content = self._read(number, place).get(place)
        if content is None:
            return None
        record: Record = unpack_tuples(content)  # as `unpack_record` does, one call the less for each object touched
        return record

    def _read(self, number: int, place: int) -> Segment:
        """Return the records beside one, from the segment that the root listed when the session was loaded.

        What is asked for did not change since then, so a segment that folding has replaced meanwhile says the same of
        it as the new one, as long as it is there.
        """
        try:
            return self._recent.group(self._sid, number, self._listed.id(number), place)
        except DamagedRecord:
            self._listed = self._root().segments
            return self._recent.group(self._sid, number, self._listed.id(number), place)

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

    def encoded(self) -> Iterator[Mapping[Oid, bytes]]:
        """Iterate over all encoded records; see `LoadedState.encoded`."""
        for number in range(len(self._listed)):
            segment = self._whole(number)
            yield {number * SEGMENT_OIDS + place: content for place, content in segment.items()}
        yield self._changed

    def _whole(self, number: int) -> Segment:
        """Return the records of a segment; of one that folding has replaced meanwhile, as in `_read`."""
        try:
            return self._segments.read(self._sid, number, self._listed.id(number))
        except DamagedRecord:
            self._listed = self._root().segments
            return self._segments.read(self._sid, number, self._listed.id(number))

    def size_bytes(self) -> int:
        """Return about how much the objects take; what changed lately counts beside what it replaced."""
        return self._segments.size_bytes(self._root().segments) + sum(map(len, self._changed.values()))


class SqliteState(SqliteRecords):
    """A loaded session; see `LoadedState`."""

    def __init__(
        self, db: Database, segments: Segments, recent: RecentSegments, row: SessionRow, root: Root, tail: Tail
    ) -> None:
        super().__init__(db, segments, recent, row.sid, root, tail)
        self.row = row
        self.next_oid = tail.head.next_oid
        self.seq = tail.head.seq
        self.entries = tail.head.entry_seq
