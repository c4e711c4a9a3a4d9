"""Loose segments: written, and listed by no session. They wait for the commit that lists them, or for being deleted.

Much that is written as one would hold others up. So new segments are written a few at a time, ahead of the root that
lists them, and many that no root lists any more are deleted a few at a time, after it. In between the table `loose`
says which they are; a row goes in the transaction that lists its segments. After a stop nobody waits for those that
are noted, and they are deleted.
"""

from collections.abc import Iterable
from weakref import WeakValueDictionary

from .checksums import Table, row_crc
from .database import Database, Row
from .errors import DamagedRecord

DELETED_SEGMENTS = 64
"""Segments deleted in one step, some 10 us each."""


class Block:
    """Consecutive ids of segments that somebody is about to list; as long as it is referred to, they are kept.

    Attributes:
        first: the first id.
        count: how many there are, whether or not they are written.
    """

    __slots__ = ("__weakref__", "count", "first")

    def __init__(self, first: int, count: int) -> None:
        self.first = first
        self.count = count


class LooseSegments:
    """The loose segments of one file."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._held: WeakValueDictionary[int, Block] = WeakValueDictionary()

    def hold(self, block: Block) -> None:
        """Note a block before its first segment is written, in the same transaction."""
        self._held[block.first] = block
        self._note([(block.first, block.count)])

    def list_all(self, block: Block) -> None:
        """Forget a block: its segments are listed in the same transaction."""
        self._db.run("DELETE FROM loose WHERE k = ?", (block.first,))

    def leave(self, ids: Iterable[int]) -> None:
        """Note segments that nobody lists any more, in the transaction that made it so."""
        self._note(_runs(ids))

    def _note(self, runs: Iterable[tuple[int, int]]) -> None:
        rows = [(first, row_crc(Table.LOOSE, first, count, b""), count) for first, count in runs]
        self._db.run_many("INSERT OR REPLACE INTO loose VALUES(?, ?, ?)", rows)  # in place of a damaged one, too

    def ids(self) -> set[int]:
        """Return the ids of all loose segments, those that are not written yet included.

        Raises:
            DamagedRecord: a row is damaged.
        """
        found: set[int] = set()
        for first, crc, count in self._db.all("SELECT k, crc, n FROM loose"):
            if not _is_whole(first, crc, count):
                raise DamagedRecord(None, "loose", str(first), "its checksum does not match")
            found.update(range(first, first + count))
        return found

    def step(self) -> bool:
        """Delete some of those that nobody waits for; tell whether there were any. Not inside of a transaction.

        Raises:
            CommitFailed, StoreRefuses: nothing of it is done.
        """
        query = "SELECT k FROM seg WHERE k >= ? AND k < ? ORDER BY k LIMIT ?"
        found: list[Row] = []
        done: list[Row] = []
        for first, count in self._waiting():
            found += self._db.all(query, (first, first + count, DELETED_SEGMENTS - len(found)))
            if len(found) == DELETED_SEGMENTS:
                break
            done.append((first,))
        if not found and not done:
            return False
        with self._db.transaction():
            self._db.run_many("DELETE FROM seg WHERE k = ?", found)
            self._db.run_many("DELETE FROM loose WHERE k = ?", done)
        return True

    @property
    def steps(self) -> int:
        """About how many steps there are to do, at least."""
        return -(-sum(count for _, count in self._waiting()) // DELETED_SEGMENTS)

    def _waiting(self) -> list[tuple[int, int]]:
        """Return the first rows, `(first id, count)`, that nobody holds; damaged ones are `verify`'s to report."""
        query = "SELECT k, crc, n FROM loose ORDER BY k LIMIT ?"
        rows = self._db.all(query, (len(self._held) + DELETED_SEGMENTS,))
        return [
            (first, count) for first, crc, count in rows if first not in self._held and _is_whole(first, crc, count)
        ]


def _is_whole(first: int, crc: object, count: object) -> bool:
    """Tell whether a stored row is what was written."""
    return type(count) is int and count > 0 and crc == row_crc(Table.LOOSE, first, count, b"")


def _runs(ids: Iterable[int]) -> list[tuple[int, int]]:
    """Return ids as runs, `(first id, count)`."""
    runs: list[tuple[int, int]] = []
    for number in sorted(ids):
        if runs and number == sum(runs[-1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((number, 1))
    return runs
