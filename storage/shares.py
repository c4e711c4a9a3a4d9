"""Segments that several sessions list, because one is a fork of the other: how many list each beyond the first.

A session counts once for a segment, whether its root lists it, its savepoints, or all of them. A segment without an
entry here belongs to one session alone, which is the rule; so what is not forked pays one look-up when it is dropped.
"""

from collections.abc import Iterable

from .checksums import Table, row_crc
from .database import Database
from .errors import DamagedRecord


def others(db: Database, segment_id: int) -> int:
    """Return how many sessions beyond the first list a segment; `DamagedRecord` if that is not what was written."""
    stored = db.one("SELECT crc, n FROM shared WHERE k = ?", (segment_id,))
    if stored is None:
        return 0
    check_share(segment_id, *stored)
    count: int = stored[1]
    return count


def check_share(segment_id: int, crc: object, count: object) -> None:
    """Check a stored count; `DamagedRecord` if it is not what was written."""
    if type(count) is not int or count < 1 or crc != row_crc(Table.SHARED, segment_id, count, b""):
        raise DamagedRecord(None, "shared", str(segment_id), "its checksum does not match")


def share(db: Database, segment_ids: Iterable[int]) -> None:
    """Count one more session for each segment; `DamagedRecord` if a count is not what was written."""
    wanted = sorted(segment_ids)
    if not wanted:
        return
    query = "SELECT k, crc, n FROM shared WHERE k BETWEEN ? AND ?"
    stored = {k: (crc, count) for k, crc, count in db.all(query, (wanted[0], wanted[-1]))}
    for segment_id in wanted:
        if segment_id in stored:
            check_share(segment_id, *stored[segment_id])
    _write(db, [(segment_id, stored.get(segment_id, (0, 0))[1] + 1) for segment_id in wanted])


def release(db: Database, segment_ids: Iterable[int]) -> list[int]:
    """Count one session less for each segment; return those that no session lists any more.

    Where the count is damaged the segment is kept: `verify` reports it, and nobody loses what may be theirs.
    """
    unlisted: list[int] = []
    for segment_id in segment_ids:
        try:
            count = others(db, segment_id)
        except DamagedRecord:
            continue
        if count:
            _write(db, [(segment_id, count - 1)])
        else:
            unlisted.append(segment_id)
    return unlisted


def _write(db: Database, counts: Iterable[tuple[int, int]]) -> None:
    """Store counts, and forget those that are 0."""
    rows = [(k, row_crc(Table.SHARED, k, count, b""), count) for k, count in counts]
    db.run_many("INSERT OR REPLACE INTO shared VALUES(?, ?, ?)", [row for row in rows if row[2]])
    db.run_many("DELETE FROM shared WHERE k = ?", [row[:1] for row in rows if not row[2]])
