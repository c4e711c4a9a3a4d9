"""A whole session outside of a store: gathered from one, packed into bytes, taken into another.

A packed parcel is MessagePack behind a magic word and a checksum; it lives for the moment it takes a command to hand a
session to a server that runs. What people keep are session files, which the language writes and reads.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
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
    Sid,
)
from .contract import SessionRow, Store
from .errors import StoreError, UnusableData
from .records import pack, pack_record, unpack_tuples

MAGIC = b"STUIparcel1\n"
"""What a packed parcel begins with; its number is raised with its form."""

RECORDS_PER_STEP = 512
"""Records gathered between two requests: some milliseconds."""

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
    for attempt in range(ATTEMPTS_MAX + 1):
        head = _head(store, row.sid)
        state = store.load(row.sid)
        records: dict[Oid, Record] = {}
        for count, oid in enumerate(state.oids(), 1):
            record = state.record(oid)
            if record is not None:
                records[oid] = record
            if count % RECORDS_PER_STEP == 0 and attempt < ATTEMPTS_MAX:
                yield
                if _head(store, row.sid) != head:
                    break
        if _head(store, row.sid) == head:
            history = [entry for _, entry in store.history(row.sid, 0, head.history).entries]
            savepoints = [_former(store, row.sid, name, records) for name in head.savepoints]
            return Parcel(about, state.next_oid, records, history, savepoints)
    raise StoreError(f"The session {row.token} changes faster than it can be read.")


class _Head(NamedTuple):
    """What tells whether a session has changed."""

    seq: int
    history: int
    savepoints: tuple[str, ...]


def _head(store: Store, sid: Sid) -> _Head:
    savepoints = tuple(savepoint.name for savepoint in store.savepoints(sid))
    return _Head(store.load(sid).seq, store.history(sid, 0, 0).total, savepoints)


def _former(store: Store, sid: Sid, name: str, present: Mapping[Oid, Record]) -> ParcelledSavepoint:
    """Read a savepoint: what was otherwise then."""
    savepoint = next(each for each in store.savepoints(sid) if each.name == name)
    state = store.former(sid, name)
    former = {}
    for oid in state.oids():
        record = state.record(oid)
        if record is not None and not _is_same(record, present.get(oid)):
            former[oid] = record
    return ParcelledSavepoint(name, savepoint.at_ms, savepoint.meta, former)


def _is_same(record: Record, other: Record | None) -> bool:
    """Whether two records are the same to the last bit; to Python `1`, `1.0` and `True` are equal."""
    return record == other and pack_record(record) == pack_record(other)


def taking_in(parcel: Parcel, session: NewSession) -> Iterator[Change]:
    """Return the changes that make a session of a parcel; to be committed together.

    The objects become what they were at each savepoint in turn, and at last what they are. What stood before the
    evaluations that its history tells of is not known, so none of them can be undone.
    """
    yield SessionCreated(*session)
    seq, others = 0, parcel.records
    for savepoint in parcel.savepoints:
        seq += 1
        yield ObjectsChanged(session.sid, seq, parcel.next_oid, list({**others, **savepoint.records}.items()))
        yield SavepointSaved(session.sid, savepoint.name, savepoint.at_ms, savepoint.meta)
        others = {oid: parcel.records[oid] for oid in savepoint.records if oid in parcel.records}
    if others:
        yield ObjectsChanged(session.sid, seq + 1, parcel.next_oid, list(others.items()))
    for number, entry in enumerate(parcel.history, 1):
        yield HistoryAppended(session.sid, number, entry)
    yield PastForgotten(session.sid)


def pack_parcel(parcel: Parcel) -> bytes:
    """Return a parcel as bytes; `RecordRefused` if a value cannot be stored."""
    content = pack(parcel)
    return MAGIC + crc32(content).to_bytes(4, "little") + content


def unpack_parcel(data: bytes) -> Parcel:
    """Return the parcel that was packed.

    Raises:
        UnusableData: the bytes are none, of another version, or damaged.
    """
    start = len(MAGIC) + 4
    content, checksum = data[start:], int.from_bytes(data[len(MAGIC) : start], "little")
    if data[: len(MAGIC)] != MAGIC or not content or crc32(content) != checksum:
        raise UnusableData("The session that was handed over is damaged, or comes from another version.")
    about, next_oid, records, history, savepoints = unpack_tuples(content)
    return Parcel(about, next_oid, records, history, [ParcelledSavepoint(*each) for each in savepoints])
