"""Segments that several sessions list, because one is a fork of the other: how many list each beyond the first.

A session counts once for a segment, whether its root lists it, its savepoints, or all of them. A segment without an
entry here belongs to one session alone, which is the rule; so what is not forked pays one look-up when it is dropped.
"""

from collections.abc import Iterable
from contextlib import suppress

from .checksums import Table, row_crc
from .database import Database
from .errors import DamagedRecord

_ASKED_IDS = 500
"""Segments asked for with one statement; SQLite allows 999 values in its smallest builds."""


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
    ids = list(segment_ids)
    unlisted = set(ids)
    for start in range(0, len(ids), _ASKED_IDS):
        asked = ids[start : start + _ASKED_IDS]
        query = f"SELECT k, crc, n FROM shared WHERE k IN ({', '.join('?' * len(asked))})"  # noqa: S608 -- places only
        for segment_id, crc, count in db.all(query, asked):
            unlisted.discard(segment_id)
            with suppress(DamagedRecord):
                check_share(segment_id, crc, count)
                _write(db, [(segment_id, count - 1)])
    return [segment_id for segment_id in ids if segment_id in unlisted]


def _write(db: Database, counts: Iterable[tuple[int, int]]) -> None:
    """Store counts, and forget those that are 0."""
    rows = [(k, row_crc(Table.SHARED, k, count, b""), count) for k, count in counts]
    db.run_many("INSERT OR REPLACE INTO shared VALUES(?, ?, ?)", [row for row in rows if row[2]])
    db.run_many("DELETE FROM shared WHERE k = ?", [row[:1] for row in rows if not row[2]])
