"""The past of a session: what is needed to undo its last evaluations.

Folding knows what each record was before, because it reads the segments it replaces; so it writes the past down, and
a commit pays nothing for it. A *step* is what one evaluation changed, and holds the records as they were before it;
objects that it made need no record, because their ids are at or above the step's `limit`. A *jump* is a return to a
former state: after it the session is as it was after step `target`. It holds the records as they were before it, like
any step, unless they are too large; then what was left behind is kept by a savepoint, or by nothing. Steps are numbered
from 1 without gaps; a row holds those of one folding, or one jump.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import chain, pairwise
from typing import Any, NamedTuple

from .changes import Oid
from .checksums import Table, checked, row_crc
from .compression import compressed, compressing, decompressed
from .contract import UNDO_POINTS_MIN
from .database import Database
from .errors import DamagedRecord
from .journal import JUMP, JournalRow, Tail
from .records import pack, references, unpack, unpack_without
from .segments import RECORD_BYTES, Root, Segments

PAST_BYTES_MAX = 4_194_304
"""Bytes of one session's past; beyond it the oldest steps are forgotten, so that undoing never costs much disk."""

_ROW_BYTES_MAX = PAST_BYTES_MAX + 65_536
"""Bytes of a row before it is compressed: the records of a return, and what stands around them. None is written that
takes more, and none is read: a few bytes that somebody made may say that they stand for any number."""

UNPACKED_BYTES_MAX = 16_777_216
"""Bytes of a past as it is read; older rows are passed over. What compresses well would take any amount of memory."""

_STEP_BYTES = 64
"""What a step takes beside its records, at most: four numbers, and what tells how long its parts are."""

_NOTED_RECORDS = 16_384
"""Records of one row of which it is written down in one step what they replace, some 0.2 microseconds each."""

_FORMER = 2
"""Place of the former records among the fields of a stored step."""

_SID_SHIFT = 32
"""A row's key is `sid << 32 | number of its last step`."""

NOWHERE = -1
"""Target of a jump behind which nothing is known."""


class Keeper(NamedTuple):
    """The savepoint that keeps what a jump left behind: its name, and its `seq`, because a name may be used again."""

    name: str
    seq: int


class Step(NamedTuple):
    """One step.

    Attributes:
        point: number of the history entry that names it, 0 for none.
        limit: objects with this id or above it did not exist before.
        former: oid and encoded record in turns, as they were before; None for no record.
        target: of a jump, the step after which the state stood that it returned to; None for what is no jump.
        keeper: of a jump, the savepoint that keeps the state it left; None for none.
        is_told: of a jump, whether `former` says what it replaced.
    """

    point: int
    limit: int
    former: list[int | bytes | None]
    target: int | None = None
    keeper: Keeper | None = None
    is_told: bool = False

    @property
    def can_be_taken_back(self) -> bool:
        """Tell whether the state before it follows from the state after it."""
        return self.target is None or self.is_told


def _key(sid: int, number: int) -> int:
    return sid << _SID_SHIFT | number


def _range(sid: int) -> tuple[int, int]:
    return _key(sid, 0), _key(sid + 1, 0) - 1


def last_number(db: Database, sid: int) -> int:
    """Return the number of a session's last step, 0 if it has none."""
    query = "SELECT k FROM past WHERE k BETWEEN ? AND ? ORDER BY k DESC LIMIT 1"
    return max(0, db.number(query, _range(sid)) - _key(sid, 0))


class StoredSteps(NamedTuple):
    """Steps as they are stored: how many, and encoded and compressed."""

    number: int
    content: bytes


class EncodedSteps(NamedTuple):
    """Steps that are encoded: how many, and the bytes."""

    number: int
    content: bytes

    @staticmethod
    def of(steps: list[Step]) -> "EncodedSteps":
        """Encode steps, or that there were some, if they take more than is kept."""
        content = pack(steps)
        return EncodedSteps(len(steps), content) if len(content) <= _ROW_BYTES_MAX else EncodedSteps.of([_CUT])

    def compress(self) -> StoredSteps:
        """Bring them into the form in which they are stored."""
        return StoredSteps(self.number, compressed(self.content))

    def compressing(self) -> Generator[None, None, StoredSteps]:
        """Do the same in steps."""
        return StoredSteps(self.number, (yield from compressing(self.content)))


