"""Savepoints: a session's root kept under a name, which pins its segments."""

from typing import Any, NamedTuple
from zlib import crc32

from .changes import SavepointDropped, SavepointLoaded, SavepointSaved
from .checksums import Table, checked, row_crc
from .contract import Savepoint
from .database import Database, Row
from .errors import ChangeRefused
from .past import NOWHERE, Keeper, last_number, note_jump
from .records import pack, unpack
from .segment_list import SegmentList
from .segments import Root, Segments, write_root
from .sessions import text_key


class Pin(NamedTuple):
    """What a savepoint's row says; `segments` and `record_count` are those of the root it keeps.

    `past` is the number of the last step of the session's past then; savepoints of format 2 do not know it. `next_oid`
    is the smallest object id not given then; those before format 7 do not know it.
    """

    at_ms: int
    seq: int
    size_bytes: int
    record_count: int
    segments: SegmentList
    meta: dict[str, Any]
    past: int = NOWHERE
    next_oid: int = 0


def _pin(sid: int, name: object, crc: object, content: object) -> Pin:
    """Check and decode a savepoint's row."""
    subkey = crc32(name) if type(name) is bytes else 0
    pin = Pin(*unpack(checked(Table.SAVEPOINT, sid, subkey, crc, content, sid)))
    stored: Any = pin.segments
    return pin._replace(segments=SegmentList.unpacked(stored, pin.next_oid, (sid, "savepoint")))


def _rows(db: Database, sid: int) -> list[Row]:
    return db.all("SELECT name, crc, b FROM savepoint WHERE sid = ? ORDER BY id", (sid,))


def read_pins(db: Database, sid: int) -> list[Pin]:
    """Return the pins of a session, in the order of saving; `DamagedRecord` if one is damaged."""
    return [_pin(sid, *row) for row in _rows(db, sid)]


def numbered_pins(db: Database, sid: int) -> list[tuple[int, Pin]]:
    """Return the pins of a session with the ids of their rows, in the order of saving."""
    rows = db.all("SELECT id, name, crc, b FROM savepoint WHERE sid = ? ORDER BY id", (sid,))
    return [(row_id, _pin(sid, *row)) for row_id, *row in rows]


def read_savepoints(db: Database, sid: int) -> list[Savepoint]:
    """Return the savepoints of a session, in the order of saving; `DamagedRecord` if one is damaged."""
    pins = [(row[0], _pin(sid, *row)) for row in _rows(db, sid)]
    return [
        Savepoint(name.decode("utf-8", "surrogatepass"), pin.at_ms, pin.seq, pin.size_bytes, pin.meta)
        for name, pin in pins
    ]


def pinned_segments(db: Database, sid: int) -> set[int]:
    """Return the ids of all segments a session's savepoints keep."""
    return set().union(*(pin.segments for pin in read_pins(db, sid)))


def save(db: Database, segments: Segments, root: Root, change: SavepointSaved) -> None:
    """Keep the state of a just folded root under a name, in place of what the name kept before."""
    if find_pin(db, change.sid, change.name):
        drop(db, segments, root, SavepointDropped(change.sid, change.name))
    size_bytes, past = segments.size_bytes(root.segments), last_number(db, change.sid)
    listed = root.segments.packed()
    content = pack((change.at_ms, root.seq, size_bytes, root.record_count, listed, change.meta, past, root.next_oid))
    name = text_key(change.name)
    crc = row_crc(Table.SAVEPOINT, change.sid, crc32(name), content)
    db.run("INSERT INTO savepoint(sid, name, crc, b) VALUES(?, ?, ?, ?)", (change.sid, name, crc, content))


def drop(db: Database, segments: Segments, root: Root, change: SavepointDropped) -> None:
    """Forget a savepoint and the segments only it kept; `ChangeRefused` if there is none of this name."""
    pin = existing_pin(db, change.sid, change.name)
    db.run("DELETE FROM savepoint WHERE sid = ? AND name = ?", (change.sid, text_key(change.name)))
    segments.drop_unlisted(pin.segments, {*root.segments, *pinned_segments(db, change.sid)})


def load(db: Database, segments: Segments, root: Root, change: SavepointLoaded) -> None:
    """Make a savepoint's objects the base state of a just folded session; `ChangeRefused` if there is none."""
    pin = existing_pin(db, change.sid, change.name)
    restored = root._replace(seq=change.seq, record_count=pin.record_count, segments=pin.segments)
    write_root(db, change.sid, restored)
    note_jump(db, segments, change.sid, root, restored, pin.past, keeper(db, change.sid, change.before))
    segments.drop_unlisted(root.segments, {*restored.segments, *pinned_segments(db, change.sid)})


def keeper(db: Database, sid: int, name: str | None) -> Keeper | None:
    """Return the savepoint that keeps a state, as a step names it; `ChangeRefused` if there is none of this name."""
    return None if name is None else Keeper(name, existing_pin(db, sid, name).seq)


def find_pin(db: Database, sid: int, name: str) -> Pin | None:
    """Return what a savepoint keeps, None if there is none of this name."""
    key = text_key(name)
    stored = db.one("SELECT crc, b FROM savepoint WHERE sid = ? AND name = ?", (sid, key))
    return _pin(sid, key, *stored) if stored else None


def existing_pin(db: Database, sid: int, name: str) -> Pin:
    """Return what a savepoint keeps; `ChangeRefused` if there is none of this name."""
    pin = find_pin(db, sid, name)
    if pin is None:
        raise ChangeRefused(f"Session number {sid} has no savepoint named {name!r}.")
    return pin
