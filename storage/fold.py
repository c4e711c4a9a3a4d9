"""Folding: what a session's journal holds moves into its base state; nothing visible changes.

It runs inside one transaction, so a crash leaves the journal or the folded state, never both or neither.
"""

from typing import TYPE_CHECKING

from .database import Database
from .history import fold_entries
from .journal import Tail, delete_rows, read_tail
from .past import note_steps
from .savepoints import pinned_segments
from .segments import Root, Segments, read_root, write_root

if TYPE_CHECKING:
    from .changes import Oid


def fold_session(db: Database, segments: Segments, sid: int) -> Root:
    """Fold a session's journal and return its root; inside a transaction of the caller.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: what has to be read is damaged; then nothing may be committed.
    """
    root, tail = fold_rows(db, segments, sid)
    delete_rows(db, tail.keys)
    return root


def fold_rows(db: Database, segments: Segments, sid: int) -> tuple[Root, Tail]:
    """Fold a session's journal, and leave its rows, which may be deleted then; inside a transaction of the caller.

    Returns:
        The session's root, and the journal that is part of it now.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: what has to be read is damaged; then nothing may be committed.
    """
    root = read_root(db, sid)
    tail = read_tail(db, sid, root)
    if not tail.rows:
        return root, tail
    head = tail.head
    before: dict[Oid, bytes | None] = {}
    record_count, listed = segments.merge(sid, root, tail.records, before)
    note_steps(db, sid, root, tail, before)
    folded = Root(head.n, head.seq, head.next_oid, head.entry_seq, record_count, listed)
    write_root(db, sid, folded, written=len(tail.records))
    fold_entries(db, sid, root.entry_seq + 1, tail.entries)
    segments.drop_unlisted(root.segments, {*listed, *pinned_segments(db, sid)})
    return folded, tail
