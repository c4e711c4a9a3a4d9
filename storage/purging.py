"""Purging: a session is deleted with all it has, and its pages are free for others.

A damaged session can be purged too: its own rows go; of its segments those it can still name. What is left of them is
found by `verify`, because then no session lists it.
"""

from contextlib import suppress

from .database import Database
from .errors import DamagedRecord
from .history import delete_history
from .past import delete_past
from .savepoints import pinned_segments
from .segments import Segments, read_root


def purge(db: Database, segments: Segments, sid: int) -> None:
    """Delete a session; inside a transaction of the caller."""
    listed: set[int] = set()
    with suppress(DamagedRecord):
        listed |= set(read_root(db, sid).segments)
    with suppress(DamagedRecord):
        listed |= pinned_segments(db, sid)
    segments.drop_unlisted(listed, ())
    for table in ("journal", "savepoint", "root", "session"):
        db.run(f"DELETE FROM {table} WHERE sid = ?", (sid,))  # noqa: S608 -- names of this line
    delete_history(db, sid)
    delete_past(db, sid)
