"""The write-ahead log's own evidence of loss, read before SQLite recovers it.

SQLite takes the log up to the first frame whose checksum fails and silently ignores the rest. That is right for the
last transaction, which a power loss may leave half written; but as every transaction is synced before the next one
begins, at most one can be unsynced. So two transactions of the current log beyond the recovered end mean that an
acknowledged one is lost.

A frame belongs to the current log if either of its two salts is the header's (one flipped bit must not hide it; a
restarted log changes both). A frame ends a transaction if its size field is not 0.

Source: https://www.sqlite.org/fileformat2.html#walformat
"""

from collections.abc import Sequence
from pathlib import Path
from struct import Struct

from .database import PAGE_SIZE_BYTES

_HEADER = Struct(">16xII8x")
_FRAME = Struct(">4xIII8x")
_STRIDE_BYTES = _FRAME.size + PAGE_SIZE_BYTES


def transaction_ends(path: Path) -> list[int]:
    """Return the numbers, from 1, of all frames of the current log that end a transaction."""
    if not path.exists():
        return []
    ends: list[int] = []
    with path.open("rb") as file:
        header = file.read(_HEADER.size)
        if len(header) < _HEADER.size:
            return []
        salts = _HEADER.unpack(header)
        number = 0
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            number += 1
            pages, *frame_salts = _FRAME.unpack(frame)
            if pages and (frame_salts[0] == salts[0] or frame_salts[1] == salts[1]):
                ends.append(number)
            file.seek(_HEADER.size + number * _STRIDE_BYTES)
    return ends


def is_cut_short(ends: Sequence[int], recovered_frames: int) -> bool:
    """Tell whether an acknowledged transaction lies beyond the frames SQLite recovered."""
    unsynced_max = 1
    return sum(end > recovered_frames for end in ends) > unsynced_max
