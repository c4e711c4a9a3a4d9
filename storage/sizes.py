"""Sizes: how much of the file is in use, and how much of it a session takes.

Both come from lengths that SQLite knows without reading the content, so they cost some microseconds and one look-up for
each segment.
"""

from .database import Database
from .journal import unfolded_bytes
from .savepoints import pinned_segments
from .segments import Segments, read_root

_SID_SHIFT = 32
"""The keys of history and past begin with the session's number; see `schema.py`."""


def used_bytes(db: Database) -> int:
    """Return how many bytes of the file hold something; its free pages and slots are used before it grows."""
    free_slots = db.newest.made - db.newest.slots
    return db.pragma("page_size") * (db.pragma("page_count") - db.pragma("freelist_count") - free_slots)


def size_of(db: Database, segments: Segments, sid: int) -> int:
    """Return how many bytes the rows of a session take; see `Store.size_of`."""
    keys = (sid << _SID_SHIFT, (sid + 1 << _SID_SHIFT) - 1)
    root = read_root(db, sid)
    listed = {*root.segments, *pinned_segments(db, sid)}
    return (
        segments.size_bytes(listed)
        + db.number("SELECT length(b) FROM session WHERE sid = ?", (sid,))
        + db.number("SELECT length(b) FROM root WHERE sid = ?", (sid,))
        + unfolded_bytes(db, sid, root)
        + db.number("SELECT sum(length(b)) FROM history WHERE k BETWEEN ? AND ?", keys)
        + db.number("SELECT sum(length(b)) FROM past WHERE k BETWEEN ? AND ?", keys)
    )
