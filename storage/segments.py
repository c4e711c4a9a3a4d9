"""The base state of a session: a root that lists segments of 128 consecutive objects each.

A segment is never changed in place: folding writes new ones with new ids and a new root. So a savepoint is a copy of
the root, and so is a fork: a segment lives as long as any root or savepoint of any session lists it.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import compress
from operator import ne
from typing import NamedTuple

from .checksums import Table, checked, row_crc
from .compression import unpacked
from .database import Database
from .errors import DamagedRecord, UnknownSession
from .groups import (
    GROUPS,
    SEGMENT_OIDS,
    Segment,
    pack_segment,
    split,
    unpack_segment,
)
from .loose import LooseSegments
from .records import pack, unpack_tuples
from .segment_list import SegmentList
from .shares import release

OPENING_GAP = 65_536
"""Ids left out at each opening. Roots may list segments that damage has cut off the end of the table; if their ids were
given again, a damaged session would find another one's objects in their place."""

RECORD_BYTES = 14
"""What a record takes beside its own bytes in an encoded list, at most: its id (9) and how long it is (5)."""


class Root(NamedTuple):
    """A session's base state.

    Attributes:
        n: the last journal row folded into it.
        seq: the session's `seq` at that row.
        next_oid: the smallest object id not given at that row.
        entry_seq: the number of history entries at that row.
        record_count: objects in all segments together.
        segments: its segments.
    """

    n: int
    seq: int
    next_oid: int
    entry_seq: int
    record_count: int
    segments: SegmentList


StoredSegment = tuple[int, int, bytes]
"""A segment's row: `(k, crc, b)`."""

EMPTY_ROOT = Root(0, 0, 0, 0, 0, SegmentList())


def read_root(db: Database, sid: int) -> Root:
    """Return a session's root.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: the root is damaged or missing.
    """
    stored = db.one("SELECT crc, b FROM root WHERE sid = ?", (sid,))
    if stored:
        content = checked(Table.ROOT, sid, 0, stored[0], stored[1], sid)
        n, seq, next_oid, entry_seq, record_count, listed = unpack_tuples(content)
        segments = SegmentList.unpacked(listed, next_oid, (sid, "root"))
        return Root(n, seq, next_oid, entry_seq, record_count, segments)
    if db.one("SELECT 1 FROM session WHERE sid = ?", (sid,)) is None:
        raise UnknownSession(sid)
    raise DamagedRecord(sid, "root", str(sid), "it is missing")


def write_root(db: Database, sid: int, root: Root, written: int = 0) -> None:
    """Store a session's root; `written` counts the records that became part of it."""
    content = pack((*root[:-1], root.segments.packed()))
    db.run(
        "INSERT INTO root(sid, crc, b, written) VALUES(?, ?, ?, ?) ON CONFLICT(sid)"
        " DO UPDATE SET crc = excluded.crc, b = excluded.b, written = written + excluded.written",
        (sid, row_crc(Table.ROOT, sid, 0, content), content, written),
    )


DROPPED_AT_ONCE = 256
"""Segments deleted in the transaction in which their last owner lets go of them, some milliseconds for all of them;
when they are more they are left as loose ones."""


