"""Salvage: every row that can still be read is copied from a damaged database into a new one.

Each table is read from its first key up to the first error, then from its last key down to the next error, so one
damaged page costs its own rows only. Rows whose checksum is wrong are left behind. Columns for looking up are made
anew from the content. What the copied rows amount to is `repairing.py`'s business.
"""

from collections.abc import Iterator
from zlib import crc32

from .changes import Sid
from .checksums import Table, checked
from .contract import Damage
from .database import Database, Row
from .errors import DamagedRecord, DamagedStore, StoreError
from .journal import append_rows, is_folded
from .newest import KeptCommit
from .records import unpack
from .replies import reply_key
from .ring import RingReading
from .schema import RING_VERSION
from .segments import read_root
from .sessions import Sessions, session_row
from .tally import Tally, read_tally, write_tally

_SID_SHIFT = 32
"""A key of the past is the session's number, shifted by this, and a step's."""

_ROWS_PER_READ = 64
"""Rows read at once; when one of them cannot be read they are read one by one."""


class Salvage:
    """One copying from a damaged database into a new one.

    Attributes:
        damages: what could not be copied.
    """

    def __init__(self, old: Database, new: Database) -> None:
        self._old = old
        self._new = new
        self.damages: list[Damage] = []

    def run(self) -> None:
        """Copy what can be read; inside a transaction of the new database."""
        for copy in (self._copy_sessions, self._copy_owned, self._copy_past, self._copy_segments, self._copy_replies):
            copy()
        write_tally(self._new, Tally(self._copy_ring(), 0))
        last_sid = self._number("SELECT seq FROM sqlite_sequence WHERE name = 'session'")
        self._new.run("UPDATE sqlite_sequence SET seq = max(seq, ?)", (last_sid,))

    def _number(self, query: str) -> int:
        try:
            return max(0, self._old.number(query))
        except (StoreError, ValueError, TypeError):
            return 0

    def _rows(self, table: str, key: str, columns: str) -> Iterator[Row]:
        """Iterate over the readable rows of a table, each with its key first."""
        select = f"SELECT {key}, {columns} FROM {table} NOT INDEXED"  # noqa: S608 -- names of this file
        upwards = _Reading(self._old, select, key, "ASC")
        yield from upwards.rows(None)
        if upwards.is_broken:
            self.damages.append(Damage(None, table, "", "some of its rows cannot be read"))
            yield from _Reading(self._old, select, key, "DESC").rows(upwards.last)

    def _leave(self, sid: object, table: str, key: object) -> None:
        """Note a row whose checksum is wrong."""
        owner = Sid(sid) if type(sid) is int else None
        self.damages.append(Damage(owner, table, str(key), "its checksum does not match"))

    def _copy_sessions(self) -> None:
        sessions = Sessions(self._new)
        for row in self._rows("session", "sid", "crc, b"):
            try:
                sessions.insert(session_row(row))
            except StoreError:
                self._leave(row[0], "session", row[0])

    def _copy_owned(self) -> None:
        """Copy roots, journals, history and savepoints."""
        for sid, crc, content in self._rows("root", "sid", "crc, b"):
            if _is_whole(Table.ROOT, sid, 0, crc, content):
                self._new.run("INSERT INTO root(sid, crc, b) VALUES(?, ?, ?)", (sid, crc, content))
            else:
                self._leave(sid, "root", sid)
        # A damaged page may hide rows without an error; a root tells that there was a session.
        for (sid,) in self._new.all("SELECT sid FROM root WHERE sid NOT IN (SELECT sid FROM session)"):
            if not any(damage.sid == sid for damage in self.damages):
                self.damages.append(Damage(sid, "session", str(sid), "it is missing"))
        self._copy_journals()
        for key, crc, content in self._rows("history", "k", "crc, b"):
            if _is_whole(Table.HISTORY, key, 0, crc, content):
                self._new.run("INSERT INTO history VALUES(?, ?, ?)", (key, crc, content))
            else:
                self._leave(None, "history", key)
        for row_id, sid, name, crc, content in self._rows("savepoint", "id", "sid, name, crc, b"):
            if type(name) is bytes and _is_whole(Table.SAVEPOINT, sid, crc32(name), crc, content):
                values = (row_id, sid, name, crc, content)
                self._new.run("INSERT OR REPLACE INTO savepoint VALUES(?, ?, ?, ?, ?)", values)
            else:
                self._leave(sid, "savepoint", row_id)

    def _copy_journals(self) -> None:
        """Copy the rows of journals; a damaged one that was folded already is no loss."""
        last: dict[int, int] = {}
        for row_id, sid, n, crc, content in self._rows("journal", "id", "sid, n, crc, b"):
            if _is_whole(Table.JOURNAL, sid, n, crc, content):
                self._new.run("INSERT INTO journal VALUES(?, ?, ?, ?, ?)", (row_id, sid, n, crc, content))
                last[sid] = n
            elif not self._is_folded(sid, last.get(sid, 0), n, crc, content):
                self._leave(sid, "journal", row_id)

    def _is_folded(self, sid: object, last_n: int, n: object, crc: object, content: object) -> bool:
        """Tell of a damaged row of a journal whether it was folded already."""
        if type(sid) is not int:
            return False
        try:
            root = read_root(self._new, sid)
            return is_folded(sid, root, max(root.n, last_n), n, crc, content)
        except StoreError:  # what was folded is not known, or it is the next row with a damaged number
            return False

    def _copy_past(self) -> None:
        """Copy what undoing needs."""
        for key, entry, crc, content in self._rows("past", "k", "entry, crc, b"):
            if _is_whole(Table.PAST, key, entry, crc, content):
                self._new.run("INSERT INTO past VALUES(?, ?, ?, ?)", (key, entry, crc, content))
            else:
                self._leave(key >> _SID_SHIFT, "past", key)

    def _copy_segments(self) -> None:
        """Copy segments unchecked: their place in a session is part of their checksum, and only roots know it."""
        for row in self._rows("seg", "k", "crc, b"):
            self._new.run("INSERT INTO seg VALUES(?, ?, ?)", row)

    def _copy_replies(self) -> None:
        """Copy replies; their index is made anew by a later commit."""
        for reply_id, crc, content in self._rows("reply", "id", "crc, b"):
            self._copy_reply(reply_id, crc, content)

    def _copy_reply(self, reply_id: int, crc: object, content: object) -> None:
        """Copy a reply, unless it is there."""
        if type(content) is bytes and _is_whole(Table.REPLY, reply_id, 0, crc, content):
            scope, op_id, *_ = unpack(content)
            values = (reply_id, *reply_key(scope, op_id), crc, content)
            self._new.run("INSERT OR IGNORE INTO reply VALUES(?, ?, ?, ?, ?)", values)
        else:
            self._leave(None, "reply", reply_id)

    def _copy_ring(self) -> int:
        """Copy what is in the ring and not in the tables; return the number of the last commit."""
        if not self._has_ring():
            return self._number("SELECT commits FROM tally")
        try:
            settled = read_tally(self._old).commits
        except StoreError:
            settled = 0  # what is in the tables too is told by its numbers
        reading = RingReading(self._old.path, self._rows("ring", "id", "b"))
        newer = [number for number in reading.numbers if number > settled]
        if reading.is_torn or (settled and newer != list(range(settled + 1, settled + len(newer) + 1))):
            self.damages.append(Damage(None, "ring", "", "commits are lost"))
        for number in newer:
            try:
                commit = reading.commit(number)
            except DamagedStore as damage:
                self.damages.append(Damage(None, "ring", "", str(damage)))
            else:
                self._copy_commit(commit)
        return max(settled, reading.last)

    def _has_ring(self) -> bool:
        """Tell whether the version or the tables speak of a ring: one flipped bit must not hide what is in it."""
        is_listed = self._number("SELECT count(*) FROM sqlite_master WHERE name = 'ring'") > 0
        return is_listed or self._number("PRAGMA user_version") >= RING_VERSION

    def _copy_commit(self, commit: KeptCommit) -> None:
        """Copy the rows of a commit that are in no table."""
        for row in commit.rows:
            if row[1] <= self._last_known(row[0]):
                continue
            if _is_whole(Table.JOURNAL, *row):
                append_rows(self._new, [row])
            else:
                self._leave(row[0], "journal", f"{row[0]}/{row[1]}")
        # Those of the tables are older. Where nobody knows what was moved there, their parts may be written over here.
        last_id = self._new.number("SELECT max(id) FROM reply")
        for reply_id, _, _, crc, content in commit.replies:
            if reply_id > last_id:
                self._copy_reply(reply_id, crc, content)

    def _last_known(self, sid: int) -> int:
        """Return the number of the last row of a session that was copied or folded."""
        last_n = self._new.number("SELECT max(n) FROM journal WHERE sid = ?", (sid,))
        try:
            return max(last_n, read_root(self._new, sid).n)
        except StoreError:
            return last_n


