"""Garbage collection of one session: objects that nothing durable leads to lose their records.

It works on encoded records and knows no language: the caller names the objects everything hangs from. First it marks,
segment by segment, what they lead to; then it writes segments anew without the rest. Both go in steps of about a
millisecond, with commits of others in between. A change of the session itself ends it, because then the marks are old;
what was dropped until then was garbage all the same.

Segments that savepoints or forks list stay as they are: what they keep is not garbage.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from .changes import Oid
from .database import Database
from .errors import CommitFailed, DamagedRecord, StoreError, UnknownSession
from .fold import fold_session
from .groups import SEGMENT_OIDS, Segment
from .journal import has_unfolded
from .past import led_to
from .records import references
from .savepoints import pinned_segments
from .segments import Root, Segments, read_root, write_root

MARKS_PER_STEP = 512
"""Records and references looked at between two pauses, some 2 microseconds each."""

SEGMENTS_PER_STEP = 16
"""Segments rewritten in one transaction, which costs about a millisecond."""


class _Marks:
    """Which objects of a session are reached: those visited, and those that wait, both by segment."""

    def __init__(self, segments: Segments, sid: int, root: Root) -> None:
        self._segments = segments
        self._sid = sid
        self._root = root
        self._reached: dict[int, int] = {}  # segment number -> bits of places: 16 bytes for 128 objects
        self._waiting: dict[int, list[int]] = {}

    def reach(self, oids: Iterable[Oid]) -> None:
        """Mark objects, to be visited later."""
        for oid in oids:
            number, place = divmod(oid, SEGMENT_OIDS)
            bits = self._reached.get(number, 0)
            if not bits >> place & 1:
                self._reached[number] = bits | 1 << place
                self._waiting.setdefault(number, []).append(place)

    def visit(self) -> Iterator[None]:
        """Visit everything reached, in steps; the segment that waits longest first, so that much waits in it."""
        seen = 0
        while self._waiting:
            number = next(iter(self._waiting))
            segment = self._read(number)
            while places := self._waiting.pop(number, None):
                for place in places:
                    for batch in _batches(references(segment[place]) if place in segment else iter(())):
                        self.reach(batch)
                        seen += 1 + len(batch)
                        if seen >= MARKS_PER_STEP:
                            seen = 0
                            yield

    def _read(self, number: int) -> Segment:
        return self._segments.read(self._sid, number, self._root.segments.id(number))

    def living(self, number: int, segment: Segment) -> Segment:
        """Return what of a segment was reached."""
        bits = self._reached.get(number, 0)
        return {place: content for place, content in segment.items() if bits >> place & 1}


def _batches(found: Iterator[Oid]) -> Iterator[list[Oid]]:
    """Iterate over references in batches of a step each; at least one, so that objects without any count too."""
    while True:
        batch = list(islice(found, MARKS_PER_STEP))
        yield batch
        if len(batch) < MARKS_PER_STEP:
            return


def collect(db: Database, segments: Segments, sid: int, roots: Iterable[Oid]) -> Iterator[None]:
    """Drop the records of a session that `roots` do not lead to, in steps; see `Store.collect`.

    Raises:
        UnknownSession: there is no such session.
        DamagedRecord: what has to be read is damaged; nothing more is dropped.
    """
    try:
        with db.transaction():
            root = fold_session(db, segments, sid)
        marks = _Marks(segments, sid, root)
        marks.reach(roots)
        for batch in _batches(led_to(db, sid)):
            marks.reach(batch)
            yield
            if not _is_current(db, sid, root):
                return
        for _ in marks.visit():
            yield
            if not _is_current(db, sid, root):
                return
        for start in range(0, len(root.segments), SEGMENTS_PER_STEP):
            if not _is_current(db, sid, root):
                return
            with db.transaction():
                root = _sweep(db, segments, sid, root, range(start, start + SEGMENTS_PER_STEP), marks)
            yield
        if _is_current(db, sid, root):
            _count_anew(db, sid)
    except (DamagedRecord, CommitFailed) as error:
        reason = error.__cause__ if isinstance(error, CommitFailed) else error
        if isinstance(reason, DamagedRecord):
            _count_anew(db, sid)  # or it would be looked through again and again
        raise reason if isinstance(reason, StoreError) else error from None


def _count_anew(db: Database, sid: int) -> None:
    with db.transaction():
        db.run("UPDATE root SET written = 0 WHERE sid = ?", (sid,))


def _is_current(db: Database, sid: int, root: Root) -> bool:
    """Tell whether a session is still as it was marked."""
    try:
        is_same = read_root(db, sid) == root
    except UnknownSession:
        return False
    return is_same and not has_unfolded(db, sid, root)


def _sweep(db: Database, segments: Segments, sid: int, root: Root, numbers: range, marks: _Marks) -> Root:
    """Write some segments anew without what was not reached; inside a transaction of the caller."""
    listed = root.segments
    count = root.record_count
    ids: dict[int, int] = {}
    for number in numbers[: len(listed) - numbers.start]:
        segment = segments.read(sid, number, listed.id(number))
        living = marks.living(number, segment)
        if len(living) < len(segment):
            count -= len(segment) - len(living)
            ids[number] = segments.write(number, living) if living else 0
    if not ids:
        return root
    swept = root._replace(record_count=count, segments=listed.replacing(ids))
    write_root(db, sid, swept)
    segments.drop_unlisted(map(listed.id, ids), pinned_segments(db, sid))
    return swept
