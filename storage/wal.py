"""The write-ahead log's own evidence of loss, read before SQLite recovers it.

SQLite takes the log up to the first frame whose checksum fails and silently ignores the rest. That is right for the
last transaction, which a power loss may leave half written; but as every transaction is synced before the next one
begins, at most one can be unsynced. So two transactions of the current log beyond the recovered end mean that an
acknowledged one is lost.

A frame belongs to the current log if either of its two salts is the header's (one flipped bit must not hide it; a
restarted log changes both). A frame ends a transaction if its size field is not 0. In one frame of 64 the end of a
sector lies between size and salts, so a power loss may join the size of an older log's frame with current salts: such a
frame counts only if its checksum follows from the frame before.

Source: https://www.sqlite.org/fileformat2.html#walformat
"""

from collections.abc import Sequence
from pathlib import Path
from struct import Struct
from typing import BinaryIO

from .database import PAGE_SIZE_BYTES

_HEADER = Struct(">I12xII8x")
_FRAME = Struct(">IIIIII")
_STRIDE_BYTES = _FRAME.size + PAGE_SIZE_BYTES

_LITTLE_ENDIAN_MAGIC = 0x377F0682
"""The log's checksums add words in this order of bytes; the other magic number ends in 3 and says the other order."""

_SECTOR_BYTES = 512
"""What a disk writes whole; disks with larger sectors do so too."""

_SALTS_AT = 8
"""Where the salts begin in a frame's header, after page number and size."""

_WORDS = (1 << 32) - 1


def transaction_ends(path: Path) -> list[int]:
    """Return the numbers, from 1, of all frames of the current log that end a transaction."""
    if not path.exists():
        return []
    ends: list[int] = []
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return []
        magic, *salts = _HEADER.unpack(header)
        number = 0
        before = (0, 0)
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            number += 1
            _, pages, *frame_salts = _FRAME.unpack(frame)[:4]
            is_current = frame_salts[0] == salts[0] or frame_salts[1] == salts[1]
            if pages and is_current and (not _may_be_torn(number) or _follows(before, frame, file, magic)):
                ends.append(number)
            before = _FRAME.unpack(frame)[4:]
            file.seek(_HEADER.size + number * _STRIDE_BYTES)
    return ends


def _may_be_torn(number: int) -> bool:
    """Tell whether a frame's size may be of an older log and its salts of the current one: two sectors, one written."""
    return (_HEADER.size + (number - 1) * _STRIDE_BYTES + _SALTS_AT) % _SECTOR_BYTES == 0


def _follows(before: tuple[int, ...], frame: bytes, file: BinaryIO, magic: int) -> bool:
    """Tell whether a frame, whose page comes next in the file, has the checksum that follows from the frame before."""
    content = frame[:_SALTS_AT] + file.read(PAGE_SIZE_BYTES)
    if len(content) < _SALTS_AT + PAGE_SIZE_BYTES:
        return False
    order = "<" if magic == _LITTLE_ENDIAN_MAGIC else ">"
    first, second = before
    for even, odd in Struct(order + "II").iter_unpack(content):
        first = (first + even + second) & _WORDS
        second = (second + odd + first) & _WORDS
    return (first, second) == _FRAME.unpack(frame)[4:]


def is_cut_short(ends: Sequence[int], recovered_frames: int) -> bool:
    """Tell whether an acknowledged transaction lies beyond the frames SQLite recovered."""
    unsynced_max = 1
    return sum(end > recovered_frames for end in ends) > unsynced_max
