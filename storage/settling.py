"""What becomes of a commit's journal rows and replies: they go into the ring, and from there to their tables later.

Many commits move at a time (they are *settled*), without what was folded meanwhile and what belonged to sessions that
are purged. They fill the pages of the tables, whose indexes and upper pages are written once for all of them. A commit
too large for the ring goes to the tables at once, after those before it.

The memory of what is in the ring changes when that is durable (`Appended.note`, `Newest.drop`).
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from . import ring
from .database import Database
from .errors import DamagedRecord, UnknownSession
from .journal import append_rows
from .newest import KeptCommit, KeptReply, KeptRow, Newest
from .replies import Replies
from .segments import read_root
from .tally import Tally, write_tally


class Appended(NamedTuple):
    """What a commit did to the ring.

    Attributes:
        settled: how many of the oldest commits went to the tables.
        commit: what is in the ring now; it takes no slots if it went to the tables.
    """

    settled: int
    commit: KeptCommit

    def note(self, newest: Newest) -> None:
        """Change the memory of what is in the ring, after the transaction."""
        newest.number = self.commit.number
        if self.commit.slots:
            newest.add(self.commit)  # before slots become free that it could not take yet
        newest.drop(self.settled)


def append(db: Database, replies: Replies, rows: list[KeptRow], new_replies: list[KeptReply]) -> Appended:
    """Store the journal rows and replies of a commit; inside a transaction of the caller."""
    newest = db.newest
    number = newest.number + 1
    if ring.slots_needed(rows, new_replies) > ring.LARGE_SLOTS:
        settled = len(newest)
        settle(db, replies, settled)
        append_rows(db, rows)
        replies.store(new_replies)
        write_tally(db, Tally(number, replies.indexed_id))
        return Appended(settled, KeptCommit(number, (), rows, new_replies))
    slots = ring.encoded(number, rows, new_replies)
    missing = newest.slots + len(slots) - ring.SLOTS
    settled = newest.oldest_slots(max(missing, ring.SLOTS_SETTLED)) if missing > 0 else 0
    settle(db, replies, settled)
    return Appended(settled, KeptCommit(number, ring.write(db, slots), rows, new_replies))


def settle(db: Database, replies: Replies, count: int) -> None:
    """Move the oldest commits of the ring to their tables; inside a transaction of the caller."""
    commits = db.newest.oldest(count)
    if commits:
        append_rows(db, [*_unfolded(db, (row for commit in commits for row in commit.rows))])
        replies.store([reply for commit in commits for reply in commit.replies])
        write_tally(db, Tally(commits[-1].number, replies.indexed_id))


def _unfolded(db: Database, rows: Iterable[KeptRow]) -> Iterator[KeptRow]:
    """Iterate over the rows that their sessions' roots have not passed."""
    passed: dict[int, int | None] = {}
    for row in rows:
        sid, n = row[:2]
        if sid not in passed:
            passed[sid] = _passed(db, sid)
        last_n = passed[sid]
        if last_n is not None and n > last_n:
            yield row


def _passed(db: Database, sid: int) -> int | None:
    """Return the number of the last folded row of a session, None if it is purged."""
    try:
        return read_root(db, sid).n
    except UnknownSession:
        return None
    except DamagedRecord:  # nobody knows; what is kept can still be looked at
        return 0
