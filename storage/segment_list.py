"""Lists of segments: which segment holds which objects of a session, told by runs of consecutive ids.

A list has a place for each 128 object ids, 2,100 for a session of 10 MB. Segments filled at once have consecutive ids,
and places without objects lie side by side, so it has few runs: they are what is stored, what memory keeps, and what
is searched. Where places were changed one by one, there are more: two for each, at most as many as places.

Stored is the first id of each run, and after them one list of index and length in turns, of the runs that are longer
than one. Without it all are one place long; so were the lists up to format 6.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, repeat
from operator import eq, sub
from typing import Any

from .errors import DamagedRecord
from .groups import SEGMENT_OIDS

SAVED_BYTES_MIN = 5
"""A run of which fewer bytes need not be said is stored as its places one by one: index and length take up to four.
Ids take five, because they begin beyond `OPENING_GAP`; a place without a segment takes one."""

_ID_BYTES = 5

_ID_MAX = 2**63 - 1
"""The highest key SQLite knows."""


class SegmentList:
    """The segments of a state in the order of oids. It never changes; two are equal if they list the same.

    Attributes:
        starts: the first place of each run, which ends where the next begins.
        firsts: the id there; 0 for places without segments.
        size: how many places there are.
    """

    __slots__ = ("firsts", "size", "starts")

    def __init__(self) -> None:
        """Make a list without places."""
        self.starts = array("q")
        self.firsts = array("q")
        self.size = 0

    def id(self, number: int) -> int:
        """Return the id of a segment, 0 for none or a number beyond the end."""
        if number >= self.size:
            return 0
        index = bisect_right(self.starts, number) - 1
        first = self.firsts[index]
        return first and first + number - self.starts[index]

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[int]:
        firsts = self.firsts.tolist()
        pieces: list[Iterable[int]] = []
        done = 0
        for index, count in self._long():
            first = firsts[index]
            pieces += (firsts[done:index], range(first, first + count) if first else repeat(0, count))
            done = index + 1
        return chain.from_iterable([*pieces, firsts[done:]])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SegmentList):
            return NotImplemented
        is_alike = self.firsts == other.firsts and self.starts == other.starts
        return self.size == other.size and (is_alike or all(map(eq, self, other)))

    __hash__ = None  # type: ignore[assignment]  # nobody looks one up

    def _long(self) -> list[tuple[int, int]]:
        """Return index and length of the runs that are longer than one."""
        starts = self.starts.tolist()
        counts = map(sub, [*starts[1:], self.size], starts)
        return [(index, count) for index, count in enumerate(counts) if count > 1]

    def replacing(self, ids: Mapping[int, int]) -> "SegmentList":
        """Return the list with other ids, by their numbers, which may be beyond the end.

        It takes a microsecond for each, and next to nothing for what lies between.
        """
        made = SegmentList()
        for number in sorted(ids):
            if made.size < number:
                made._copy(self, number)
            made._add(ids[number], 1)
        made._copy(self, self.size)
        return made

    def _copy(self, other: "SegmentList", end: int) -> None:
        """Go on as another list does, up to a place."""
        begin, inside = self.size, min(end, other.size)
        if begin < inside:
            index = bisect_right(other.starts, begin)
            after = bisect_left(other.starts, inside)
            self._add(other.id(begin), (other.starts[index] if index < after else inside) - begin)
            self.starts += other.starts[index:after]
            self.firsts += other.firsts[index:after]
            self.size = inside
        if self.size < end:
            self._add(0, end - self.size)

    def _add(self, first: int, count: int) -> None:
        """Go on with a run, which may continue the last one."""
        last = self.firsts[-1] if self.firsts else None
        if last is None or first != (last and last + self.size - self.starts[-1]):
            self.starts.append(self.size)
            self.firsts.append(first)
        self.size += count

    def packed(self) -> list[Any]:
        """Return what is stored; it does not take more bytes than the ids of all places."""
        firsts = self.firsts.tolist()
        ids: list[Any] = []
        long: list[int] = []
        done = 0
        for index, count in self._long():
            ids += firsts[done:index]
            done = index + 1
            if (count - 1) * (_ID_BYTES if firsts[index] else 1) >= SAVED_BYTES_MIN:
                long += (len(ids), count)
                ids.append(firsts[index])
            else:
                ids += repeat(0, count)
        ids += firsts[done:]
        return [*ids, long] if long else ids

    @classmethod
    def unpacked(cls, stored: Sequence[Any], next_oid: int, damaged: tuple[int, str]) -> "SegmentList":
        """Return the list that was stored.

        Args:
            stored: decoded content of a checked row.
            next_oid: all objects listed have lower ids, so a few bytes cannot stand for a list of any length.
            damaged: session and table, for the report.

        Raises:
            DamagedRecord: it is no such list, or longer.
        """
        listed = cls()
        try:
            if stored and type(stored[-1]) is not int:
                listed._read(stored[:-1], stored[-1])
            else:
                listed._read_ids(stored)
            is_good = listed.size <= max(len(stored), -(-next_oid // SEGMENT_OIDS))
        except (TypeError, ValueError, LookupError, OverflowError):
            is_good = False
        if not is_good:
            sid, table = damaged
            raise DamagedRecord(sid, table, str(sid), "it lists segments that cannot be")
        return listed

    def _read(self, firsts: Sequence[int], long: Sequence[int]) -> None:
        """Take over runs; `ValueError` and others if there can be no such runs."""
        counts = [1] * len(firsts)
        for index, count in zip(long[::2], long[1::2], strict=True):
            if type(count) is not int or count < 1 or not 0 <= firsts[index] <= _ID_MAX - count:
                raise ValueError(count, firsts[index])
            counts[index] = count
        starts = [*accumulate(counts, initial=0)]
        self.size = starts.pop()
        self.starts, self.firsts = array("q", starts), array("q", firsts)

    def _read_ids(self, ids: Sequence[int]) -> None:
        """Find the runs of a list that names all places; `TypeError` and others if there can be no such list."""
        following = None
        for number, segment_id in enumerate(array("q", [*ids]).tolist()):  # whole numbers, or an error
            if segment_id != following:
                self.starts.append(number)
                self.firsts.append(segment_id)
            following = segment_id and segment_id + 1
        self.size = len(ids)
