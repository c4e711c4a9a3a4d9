"""A store in memory, for tests and throw-away servers: the contract without the disk.

It is also the plain model of what the durable store must answer. A commit works on copies of the sessions it touches,
so it costs time in proportion to their number of objects.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .contract import (
    REPLIES_PER_SCOPE_MIN,
    Change,
    Counts,
    HistoryAppended,
    HistoryPage,
    LoadedState,
    ObjectsChanged,
    Oid,
    Record,
    ReplyStored,
    Report,
    Savepoint,
    SavepointDropped,
    SavepointLoaded,
    SavepointSaved,
    SessionClosed,
    SessionCreated,
    SessionForked,
    SessionMetaChanged,
    SessionPurged,
    SessionRow,
    SessionTouched,
    Sid,
    StoredReply,
)
from .errors import ChangeRefused, CommitFailed, StoreRefuses, UnknownSession, UnusableData
from .heads import Head
from .records import pack, pack_record, plain_copy, references, unpack, unpack_record
from .schema import GARBAGE_DUE_RECORDS
from .sessions import SID_MAX, new_row


@dataclass(slots=True)
class _Session:
    """Everything of one session; records and entries are encoded, so that nothing is shared with the caller."""

    row: SessionRow
    head: Head = field(default_factory=Head)
    records: dict[Oid, bytes] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    savepoints: dict[str, tuple[Savepoint, dict[Oid, bytes]]] = field(default_factory=dict)
    written: int = 0

    def copy(self) -> "_Session":
        """Return a copy to work on."""
        return replace(
            self,
            head=replace(self.head),
            records=dict(self.records),
            entries=list(self.entries),
            savepoints=dict(self.savepoints),
        )


def _row_copy(row: SessionRow) -> SessionRow:
    return row._replace(meta=plain_copy(row.meta))


class MemoryState:
    """A loaded session; see `LoadedState`."""

    def __init__(self, session: _Session) -> None:
        self.row = _row_copy(session.row)
        self.next_oid = session.head.next_oid
        self.seq = session.head.seq
        self._records = session.records

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none."""
        content = self._records.get(oid)
        return None if content is None else unpack_record(content)

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all stored objects, ascending."""
        return iter(sorted(self._records))

    def size_bytes(self) -> int:
        """Return how much the stored objects take."""
        return sum(map(len, self._records.values()))


class _Draft:
    """The sessions and replies of one commit, applied to copies first."""

    def __init__(self, sessions: dict[Sid, _Session]) -> None:
        self._sessions = sessions
        self.touched: dict[Sid, _Session] = {}
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
        }

    def apply(self, change: Change) -> None:
        """Apply one change; `ChangeRefused` if it breaks the contract."""
        handle = self._handlers.get(type(change))
        if handle is None:
            raise ChangeRefused(f"{type(change).__name__} is not a change the store knows.")
        handle(change)

    def _session(self, sid: Sid) -> _Session:
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
        self.touched[change.sid] = _Session(new_row(change))

    def _fork_session(self, change: SessionForked) -> None:
        source = self._session(change.from_sid)
        records = source.records if change.savepoint is None else self._existing(source, change.savepoint)
        self._create_session(change)
        forked = self.touched[change.sid]
        forked.records = dict(records)
        forked.head = Head(0, source.head.seq, source.head.next_oid, 0)

    def _purge_session(self, change: SessionPurged) -> None:
        self._session(change.sid)
        del self.touched[change.sid]
        self.purged.add(change.sid)

    def _change_objects(self, change: ObjectsChanged) -> None:
        session = self._session(change.sid)
        session.head.change_objects(change)
        session.records.update((oid, pack_record(record)) for oid, record in change.records)
        session.written += len(change.records)

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

    def _store_reply(self, change: ReplyStored) -> None:
        self.replies.append(change)

    def _save_savepoint(self, change: SavepointSaved) -> None:
        session = self._session(change.sid)
        session.savepoints.pop(change.name, None)  # saved again, it is the newest
        size_bytes = sum(map(len, session.records.values()))
        savepoint = Savepoint(change.name, change.at_ms, session.head.seq, size_bytes, plain_copy(change.meta))
        session.savepoints[change.name] = (savepoint, dict(session.records))

    def _drop_savepoint(self, change: SavepointDropped) -> None:
        session = self._session(change.sid)
        self._existing(session, change.name)
        del session.savepoints[change.name]

    def _load_savepoint(self, change: SavepointLoaded) -> None:
        session = self._session(change.sid)
        session.head.load_savepoint(change)
        session.records = dict(self._existing(session, change.name))

    @staticmethod
    def _existing(session: _Session, name: str) -> dict[Oid, bytes]:
        if name not in session.savepoints:
            raise ChangeRefused(f"Session number {session.row.sid} has no savepoint named {name!r}.")
        return session.savepoints[name][1]


class MemoryStore:
    """A store in memory; see `Store` for the contract."""

    def __init__(self) -> None:
        self._sessions: dict[Sid, _Session] = {}
        self._replies: dict[str, OrderedDict[str, StoredReply]] = {}
        self._code: dict[bytes, bytes] = {}
        self._last_sid = 0
        self._is_closed = False

    def commit(self, changes: Sequence[Change]) -> None:
        """Make all changes visible together; see `Store.commit`."""
        self._check_open()
        draft = _Draft(self._sessions)
        try:
            for change in changes:
                draft.apply(change)
        except CommitFailed:
            raise
        except Exception as error:
            raise CommitFailed(f"Nothing was stored: {error}") from error
        self._sessions.update(draft.touched)
        self._last_sid = max(self._last_sid, *self._sessions, 0)
        for sid in draft.purged:
            self._sessions.pop(sid, None)
        for reply in draft.replies:
            self._remember(reply)

    def _remember(self, change: ReplyStored) -> None:
        replies = self._replies.setdefault(change.scope, OrderedDict())
        replies[change.op_id] = StoredReply(change.digest, change.outcome, change.at_ms)
        replies.move_to_end(change.op_id)
        if len(replies) > REPLIES_PER_SCOPE_MIN:
            replies.popitem(last=False)

    def next_sid(self) -> Sid:
        """Return the number for a new session; see `Store.next_sid`."""
        self._last_sid += 1
        return Sid(self._last_sid)

    def session(self, sid: Sid) -> SessionRow | None:
        """Return a session's row, None if there is no such session."""
        self._check_open()
        session = self._sessions.get(sid)
        return _row_copy(session.row) if session else None

    def session_by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this public token."""
        return next((row for row in self.sessions() if row.token == token), None)

    def sessions_of_client(self, client_id: str) -> list[SessionRow]:
        """Return all rows of a client, oldest first."""
        return [row for row in self.sessions() if row.client_id == client_id]

    def sessions(self) -> Iterator[SessionRow]:
        """Iterate over all rows by ascending `sid`."""
        self._check_open()
        return iter([_row_copy(self._sessions[sid].row) for sid in sorted(self._sessions)])

    def counts(self) -> Counts:
        """Count sessions and clients."""
        open_rows = [row for row in self.sessions() if not row.is_closed]
        return Counts(len(self._sessions), len(open_rows), len({row.client_id for row in open_rows}))

    def expired(self, now_ms: int, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return a page of the sessions past their retention; see `Store.expired`."""
        due = sorted((row.expires_at_ms, row.sid, row) for row in self.sessions() if row.expires_at_ms <= now_ms)
        return [row for *key, row in due if after is None or key > [after.expires_at_ms, after.sid]][:limit]

    def _existing(self, sid: Sid) -> _Session:
        self._check_open()
        if sid not in self._sessions:
            raise UnknownSession(sid)
        return self._sessions[sid]

    def load(self, sid: Sid) -> LoadedState:
        """Open a session's objects; see `Store.load`."""
        return MemoryState(self._existing(sid))

    def history(self, sid: Sid, offset: int, count: int) -> HistoryPage:
        """Return part of a session's history; see `Store.history`."""
        entries = self._existing(sid).entries
        start = max(0, offset if offset >= 0 else len(entries) + offset)
        page = entries[start : start + max(0, count)]
        return HistoryPage(len(entries), [(start + place + 1, unpack(entry)) for place, entry in enumerate(page)])

    def reply(self, scope: str, op_id: str) -> StoredReply | None:
        """Return the remembered reply of an operation; see `Store.reply`."""
        self._check_open()
        return self._replies.get(scope, OrderedDict()).get(op_id)

    def savepoints(self, sid: Sid) -> list[Savepoint]:
        """Return a session's savepoints by ascending time of saving."""
        pins = self._existing(sid).savepoints.values()
        return [savepoint._replace(meta=plain_copy(savepoint.meta)) for savepoint, _ in pins]

    def fold(self, sid: Sid) -> None:
        """Check that the session is there; nothing has to be folded."""
        self._existing(sid)

    def fold_due(self, sessions_max: int) -> int:  # noqa: ARG002 -- the contract's signature
        """Return 0: nothing has to be folded."""
        self._check_open()
        return 0

    def garbage_due(self, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return sessions whose garbage should be collected; see `Store.garbage_due`."""
        due = [row for row in self.sessions() if self._sessions[row.sid].written >= GARBAGE_DUE_RECORDS]
        return [row for row in due if after is None or row.sid > after.sid][:limit]

    def collect(self, sid: Sid, roots: Iterable[Oid]) -> Iterator[None]:
        """Drop a session's garbage; see `Store.collect`."""
        session = self._existing(sid)
        waiting = list(roots)
        living: dict[Oid, bytes] = {}
        while waiting:
            oid = waiting.pop()
            if oid in session.records and oid not in living:
                living[oid] = session.records[oid]
                waiting += references(living[oid])
        self._sessions[sid] = replace(session, records=living, written=0)
        yield

    def vacuum(self, pages_max: int) -> int:  # noqa: ARG002 -- the contract's signature
        """Return 0: there are no pages."""
        self._check_open()
        return 0

    def code(self, key: bytes) -> bytes | None:
        """Return cached compiled code, None if it is not there."""
        self._check_open()
        return self._code.get(key)

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Cache compiled code under its hashes."""
        self._check_open()
        self._code.update(entries)

    def verify(self) -> Report:
        """Count; memory is not checked."""
        self._check_open()
        return Report(len(self._sessions), sum(len(session.records) for session in self._sessions.values()), [])

    def back_up(self, target: Path) -> Iterator[int]:
        """Refuse: there are no files."""
        raise UnusableData(f"A store in memory cannot be backed up to {target}.")

    def close(self) -> None:
        """Close the store; its content is gone."""
        self._is_closed = True

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreRefuses("The store is closed; open it again.")
