"""Changed records on their way into new segments: prepared piece by piece, then written all at once.

Segments are never changed in place, so preparing reads what is there and writes nothing. The ids of the new segments
are given while they are prepared; those of a merge that is given up are never used.

A segment that is filled at once is compressed: so a large session, which comes into being that way, takes a quarter of
the pages, and what is read of it comes with fewer reads from the disk. What changes later is written as it is, because
compressing a segment costs as much as all else of folding it, and what changed once changes again.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .compression import packed
from .groups import SEGMENT_OIDS, Segment, by_group, join, pack_group, unpack_group
from .segments import Root, Segments, StoredSegment

if TYPE_CHECKING:
    from .changes import Oid

PIECE_RECORDS = 1_024
"""Records merged between two pauses, some 2 microseconds each; a segment counts as some more."""

SEGMENT_WORK = 32
"""What writing a segment anew costs beside its records, counted in records: some 50 microseconds. Records that lie
scattered cost little but that."""

SORTED_RECORDS = 8 * PIECE_RECORDS
"""Records sorted by segment between two pauses, some 0.3 microseconds each."""


class Merge:
    """Changed records, merged into the segments of a root.

    Attributes:
        before: what the records replace, by oid; those that replace nothing are left out.
        written: how many objects were changed.
        record_count: objects in all segments afterwards.
    """

    def __init__(self, segments: Segments, sid: int, root: Root, changes: Iterable[list[int | bytes]]) -> None:
        """Begin a merge.

        Args:
            segments: where segments are read and written.
            sid: the session, for reports.
            root: its root.
            changes: what was changed, oldest first: oid and encoded record in turns.
        """
        self.before: dict[Oid, bytes] = {}
        self.written = 0
        self.record_count = root.record_count
        self._segments = segments
        self._sid = sid
        self._changes = changes
        self._listed = list(root.segments)
        self._replaced: list[int] = []
        self._made: list[StoredSegment] = []

    def prepare(self) -> Iterator[None]:
        """Prepare the new segments, in steps of some milliseconds.

        Raises:
            DamagedRecord: a segment that is replaced is damaged or missing.
        """
        changed: dict[int, Segment] = {}
        for _ in self._sort(changed):
            yield
        count = 0
        for number, records in changed.items():
            self._merge(number, records)
            count += SEGMENT_WORK + len(records)
            if count >= PIECE_RECORDS:
                count = 0
                yield

    def _sort(self, changed: dict[int, Segment]) -> Iterator[None]:
        """Sort the newest record of each object by the number of its segment."""
        count = 0
        for records in self._changes:
            for start in range(0, len(records), 2 * SORTED_RECORDS):
                piece = records[start : start + 2 * SORTED_RECORDS]
                for oid, content in zip(piece[::2], piece[1::2], strict=True):
                    number, place = divmod(oid, SEGMENT_OIDS)  # type: ignore[operator]  # oid, bytes in turns
                    if number in changed:
                        changed[number][place] = content  # type: ignore[assignment]
                    else:
                        changed[number] = {place: content}  # type: ignore[dict-item]
                count += len(piece) // 2
                if count >= SORTED_RECORDS:
                    count = 0
                    yield

    def _merge(self, number: int, records: Segment) -> None:
        """Prepare one segment."""
        listed = self._listed
        listed += [0] * (number + 1 - len(listed))
        groups = self._segments.read_groups(self._sid, number, listed[number])
        for index, changed in by_group(records).items():
            group = unpack_group(groups[index])
            if group:
                for place in changed.keys() & group.keys():
                    self.before[number * SEGMENT_OIDS + place] = group[place]
                self.record_count -= len(group)
                group.update(changed)
            else:
                group = changed
            self.record_count += len(group)
            groups[index] = pack_group(group)
        self.written += len(records)
        content = join(groups)
        if listed[number]:
            self._replaced.append(listed[number])
        elif len(records) == SEGMENT_OIDS:
            content = packed(content)
        made = self._segments.made(number, content)
        listed[number] = made[0]
        self._made.append(made)

    def store(self) -> tuple[int, ...]:
        """Write the new segments, and return the new list of segments; inside a transaction of the caller."""
        self._segments.store(self._made)
        return tuple(self._listed)

    @property
    def replaced(self) -> list[int]:
        """The ids of the segments that are not listed any more."""
        return self._replaced
