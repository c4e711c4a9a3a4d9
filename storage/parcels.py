"""A whole session outside of a store: gathered from one, packed into bytes, taken into another.

A packed parcel is MessagePack behind a magic word, with checksums; it lives for the moment it takes a command to hand a
session to a server that runs. What people keep are session files, which the language writes and reads.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, NamedTuple
from zlib import crc32

from .changes import (
    Change,
    HistoryAppended,
    ObjectsChanged,
    Oid,
    PastForgotten,
    Record,
    SavepointSaved,
    SessionCreated,
    SessionMetaChanged,
    SessionTouched,
    Sid,
)
from .contract import SessionRow, Store
from .errors import UnusableData
from .records import pack, unpack_tuples

MAGIC = b"STUIparcel2\n"
"""What a packed parcel begins with; its number is raised with its form. Pieces follow, each with its length and crc32:
what is said of the session, its records and those of its savepoints (numbered from 1), its history, the end."""

_HISTORY, _END = -1, -2
"""What a piece holds that holds no records."""

_PAYLOAD_PER_WEIGHT = 32
"""Bytes, characters or elements of a payload that take as long as a small record."""

RECORDS_PER_STEP = 512
"""Records gathered between two requests: some milliseconds."""

SMALL_PARTS_MAX = 8
"""Parts whose records are still committed at one go, some ten milliseconds: a commit of its own would cost each a sync
of the disk."""

_OIDS_PER_STEP = 8 * RECORDS_PER_STEP
"""Objects of a savepoint passed over between two requests, most of them not decoded."""

ATTEMPTS_MAX = 3
"""How often a session that changes meanwhile is gathered anew in steps; then once more at one go, while others wait."""


class ParcelledSavepoint(NamedTuple):
    """A savepoint: `records` are the objects that were others then than now, or are none now."""

    name: str
    at_ms: int
    meta: Mapping[str, Any]
    records: Mapping[Oid, Record]


class Parcel(NamedTuple):
    """A session: plain data of the caller, objects, history (oldest first), savepoints (oldest first)."""

    about: Mapping[str, Any]
    next_oid: int
    records: Mapping[Oid, Record]
    history: Sequence[Mapping[str, Any]]
    savepoints: Sequence[ParcelledSavepoint]


class NewSession(NamedTuple):
    """What a parcel's session is in the store that takes it in; see `SessionCreated`."""

    sid: Sid
    token: str
    client_id: str
    created_at_ms: int
    expires_at_ms: int
    meta: Mapping[str, Any]


def gather(store: Store, row: SessionRow, about: Mapping[str, Any]) -> Generator[None, None, Parcel]:
    """Read all of a session, as of one moment, in steps between which others may commit.

    Args:
        store: where it is.
        row: the session.
        about: what the caller says of it.

    Raises:
        StoreError: it cannot be read; `DamagedRecord` if part of it is damaged.
    """
    attempts = 0
    while True:
        attempts += 1
        head, reading = _head(store, row.sid), _reading(store, row.sid, about)
        while True:
            try:
                next(reading)
            except StopIteration as end:
                parcel: Parcel = end.value
                return parcel
            if attempts > ATTEMPTS_MAX:
                continue  # at one go
            yield
            if _head(store, row.sid) != head:
                break


def _reading(store: Store, sid: Sid, about: Mapping[str, Any]) -> Generator[None, None, Parcel]:
    """Read a session that does not change meanwhile, in steps."""
    state = store.load(sid)
    records: dict[Oid, Record] = {}
    for count, oid in enumerate(state.oids(), 1):
        record = state.record(oid)
        if record is not None:
            records[oid] = record
        if count % RECORDS_PER_STEP == 0:
            yield
    history: list[Mapping[str, Any]] = []
    while len(history) < (page := store.history(sid, len(history), RECORDS_PER_STEP)).total:
        history += [entry for _, entry in page.entries]
        yield
    savepoints = []
    for savepoint in store.savepoints(sid):
        former = yield from _former(store, sid, savepoint.name, records.keys())
        savepoints.append(ParcelledSavepoint(savepoint.name, savepoint.at_ms, savepoint.meta, former))
    return Parcel(about, state.next_oid, records, history, savepoints)


class _Head(NamedTuple):
    """What tells whether a session has changed."""

    seq: int
    history: int
    savepoints: tuple[str, ...]


def _head(store: Store, sid: Sid) -> _Head:
    savepoints = tuple(savepoint.name for savepoint in store.savepoints(sid))
    return _Head(store.load(sid).seq, store.history(sid, 0, 0).total, savepoints)


def _former(store: Store, sid: Sid, name: str, present: AbstractSet[Oid]) -> Generator[None, None, dict[Oid, Record]]:
    """Read what was otherwise at a savepoint, or is none now; others are not decoded."""
    yield
    found = yield from store.differences(sid, name, None)
    changed, state = found.changed, found.before
    former: dict[Oid, Record] = {}
    for count, oid in enumerate(state.oids(), 1):
        record = state.record(oid) if oid in changed or oid not in present else None
        if record is not None:
            former[oid] = record
        if count % _OIDS_PER_STEP == 0:
            yield
    return former


