"""Checksums: every stored row carries a crc32 keyed by the row's own key.

A crc over the bytes alone would accept a good row in the wrong place (a page written elsewhere, an index entry that
points to its neighbour); seeded with table and key it does not. crc32 finds every single flipped bit and every burst
up to 32 bits.
"""

from enum import IntEnum
from struct import Struct
from zlib import crc32

from .errors import DamagedRecord

_KEY = Struct("<BQQ")


class Table(IntEnum):
    """The tables with checked rows. Stored in every crc: numbers are never reused."""

    SESSION = 1
    ROOT = 2
    SEGMENT = 3
    JOURNAL = 4
    HISTORY = 5
    REPLY = 6
    SAVEPOINT = 7
    CODE = 8
    SHARED = 9
    PAST = 10
    LOOSE = 11


def row_crc(table: Table, key: int, subkey: int, content: bytes) -> int:
    """Return the checksum of a row's content under its key; `subkey` is 0 where one number names the row."""
    return crc32(content, crc32(_KEY.pack(table, key, subkey)))


def checked(table: Table, key: int, subkey: int, crc: object, content: object, sid: int | None) -> bytes:
    """Return a row's content if it is what was written.

    Args:
        table: the table the row stands in.
        key: the row's key.
        subkey: the second part of the key, 0 if it has one part.
        crc: the stored checksum; of any type, since damage may turn a number into text.
        content: the stored bytes; of any type for the same reason.
        sid: the session the row belongs to, for the report.

    Raises:
        DamagedRecord: it is not.
    """
    if type(content) is bytes and row_crc(table, key, subkey, content) == crc:
        return content
    raise DamagedRecord(sid, table.name.lower(), f"{key}/{subkey}", "its checksum does not match")
