"""A store in memory, for tests and for sessions that are only lent to a process: the contract without the disk.

It is also the plain model of what the durable store must answer. A commit works on copies of the sessions it touches,
so it costs time in proportion to their number of objects.
"""

from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from .changes import (
    Change,
    Oid,
    ReplyStored,
    Sid,
)
from .contract import (
    REPLIES_PER_SCOPE_MIN,
    Counts,
    Differences,
    HistoryPage,
    LoadedState,
    Report,
    Savepoint,
    SessionRow,
    StoredReply,
)
from .errors import ChangeRefused, CommitFailed, StoreRefuses, UnknownSession, UnusableData
from .memory_sessions import MemoryDraft, MemorySession, MemoryState, row_copy
from .records import plain_copy, references, unpack
from .schema import GARBAGE_DUE_RECORDS


class MemoryStore:
    """A store in memory; see `Store` for the contract."""

    def __init__(self) -> None:
        self._sessions: dict[Sid, MemorySession] = {}
        self._replies: dict[str, OrderedDict[str, StoredReply]] = {}
        self._code: dict[bytes, bytes] = {}
        self._last_sid = 0
        self._is_closed = False

    def commit(self, changes: Sequence[Change]) -> None:
        """Make all changes visible together; see `Store.commit`."""
        self._check_open()
        draft = MemoryDraft(self._sessions)
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

    def prepare(self, changes: Sequence[Change]) -> Generator[None, None, Sequence[Change]]:
        """Return the changes as they are: there is nothing to prepare."""
        self._check_open()
        yield
        return changes

    def next_sid(self, _client_id: str | None = None) -> Sid:
        """Return the number for a new session; see `Store.next_sid`."""
        self._last_sid += 1
        return Sid(self._last_sid)

    def session(self, sid: Sid) -> SessionRow | None:
        """Return a session's row, None if there is no such session."""
        self._check_open()
        session = self._sessions.get(sid)
        return row_copy(session.row) if session else None

    def session_by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this public token."""
        return next((row for row in self.sessions() if row.token == token), None)

    def sessions_of_client(self, client_id: str) -> list[SessionRow]:
        """Return all rows of a client, oldest first."""
        return [row for row in self.sessions() if row.client_id == client_id]

    def sessions(self) -> Iterator[SessionRow]:
        """Iterate over all rows by ascending `sid`."""
        self._check_open()
        return iter([row_copy(self._sessions[sid].row) for sid in sorted(self._sessions)])

    def clients(self) -> set[str]:
        """Return the clients of all sessions."""
        return {row.client_id for row in self.sessions()}

    def counts(self) -> Counts:
        """Count sessions and clients."""
        open_rows = [row for row in self.sessions() if not row.is_closed]
        return Counts(len(self._sessions), len(open_rows), len({row.client_id for row in open_rows}))

    def expired(self, now_ms: int, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return a page of the sessions past their retention; see `Store.expired`."""
        due = sorted((row.expires_at_ms, row.sid, row) for row in self.sessions() if row.expires_at_ms <= now_ms)
        return [row for *key, row in due if after is None or key > [after.expires_at_ms, after.sid]][:limit]

    def _existing(self, sid: Sid) -> MemorySession:
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

    def undo_points(self, sid: Sid, first: int = 1) -> list[int]:
        """Return the entries before which the session can be put back; see `Store.undo_points`."""
        return sorted(point for point in self._existing(sid).points if point >= first)

    def differences(
        self, sid: Sid, before: str | int | None, after: str | int | None
    ) -> Generator[None, None, Differences]:
        """Compare two states of a session; see `Store.differences`."""
        states = self.former(sid, before), self.former(sid, after)
        old, new = (state.records for state in states)
        yield
        changed = frozenset(oid for oid in old.keys() & new.keys() if old[oid] != new[oid])
        return Differences(len(new.keys() - old.keys()), len(old.keys() - new.keys()), changed, *states)

    def former(self, sid: Sid, place: str | int | None) -> MemoryState:
        """Open a state of a session; see `Store.former`."""
        session = self._existing(sid)
        if place is None:
            return MemoryState(session)
        if place in session.savepoints:
            return MemoryState(replace(session, records=session.savepoints[str(place)][1]))
        if place in session.points:
            return MemoryState(replace(session, records=session.points[int(place)]))
        raise ChangeRefused(f"Session number {sid} knows no state at {place!r}.")

    def fold(self, sid: Sid) -> None:
        """Check that the session is there; nothing has to be folded."""
        self._existing(sid)

    def fold_due(self, steps_max: int) -> int:  # noqa: ARG002 -- the contract's signature
        """Return 0: nothing has to be folded."""
        self._check_open()
        return 0

    def lengthen_log(self) -> bool:
        """Return False: there is no log."""
        self._check_open()
        return False

    def shorten(self, sid: Sid) -> bool:  # noqa: ARG002 -- the contract's signature
        """Return True: there is no journal."""
        self._check_open()
        return True

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

    def size_of(self, sid: Sid) -> int:
        """Return how many bytes a session takes; see `Store.size_of`."""
        return self._existing(sid).size_bytes()

    def used_bytes(self) -> int:
        """Return how many bytes all sessions take."""
        self._check_open()
        return sum(session.size_bytes() for session in self._sessions.values())

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
