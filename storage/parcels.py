"""A whole session outside of a store: gathered from one, packed into bytes, taken into another.

A packed parcel is MessagePack behind a magic word and a checksum; it lives for the moment it takes a command to hand a
session to a server that runs. What people keep are session files, which the language writes and reads.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
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
from .errors import UnusableData
from .records import pack, unpack_tuples

MAGIC = b"STUIparcel1\n"
"""What a packed parcel begins with; its number is raised with its form."""

RECORDS_PER_STEP = 512
"""Records gathered between two requests: some milliseconds."""

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
    for _ in range(ATTEMPTS_MAX):
        head, reading = _head(store, row.sid), _reading(store, row.sid, about)
        while True:
            try:
                next(reading)
            except StopIteration as end:
                parcel: Parcel = end.value
                return parcel
            yield
            if _head(store, row.sid) != head:
                break
    return _at_one_go(_reading(store, row.sid, about))


def _at_one_go(reading: Generator[None, None, Parcel]) -> Parcel:
    while True:
        try:
            next(reading)
        except StopIteration as end:
            parcel: Parcel = end.value
            return parcel


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
    changed = store.differences(sid, name, None).changed
    state = store.former(sid, name)
    former: dict[Oid, Record] = {}
    for count, oid in enumerate(state.oids(), 1):
        record = state.record(oid) if oid in changed or oid not in present else None
        if record is not None:
            former[oid] = record
        if count % _OIDS_PER_STEP == 0:
            yield
    return former


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