def noting_steps(
    db: Database, sid: int, root: Root, tail: Tail, before: dict[Oid, bytes] | None
) -> Generator[None, None, list[Step]]:
    """Return the steps of a journal's rows, to be appended in the transaction that folds them; a long one in pieces.

    Args:
        db: the file.
        sid: the session.
        root: its root before the folding.
        tail: the rows.
        before: what their records replace, where there was something; used up. None if it is more than is kept.
    """
    if not tail.head.entry_seq and db.one("SELECT 1 FROM savepoint WHERE sid = ? LIMIT 1", (sid,)) is None:
        return []  # without history nothing is undone, but states that savepoints keep must be told from later ones
    if before is None:
        return [_CUT]
    steps: list[Step] = []
    next_oid, entry_seq = root.next_oid, root.entry_seq
    for row in tail.rows:
        if is_too_old(row, tail):
            steps = [_CUT]
        elif is_one_step(row) and len(row.records) > 2 * _NOTED_RECORDS:
            former: list[int | bytes | None] = []
            for start in range(0, len(row.records), 2 * _NOTED_RECORDS):
                former += _former(row.records[start : start + 2 * _NOTED_RECORDS], next_oid, before)
                yield
            steps.append(Step(row.entry_seq if row.entries else 0, next_oid, former))
        else:
            steps += _steps(row, next_oid, entry_seq, before)
        if row is not tail.rows[-1]:
            before.update(zip(row.records[::2], row.records[1::2], strict=True))  # type: ignore[arg-type]  # in turns
        next_oid, entry_seq = row.next_oid, row.entry_seq
    return _newest(steps)


def is_one_step(row: JournalRow) -> bool:
    """Tell whether all records of a row are those of one evaluation, or of none."""
    return row.starts == (0,) and len(row.entries) <= 1


def is_too_old(row: JournalRow, tail: Tail) -> bool:
    """Tell of a row whether nothing of it is written down when it is folded with all of its tail."""
    return row.entry_seq <= tail.head.entry_seq - UNDO_POINTS_MIN


def _newest(steps: list[Step]) -> list[Step]:
    """Return steps, without the oldest if they take more than is kept; then it is said that there were some."""
    size_bytes = 0
    for place in range(len(steps) - 1, -1, -1):
        size_bytes += _STEP_BYTES
        former = steps[place].former
        if former:
            contents: list[bytes | None] = former[1::2]  # type: ignore[assignment]  # oid, bytes in turns
            size_bytes += RECORD_BYTES * len(contents) + sum(map(len, filter(None, contents)))
        if size_bytes > PAST_BYTES_MAX:
            return [_CUT, *steps[place + 1 :]]
    return steps


def _steps(row: JournalRow, limit: int, entry_seq: int, before: dict[Oid, bytes]) -> Iterator[Step]:
    """Iterate over the steps of one journal row; `before` is what its records replace."""
    if row.starts == (0,) and len(row.entries) == 1:  # the rule: one evaluation, whose records are all there are
        yield Step(entry_seq + 1, limit, _former(row.records, limit, before) if row.records else [])
        return
    named = [(start, entry_seq + place + 1) for place, start in enumerate(row.starts[: len(row.entries)])]
    named = [(start, point) for start, point in named if start != JUMP]
    bounds = [(0, 0), *named, (len(row.records), 0)]
    for (start, point), (end, _) in pairwise(bounds):
        former = _former(row.records[start:end], limit, before)
        if point or end > start:
            yield Step(point, limit, former)
        if end > start:
            before.update(zip(row.records[start:end:2], row.records[start + 1 : end : 2], strict=True))  # type: ignore[arg-type]
            limit = row.next_oid  # where the next step of the same row began is not known any closer


def _former(records: list[int | bytes], limit: int, before: dict[Oid, bytes]) -> list[int | bytes | None]:
    """Return what records replace: oid and former record in turns, None for none."""
    oids: list[Oid] = records[::2]  # type: ignore[assignment]  # oid, bytes in turns
    known = [oid for oid in oids if oid < limit or oid in before]
    return list(chain.from_iterable(zip(known, map(before.get, known), strict=True)))


def note_jump(
    db: Database, segments: Segments, sid: int, root: Root, restored: Root, target: int, kept: Keeper | None
) -> None:
    """Write down that a just folded session returns to its state after step `target`.

    The history entry that may follow in the same commit names it.

    Args:
        db: the file.
        segments: its segments.
        sid: the session.
        root: its root before the return.
        restored: its root after it.
        target: see `Step`.
        kept: the savepoint that keeps what `root` lists.
    """
    try:
        former = segments.replaced(sid, root, restored, PAST_BYTES_MAX)
    except DamagedRecord:  # going back is the way out of damage, so damage must not forbid it
        former = None
    point = root.entry_seq + 1
    step = Step(point, root.next_oid, former or [], target, kept, former is not None)
    append_steps(db, sid, point, EncodedSteps.of([step]).compress(), point)


def cut(db: Database, sid: int, number: int) -> None:
    """Forget a session's past, and go on after step `number`: nothing before can be undone."""
    number = max(number, last_number(db, sid))
    db.run("DELETE FROM past WHERE k BETWEEN ? AND ?", _range(sid))
    _write(db, sid, number + 1, 0, EncodedSteps.of([_CUT]).compress().content)


_CUT = Step(0, 0, [], NOWHERE)


def delete_past(db: Database, sid: int) -> None:
    """Delete all rows of a session."""
    db.run("DELETE FROM past WHERE k BETWEEN ? AND ?", _range(sid))


