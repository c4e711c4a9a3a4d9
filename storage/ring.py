"""The ring: each commit written over the oldest ones, in slots of one page.

A page that is written over in place is the only one a commit changes: rows appended to tables change the last page of
each, pages above them, those of an index, the first page and the map of pages as well. And a checkpoint writes a page
once however often the log has it. Commits move from here to their tables many at a time (`settling.py`), without what
was folded meanwhile.

A commit takes as many slots as it needs, the first that are free. A slot is

    head, part of the commit, head

and the parts together are

    directory, checksums, keys, content of rows and replies one after another, zeros, directory

A head is: number of the commit (8 bytes), number of the part from 0 (2), how many parts there are (2), length of the
directory (4), crc32 of these (4); little endian. A directory is MessagePack, `[[sid, n, length, ...], [reply id,
length, ...]]`, and its crc32 seeded with the commit's number. Both stand twice, so a flipped bit in one is harmless.
The checksums (4 bytes each) are those of their tables; a flipped bit in one, or in a content, hurts the session or the
reply it belongs to. The keys are scope_hash (8) and op_hash (4) of each reply, and a crc32 of all: if that is wrong,
they are made anew from the content. A part that is lost hurts those that have content there.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from struct import Struct
from typing import NamedTuple
from zlib import crc32

from .database import Database, Row
from .errors import DamagedRecord, DamagedStore
from .newest import KeptCommit, KeptReply, KeptRow, Newest
from .records import pack, unpack
from .replies import ReplyKey, stored_key

SLOT_BYTES = 4_056
"""A row of this size fills a page of its own, and as its size never changes, it is written over in place."""

SLOTS = 512
"""What commits in the ring may take, 2 MB: some 150 commits of ten sessions, so that most is folded before it is moved.
It is in memory too, and read at a start. The table may have a few slots more: a commit that finds it full takes new
ones, as those it makes free are free only when it is durable."""

LARGE_SLOTS = 128
"""A commit that takes more goes to the tables at once: it fills their pages by itself."""

SLOTS_LEFT = 16
"""Slots that commits may take for longer than until the next folding. The fewer there are, the sooner others are
written over again, and the less a checkpoint has to write."""

SLOTS_SETTLED = 128
"""Slots made free at once: some hundred rows, a few milliseconds."""

_HEAD = Struct("<QHHI")
_CRC = Struct("<I")
_HEAD_BYTES = _HEAD.size + _CRC.size
_PART_BYTES = SLOT_BYTES - 2 * _HEAD_BYTES
_KEY = Struct("<qI")
_ROW_FIELDS, _REPLY_FIELDS = 3, 2
_SEED_MASK = 0xFFFFFFFF
_WAY_OUT = "restore it from a backup or repair it"


class _Head(NamedTuple):
    """What the head of a slot says."""

    number: int
    part: int
    parts: int
    directory_bytes: int


def encoded(number: int, rows: Sequence[KeptRow], replies: Sequence[KeptReply]) -> list[bytes]:
    """Return the slots of a commit."""
    listed = (
        [value for sid, n, _, content in rows for value in (sid, n, len(content))],
        [value for reply_id, _, _, _, content in replies for value in (reply_id, len(content))],
    )
    directory = pack(listed)
    directory += _CRC.pack(crc32(directory, number & _SEED_MASK))
    crcs = [_CRC.pack(crc) for *_, crc, _ in (*rows, *replies)]
    contents = [row[3] for row in rows] + [reply[4] for reply in replies]
    pieces = [directory, *crcs, _keys(reply[1:3] for reply in replies), *contents]
    size_bytes = sum(map(len, pieces)) + len(directory)
    parts = -(-size_bytes // _PART_BYTES)
    whole = b"".join((*pieces, bytes(parts * _PART_BYTES - size_bytes), directory))
    slots = []
    for part in range(parts):
        head = _HEAD.pack(number, part, parts, len(directory))
        head += _CRC.pack(crc32(head))
        slots.append(b"".join((head, whole[part * _PART_BYTES : (part + 1) * _PART_BYTES], head)))
    return slots


def _keys(keys: Iterable[tuple[int, int]]) -> bytes:
    """Return where replies are looked up, with a checksum."""
    content = b"".join(_KEY.pack(*key) for key in keys)
    return content + _CRC.pack(crc32(content))


def slots_needed(rows: Sequence[KeptRow], replies: Sequence[KeptReply]) -> int:
    """Return about how many slots a commit takes, without encoding it."""
    size_bytes = sum(len(row[-1]) for row in rows) + sum(len(reply[-1]) for reply in replies)
    return size_bytes // _PART_BYTES + 1


def write(db: Database, slots: Sequence[bytes]) -> tuple[int, ...]:
    """Write the slots of a commit, and return their ids; inside a transaction of the caller."""
    ids = db.newest.free_slots(len(slots))
    made = db.newest.made
    pairs = list(zip(slots, ids, strict=True))
    db.run_many("UPDATE ring SET b = ? WHERE id = ?", [pair for pair in pairs if pair[1] <= made])
    db.run_many("INSERT INTO ring(b, id) VALUES(?, ?)", [pair for pair in pairs if pair[1] > made])
    return ids


def read(db: Database, settled: int) -> tuple[Newest, list[str]]:
    """Read the commits of a ring that are not in their tables yet.

    Args:
        db: the file.
        settled: number of the last commit that is in its tables.

    Returns:
        What they hold, and what is damaged of what stands twice.

    Raises:
        DamagedStore: a commit is lost.
    """
    rows = db.all("SELECT id, b FROM ring ORDER BY id")
    if [row[0] for row in rows] != list(range(1, len(rows) + 1)):
        raise DamagedStore(f"{db.path} is damaged: slots of its ring are missing; {_WAY_OUT}.")
    reading = RingReading(db.path, rows)
    if reading.is_torn:
        raise DamagedStore(f"{db.path} is damaged where its last commit may have been; {_WAY_OUT}.")
    newest = Newest(settled)
    for number in range(settled + 1, reading.last + 1):
        newest.add(reading.commit(number))
    newest.know_slots(len(rows))
    return newest, reading.flaws


class RingReading:
    """One reading of a ring's slots, given as `(id, b)`.

    Attributes:
        flaws: what is damaged of what stands twice.
        numbers: the commits that something is known of, older ones too.
        last: the highest of these, 0 for none.
        is_torn: whether a slot cannot be read, so that there may have been another commit.
    """

    def __init__(self, path: Path, rows: Iterable[Row]) -> None:
        self.flaws: list[str] = []
        self._path = path
        self._parts: dict[int, dict[int, tuple[_Head, int, bytes]]] = {}
        self.is_torn = False
        for slot_id, content in rows:
            head = self._head(slot_id, content)
            if head is None:
                self.is_torn = True
            else:
                part = content[_HEAD_BYTES:-_HEAD_BYTES]
                self._parts.setdefault(head.number, {})[head.part] = (head, slot_id, part)
        self.numbers = sorted(self._parts)
        self.last = max(self._parts, default=0)

    def _head(self, slot_id: int, content: object) -> _Head | None:
        """Return what the head of a slot says, in front or behind; None if neither can be read."""
        if type(content) is not bytes or len(content) != SLOT_BYTES:
            return None
        heads = [_readable_head(content[:_HEAD_BYTES]), _readable_head(content[-_HEAD_BYTES:])]
        if None in heads:
            self.flaws.append(f"a head of slot {slot_id} cannot be read")
        return heads[0] or heads[1]

    def commit(self, number: int) -> KeptCommit:
        """Return a commit; what lay in parts that are lost is zeros, whose checksums do not match.

        Raises:
            DamagedStore: nobody knows what was in it.
        """
        if number not in self._parts:
            raise self._loss(number)
        parts = self._parts[number]
        head = next(iter(parts.values()))[0]
        lost = bytes(_PART_BYTES)
        whole = b"".join(parts[part][2] if part in parts else lost for part in range(head.parts))
        listed_rows, listed_replies = self._directory(number, whole, head.directory_bytes)
        row_count, reply_count = len(listed_rows) // _ROW_FIELDS, len(listed_replies) // _REPLY_FIELDS
        sizes = [*listed_rows[_ROW_FIELDS - 1 :: _ROW_FIELDS], *listed_replies[_REPLY_FIELDS - 1 :: _REPLY_FIELDS]]
        keys_at = head.directory_bytes + _CRC.size * len(sizes)
        crcs = [crc for (crc,) in _CRC.iter_unpack(whole[head.directory_bytes : keys_at])]
        contents_at = keys_at + _KEY.size * reply_count + _CRC.size
        contents = list(_cut(whole, contents_at, sizes))
        rows = list(zip(listed_rows[::_ROW_FIELDS], listed_rows[1::_ROW_FIELDS], crcs, contents, strict=False))
        ids, crcs, contents = listed_replies[::_REPLY_FIELDS], crcs[row_count:], contents[row_count:]
        keys = self._keys(number, whole[keys_at:contents_at], ids, crcs, contents)
        replies = [(reply_id, *key, crc, b) for reply_id, key, crc, b in zip(ids, keys, crcs, contents, strict=True)]
        return KeptCommit(number, tuple(slot_id for _, slot_id, _ in parts.values()), rows, replies)

    def _keys(
        self, number: int, stored: bytes, ids: list[int], crcs: list[int], contents: list[bytes]
    ) -> list[ReplyKey]:
        """Return where replies are looked up; made anew from those that can be read if what is stored is damaged."""
        (crc,) = _CRC.unpack(stored[-_CRC.size :])
        keys = list(_KEY.iter_unpack(stored[: -_CRC.size]))
        if crc == crc32(stored[: -_CRC.size]):
            return keys
        self.flaws.append(f"the keys of commit {number} cannot be read")
        for place, reply in enumerate(zip(ids, crcs, contents, strict=True)):
            with suppress(DamagedRecord):
                keys[place] = stored_key(*reply)
        return keys

    def _directory(self, number: int, whole: bytes, size_bytes: int) -> tuple[list[int], list[int]]:
        """Return the directory of a commit, from the beginning or the end of it."""
        copies = [whole[:size_bytes], whole[-size_bytes:]]
        good = [copy for copy in copies if _is_directory(number, copy)]
        if not good:
            raise self._loss(number)
        if len(good) < len(copies):
            self.flaws.append(f"a directory of commit {number} cannot be read")
        rows, replies = unpack(good[0][: -_CRC.size])
        return rows, replies

    def _loss(self, number: int) -> DamagedStore:
        return DamagedStore(f"{self._path} has lost commit {number}; {_WAY_OUT}.")


def _readable_head(content: bytes) -> _Head | None:
    """Return what a head says, None if its checksum does not match."""
    if _CRC.unpack_from(content, _HEAD.size)[0] != crc32(content[: _HEAD.size]):
        return None
    return _Head(*_HEAD.unpack_from(content))


def _is_directory(number: int, content: bytes) -> bool:
    """Tell whether a directory is what was written."""
    size_bytes = len(content) - _CRC.size
    return size_bytes > 0 and _CRC.unpack_from(content, size_bytes)[0] == crc32(
        content[:size_bytes], number & _SEED_MASK
    )


def _cut(whole: bytes, place: int, sizes: Iterable[int]) -> Iterator[bytes]:
    """Iterate over pieces of these sizes that follow each other."""
    for size_bytes in sizes:
        yield whole[place : place + size_bytes]
        place += size_bytes
