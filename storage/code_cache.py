"""Compiled code by hash: a cache beside the sessions, which may be empty at any time."""

from collections.abc import Iterable
from zlib import crc32

from .checksums import Table, checked, row_crc
from .database import Database
from .errors import DamagedRecord

CODE_ROWS_MAX = 20_000
"""Entries kept, oldest evicted first: some 100 MB of class code at 5 KB each."""


def read_code(db: Database, key: bytes) -> bytes | None:
    """Return cached code, None if it is not there or damaged: then it is compiled again.

    It is read as a value by itself, because a compiled library has seven megabytes.
    """
    stored = db.one("SELECT id, crc FROM code WHERE hash = ? AND typeof(b) = 'blob'", (key,))
    if stored is None:
        return None
    try:
        return checked(Table.CODE, crc32(key), 0, stored[1], db.large_value("code", "b", stored[0]), None)
    except DamagedRecord:
        return None


def write_code(db: Database, entries: Iterable[tuple[bytes, bytes]]) -> None:
    """Store code under its hashes; inside a transaction of the caller."""
    rows = [(key, row_crc(Table.CODE, crc32(key), 0, code), code) for key, code in entries]
    db.run_many("INSERT OR REPLACE INTO code(hash, crc, b) VALUES(?, ?, ?)", rows)
    db.run("DELETE FROM code WHERE id <= (SELECT max(id) FROM code) - ?", (CODE_ROWS_MAX,))