class Segments:
    """Reads and writes the segments of one file; new ids are above those stored and above `listed_max`.

    Attributes:
        loose: those that no session lists.
    """

    def __init__(self, db: Database, listed_max: int = 0) -> None:
        self._db = db
        self.loose = LooseSegments(db)
        self._next_id = max(db.number("SELECT max(k) FROM seg") + OPENING_GAP, listed_max) + 1

    def read(self, sid: int, number: int, segment_id: int) -> Segment:
        """Return a segment, empty for id 0.

        Args:
            sid: the session, for the report.
            number: which of the session's segments it is; the first holds oids 0 to 127.
            segment_id: its id from a root.

        Raises:
            DamagedRecord: it is damaged or missing.
        """
        return unpack_segment(self._content(sid, number, segment_id)) if segment_id else {}

    def read_groups(self, sid: int, number: int, segment_id: int) -> list[bytes]:
        """Return the encoded groups of a segment; see `read`."""
        return split(self._content(sid, number, segment_id)) if segment_id else [b""] * GROUPS

    def _content(self, sid: int, number: int, segment_id: int) -> bytes:
        """Return the checked bytes of a segment, as it was encoded."""
        stored = self._db.one("SELECT crc, b FROM seg WHERE k = ?", (segment_id,))
        if stored is None:
            raise DamagedRecord(sid, "segment", f"{segment_id}/{number}", "it is missing")
        content = checked(Table.SEGMENT, segment_id, number, stored[0], stored[1], sid)
        return unpacked(content, (sid, "segment", f"{segment_id}/{number}"))

    def write(self, number: int, segment: Segment) -> int:
        """Store a segment and return its new id."""
        made = self.made(self.take_ids(1), number, pack_segment(segment))
        self.store([made])
        return made[0]

    def take_ids(self, count: int) -> int:
        """Return the first of so many new ids; those that are not used are never given again."""
        first = self._next_id
        self._next_id += count
        return first

    def made(self, segment_id: int, number: int, content: bytes) -> StoredSegment:
        """Return the row of an encoded segment, compressed or not, under a new id; `store` writes it."""
        return segment_id, row_crc(Table.SEGMENT, segment_id, number, content), content

    def transaction(self) -> AbstractContextManager[None]:
        """Return a transaction of their file; see `Database.transaction`."""
        return self._db.transaction()

    def store(self, made: Iterable[StoredSegment]) -> None:
        """Write the rows of new segments."""
        self._db.run_many("INSERT INTO seg VALUES(?, ?, ?)", made)

    def replaced(self, sid: int, before: Root, after: Root, bytes_max: int) -> list[int | bytes | None] | None:
        """Return what `before` has otherwise than `after`: oid and encoded record in turns, None for no record.

        Args:
            sid: the session.
            before: one root of it.
            after: another one.
            bytes_max: what takes more when it is encoded is not returned, but None in place of the list.

        Raises:
            DamagedRecord: a segment that only one of them lists is damaged or missing.
        """
        found: list[int | bytes | None] = []
        size_bytes = 0
        for number, old_id, new_id in _differing(tuple(before.segments), tuple(after.segments)):
            old, new = self.read(sid, number, old_id), self.read(sid, number, new_id)
            for place in sorted(old.keys() | new.keys()):
                content = old.get(place)
                if content != new.get(place):
                    found += (number * SEGMENT_OIDS + place, content)
                    size_bytes += RECORD_BYTES + len(content or b"")
            if size_bytes > bytes_max:
                return None
        return found

    def drop_unlisted(self, before: Iterable[int], after: Iterable[int]) -> None:
        """Delete the segments that a session listed before and does not any more, unless others list them too."""
        unlisted = release(self._db, set(before) - set(after) - {0})
        if len(unlisted) > DROPPED_AT_ONCE:
            self.loose.leave(unlisted)
        else:
            self._db.run_many("DELETE FROM seg WHERE k = ?", [(k,) for k in unlisted])

    def size_bytes(self, segment_ids: Iterable[int]) -> int:
        """Return what segments take together as they are stored."""
        query = "SELECT length(b) FROM seg WHERE k = ?"
        return sum(self._db.number(query, (segment_id,)) for segment_id in segment_ids if segment_id)


def _differing(before: tuple[int, ...], after: tuple[int, ...]) -> Iterator[tuple[int, int, int]]:
    """Iterate over the numbers at which two lists have other segments, each with both ids.

    Lists are nearly the same, and as long as ids are large: a loop that only looks for what differs takes four times
    as long.
    """
    length = max(len(before), len(after))
    old, new = (listed + (0,) * (length - len(listed)) for listed in (before, after))
    for number in compress(range(length), map(ne, old, new)):
        yield number, old[number], new[number]
