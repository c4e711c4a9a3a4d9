"""The newest commits in memory: journal rows and replies that stand in the ring (`ring.py`), not in their tables yet.

What is here is durable, and the same as what the ring says; it is changed only after the transaction that changed the
ring. The one exception is a row that a commit is about to fold, which is never stored at all: it is *staged*.
"""

from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import NamedTuple

KeptRow = tuple[int, int, int, bytes]
"""A journal row `(sid, n, crc, b)`."""

KeptReply = tuple[int, int, int, int, bytes]
"""A reply `(id, scope_hash, op_hash, crc, b)`."""


class KeptCommit(NamedTuple):
    """One commit in the ring: its number, the ids of its slots, and what is in it."""

    number: int
    slots: tuple[int, ...]
    rows: list[KeptRow]
    replies: list[KeptReply]


class Newest:
    """The commits of one store that are in its ring.

    Attributes:
        number: number of the last commit, whether or not it is in the ring.
        slots: how many slots those in the ring take.
        made: how many slots the ring has.
    """

    def __init__(self, number: int = 0) -> None:
        self.number = number
        self.slots = 0
        self._free: list[int] = []
        self.made = 0
        self._commits: deque[KeptCommit] = deque()
        self._rows: dict[int, deque[KeptRow]] = {}
        self._replies: dict[int, KeptReply] = {}
        self._staged: dict[int, list[KeptRow]] = {}

    def __len__(self) -> int:
        return len(self._commits)

    def add(self, commit: KeptCommit) -> None:
        """Add the next commit."""
        self.number = commit.number
        self.slots += len(commit.slots)
        del self._free[: sum(slot_id <= self.made for slot_id in commit.slots)]  # those of `free_slots`
        self.made = max(self.made, *commit.slots)
        self._commits.append(commit)
        for row in commit.rows:
            self._rows.setdefault(row[0], deque()).append(row)
        for reply in commit.replies:
            self._replies[reply[0]] = reply

    def drop(self, count: int) -> None:
        """Forget the oldest commits, because their tables hold what they say."""
        for _ in range(count):
            commit = self._commits.popleft()
            self.slots -= len(commit.slots)
            self._free += commit.slots
            for sid, *_ in commit.rows:
                rows = self._rows[sid]
                rows.popleft()
                if not rows:
                    del self._rows[sid]
            for reply_id, *_ in commit.replies:
                del self._replies[reply_id]
        self._free.sort()

    def know_slots(self, made: int) -> None:
        """Note how many slots the ring has, after the commits that were found in it are added."""
        taken = {slot_id for commit in self._commits for slot_id in commit.slots}
        self.made = made
        self._free = [slot_id for slot_id in range(1, made + 1) if slot_id not in taken]

    def free_slots(self, count: int) -> tuple[int, ...]:
        """Return the lowest free ids, so that a ring that is emptied often stays small."""
        known = self._free[:count]
        return (*known, *range(self.made + 1, self.made + 1 + count - len(known)))

    def oldest(self, count: int) -> list[KeptCommit]:
        """Return the oldest commits."""
        return list(islice(self._commits, count))

    def oldest_slots(self, slots: int) -> int:
        """Return how many of the oldest commits take at least this many slots together, or all."""
        for count, commit in enumerate(self._commits):
            if slots <= 0:
                return count
            slots -= len(commit.slots)
        return len(self._commits)

    def stage(self, row: KeptRow) -> None:
        """Show a row that is folded before its commit ends, until `unstage`."""
        self._staged.setdefault(row[0], []).append(row)

    def unstage(self) -> None:
        """Forget the staged rows: they are folded, or their commit failed."""
        self._staged.clear()

    def rows(self, sid: int) -> list[tuple[int, int, bytes]]:
        """Return a session's rows as `(n, crc, b)`, oldest first; some may be folded already."""
        return [row[1:] for row in (*self._rows.get(sid, ()), *self._staged.get(sid, ()))]

    def rows_beyond(self, sid: int, n: int) -> list[tuple[int, int, bytes]]:
        """Return a session's rows of numbers above `n`; those that are folded already cost nothing."""
        found: list[tuple[int, int, bytes]] = []
        for row in chain(reversed(self._staged.get(sid, ())), reversed(self._rows.get(sid, ()))):
            if row[1] <= n:
                break
            found.append(row[1:])
        return found[::-1]

    def row_sizes(self) -> Iterator[tuple[int, int]]:
        """Iterate over the rows' sessions and sizes in bytes."""
        for sid, rows in self._rows.items():
            for row in rows:
                yield sid, len(row[3])

    def reply(self, reply_id: int) -> tuple[int, bytes] | None:
        """Return checksum and content of a reply, None if it is not here."""
        kept = self._replies.get(reply_id)
        return None if kept is None else kept[3:]

    def replies(self) -> Iterator[KeptReply]:
        """Iterate over the replies, oldest first."""
        return iter(self._replies.values())
