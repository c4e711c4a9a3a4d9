"""Forks: a new session that begins with the objects of another, at the price of a list of segments.

Both list the same segments from then on (`shares.py`). Segments are never changed in place, so neither sees what the
other does.
"""

from .changes import SessionForked
from .database import Database
from .savepoints import existing_pin
from .segments import Root, write_root
from .shares import share


def fork(db: Database, root: Root, change: SessionForked) -> Root:
    """Give a new session the objects of a just folded one, or of a savepoint of it; return the new session's root.

    Raises:
        ChangeRefused: there is no savepoint of that name.
    """
    record_count, listed = root.record_count, root.segments
    if change.savepoint is not None:
        pin = existing_pin(db, change.from_sid, change.savepoint)
        record_count, listed = pin.record_count, pin.segments
    forked = Root(0, root.seq, root.next_oid, 0, record_count, listed)
    write_root(db, change.sid, forked)
    share(db, {segment_id for segment_id in listed if segment_id})
    return forked
