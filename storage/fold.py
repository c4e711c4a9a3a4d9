"""Folding: what a session's journal holds moves into its base state; nothing visible changes.

What is written is prepared first, in steps if it is much, and of very much the new segments are written meanwhile, as
loose ones (`loose.py`). Then one transaction writes the rest with the root that lists them, so a crash leaves the
journal or the folded state, never both or neither. Others may commit between the steps: what they
add stays in the journal. Whoever changes the base state in between ends the folding, which was prepared for another.
"""

from collections import deque
from collections.abc import Iterator
from math import inf

from .changes import Sid
from .database import Database
from .groups import SEGMENT_OIDS
from .history import fold_entries
from .journal import RowKey, Tail, delete_rows, moved_keys, read_part, read_tail
from .merge import Merge
from .past import PAST_BYTES_MAX, EncodedSteps, StoredSteps, append_steps, is_one_step, noting_steps
from .savepoints import pinned_segments
from .segments import Root, Segments, read_root, write_root

FOLD_STEP_WORK = 1_280
"""What is folded together, counted in records: of rows with few, some 150, which take about 2 ms in all. One row that
is heavier is prepared in several steps."""

LIGHT_STEPS = 3
"""Steps that what is usual takes: it is read, prepared, and written."""

SEGMENTS_PER_STEP = 128
"""Segments written anew in one step, some 50 us each; where records lie scattered over more, it takes several steps."""


class Folding:
    """The folding of a session's journal, or of the first rows of it.

    Attributes:
        sid: the session.
        tail: the rows.
    """

    def __init__(self, db: Database, segments: Segments, sid: int, root: Root, tail: Tail) -> None:
        self.sid = Sid(sid)
        self.tail = tail
        self._db = db
        self._segments = segments
        self._root = root
        is_one = len(tail.rows) == 1 and is_one_step(tail.rows[0])  # then nothing is kept of a past that is too large
        before_bytes_max = PAST_BYTES_MAX if is_one else inf
        self._merge = Merge(segments, sid, root, [row.records for row in tail.rows], before_bytes_max)
        self._past: StoredSteps | None = None

    def prepare(self, *, is_written: bool = False) -> Iterator[None]:
        """Prepare what is written, in steps of some milliseconds; what is usual in one.

        Args:
            is_written: whether new segments are written meanwhile, in transactions of their own.

        Raises:
            DamagedRecord: what has to be read is damaged.
            CommitFailed, StoreRefuses: segments cannot be written.
        """
        pieces = self._pieces(is_written=is_written)
        if self.is_light and not is_written:
            deque(pieces, maxlen=0)
            yield
        else:
            yield from pieces

    def _pieces(self, *, is_written: bool) -> Iterator[None]:
        yield from self._merge.prepare(is_written=is_written)
        yield
        steps = yield from noting_steps(self._db, self.sid, self._root, self.tail, self._merge.before)
        if steps:
            yield
            encoded = EncodedSteps.of(steps)
            yield
            self._past = yield from encoded.compressing()
        yield

    @property
    def is_light(self) -> bool:
        """Whether all of it is prepared in one step: the last row may add as much as those before it."""
        if self.tail.work > 2 * FOLD_STEP_WORK:
            return False
        oids = (oid for row in self.tail.rows for oid in row.records[::2])
        numbers = {oid // SEGMENT_OIDS for oid in oids}  # type: ignore[operator]  # oid, bytes in turns
        return len(numbers) <= SEGMENTS_PER_STEP

    @property
    def is_current(self) -> bool:
        """Whether the base state is the one that it was prepared for; `UnknownSession` if there is no such session."""
        return read_root(self._db, self.sid) == self._root

    def finish(self) -> Root:
        """Write what was prepared, and return the new root; inside a transaction of the caller.

        The rows are left, and may be deleted then.

        Raises:
            DamagedRecord: what has to be read is damaged; then nothing may be committed.
        """
        db, sid, tail, root = self._db, self.sid, self.tail, self._root
        if not tail.rows:
            return root
        head, merge = tail.head, self._merge
        folded = Root(head.n, head.seq, head.next_oid, head.entry_seq, merge.record_count, merge.store())
        if self._past is not None:
            append_steps(db, sid, root.entry_seq + 1, self._past, head.entry_seq)
        write_root(db, sid, folded, written=merge.written)
        fold_entries(db, sid, root.entry_seq + 1, tail.entries)
        if merge.replaced:
            self._segments.drop_unlisted(merge.replaced, pinned_segments(db, sid))
        return folded

    def keys(self) -> list[RowKey]:
        """Return the keys of all rows that may be deleted, when it is finished; in the same transaction."""
        return self.tail.keys + moved_keys(self._db, self.sid, self.tail)


def fold_session(db: Database, segments: Segments, sid: int) -> Root:
    """Fold a session's whole journal and return its root; inside a transaction of the caller.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: what has to be read is damaged; then nothing may be committed.
    """
    root = read_root(db, sid)
    folding = Folding(db, segments, sid, root, read_tail(db, sid, root))
    for _ in folding.prepare():
        pass
    folded = folding.finish()
    delete_rows(db, folding.tail.keys)
    return folded


def fold_part(db: Database, segments: Segments, sid: int, *, is_first: bool) -> Folding:
    """Return the folding of as much of a session's journal as one step takes.

    Args:
        db: the file.
        segments: its segments.
        sid: the session.
        is_first: see `read_part`.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: what has to be read is damaged.
    """
    root = read_root(db, sid)
    return Folding(db, segments, sid, root, read_part(db, sid, root, FOLD_STEP_WORK, is_first=is_first))
