"""Remembered replies: appended at once, indexed later.

A unique index over random operation ids would cost each commit a page per reply. So replies are appended in order of
arrival, the newest few are known in memory by the hashes of their keys, and every `TAIL_REPLIES_MAX` replies the
index takes them over in a round: sorted, and some of them with each settling, so that no commit waits for all. A round
that a stop ended is over: what it left belongs to the next one. The same steps forget what is beyond a scope's window.
"""

from _blake2 import blake2b  # what `hashlib` gives, without its OpenSSL: a hundredth of a start
from collections import Counter
from functools import lru_cache
from typing import Any
from zlib import crc32

from .changes import ReplyStored
from .checksums import Table, checked, row_crc
from .contract import REPLIES_PER_SCOPE_MIN, StoredReply
from .database import Database
from .errors import DamagedRecord
from .newest import KeptReply
from .records import pack, unpack
from .sessions import text_key
from .tally import read_tally

TAIL_REPLIES_MAX = 4_096
"""Replies of the table known in memory only before a round begins: read before the first commit of a server (some 5
ms). The index is in the order of hashes, so each round writes all of its pages."""

INDEXED_PER_STEP = 512
"""Replies that a settling indexes, if it does not bring half as many: some 3 ms."""

WINDOW_SLACK = 250
"""A scope is trimmed when it is this far beyond its window, so that trimming is rare and cheap."""

COUNTED_SCOPES_MAX = 4_096
"""Scopes whose number of replies is kept in memory; more are counted again when they are seen."""

_UNINDEXED = (
    "SELECT scope_hash, op_hash, id FROM reply WHERE id > ? AND NOT EXISTS (SELECT 1 FROM reply_key k"
    " WHERE k.scope_hash = reply.scope_hash AND k.op_hash = reply.op_hash AND k.id = reply.id) ORDER BY id"
)
"""Replies of the table that are not in the index. A round that a stop ended has indexed some above the tally's; those
may be forgotten at any step, so they must not count as known here."""

ReplyKey = tuple[int, int]
"""Hash of the scope, hash of the operation id."""


@lru_cache(maxsize=COUNTED_SCOPES_MAX)
def _scope_hash(scope: str) -> int:
    """Hash a scope so that nobody can choose a name that falls on another's (crc32 would allow that)."""
    return int.from_bytes(blake2b(text_key(scope), digest_size=8).digest(), "little", signed=True)


def reply_key(scope: str, op_id: str) -> ReplyKey:
    """Return where a reply is looked up; two operations on the same key only cost a comparison."""
    return _scope_hash(scope), crc32(text_key(op_id))


def stored_key(reply_id: int, crc: object, content: object) -> ReplyKey:
    """Return where a stored reply is looked up, from its content; `DamagedRecord` if that is damaged."""
    scope, op_id, *_ = unpack(checked(Table.REPLY, reply_id, 0, crc, content, None))
    return reply_key(scope, op_id)


