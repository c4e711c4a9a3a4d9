"""The sessions of a store in memory, and the draft of a commit to it: the plain model of the contract's changes."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .changes import (
    Change,
    HistoryAppended,
    ObjectsChanged,
    Oid,
    PastForgotten,
    Record,
    ReplyStored,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionClosed,
    SessionCreated,
    SessionForked,
    SessionMetaChanged,
    SessionPurged,
    SessionTouched,
    Sid,
    StateUndone,
)
from .contract import (
    UNDO_POINTS_MIN,
    Savepoint,
    SessionRow,
)
from .errors import ChangeRefused
from .heads import Head
from .records import encoded_records, pack, plain_copy, unpack_record
from .sessions import SID_MAX, new_row


@dataclass(slots=True)
class MemorySession:
    """Everything of one session; records and entries are encoded, so that nothing is shared with the caller.

    Tables of records are only replaced: `before` is the one before the step that the next history entry names, `points`
    has those before the last evaluations.
    """

    row: SessionRow
    head: Head = field(default_factory=Head)
    records: dict[Oid, bytes] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    savepoints: dict[str, tuple[Savepoint, dict[Oid, bytes]]] = field(default_factory=dict)
    written: int = 0
    before: dict[Oid, bytes] | None = None
    points: dict[int, dict[Oid, bytes]] = field(default_factory=dict)

    def copy(self) -> "MemorySession":
        """Return a copy to work on."""
        return replace(
            self,
            head=replace(self.head),
            entries=list(self.entries),
            savepoints=dict(self.savepoints),
            before=None,
            points=dict(self.points),
        )

    def size_bytes(self) -> int:
        """Return how many bytes its encoded records and entries take, those of savepoints and undo points too."""
        tables = [self.records, *(records for _, records in self.savepoints.values()), *self.points.values()]
        contents = {id(content): len(content) for table in tables for content in table.values()}
        return sum(contents.values()) + sum(map(len, self.entries))


def row_copy(row: SessionRow) -> SessionRow:
    """Return a row of which nothing is shared."""
    return row._replace(meta=plain_copy(row.meta))


class MemoryState:
    """A loaded session; see `LoadedState`. `records` are the encoded ones by their ids."""

    def __init__(self, session: MemorySession) -> None:
        self.row = row_copy(session.row)
        self.next_oid = session.head.next_oid
        self.seq = session.head.seq
        self.entries = session.head.entry_seq
        self.records = session.records

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none."""
        content = self.records.get(oid)
        return None if content is None else unpack_record(content)

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all stored objects, ascending."""
        return iter(sorted(self.records))

    def encoded(self) -> Iterator[Mapping[Oid, bytes]]:
        """Iterate over all encoded records; see `LoadedState.encoded`."""
        yield self.records

    def size_bytes(self) -> int:
        """Return how much the stored objects take."""
        return sum(map(len, self.records.values()))


class MemoryDraft:
    """The sessions and replies of one commit, applied to copies first."""

    def __init__(self, sessions: dict[Sid, MemorySession]) -> None:
        self._sessions = sessions
        self.touched: dict[Sid, MemorySession] = {}
        self.purged: set[Sid] = set()
        self.replies: list[ReplyStored] = []
        self._handlers: dict[type, Callable[[Any], None]] = {
            SessionCreated: self._create_session,
            SessionForked: self._fork_session,
            ObjectsChanged: self._change_objects,
            SessionTouched: self._touch_session,
            SessionMetaChanged: self._change_meta,
            SessionClosed: self._close_session,
            SessionPurged: self._purge_session,
            HistoryAppended: self._append_history,
            ReplyStored: self._store_reply,
            SavepointSaved: self._save_savepoint,
            SavepointDropped: self._drop_savepoint,
            SavepointLoaded: self._load_savepoint,
            StateUndone: self._undo,
            PastForgotten: self._forget_past,
        }

    def apply(self, change: Change) -> None:
        """Apply one change; `ChangeRefused` if it breaks the contract."""
        handle = self._handlers.get(type(change))
        if handle is None:
            raise ChangeRefused(f"{type(change).__name__} is not a change the store knows.")
        handle(change)

    def _session(self, sid: Sid) -> MemorySession:
        if sid not in self.touched:
            if sid not in self._sessions or sid in self.purged:
                raise ChangeRefused(f"There is no session number {sid}.")
            self.touched[sid] = self._sessions[sid].copy()
        return self.touched[sid]

    def _create_session(self, change: SessionCreated | SessionForked) -> None:
        known = {**self._sessions, **self.touched}
        if not 0 < change.sid <= SID_MAX or change.sid in known:
            raise ChangeRefused(f"Session number {change.sid} is taken or out of range; take one from next_sid.")
        if any(session.row.token == change.token for session in known.values()):
            raise ChangeRefused("A session with this token exists; make a new token.")
        self.touched[change.sid] = MemorySession(new_row(change))

    def _fork_session(self, change: SessionForked) -> None:
        source = self._session(change.from_sid)
        records = source.records if change.savepoint is None else self._existing(source, change.savepoint)
        self._create_session(change)
        forked = self.touched[change.sid]
        forked.records = records
        forked.head = Head(0, source.head.seq, source.head.next_oid, 0)

    def _purge_session(self, change: SessionPurged) -> None:
        self._session(change.sid)
        del self.touched[change.sid]
        self.purged.add(change.sid)

    def _change_objects(self, change: ObjectsChanged) -> None:
        session = self._session(change.sid)
        records = encoded_records(change.records)
        session.head.change_objects(change, records.bounds())
        session.before = session.records
        changed = dict(zip(records.oids(), records.contents(), strict=True))
        session.records = {**session.records, **changed}
        session.written += len(records)

    def _touch_session(self, change: SessionTouched) -> None:
        session = self._session(change.sid)
        session.row = session.row._replace(last_modified_ms=change.last_modified_ms, expires_at_ms=change.expires_at_ms)

    def _change_meta(self, change: SessionMetaChanged) -> None:
        session = self._session(change.sid)
        session.row = session.row._replace(meta=plain_copy(change.meta))

    def _close_session(self, change: SessionClosed) -> None:
        session = self._session(change.sid)
        session.row = session.row._replace(is_closed=True)

    def _append_history(self, change: HistoryAppended) -> None:
        session = self._session(change.sid)
        session.head.append_history(change)
        session.entries.append(pack(change.entry))
        session.points[change.entry_seq] = session.records if session.before is None else session.before
        session.before = None
        session.points.pop(change.entry_seq - UNDO_POINTS_MIN, None)

    def _store_reply(self, change: ReplyStored) -> None:
        self.replies.append(change)

    def _save_savepoint(self, change: SavepointSaved) -> None:
        session = self._session(change.sid)
        session.savepoints.pop(change.name, None)  # saved again, it is the newest
        size_bytes = sum(map(len, session.records.values()))
        savepoint = Savepoint(change.name, change.at_ms, session.head.seq, size_bytes, plain_copy(change.meta))
        session.savepoints[change.name] = (savepoint, session.records)

    def _drop_savepoint(self, change: SavepointDropped) -> None:
        session = self._session(change.sid)
        self._existing(session, change.name)
        del session.savepoints[change.name]

    def _load_savepoint(self, change: SavepointLoaded) -> None:
        session = self._session(change.sid)
        self._go_back(session, change, self._existing(session, change.name))

    def _undo(self, change: StateUndone) -> None:
        session = self._session(change.sid)
        if change.entry_seq not in session.points:
            raise ChangeRefused(f"Evaluation {change.entry_seq} of session number {change.sid} cannot be undone.")
        self._go_back(session, change, session.points[change.entry_seq])

    def _forget_past(self, change: PastForgotten) -> None:
        session = self._session(change.sid)
        session.points, session.before = {}, None

    def _go_back(
        self, session: MemorySession, change: SavepointLoaded | StateUndone, records: dict[Oid, bytes]
    ) -> None:
        session.head.go_back(change)
        session.before = session.records
        session.records = records

    @staticmethod
    def _existing(session: MemorySession, name: str) -> dict[Oid, bytes]:
        if name not in session.savepoints:
            raise ChangeRefused(f"Session number {session.row.sid} has no savepoint named {name!r}.")
        return session.savepoints[name][1]