def taking_in(parcel: Parcel, session: NewSession, draft: Mapping[str, Any]) -> Iterator[list[Change]]:
    """Return the changes that make a session of a parcel, in batches, each to be committed before the next.

    A small one is one batch. Another one begins as a draft: past its retention, so that nobody can use it, and with
    another meta, by which what was cut short is found and purged; the last batch makes it what it is to be. Batches of
    some milliseconds leave room for others between them.

    The objects become what they were at each savepoint in turn, and at last what they are. What stood before the
    evaluations that its history tells of is not known, so none of them can be undone.

    Args:
        parcel: the session.
        session: what it is to be.
        draft: its meta until it is complete.
    """
    if _is_small(parcel):
        changes = [change for batch in _batches(parcel, session.sid) for change in batch]
        yield [SessionCreated(*session), *changes, PastForgotten(session.sid)]
        return
    yield [SessionCreated(*session._replace(expires_at_ms=0, meta=draft))]
    yield from _batches(parcel, session.sid)
    yield [
        PastForgotten(session.sid),
        SessionMetaChanged(session.sid, session.meta),
        SessionTouched(session.sid, session.created_at_ms, session.expires_at_ms),
    ]


def _is_small(parcel: Parcel) -> bool:
    """Tell whether a parcel takes one batch."""
    tables = [parcel.records, *(savepoint.records for savepoint in parcel.savepoints)]
    parts = (part for records in tables for part in _parts(records))
    count = sum(1 for _ in islice(parts, SMALL_PARTS_MAX + 1))
    return count + len(parcel.history) // RECORDS_PER_STEP <= SMALL_PARTS_MAX


def _batches(parcel: Parcel, sid: Sid) -> Iterator[list[Change]]:
    """Return what follows the creation of a session."""
    seq, others = 0, parcel.records
    for savepoint in parcel.savepoints:
        for part in _parts({**others, **savepoint.records}):
            seq += 1
            yield [ObjectsChanged(sid, seq, parcel.next_oid, part)]
        yield [SavepointSaved(sid, savepoint.name, savepoint.at_ms, savepoint.meta)]
        others = {oid: parcel.records[oid] for oid in savepoint.records if oid in parcel.records}
    for part in _parts(others):
        seq += 1
        yield [ObjectsChanged(sid, seq, parcel.next_oid, part)]
    for start in range(0, len(parcel.history), RECORDS_PER_STEP):
        entries = parcel.history[start : start + RECORDS_PER_STEP]
        yield [HistoryAppended(sid, number, entry) for number, entry in enumerate(entries, start + 1)]


def _parts(records: Mapping[Oid, Record]) -> Iterator[list[tuple[Oid, Record]]]:
    """Return records in parts that take about as long as `RECORDS_PER_STEP` small ones."""
    part: list[tuple[Oid, Record]] = []
    weight = 0
    for oid, record in records.items():
        payload = record[2]
        part.append((oid, record))
        weight += 1 + (len(payload) // _PAYLOAD_PER_WEIGHT if isinstance(payload, str | bytes | tuple) else 0)
        if weight >= RECORDS_PER_STEP:
            yield part
            part, weight = [], 0
    if part:
        yield part


def pack_parcel(parcel: Parcel) -> Iterator[bytes]:
    """Return a parcel as bytes, in pieces; `RecordRefused` if a value cannot be stored."""
    saved = [(each.name, each.at_ms, each.meta) for each in parcel.savepoints]
    yield MAGIC
    yield _frame((parcel.about, parcel.next_oid, saved))
    for place, records in enumerate([parcel.records, *(each.records for each in parcel.savepoints)]):
        for part in _parts(records):
            yield _frame((place, part))
    for start in range(0, len(parcel.history), RECORDS_PER_STEP):
        yield _frame((_HISTORY, parcel.history[start : start + RECORDS_PER_STEP]))
    yield _frame((_END, ()))


def _frame(content: Any) -> bytes:
    """Return one piece with its length and its checksum."""
    packed = pack(content)
    return len(packed).to_bytes(4, "little") + crc32(packed).to_bytes(4, "little") + packed


def unpack_parcel(data: bytes) -> Generator[None, None, Parcel]:
    """Return the parcel that was packed, in steps.

    Raises:
        UnusableData: the bytes are none, of another version, or damaged.
    """
    frames = _frames(data)
    about, next_oid, saved = next(frames)
    tables: list[dict[Oid, Record]] = [{} for _ in range(1 + len(saved))]
    history: list[Mapping[str, Any]] = []
    for place, content in frames:
        if place == _HISTORY:
            history += content
        elif place != _END:
            tables[place].update(content)
        yield
    former = zip(saved, tables[1:], strict=True)
    savepoints = [ParcelledSavepoint(name, at_ms, meta, records) for (name, at_ms, meta), records in former]
    return Parcel(about, next_oid, tables[0], history, savepoints)


def _frames(data: bytes) -> Iterator[Any]:
    """Return the contents of a parcel's pieces; `UnusableData` if one is damaged or the last is not there."""
    place, content = len(MAGIC), None
    is_whole = data.startswith(MAGIC)
    while is_whole and (content is None or content[0] != _END):
        length, checksum = (int.from_bytes(data[at : at + 4], "little") for at in (place, place + 4))
        packed = data[place + 8 : place + 8 + length]
        is_whole = bool(packed) and crc32(packed) == checksum
        if is_whole:
            content = unpack_tuples(packed)
            place += 8 + length
            yield content
    if not is_whole or place != len(data):
        raise UnusableData("The session that was handed over is damaged, or comes from another version.")