class _Reading:
    """Rows of one table in the order of its key, up to the first that cannot be read.

    Attributes:
        last: key of the last row that was read.
        is_broken: whether one could not be read.
    """

    def __init__(self, db: Database, select: str, key: str, order: str) -> None:
        self._db = db
        self._select = select
        self._key = key
        self._order = order
        self.last: int | None = None
        self.is_broken = False

    def rows(self, stop: int | None) -> Iterator[Row]:
        """Iterate until the end, an error, or the key `stop`."""
        count = _ROWS_PER_READ
        while True:
            sign = ">" if self._order == "ASC" else "<"
            where = "" if self.last is None else f" WHERE {self._key} {sign} {self.last}"
            try:
                rows = self._db.all(f"{self._select}{where} ORDER BY {self._key} {self._order} LIMIT {count}")
            except StoreError:
                if count == 1:
                    self.is_broken = True
                    return
                count = 1  # the rows before the broken one are read one by one
                continue
            for row in rows:
                if stop is not None and row[0] <= stop:
                    return
                self.last = int(row[0])
                yield row
            if not rows:
                return


def _is_whole(table: Table, key: object, subkey: object, crc: object, content: object) -> bool:
    """Tell whether a row is what was written."""
    if type(key) is not int or type(subkey) is not int or key < 0 or subkey < 0:
        return False
    try:
        checked(table, key, subkey, crc, content, None)
    except DamagedRecord:
        return False
    return True
