"""The history of a session: entries in chunks, the newest ones still in the journal."""

from typing import Any, cast

from .checksums import Table, checked, row_crc
from .compression import packed, unpacked
from .contract import HistoryPage
from .database import Database
from .errors import DamagedRecord
from .journal import Tail
from .records import pack, unpack

CHUNK_ENTRIES_MAX = 64
"""Entries a chunk: a client shows the last 50, which then are one or two rows."""

CHUNK_BYTES_MAX = 65_536
"""A chunk that has reached this size is not rewritten to take more entries."""

_SID_SHIFT = 32
"""A chunk's key is `sid << 32 | number of its first entry`."""


def _key(sid: int, entry_seq: int) -> int:
    return sid << _SID_SHIFT | entry_seq


def _chunk_at(db: Database, sid: int, entry_seq: int) -> tuple[int, list[bytes]] | None:
    """Return first number and entries of the chunk that holds an entry, or of the last one before it."""
    query = "SELECT k, crc, b FROM history WHERE k BETWEEN ? AND ? ORDER BY k DESC LIMIT 1"
    stored = db.one(query, (_key(sid, 1), _key(sid, entry_seq)))
    if stored is None:
        return None
    return stored[0] - _key(sid, 0), _entries(sid, *stored)


def _entries(sid: int, key: int, crc: object, content: object) -> list[bytes]:
    """Return the encoded entries of a stored chunk; `DamagedRecord` if it is damaged."""
    stored = checked(Table.HISTORY, key, 0, crc, content, sid)
    return cast("list[bytes]", unpack(unpacked(stored, (sid, "history", key))))


def fold_entries(db: Database, sid: int, first_seq: int, entries: list[bytes]) -> None:
    """Move entries from the journal into chunks, filling the last one up."""
    if not entries:
        return
    last = _chunk_at(db, sid, first_seq - 1)
    if last and len(last[1]) < CHUNK_ENTRIES_MAX and sum(map(len, last[1])) < CHUNK_BYTES_MAX:
        first_seq, entries = last[0], last[1] + entries
    for start in range(0, len(entries), CHUNK_ENTRIES_MAX):
        key = _key(sid, first_seq + start)
        content = packed(pack(entries[start : start + CHUNK_ENTRIES_MAX]))
        db.run(
            "INSERT OR REPLACE INTO history VALUES(?, ?, ?)", (key, row_crc(Table.HISTORY, key, 0, content), content)
        )


def readable_entries(db: Database, sid: int) -> list[bytes]:
    """Return the encoded entries of all chunks there are, oldest first, whether or not some are missing."""
    rows = db.all(
        "SELECT k, crc, b FROM history WHERE k BETWEEN ? AND ? ORDER BY k", (_key(sid, 0), _key(sid + 1, 0) - 1)
    )
    return [entry for row in rows for entry in _entries(sid, *row)]


def delete_history(db: Database, sid: int) -> None:
    """Delete all chunks of a session."""
    db.run("DELETE FROM history WHERE k BETWEEN ? AND ?", (_key(sid, 0), _key(sid + 1, 0) - 1))


def read_page(db: Database, sid: int, tail: Tail, offset: int, count: int) -> HistoryPage:
    """Return entries of a session's history; see `Store.history`.

    Raises:
        DamagedRecord: a chunk is damaged or missing.
    """
    total, newest = tail.head.entry_seq, tail.entries
    first_in_tail = total - len(newest) + 1
    start = max(0, offset if offset >= 0 else total + offset)
    wanted = range(start + 1, min(total, start + max(0, count)) + 1)
    found: list[tuple[int, dict[str, Any]]] = []
    number = wanted.start
    while number < wanted.stop:
        first, entries = (first_in_tail, newest) if number >= first_in_tail else _full_chunk(db, sid, number)
        part = entries[number - first : wanted.stop - first]
        found += [(number + place, unpack(entry)) for place, entry in enumerate(part)]
        number += len(part)
    return HistoryPage(total, found)


def _full_chunk(db: Database, sid: int, entry_seq: int) -> tuple[int, list[bytes]]:
    """Return the chunk that holds an entry."""
    chunk = _chunk_at(db, sid, entry_seq)
    if chunk is None or entry_seq >= chunk[0] + len(chunk[1]):
        raise DamagedRecord(sid, "history", f"{sid}/{entry_seq}", "it is missing")
    return chunk
