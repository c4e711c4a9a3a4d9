"""Verifying: read everything, check everything, report every damage, session by session.

It never stops at a damage: each part is read on its own, and what cannot be read is one more line of the report.
"""

import struct
from collections import Counter
from collections.abc import Callable
from typing import ParamSpec
from zlib import crc32

from . import ring
from .changes import Sid
from .checksums import Table, checked
from .contract import Damage, Report
from .database import Database
from .errors import DamagedRecord, StoreError
from .history import read_page
from .journal import Tail, check_folded, read_tail
from .past import read_past
from .recent import RecentSegments
from .records import unpack_record
from .replies import stored_key
from .savepoints import Pin, pinned_segments, read_pins
from .segments import Root, Segments, read_root
from .sessions import Sessions
from .shares import check_share
from .state import SqliteRecords
from .tally import read_tally

_P = ParamSpec("_P")

_ORPHANS = (
    ("root", "SELECT sid FROM root WHERE sid NOT IN (SELECT sid FROM session)"),
    ("journal", "SELECT DISTINCT sid FROM journal NOT INDEXED WHERE sid NOT IN (SELECT sid FROM session)"),
    ("history", "SELECT DISTINCT k >> 32 FROM history WHERE k >> 32 NOT IN (SELECT sid FROM session)"),
    ("past", "SELECT DISTINCT k >> 32 FROM past WHERE k >> 32 NOT IN (SELECT sid FROM session)"),
    ("savepoint", "SELECT DISTINCT sid FROM savepoint NOT INDEXED WHERE sid NOT IN (SELECT sid FROM session)"),
    ("reply_key", "SELECT id FROM reply_key WHERE id NOT IN (SELECT id FROM reply)"),
    (
        "reply",
        (
            "SELECT id FROM reply WHERE id <= (SELECT reply_id FROM tally) AND NOT EXISTS (SELECT 1 FROM reply_key k"
            " WHERE k.scope_hash = reply.scope_hash AND k.op_hash = reply.op_hash AND k.id = reply.id)"
        ),
    ),
)
"""Rows without the row they belong to: a key is damaged, or the other row is lost."""


