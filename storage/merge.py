"""Changed records on their way into new segments: prepared piece by piece, then written.

Segments are never changed in place, so preparing changes nothing of what is there. If there is much to write, it is
written while it is prepared, as loose segments (`loose.py`); else all at once in the end. The ids of the new segments
are taken before; those of a merge that is given up are never used again.

A segment that is filled at once is compressed: so a large session, which comes into being that way, takes a quarter of
the pages, and what is read of it comes with fewer reads from the disk. What changes later is written as it is, because
compressing a segment costs as much as all else of folding it, and what changed once changes again.
"""

from collections.abc import Iterable, Iterator
from math import inf
from typing import TYPE_CHECKING

from .compression import packed
from .groups import SEGMENT_OIDS, Segment, by_group, join, pack_group, unpack_group
from .loose import Block
from .segment_list import SegmentList
from .segments import RECORD_BYTES, Root, Segments, StoredSegment

if TYPE_CHECKING:
    from .changes import Oid

PIECE_RECORDS = 1_024
"""Records merged between two pauses, some 2 microseconds each; a segment counts as some more."""

SEGMENT_WORK = 32
"""What writing a segment anew costs beside its records, counted in records: some 50 microseconds. Records that lie
scattered cost little but that."""

SORTED_RECORDS = 8 * PIECE_RECORDS
"""Records sorted by segment between two pauses, some 0.3 microseconds each."""

WRITTEN_BYTES = 262_144
"""Bytes of new segments written ahead in one transaction: a few milliseconds, of which syncing is a part."""


class Merge:
    """Changed records, merged into the segments of a root.

    Attributes:
        before: what the records replace, by oid; those that replace nothing are left out. None if it was too much.
        written: how many objects were changed.
        record_count: objects in all segments afterwards.
    """

    def __init__(
        self,
        segments: Segments,
        sid: int,
        root: Root,
        changes: Iterable[list[int | bytes]],
        before_bytes_max: float = inf,
    ) -> None:
        """Begin a merge.

        Args:
            segments: where segments are read and written.
            sid: the session, for reports.
            root: its root.
            changes: what was changed, oldest first: oid and encoded record in turns.
            before_bytes_max: if what they replace takes more it is not kept.
        """
        self.before: dict[Oid, bytes] | None = {}
        self._before_bytes_left = before_bytes_max
        self.written = 0
        self.record_count = root.record_count
        self._segments = segments
        self._sid = sid
        self._changes = changes
        self._listed = root.segments
        self._ids: dict[int, int] = {}
        self._replaced: list[int] = []
        self._made: list[StoredSegment] = []
        self._made_bytes = 0
        self._block: Block | None = None

    def prepare(self, *, is_written: bool = False) -> Iterator[None]:
        """Prepare the new segments, in steps of some milliseconds.

        Args:
            is_written: whether they are written meanwhile, in transactions of their own.

        Raises:
            DamagedRecord: a segment that is replaced is damaged or missing.
            CommitFailed, StoreRefuses: they cannot be written.
        """
        changed: dict[int, Segment] = {}
        for _ in self._sort(changed):
            yield
        block = Block(self._segments.take_ids(len(changed)), len(changed))
        count = 0
        for segment_id, number in enumerate(sorted(changed), block.first):  # so that the list has few runs
            records = changed[number]
            self._merge(segment_id, number, records)
            count += SEGMENT_WORK + len(records)
            if is_written and self._made_bytes >= WRITTEN_BYTES:
                yield
                self._write_ahead(block)
                count = PIECE_RECORDS
            if count >= PIECE_RECORDS:
                count = 0
                yield
        self._listed = self._listed.replacing(self._ids)

    def _write_ahead(self, block: Block) -> None:
        """Write what was made until now as loose segments."""
        with self._segments.transaction():
            if self._block is None:
                self._segments.loose.hold(block)
            self._segments.store(self._made)
        self._block = block
        self._made, self._made_bytes = [], 0

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

    def _merge(self, segment_id: int, number: int, records: Segment) -> None:
        """Prepare one segment."""
        former_id = self._listed.id(number)
        groups = self._segments.read_groups(self._sid, number, former_id)
        for index, changed in by_group(records).items():
            group = unpack_group(groups[index])
            if group:
                self._note_before(number, {place: group[place] for place in changed.keys() & group.keys()})
                self.record_count -= len(group)
                group.update(changed)
            else:
                group = changed
            self.record_count += len(group)
            groups[index] = pack_group(group)
        self.written += len(records)
        content = join(groups)
        if former_id:
            self._replaced.append(former_id)
        elif len(records) == SEGMENT_OIDS:
            content = packed(content)
        self._ids[number] = segment_id
        self._made.append(self._segments.made(segment_id, number, content))
        self._made_bytes += len(content)

    def _note_before(self, number: int, replaced: Segment) -> None:
        """Keep what is replaced in one segment, as long as it is not too much."""
        if self.before is None:
            return
        for place, content in replaced.items():
            self.before[number * SEGMENT_OIDS + place] = content
            self._before_bytes_left -= RECORD_BYTES + len(content)
        if self._before_bytes_left < 0:
            self.before = None

    def store(self) -> SegmentList:
        """Write what is left of the new segments, which are loose no more, and return the new list of segments.

        Inside a transaction of the caller.
        """
        self._segments.store(self._made)
        if self._block is not None:
            self._segments.loose.list_all(self._block)
        return self._listed

    @property
    def replaced(self) -> list[int]:
        """The ids of the segments that are not listed any more."""
        return self._replaced
