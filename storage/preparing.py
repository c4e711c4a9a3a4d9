"""Preparing: what a commit of very many records would do at once is done before it, in steps.

Such a step of a session goes past its journal: its records are merged into new segments, which are written as loose
ones, and the commit writes the root that lists them. Until then nothing of it can be read; a crash before leaves
nothing but loose segments, which are deleted. If the session has changed meanwhile in another way, or if more is
committed with it, what was prepared is left alone, and the records are committed as if nothing had been prepared.
"""

from collections.abc import Generator, Sequence

from .changes import Change, HistoryAppended, ObjectsChanged
from .database import Database
from .fold import Folding
from .heads import Head
from .journal import JournalRow, Tail
from .records import EncodedRecords, encoded_records, pack
from .segments import Segments, read_root

LARGE_RECORDS = 8_192
"""A commit of more is prepared: it takes 0.3 us for each, and what is prepared takes some syncs of the disk."""

LARGE_BYTES = 1_048_576
"""So does one whose records take more bytes, some 10 ms for each megabyte."""

_LOOKED_AT = 65_536
"""Records whose ids are looked at in one step, some 30 ns each."""


class PreparedRecords(EncodedRecords):
    """The records of a session's next step, with what was prepared of it."""

    __slots__ = ("_bounds", "_folding")

    def __init__(self, records: EncodedRecords, bounds: tuple[int, int] | None, folding: Folding) -> None:
        """Take over what was prepared.

        Args:
            records: the records.
            bounds: the lowest and the highest of their ids, None without any.
            folding: what writes them, as the one row of a journal that is nowhere stored.
        """
        self.flat = records.flat
        self._bounds = bounds
        self._folding = folding

    def bounds(self) -> tuple[int, int] | None:
        """Return the lowest and the highest id."""
        return self._bounds

    def fits(self, head: Head, entries: Sequence[bytes]) -> bool:
        """Tell whether what was prepared is all that a commit does to its session's objects and history.

        Args:
            head: the session's counters after the commit's changes, but its last row's number.
            entries: the history entries of the commit.
        """
        expected = self._folding.tail
        counters = (head.n + 1, head.seq, head.next_oid, head.entry_seq)
        is_all = counters == (expected.head.n, expected.head.seq, expected.head.next_oid, expected.head.entry_seq)
        return is_all and list(entries) == expected.entries and self._folding.is_current

    def store(self, head: Head) -> None:
        """Make what was prepared the session's state; inside the transaction of the commit."""
        self._folding.finish()
        head.n += 1


def is_large(records: EncodedRecords) -> bool:
    """Tell whether the records of a step are so many, or so long, that its commit should be prepared."""
    return len(records.flat) > 2 * LARGE_RECORDS or sum(map(len, records.contents())) > LARGE_BYTES


def step_of(changes: Sequence[Change]) -> ObjectsChanged | None:
    """Return what a session's step changes, if that and a history entry that names it are all there is."""
    if not changes or not isinstance(changes[0], ObjectsChanged):
        return None
    named = changes[1:]
    is_one = len(named) <= 1 and all(isinstance(change, HistoryAppended) for change in named)
    return changes[0] if is_one else None


def preparing(
    db: Database, segments: Segments, step: ObjectsChanged, named: Sequence[Change]
) -> Generator[None, None, list[Change]]:
    """Prepare a step of a session whose journal is folded; see `Store.prepare`.

    Raises:
        StoreError: it cannot be prepared.
    """
    records = encoded_records(step.records)
    bounds = yield from _bounds(records)
    root = read_root(db, step.sid)
    entries = [pack(change.entry) for change in named if isinstance(change, HistoryAppended)]
    row = JournalRow(step.seq, step.next_oid, root.entry_seq + len(entries), records.flat, entries)
    tail = Tail(Head(root.n + 1, row.seq, row.next_oid, row.entry_seq), [row], 0, 0, [], 0, {}, is_whole=True)
    folding = Folding(db, segments, step.sid, root, tail)
    yield from folding.prepare(is_written=True)
    return [step._replace(records=PreparedRecords(records, bounds, folding)), *named]


def _bounds(records: EncodedRecords) -> Generator[None, None, tuple[int, int] | None]:
    """Return the lowest and the highest id of records, None without any; in steps."""
    found: list[int] = []
    for start in range(0, len(records.flat), 2 * _LOOKED_AT):
        oids: list[int] = records.flat[start : start + 2 * _LOOKED_AT : 2]  # type: ignore[assignment]  # oid, bytes in turns
        found += (min(oids), max(oids))
        yield
    return (min(found), max(found)) if found else None
