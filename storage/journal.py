"""The journal: what each commit did to a session, one appended row a session and commit.

A row holds the new records and the new history entries together, because an appended row is the cheapest durable
write there is: a row of its own for each, in tables kept in the order of their keys, costs four times as much.
Folding sorts rows into their places later. Rows of a session are numbered without gaps, so a lost one is noticed.
The newest rows are not in the table yet, but in the ring (`ring.py`), and read from `Database.newest`.

Rows that are folded may stay for a while: those of several sessions share pages, so deleting them together writes each
page once. They are told by their numbers, which the root has passed. Their damage hurts nobody; verifying tells of it.
"""

from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from typing import NamedTuple

from .changes import Oid
from .checksums import Table, checked, row_crc
from .database import Database, Row
from .errors import DamagedRecord
from .heads import Head
from .newest import KeptRow
from .records import unpack
from .segments import Root

JUMP = -1
"""In place of a start: the entry names a return to a former state, which no records say."""

ROW_WEIGHT_BYTES = 256
"""What a row weighs beyond its content, so that many tiny rows count too: 64 empty ones are 16 KB."""


ROW_WORK = 8
"""What folding a row costs beside its records, counted in records: some 12 us, of which a record takes 1 or 2."""

WORK_BYTES = 512
"""Bytes that cost as much as a record by themselves."""


def append_rows(db: Database, rows: Sequence[KeptRow]) -> None:
    """Append closed rows."""
    db.insert("journal(sid, n, crc, b)", rows)


class JournalRow(NamedTuple):
    """A journal row read back: the counters after it, `[oid, record, ...]`, `[history entry, ...]`, `[start, ...]`.

    Without starts the first entry's records are all there are; rows of format 2 do not say it of the others.
    """

    seq: int
    next_oid: int
    entry_seq: int
    records: list[int | bytes]
    entries: list[bytes]
    starts: Sequence[int] = (0,)


RowKey = tuple[int, int, int]
"""A row's id, session and number; all three, because ids are given again when the last rows are deleted."""


class Tail(NamedTuple):
    """A session's journal beyond its root, or the first rows of it.

    Attributes:
        head: the session's counters after the last row.
        rows: the rows, oldest first.
        weight_bytes: what they take, with what makes tiny ones count.
        work: what folding them costs, counted in records.
        keys: `(id, sid, n)` of each that is in the table, and of those that are folded already.
        size_bytes: what the rows of `keys` take, counted likewise.
        in_ring: number and checksum of the others, which may go to the table later.
        is_whole: whether these are all rows there are.
    """

    head: Head
    rows: list[JournalRow]
    weight_bytes: int
    work: int
    keys: list[RowKey]
    size_bytes: int
    in_ring: dict[int, int]
    is_whole: bool

    @property
    def records(self) -> dict[Oid, bytes]:
        """The newest encoded record of each changed object."""
        records: dict[Oid, bytes] = {}
        for row in self.rows:
            records.update(zip(row.records[::2], row.records[1::2], strict=True))  # type: ignore[arg-type]  # in turns
        return records

    @property
    def entries(self) -> list[bytes]:
        """Encoded history entries; the last one has number `head.entry_seq`."""
        return [entry for row in self.rows for entry in row.entries]


def read_head(db: Database, sid: int, root: Root) -> Head:
    """Return a session's counters, reading no more than its last journal row, unless that one is folded."""
    newest = db.newest.rows(sid)
    stored = (
        newest[-1] if newest else db.one("SELECT n, crc, b FROM journal WHERE sid = ? ORDER BY id DESC LIMIT 1", (sid,))
    )
    if stored is None:
        return Head(root.n, root.seq, root.next_oid, root.entry_seq)
    if type(stored[0]) is int and stored[0] <= root.n:
        return read_tail(db, sid, root).head
    row = _decoded(sid, *stored)
    return Head(stored[0], row.seq, row.next_oid, row.entry_seq)


def read_tail(db: Database, sid: int, root: Root) -> Tail:
    """Return what a session's journal holds, every row checked that is not folded already.

    Raises:
        DamagedRecord: a row is damaged, missing or does not follow from the one before.
    """
    return _read_rows(sid, root, _stored_rows(db, sid))


def read_part(db: Database, sid: int, root: Root, work_max: int, *, is_first: bool) -> Tail:
    """Return the first rows of a session's journal that are not folded: as many as there is so much to do with.

    Args:
        db: the file.
        sid: the session.
        root: its root.
        work_max: when there is so much to do, no more rows are read.
        is_first: whether folded rows are looked for too, which nobody knows of after a start.

    Raises:
        DamagedRecord: a row is damaged, missing or does not follow from the one before.
    """
    with closing(_stored_part(db, sid, root, is_first=is_first)) as stored:
        return _read_rows(sid, root, stored, work_max)


def _stored_part(db: Database, sid: int, root: Root, *, is_first: bool) -> Generator[Row, None, None]:
    """Iterate over a session's rows as `(id, n, crc, b)`, oldest first; over folded ones only if `is_first`.

    A row whose number is damaged may be passed over, but then it is missing among the others, or it is the last: either
    way it is not folded, and stays to be told of.
    """
    unfolded = "" if is_first else f"AND n > {root.n} "
    yield from db.each(f"SELECT id, n, crc, b FROM journal WHERE sid = ? {unfolded}ORDER BY id", (sid,))  # noqa: S608 -- a number
    for row in db.newest.rows_beyond(sid, root.n):
        yield 0, *row