class Replies:
    """The replies of one file."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._scope_counts: dict[int, int] = {}
        self._tail: dict[ReplyKey, list[int]] = {}
        #: What is left of the round under way, in descending order, and the last reply that is in it.
        self._due: list[tuple[int, int, int]] = []
        self._due_id = 0
        self.indexed_id = read_tally(db).reply_id
        rows = db.all(_UNINDEXED, (self.indexed_id,))
        self._stored_id = max(self.indexed_id, db.number("SELECT max(id) FROM reply"))
        self._stored_size = len(rows)
        self._last_id = self._stored_id
        for scope_hash, op_hash, reply_id in rows:
            self._remember((scope_hash, op_hash), reply_id)
        for reply_id, scope_hash, op_hash, *_ in db.newest.replies():
            self._remember((scope_hash, op_hash), reply_id)
            self._last_id = reply_id

    def _remember(self, key: ReplyKey, reply_id: int) -> None:
        self._tail.setdefault(key, []).append(reply_id)

    def find(self, scope: str, op_id: str) -> StoredReply | None:
        """Return a remembered reply.

        Raises:
            DamagedRecord: it may have been here, but cannot be read; running the operation again would be a guess.
        """
        key = reply_key(scope, op_id)
        query = "SELECT id FROM reply_key WHERE scope_hash = ? AND op_hash = ? ORDER BY id"
        indexed = [row[0] for row in self._db.all(query, key)]
        for reply_id in reversed(indexed + self._tail.get(key, [])):
            stored_scope, stored_op_id, *reply = self._read(reply_id)
            if (stored_scope, stored_op_id) == (scope, op_id):
                return StoredReply(*reply)
        return None

    def _read(self, reply_id: int) -> list[Any]:
        query = "SELECT crc, b FROM reply WHERE id = ?"
        stored = self._db.newest.reply(reply_id) or self._db.one(query, (reply_id,))
        if stored is None:
            raise DamagedRecord(None, "reply", str(reply_id), "it is missing")
        content: list[Any] = unpack(checked(Table.REPLY, reply_id, 0, stored[0], stored[1], None))
        return content

    def add(self, changes: list[ReplyStored]) -> list[KeptReply]:
        """Number replies, and return the rows to store."""
        rows: list[KeptReply] = []
        for reply_id, change in enumerate(changes, self._last_id + 1):
            key = reply_key(change.scope, change.op_id)
            content = pack(change)
            rows.append((reply_id, *key, row_crc(Table.REPLY, reply_id, 0, content), content))
            self._remember(key, reply_id)
        self._last_id += len(rows)
        return rows

    def store(self, rows: list[KeptReply]) -> None:
        """Store rows in their table, and do a step of the round if one is under way or due; inside a transaction."""
        if rows:
            self._db.insert("reply(id, scope_hash, op_hash, crc, b)", rows)
            self._stored_id = rows[-1][0]
            self._stored_size += len(rows)
        if not self._due and self._stored_size > TAIL_REPLIES_MAX:
            tail = ((*key, reply_id) for key, ids in self._tail.items() for reply_id in ids)
            self._due = sorted((row for row in tail if row[2] <= self._stored_id), reverse=True)
            self._due_id = self._stored_id
            self._stored_size = 0
        if self._due:
            self._index(max(INDEXED_PER_STEP, 2 * len(rows)))

    def _index(self, count_max: int) -> None:
        """Index some replies of the round, and trim their scopes."""
        rows = self._due[: -count_max - 1 : -1]
        del self._due[-count_max:]
        counts = Counter(row[0] for row in rows)
        for scope_hash in counts:
            self._count(scope_hash)
        self._db.insert("reply_key(scope_hash, op_hash, id)", rows)
        for scope_hash, count in counts.items():
            self._scope_counts[scope_hash] += count
            self._trim(scope_hash)
        for row in rows:
            self._forget(row[:2], row[2])
        if not self._due:
            self.indexed_id = self._due_id
            if len(self._scope_counts) > COUNTED_SCOPES_MAX:
                self._scope_counts.clear()

    def _forget(self, key: ReplyKey, reply_id: int) -> None:
        """Leave a reply to the index."""
        ids = self._tail[key]
        if len(ids) == 1:
            del self._tail[key]
        else:
            ids.remove(reply_id)

    def _count(self, scope_hash: int) -> None:
        """Count the indexed replies of a scope unless they are counted already."""
        if scope_hash not in self._scope_counts:
            query = "SELECT count(*) FROM reply_key WHERE scope_hash = ?"
            self._scope_counts[scope_hash] = self._db.number(query, (scope_hash,))

    def _trim(self, scope_hash: int) -> None:
        """Forget the oldest replies of a scope that is too far beyond its window."""
        surplus = self._scope_counts[scope_hash] - REPLIES_PER_SCOPE_MIN
        if surplus <= WINDOW_SLACK:
            return
        query = "SELECT scope_hash, op_hash, id FROM reply_key WHERE scope_hash = ? ORDER BY id LIMIT ?"
        oldest = self._db.all(query, (scope_hash, surplus))
        self._db.run_many("DELETE FROM reply_key WHERE scope_hash = ? AND op_hash = ? AND id = ?", oldest)
        self._db.run_many("DELETE FROM reply WHERE id = ?", [row[2:] for row in oldest])
        self._scope_counts[scope_hash] = REPLIES_PER_SCOPE_MIN
