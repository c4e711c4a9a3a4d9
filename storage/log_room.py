"""Room for the write-ahead log, made before commits need it.

A commit that makes its file longer has to be written to the file system's own journal as well, and waits there for
what other programs write; one that writes over what is there does not. The log is written over from its second round
on. For the first one it is made as long as it will become, with zeros: a frame of zeros has no checksum that fits, so
SQLite and `wal.py` take the log to end before it, as before the end of the file.
"""

import os
from pathlib import Path
from typing import Final

from .database import AUTOCHECKPOINT_PAGES
from .wal import FRAME_BYTES

USED_BYTES: Final = 262_144
"""What the log has to be before room is made: a store that is hardly written to needs none."""

ROOM_BYTES: Final = (AUTOCHECKPOINT_PAGES + AUTOCHECKPOINT_PAGES // 8) * FRAME_BYTES
"""What the log is made: what it grows to until it is begun anew, and the last commit of that round."""

STEP_BYTES: Final = 262_144
"""Zeros written and synced in one step, some 2 milliseconds."""


def lengthen(log: Path) -> bool:
    """Make a log somewhat longer, if it is in use and not long enough; tell whether more is to be made.

    Its next commit must not be under way. A disk that has no room for it is the next commit's matter, which may
    need less.
    """
    try:
        with log.open("ab", buffering=0) as file:
            size_bytes = file.tell()
            if not USED_BYTES <= size_bytes < ROOM_BYTES:
                return False
            file.write(bytes(min(STEP_BYTES, ROOM_BYTES - size_bytes)))
            os.fsync(file.fileno())
    except OSError:
        return False
    return True
