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
from mmap import ACCESS_READ, mmap
from os import fstat
from pathlib import Path
from struct import Struct

from .database import PAGE_SIZE_BYTES

_HEADER = Struct(">I12xII8x")
_FRAME = Struct(">IIIIII")
FRAME_BYTES = _FRAME.size + PAGE_SIZE_BYTES
"""What a page takes in the log."""

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
        # An empty file cannot be mapped; one that is may be read at any place without a system call.
        size_bytes = fstat(file.fileno()).st_size
        if size_bytes < _HEADER.size:
            return []
        with mmap(file.fileno(), 0, access=ACCESS_READ) as log:
            magic, *salts = _HEADER.unpack_from(log)
            before = (0, 0)
            starts = range(_HEADER.size, size_bytes - _FRAME.size + 1, FRAME_BYTES)
            for number, start in enumerate(starts, 1):
                _, pages, first_salt, second_salt, *checksum = _FRAME.unpack_from(log, start)
                is_current = first_salt == salts[0] or second_salt == salts[1]
                if pages and is_current and (not _may_be_torn(number) or _follows(before, log, start, magic)):
                    ends.append(number)
                before = (checksum[0], checksum[1])
    return ends


def _may_be_torn(number: int) -> bool:
    """Tell whether a frame's size may be of an older log and its salts of the current one: two sectors, one written."""
    return (_HEADER.size + (number - 1) * FRAME_BYTES + _SALTS_AT) % _SECTOR_BYTES == 0


def _follows(before: tuple[int, int], log: mmap, start: int, magic: int) -> bool:
    """Tell whether the frame at a place of the log has the checksum that follows from the frame before."""
    page_start = start + _FRAME.size
    content = log[start : start + _SALTS_AT] + log[page_start : page_start + PAGE_SIZE_BYTES]
    if len(content) < _SALTS_AT + PAGE_SIZE_BYTES:
        return False
    order = "<" if magic == _LITTLE_ENDIAN_MAGIC else ">"
    first, second = before
    for even, odd in Struct(order + "II").iter_unpack(content):
        first = (first + even + second) & _WORDS
        second = (second + odd + first) & _WORDS
    return (first, second) == _FRAME.unpack_from(log, start)[4:]


def is_cut_short(ends: Sequence[int], recovered_frames: int) -> bool:
    """Tell whether an acknowledged transaction lies beyond the frames SQLite recovered."""
    unsynced_max = 1
    return sum(end > recovered_frames for end in ends) > unsynced_max