def append_steps(db: Database, sid: int, entry: int, stored: StoredSteps, entry_seq: int) -> None:
    """Append a row with steps, and forget what is too old; inside a transaction of the caller.

    Args:
        db: the file.
        sid: the session.
        entry: the first history entry that may name one of them.
        stored: the steps.
        entry_seq: the last history entry.
    """
    _write(db, sid, last_number(db, sid) + stored.number, entry, stored.content)
    _forget_old(db, sid, entry_seq)


def _write(db: Database, sid: int, last: int, entry: int, content: bytes) -> None:
    key = _key(sid, last)
    db.run("INSERT INTO past VALUES(?, ?, ?, ?)", (key, entry, row_crc(Table.PAST, key, entry, content), content))


def _forget_old(db: Database, sid: int, entry_seq: int) -> None:
    """Delete the rows that only older evaluations need than can be undone, and the oldest of too many bytes."""
    rows = db.all("SELECT k, entry, length(b) FROM past WHERE k BETWEEN ? AND ? ORDER BY k DESC", _range(sid))
    taken_bytes = 0
    is_needed = True
    for place, (key, entry, size_bytes) in enumerate(rows):
        taken_bytes += size_bytes
        if place and (not is_needed or taken_bytes > PAST_BYTES_MAX):
            db.run("DELETE FROM past WHERE k BETWEEN ? AND ?", (_key(sid, 0), key))
            return
        is_needed = entry > entry_seq - UNDO_POINTS_MIN + 1


class Past(NamedTuple):
    """What is kept of a session's past: steps `first` to `first + len(steps) - 1`."""

    first: int
    steps: list[Step]


def read_past(db: Database, sid: int, point: int | None = None) -> Past:
    """Return a session's past at once, see `reading_past`."""
    return _at_once(reading_past(db, sid, point))


def read_outline(db: Database, sid: int, point: int | None = None) -> Past:
    """Return the same without the former records, which are most of it: what each step was, not what was before it."""
    return _at_once(_reading(_parts(db, sid, _outline), last_number(db, sid), point))


def _at_once(reading: Generator[None, None, Past]) -> Past:
    while True:
        try:
            next(reading)
        except StopIteration as end:
            past: Past = end.value
            return past


def reading_past(db: Database, sid: int, point: int | None = None) -> Generator[None, None, Past]:
    """Read a session's past, a row in a step.

    Args:
        db: the file.
        sid: the session.
        point: the history entry of the oldest step that is asked for: no older row is read, since the way back to
            where that step began only leads over later ones; None for all there is.

    Raises:
        DamagedRecord: a row is damaged or missing.
    """
    return _reading(_parts(db, sid, _whole), last_number(db, sid), point)


def _reading(parts: Iterator[list[Step]], last: int, point: int | None) -> Generator[None, None, Past]:
    first, steps = last + 1, list[Step]()
    for part in parts:
        first -= len(part)
        steps += part[::-1]
        if point and any(0 < step.point <= point for step in part):
            break
        yield
    return Past(first, steps[::-1])


def _parts(db: Database, sid: int, decode: Callable[[bytes], list[Step]]) -> Iterator[list[Step]]:
    """Iterate over the steps of each row, the newest row first."""
    last, size_bytes = last_number(db, sid), 0
    while last:
        query = "SELECT k, entry, crc, b FROM past WHERE k BETWEEN ? AND ? ORDER BY k DESC LIMIT 1"
        row = db.one(query, (_key(sid, 0), _key(sid, last)))
        if row is None:
            return  # older rows were forgotten
        if row[0] != _key(sid, last):
            raise DamagedRecord(sid, "past", f"{sid}/{last}", "it is missing")
        content = _unpacked(sid, *row)
        size_bytes += len(content)
        if size_bytes > UNPACKED_BYTES_MAX:
            return
        part = decode(content)
        last -= len(part)
        yield part


def _whole(content: bytes) -> list[Step]:
    """Decode the steps of a row."""
    return [_step(*fields) for fields in unpack(content)]


def _outline(content: bytes) -> list[Step]:
    """Decode the steps of a row but for their former records."""
    return [_step(*fields) for fields in unpack_without(content, _FORMER)]


def _unpacked(sid: int, key: int, entry: object, crc: object, content: object) -> bytes:
    if type(entry) is not int or entry < 0:
        raise DamagedRecord(sid, "past", str(key), "its entry is not a number")
    stored = checked(Table.PAST, key, entry, crc, content, sid)
    return decompressed(stored, _ROW_BYTES_MAX, (sid, "past", key))


def _step(
    point: int,
    limit: int,
    former: list[int | bytes | None],
    target: int | None,
    kept: list[Any] | None,
    is_told: bool = False,  # noqa: FBT001, FBT002  # the order is that of the stored fields; the first rows have five
) -> Step:
    return Step(point, limit, former, target, Keeper(*kept) if kept else None, is_told)


def led_to(db: Database, sid: int) -> Iterator[Oid]:
    """Iterate over the ids of the objects that undoing may need: those the former records refer to, row by row."""
    for step in chain.from_iterable(_parts(db, sid, _whole)):
        for content in step.former[1::2]:
            if type(content) is bytes:
                yield from references(content)