def _read_rows(sid: int, root: Root, stored: Iterable[Row], work_max: int | None = None) -> Tail:
    """Check and decode stored rows `(id, n, crc, b)`, all of them or until there is so much to do with them."""
    head = Head(root.n, root.seq, root.next_oid, root.entry_seq)
    rows: list[JournalRow] = []
    keys: list[RowKey] = []
    in_ring: dict[int, int] = {}
    weight_bytes = size_bytes = work = 0
    is_whole = True
    for row_id, n, crc, content in stored:
        if work_max is not None and work >= work_max:
            is_whole = False
            break
        row_bytes = ROW_WEIGHT_BYTES + (len(content) if type(content) is bytes else 0)
        is_passed = is_folded(sid, root, head.n, n, crc, content)
        if not is_passed:
            row = _decoded(sid, n, crc, content)
            _check_follows(sid, head, n, row)
            head = Head(n, row.seq, row.next_oid, row.entry_seq)
            rows.append(row)
            weight_bytes += row_bytes
            work += ROW_WORK + len(row.records) // 2 + row_bytes // WORK_BYTES
        if row_id:
            keys.append((row_id, sid, n))
            size_bytes += row_bytes
        elif not is_passed:
            in_ring[n] = crc
    return Tail(head, rows, weight_bytes, work, keys, size_bytes, in_ring, is_whole)


def moved_keys(db: Database, sid: int, tail: Tail) -> list[RowKey]:
    """Return the keys of the rows that were in the ring when they were read, and went to the table since."""
    if not tail.in_ring:
        return []
    bounds = (sid, min(tail.in_ring), max(tail.in_ring))
    rows = db.all("SELECT id, n, crc FROM journal WHERE sid = ? AND n BETWEEN ? AND ?", bounds)
    return [(row_id, sid, n) for row_id, n, crc in rows if tail.in_ring.get(n) == crc]


def _stored_rows(db: Database, sid: int) -> list[Row]:
    """Return a session's rows as `(id, n, crc, b)`, oldest first; those in the ring have the id 0."""
    rows = db.all("SELECT id, n, crc, b FROM journal WHERE sid = ? ORDER BY id", (sid,))
    rows += [(0, *row) for row in db.newest.rows(sid)]
    return rows


def has_unfolded(db: Database, sid: int, root: Root) -> bool:
    """Tell whether a session has rows that its root has not passed."""
    is_in_table = db.one("SELECT 1 FROM journal WHERE sid = ? AND n > ? LIMIT 1", (sid, root.n)) is not None
    return is_in_table or any(n > root.n for n, *_ in db.newest.rows(sid))


def unfolded_bytes(db: Database, sid: int, root: Root) -> int:
    """Return how many bytes a session's rows take that its root has not passed."""
    in_table = db.number("SELECT sum(length(b)) FROM journal WHERE sid = ? AND n > ?", (sid, root.n))
    return in_table + sum(len(content) for n, _, content in db.newest.rows(sid) if n > root.n)


def first_unreadable(db: Database, sid: int, root: Root) -> int | None:
    """Return the id of a session's first row that is damaged or does not follow, None if all are well."""
    head = Head(root.n, root.seq, root.next_oid, root.entry_seq)
    for row_id, n, crc, content in _stored_rows(db, sid):
        try:
            if is_folded(sid, root, head.n, n, crc, content):
                continue
            row = _decoded(sid, n, crc, content)
            _check_follows(sid, head, n, row)
        except DamagedRecord:
            return int(row_id)
        head = Head(n, row.seq, row.next_oid, row.entry_seq)
    return None


def delete_journal(db: Database, sid: int, first_id: int) -> None:
    """Delete a session's rows from one id on."""
    db.run("DELETE FROM journal WHERE sid = ? AND id >= ?", (sid, first_id))


def delete_rows(db: Database, keys: Iterable[RowKey]) -> None:
    """Delete folded rows; those that are gone already are passed over."""
    db.run_many("DELETE FROM journal WHERE id = ? AND sid = ? AND n = ?", sorted(keys))


def is_folded(sid: int, root: Root, last_n: int, n: object, crc: object, content: object) -> bool:
    """Tell whether the root has passed a row's number, so that nothing of the row is needed, whole or not.

    Args:
        sid: the session.
        root: its root.
        last_n: number of the row before, at least that of the last one folded.
        n: the row's number.
        crc: its checksum.
        content: its bytes.

    Raises:
        DamagedRecord: it is the row that comes next, and its number is damaged.
    """
    if type(n) is not int or not 0 < n <= root.n:
        return False
    if type(content) is bytes and row_crc(Table.JOURNAL, sid, last_n + 1, content) == crc:
        raise DamagedRecord(sid, "journal", f"{sid}/{n}", f"it is row {last_n + 1}")
    return True


def check_folded(db: Database, sid: int, root: Root) -> None:
    """Check the rows that are folded already; `DamagedRecord` if one is damaged."""
    for _, n, crc, content in _stored_rows(db, sid):
        if type(n) is int and n <= root.n:
            checked(Table.JOURNAL, sid, n, crc, content, sid)


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
        and (not row.records or max(row.records[::2]) < row.next_oid)  # type: ignore[operator]  # even places are oids
    )
    if not is_consistent:
        raise DamagedRecord(sid, "journal", f"{sid}/{n}", "its counters do not follow from the row before")
