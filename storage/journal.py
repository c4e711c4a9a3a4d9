"""The journal: what each commit did to a session, one appended row a session and commit.

A row holds the new records and the new history entries together, because an appended row is the cheapest durable
write there is: a row of its own for each, in tables kept in the order of their keys, costs four times as much.
Folding sorts rows into their places later. Rows of a session are numbered without gaps, so a lost one is noticed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .checksums import Table, checked, row_crc
from .contract import Oid
from .database import Database, Row
from .errors import DamagedRecord
from .heads import Head
from .records import pack, unpack
from .segments import Root


@dataclass(slots=True)
class JournalDraft:
    """A journal row while its commit is put together.

    Attributes:
        head: the session's counters, advanced with each change.
        records: oid and encoded record in turns.
        entries: encoded history entries.
    """

    head: Head
    records: list[int | bytes] = field(default_factory=list)
    entries: list[bytes] = field(default_factory=list)

    def close(self, sid: int) -> Row:
        """Number the row and return it as `(sid, n, crc, b)`."""
        head = self.head
        head.n += 1
        content = pack((head.seq, head.next_oid, head.entry_seq, self.records, self.entries))
        return sid, head.n, row_crc(Table.JOURNAL, sid, head.n, content), content


def append_rows(db: Database, rows: Iterable[Row]) -> None:
    """Append closed rows."""
    db.run_many("INSERT INTO journal(sid, n, crc, b) VALUES(?, ?, ?, ?)", rows)


class JournalRow(NamedTuple):
    """A journal row read back: the counters after it, `[oid, record, ...]`, `[history entry, ...]`."""

    seq: int
    next_oid: int
    entry_seq: int
    records: list[int | bytes]
    entries: list[bytes]


class Tail(NamedTuple):
    """A session's journal beyond its root.

    Attributes:
        head: the session's counters after the last row.
        records: the newest encoded record of each changed object.
        entries: encoded history entries, the last one has number `head.entry_seq`.
        last_id: id of the last row, 0 if there is none.
    """

    head: Head
    records: dict[Oid, bytes]
    entries: list[bytes]
    last_id: int


def read_head(db: Database, sid: int, root: Root) -> Head:
    """Return a session's counters, reading no more than its last journal row."""
    stored = db.one("SELECT n, crc, b FROM journal WHERE sid = ? ORDER BY id DESC LIMIT 1", (sid,))
    if stored is None:
        return Head(root.n, root.seq, root.next_oid, root.entry_seq)
    row = _decoded(sid, *stored)
    return Head(stored[0], row.seq, row.next_oid, row.entry_seq)


def read_tail(db: Database, sid: int, root: Root) -> Tail:
    """Return what a session's journal holds, every row checked.

    Raises:
        DamagedRecord: a row is damaged, missing or does not follow from the one before.
    """
    head = Head(root.n, root.seq, root.next_oid, root.entry_seq)
    records: dict[Oid, bytes] = {}
    entries: list[bytes] = []
    stored = db.all("SELECT id, n, crc, b FROM journal WHERE sid = ? ORDER BY id", (sid,))
    for _, n, crc, content in stored:
        row = _decoded(sid, n, crc, content)
        _check_follows(sid, head, n, row)
        head = Head(n, row.seq, row.next_oid, row.entry_seq)
        records.update(zip(row.records[::2], row.records[1::2], strict=True))  # type: ignore[arg-type]  # oid, bytes in turns
        entries += row.entries
    return Tail(head, records, entries, stored[-1][0] if stored else 0)


def first_unreadable(db: Database, sid: int, root: Root) -> int | None:
    """Return the id of a session's first row that is damaged or does not follow, None if all are well."""
    head = Head(root.n, root.seq, root.next_oid, root.entry_seq)
    for row_id, n, crc, content in db.all("SELECT id, n, crc, b FROM journal WHERE sid = ? ORDER BY id", (sid,)):
        try:
            row = _decoded(sid, n, crc, content)
            _check_follows(sid, head, n, row)
        except DamagedRecord:
            return int(row_id)
        head = Head(n, row.seq, row.next_oid, row.entry_seq)
    return None


def delete_journal(db: Database, sid: int, first_id: int) -> None:
    """Delete a session's rows from one id on."""
    db.run("DELETE FROM journal WHERE sid = ? AND id >= ?", (sid, first_id))


def _decoded(sid: int, n: int, crc: object, content: object) -> JournalRow:
    """Check and decode a row."""
    if type(n) is not int or n < 0:
        raise DamagedRecord(sid, "journal", f"{sid}/{n}", "its number is not a number")
    return JournalRow(*unpack(checked(Table.JOURNAL, sid, n, crc, content, sid)))


def _check_follows(sid: int, before: Head, n: int, row: JournalRow) -> None:
    """Check that a row is the next one of its session."""
    if n != before.n + 1:
        raise DamagedRecord(sid, "journal", f"{sid}/{n}", f"row {before.n + 1} is missing")
    is_consistent = (
        row.seq >= before.seq
        and row.next_oid >= before.next_oid
        and row.entry_seq == before.entry_seq + len(row.entries)
        and max(row.records[::2], default=-1) < row.next_oid  # type: ignore[operator]  # even places are oids
    )
    if not is_consistent:
        raise DamagedRecord(sid, "journal", f"{sid}/{n}", "its counters do not follow from the row before")
