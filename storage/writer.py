"""The changes of one commit on their way into rows, inside one transaction.

What a step of a session stores (records, history) is gathered in one journal row; replies are gathered too. What
concerns a session's row or its savepoints is written at once, in the order of the changes.
"""

from collections.abc import Callable, Sequence
from typing import Any

from . import forks, purging, savepoints, undoing
from .changes import (
    Change,
    HistoryAppended,
    ObjectsChanged,
    PastForgotten,
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
from .contract import SessionRow
from .database import Database
from .draft import JournalDraft
from .errors import ChangeRefused, UnknownSession
from .fold import fold_session
from .heads import Head
from .journal import JUMP, read_head
from .newest import KeptReply, KeptRow
from .past import cut
from .records import encoded_records, pack
from .replies import Replies
from .segments import EMPTY_ROOT, Root, Segments, read_root, write_root
from .sessions import SID_MAX, Sessions, new_row

HEADS_MAX = 16_384
"""Sessions whose counters are kept in memory (about 3 MB); reading them again takes two look-ups."""


class Writer:
    """Turns changes into rows. After a failed transaction it is thrown away, and what it knew is read anew."""

    def __init__(self, db: Database, sessions: Sessions, segments: Segments) -> None:
        self._db = db
        self._sessions = sessions
        self._segments = segments
        self._heads: dict[Sid, Head] = {}
        self._drafts: dict[Sid, JournalDraft] = {}
        self._new_replies: list[ReplyStored] = []
        self.replies = Replies(db)
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

    def write(self, changes: Sequence[Change]) -> tuple[list[KeptRow], list[KeptReply]]:
        """Write all changes but what is appended; inside a transaction of the caller.

        Returns:
            Journal rows and replies to append.

        Raises:
            ChangeRefused: a change breaks the contract.
        """
        try:
            for change in changes:
                handle = self._handlers.get(type(change))
                if handle is None:
                    raise ChangeRefused(f"{type(change).__name__} is not a change the store knows.")
                handle(change)
        finally:
            self._db.newest.unstage()
        rows = []
        for sid, draft in self._drafts.items():
            if draft.prepared is not None and draft.prepared.fits(draft.head, draft.entries):
                draft.prepared.store(draft.head)
            elif not draft.is_empty:
                rows.append(draft.close(sid))
        self._drafts.clear()
        replies = self.replies.add(self._new_replies)
        self._new_replies.clear()
        return rows, replies

    def _head(self, sid: Sid) -> Head:
        """Return a session's counters, read if they are not known."""
        head = self._heads.get(sid)
        if head is None:
            try:
                head = read_head(self._db, sid, read_root(self._db, sid))
            except UnknownSession as error:
                raise ChangeRefused(str(error)) from error
            self._know(sid, head)
        return head

    def _know(self, sid: Sid, head: Head) -> None:
        if len(self._heads) >= HEADS_MAX:
            del self._heads[next(iter(self._heads))]
        self._heads[sid] = head

    def _draft(self, sid: Sid) -> JournalDraft:
        """Return the journal row this commit gathers for a session."""
        draft = self._drafts.get(sid)
        if draft is None:
            draft = self._drafts[sid] = JournalDraft(self._head(sid))
        return draft

    def _row(self, sid: Sid) -> SessionRow:
        row = self._sessions.by_sid(sid)
        if row is None:
            raise ChangeRefused(f"There is no session number {sid}.")
        return row

    def _folded(self, sid: Sid) -> Root:
        """Bring everything of a session into its base state, for a savepoint."""
        draft = self._drafts.pop(sid, None)
        if draft is not None and not draft.is_empty:
            self._db.newest.stage(draft.close(sid))  # it is folded at once, so it need not be stored
        self._head(sid)
        return fold_session(self._db, self._segments, sid)

    def _create_session(self, change: SessionCreated) -> None:
        self._insert_row(change)
        write_root(self._db, change.sid, EMPTY_ROOT)
        self._know(change.sid, Head())

    def _fork_session(self, change: SessionForked) -> None:
        root = self._folded(change.from_sid)
        self._insert_row(change)
        forked = forks.fork(self._db, root, change)
        self._know(change.sid, Head(forked.n, forked.seq, forked.next_oid, forked.entry_seq))

    def _insert_row(self, change: SessionCreated | SessionForked) -> None:
        """Insert the row of a new session, if number and token are new."""
        if not 0 < change.sid <= SID_MAX or self._sessions.by_sid(change.sid):
            raise ChangeRefused(f"Session number {change.sid} is taken or out of range; take one from next_sid.")
        if self._sessions.by_token(change.token):
            raise ChangeRefused("A session with this token exists; make a new token.")
        self._sessions.insert(new_row(change))

    def _change_objects(self, change: ObjectsChanged) -> None:
        draft, records = self._draft(change.sid), encoded_records(change.records)
        draft.head.change_objects(change, records.bounds())
        draft.add_records(records)

    def _touch_session(self, change: SessionTouched) -> None:
        row = self._row(change.sid)
        self._sessions.update(
            row._replace(last_modified_ms=change.last_modified_ms, expires_at_ms=change.expires_at_ms)
        )

    def _change_meta(self, change: SessionMetaChanged) -> None:
        self._sessions.update(self._row(change.sid)._replace(meta=dict(change.meta)))

    def _close_session(self, change: SessionClosed) -> None:
        self._sessions.update(self._row(change.sid)._replace(is_closed=True))
        self._heads.pop(change.sid, None)

    def _purge_session(self, change: SessionPurged) -> None:
        if not self._sessions.is_stored(change.sid):
            raise ChangeRefused(f"There is no session number {change.sid}.")
        self._drafts.pop(change.sid, None)
        self._heads.pop(change.sid, None)
        purging.purge(self._db, self._segments, change.sid)

    def _append_history(self, change: HistoryAppended) -> None:
        draft = self._draft(change.sid)
        draft.head.append_history(change)
        draft.add_entry(pack(change.entry))

    def _store_reply(self, change: ReplyStored) -> None:
        self._new_replies.append(change)

    def _save_savepoint(self, change: SavepointSaved) -> None:
        savepoints.save(self._db, self._segments, self._folded(change.sid), change)

    def _drop_savepoint(self, change: SavepointDropped) -> None:
        savepoints.drop(self._db, self._segments, self._folded(change.sid), change)

    def _load_savepoint(self, change: SavepointLoaded) -> None:
        root = self._folded(change.sid)
        self._go_back(change)
        savepoints.load(self._db, self._segments, root, change)

    def _undo(self, change: StateUndone) -> None:
        root = self._folded(change.sid)
        self._go_back(change)
        undoing.undo(self._db, self._segments, root, change)

    def _forget_past(self, change: PastForgotten) -> None:
        self._folded(change.sid)
        cut(self._db, change.sid, 0)

    def _go_back(self, change: SavepointLoaded | StateUndone) -> None:
        """Advance over a return, which the history entry that may follow names."""
        self._head(change.sid).go_back(change)
        self._draft(change.sid).start = JUMP