class _Walk:
    """One walk over a store, gathering its report."""

    def __init__(self, db: Database, sessions: Sessions, segments: Segments) -> None:
        self._db = db
        self._sessions = sessions
        self._segments = segments
        self.session_count = 0
        self.record_count = 0
        self.damages: list[Damage] = []
        self._owners: Counter[int] = Counter()
        self._is_listing_whole = True

    def attempt(self, sid: Sid | None, check: Callable[_P, None], *values: _P.args, **named: _P.kwargs) -> None:
        """Run one check and turn its failure into a line of the report."""
        try:
            check(*values, **named)
        except DamagedRecord as damage:
            self.damages.append(Damage(sid, damage.table, damage.key, damage.what))
        except (StoreError, ValueError, TypeError, struct.error) as error:
            # Checksummed bytes that do not decode, or structure that SQLite cannot follow.
            self.damages.append(Damage(sid, "store", "", str(error)))

    def check_structure(self) -> None:
        """Let SQLite check its own pages and indexes."""
        for (what,) in self._db.all("PRAGMA integrity_check"):
            if what != b"ok":
                self.damages.append(Damage(None, "structure", "", what.decode("utf-8", "replace")))

    def check_ring(self) -> None:
        """Compare the ring with what is known of it, and check what of it belongs to no session."""
        newest, flaws = ring.read(self._db, read_tally(self._db).commits)
        for flaw in flaws:
            self.damages.append(Damage(None, "ring", "", flaw))
        if newest.oldest(len(newest)) != self._db.newest.oldest(len(self._db.newest)):
            self.damages.append(Damage(None, "ring", "", "it does not say what was written"))
        for row in newest.replies():
            self.attempt(None, _check_reply, *row)

    def check_orphans(self) -> None:
        """Look for rows without the row they belong to."""
        for table, query in _ORPHANS:
            for (key,) in self._db.all(query):
                self.damages.append(Damage(None, table, str(key), "the row it belongs to is missing"))

    def check_replies(self) -> None:
        """Check all replies."""
        for reply_id, *row in self._db.all("SELECT id, scope_hash, op_hash, crc, b FROM reply"):
            self.attempt(None, _check_reply, reply_id, *row)

    def check_code(self) -> None:
        """Check the cached code."""
        for key, crc, content in self._db.all("SELECT hash, crc, b FROM code"):
            self.attempt(None, _check_code, key, crc, content)

    def check_sessions(self) -> None:
        """Check everything of each session, each part on its own."""
        for (sid,) in self._db.all("SELECT sid FROM session ORDER BY sid"):
            self.session_count += 1
            for check in (self._check_row, self._check_journal, self._check_savepoints, self._check_past):
                self.attempt(sid, check, sid)
            self._list_segments(sid)

    def check_segments(self) -> None:
        """Compare which segments there are, and how many sessions share them, with what roots and savepoints list."""
        for key, crc, count in self._db.all("SELECT k, crc, n FROM shared"):
            self.attempt(None, check_share, key, crc, count)
        if not self._is_listing_whole:
            return  # what a damaged root listed is not known, and its session is reported
        loose = self._segments.loose.ids()
        for segment_id in loose & self._owners.keys():
            self.damages.append(Damage(None, "loose", str(segment_id), "a session lists it"))
        for (segment_id,) in self._db.all("SELECT k FROM seg"):
            if not self._owners[segment_id] and segment_id not in loose:
                self.damages.append(Damage(None, "segment", str(segment_id), "no session lists it"))
        expected = {segment_id: count - 1 for segment_id, count in self._owners.items() if count > 1}
        found: dict[int, int] = dict(self._db.all("SELECT k, n FROM shared"))
        for segment_id in expected.keys() ^ found.keys() | {k for k in expected if expected[k] != found.get(k)}:
            self.damages.append(Damage(None, "shared", str(segment_id), "it does not count the sessions that list it"))

    def _list_segments(self, sid: Sid) -> None:
        """Note which segments a session lists."""
        try:
            listed = {*read_root(self._db, sid).segments, *pinned_segments(self._db, sid)} - {0}
        except (StoreError, ValueError, TypeError):  # reported by the other checks
            self._is_listing_whole = False
        else:
            self._owners.update(listed)

    def _check_row(self, sid: Sid) -> None:
        self._sessions.verified(sid)

    def _check_journal(self, sid: Sid) -> None:
        root = read_root(self._db, sid)
        self.attempt(sid, check_folded, self._db, sid, root)
        tail = read_tail(self._db, sid, root)
        self.attempt(sid, self._check_records, sid, root, tail)
        self.attempt(sid, self._check_history, sid, tail)

    def _check_records(self, sid: Sid, root: Root, tail: Tail) -> None:
        records = SqliteRecords(self._db, self._segments, RecentSegments(self._segments), sid, root, tail)
        for oid in records.oids():
            records.record(oid)
            self.record_count += 1

    def _check_history(self, sid: Sid, tail: Tail) -> None:
        read_page(self._db, sid, tail, 0, tail.head.entry_seq)

    def _check_savepoints(self, sid: Sid) -> None:
        for pin in read_pins(self._db, sid):
            self.attempt(sid, self._check_pin, sid, pin)

    def _check_past(self, sid: Sid) -> None:
        for step in read_past(self._db, sid).steps:
            for content in step.former[1::2]:
                if type(content) is bytes:
                    unpack_record(content)

    def _check_pin(self, sid: Sid, pin: Pin) -> None:
        count = 0
        for number, segment_id in enumerate(pin.segments):
            segment = self._segments.read(sid, number, segment_id)
            count += len([unpack_record(content) for content in segment.values()])
        if count != pin.record_count:
            raise DamagedRecord(sid, "savepoint", str(sid), f"{count} records, not {pin.record_count}")


def _check_reply(reply_id: int, scope_hash: int, op_hash: int, crc: object, content: object) -> None:
    if (scope_hash, op_hash) != stored_key(reply_id, crc, content):
        raise DamagedRecord(None, "reply", str(reply_id), "its columns for looking up differ from its content")


def _check_code(key: bytes, crc: object, content: object) -> None:
    checked(Table.CODE, crc32(key), 0, crc, content, None)


def verify(db: Database, sessions: Sessions, segments: Segments) -> Report:
    """Read everything and report every damage; never raises for damage."""
    walk = _Walk(db, sessions, segments)
    checks = (walk.check_structure, walk.check_ring, walk.check_orphans, walk.check_replies, walk.check_code)
    for check in (*checks, walk.check_sessions, walk.check_segments):
        walk.attempt(None, check)
    return Report(walk.session_count, walk.record_count, walk.damages)
