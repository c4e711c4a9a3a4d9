"""The durable store on SQLite.

Its parts: `opening` (recovery, losses), `sessions`, `writer` (changes to rows), `ring` and `settling` (where rows go),
`journal`, `segments` and `segment_list`, `state` (loading), `fold`, `merge` and `upkeep` (folding in steps),
`collecting` (garbage), `vacuum`, `log_room`, `history`, `replies`, `savepoints`, `forks`, `purging`, `verify`.
This class puts them behind the contract.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from . import collecting, history, savepoints, sizes, undoing, verify
from .acknowledged import Acknowledged
from .backup import Backup
from .changes import Change, Oid, SessionPurged, Sid
from .code_cache import read_code, write_code
from .contract import Counts, Differences, HistoryPage, LoadedState, Report, Savepoint, SessionRow, StoredReply
from .errors import StoreError, StoreRefuses, UnknownSession
from .files import DataDirectory
from .fold import fold_session
from .journal import read_tail
from .log_room import lengthen
from .opening import open_database
from .preparing import preparing, step_of
from .recent import RecentSegments
from .ring import SLOTS_LEFT, SLOTS_SETTLED
from .segments import EMPTY_ROOT, Segments, read_root
from .sessions import Sessions
from .settling import append, settle
from .state import SqliteState
from .upkeep import Upkeep
from .vacuum import vacuum
from .writer import Writer


class SqliteStore:
    """A store in a data directory; see `Store` for the contract."""

    def __init__(self, directory: Path, first_sid: int = 1) -> None:
        """Open a data directory, made if it is not there.

        Args:
            directory: its path.
            first_sid: the smallest number of a session; stores that are used as one begin far from each other.

        Raises:
            UnusableData: the directory is in use, not writable, or its data of a newer version or another program.
            DamagedStore: what is there is damaged as a whole, or acknowledged commits are missing.
            DiskFailed: the disk does not allow it.
        """
        self._is_closed = False
        with ExitStack() as opened:
            self._data = DataDirectory(directory)
            opened.callback(self._data.release)
            self._acknowledged = Acknowledged(self._data.acknowledged)
            opened.callback(self._acknowledged.close)
            self._db = open_database(self._data, self._acknowledged)
            opened.callback(self._db.close)
            self._sessions = Sessions(self._db, first_sid)
            self._segments = Segments(self._db)
            self._recent = RecentSegments(self._segments)
            self._closing = opened.pop_all()
        self._writer: Writer | None = None
        self._upkeep = Upkeep(self._db, self._segments)
        self._prepare_restores()

    def _prepare_restores(self) -> None:
        """Ask for what is not there, as restoring a session does.

        So the first ones find their statements prepared and the upper pages of their tables read. What is damaged there
        is told by who wants it.
        """
        nobody, nothing = Sid(0), -1
        for ask in (
            lambda: self._sessions.by_sid(nobody),
            lambda: read_root(self._db, nobody),
            lambda: read_tail(self._db, nobody, EMPTY_ROOT),
            lambda: self._segments.read(nobody, 0, nothing),
        ):
            with suppress(StoreError):
                ask()

    @property
    def directory(self) -> Path:
        """The data directory."""
        return self._data.path

    def commit(self, changes: Sequence[Change]) -> None:
        """Make all changes durable in one transaction; see `Store.commit`."""
        self._check_open()
        try:
            with self._db.transaction():
                writer = self._known_writer()
                rows, replies = writer.write(changes)
                appended = append(self._db, writer.replies, rows, replies)
        except BaseException:
            # What was known in memory may be ahead of the file now; it is read anew when it is wanted.
            self._writer = None
            self._upkeep.forget()
            raise
        with self._db.noting():
            appended.note(self._db.newest)
        self._acknowledged.write(self._db.newest.number)
        self._upkeep.grow({Sid(sid): len(content) for sid, _, _, content in rows})
        for change in changes:
            if isinstance(change, SessionPurged):
                self._upkeep.folded(change.sid)

    def _known_writer(self) -> Writer:
        if self._writer is None:
            self._writer = Writer(self._db, self._sessions, self._segments)
        return self._writer

    def prepare(self, changes: Sequence[Change]) -> Generator[None, None, Sequence[Change]]:
        """Prepare a step of a session; see `Store.prepare`."""
        step = step_of(changes)
        if step is None:
            return changes
        while not self.shorten(step.sid):
            yield
        yield
        self.fold(step.sid)
        steps = preparing(self._db, self._segments, step, changes[1:])
        while True:
            yield
            self._check_open()
            try:
                next(steps)
            except StopIteration as end:
                prepared: Sequence[Change] = end.value
                return prepared

    def next_sid(self, _client_id: str | None = None) -> Sid:
        """Return the number for a new session; see `Store.next_sid`."""
        return self._sessions.next_sid()

    def session(self, sid: Sid) -> SessionRow | None:
        """Return a session's row, None if there is no such session."""
        self._check_open()
        return self._sessions.by_sid(sid)

    def session_by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this public token."""
        self._check_open()
        return self._sessions.by_token(token)

    def sessions_of_client(self, client_id: str) -> list[SessionRow]:
        """Return all readable rows of a client, oldest first."""
        self._check_open()
        return self._sessions.of_client(client_id)

    def sessions(self) -> Iterator[SessionRow]:
        """Iterate over all readable rows by ascending `sid`."""
        self._check_open()
        return self._sessions.all()

    def clients(self) -> set[str]:
        """Return the clients of all sessions."""
        self._check_open()
        return self._sessions.clients()

    def counts(self) -> Counts:
        """Count sessions and clients."""
        self._check_open()
        return self._sessions.counts()

    def expired(self, now_ms: int, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return a page of the sessions past their retention; see `Store.expired`."""
        self._check_open()
        return self._sessions.expired(now_ms, limit, after)

    def load(self, sid: Sid) -> LoadedState:
        """Open a session's objects; reads the session's row, its root and its journal."""
        row = self.session(sid)
        if row is None:
            raise UnknownSession(sid)
        root = read_root(self._db, sid)
        return SqliteState(self._db, self._segments, self._recent, row, root, read_tail(self._db, sid, root))

    def history(self, sid: Sid, offset: int, count: int) -> HistoryPage:
        """Return part of a session's history; see `Store.history`."""
        self._check_open()
        return history.read_page(self._db, sid, read_tail(self._db, sid, read_root(self._db, sid)), offset, count)

    def reply(self, scope: str, op_id: str) -> StoredReply | None:
        """Return the remembered reply of an operation; see `Store.reply`."""
        self._check_open()
        return self._known_writer().replies.find(scope, op_id)

    def savepoints(self, sid: Sid) -> list[Savepoint]:
        """Return a session's savepoints by ascending time of saving."""
        self._check_open()
        read_root(self._db, sid)
        return savepoints.read_savepoints(self._db, sid)

    def undo_points(self, sid: Sid, first: int = 1) -> list[int]:
        """Return the entries before which a session can be put back; see `Store.undo_points`."""
        self._check_open()
        root = read_root(self._db, sid)
        return undoing.undo_points(self._db, sid, root, read_tail(self._db, sid, root), first)

    def differences(
        self, sid: Sid, before: str | int | None, after: str | int | None
    ) -> Generator[None, None, Differences]:
        """Compare two states of a session, in steps; see `Store.differences`."""
        while not self.shorten(sid):
            yield
        old = yield from self._finding(sid, before)
        yield
        new = yield from self._finding(sid, after)
        return (yield from old.comparing(new))

    def former(self, sid: Sid, place: str | int | None) -> undoing.FormerRecords:
        """Open a former state of a session; see `Store.former`."""
        finding = self._finding(sid, place)
        while True:
            try:
                next(finding)
            except StopIteration as end:
                state: undoing.FormerRecords = end.value
                return state

    def _finding(self, sid: Sid, place: str | int | None) -> Generator[None, None, undoing.FormerRecords]:
        """Find a state of a session, in steps."""
        self.fold(sid)
        root = read_root(self._db, sid)
        return undoing.finding(self._db, self._segments, self._recent, root, sid, place)

    def fold(self, sid: Sid) -> None:
        """Move what a session's journal holds into its base state; see `Store.fold`."""
        self._check_open()
        with self._db.transaction():
            fold_session(self._db, self._segments, sid)
        self._upkeep.folded(sid)

    def fold_due(self, steps_max: int) -> int:
        """Do some steps of folding and return how many are left; see `Store.fold_due`."""
        self._check_open()
        for _ in range(steps_max):
            if not self._upkeep.step():
                if self._is_ring_full():
                    self._settle(self._db.newest.oldest_slots(SLOTS_SETTLED))
                break
        return self._upkeep.steps_left() or int(self._is_ring_full())

    def _is_ring_full(self) -> bool:
        return self._db.newest.slots > SLOTS_LEFT

    def lengthen_log(self) -> bool:
        """Make room for commits to come; see `Store.lengthen_log`."""
        self._check_open()
        # A backup copies the log as it grows, and forbids checkpoints meanwhile.
        return bool(self._db.pragma("wal_autocheckpoint")) and lengthen(self._data.log)

    def shorten(self, sid: Sid) -> bool:
        """Do a step of folding a session if its journal is long; see `Store.shorten`."""
        self._check_open()
        return self._upkeep.shorten(sid)

    def _settle(self, count: int) -> None:
        """Move the oldest commits of the ring to their tables."""
        try:
            with self._db.transaction():
                settle(self._db, self._known_writer().replies, count)
        except BaseException:
            self._writer = None
            raise
        with self._db.noting():
            self._db.newest.drop(count)

    def garbage_due(self, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return sessions whose garbage should be collected; see `Store.garbage_due`."""
        self._check_open()
        return self._sessions.garbage_due(limit, after)

    def collect(self, sid: Sid, roots: Iterable[Oid]) -> Iterator[None]:
        """Drop a session's garbage in steps; see `Store.collect`."""
        for _ in collecting.collect(self._db, self._segments, sid, roots):
            yield
            self._check_open()

    def vacuum(self, pages_max: int) -> int:
        """Give free pages back to the system; see `Store.vacuum`."""
        self._check_open()
        return vacuum(self._db, pages_max)

    def size_of(self, sid: Sid) -> int:
        """Return how many bytes a session takes; see `Store.size_of`."""
        self._check_open()
        return sizes.size_of(self._db, self._segments, sid)

    def used_bytes(self) -> int:
        """Return how many bytes of the file are in use; see `Store.used_bytes`."""
        self._check_open()
        return sizes.used_bytes(self._db)

    def code(self, key: bytes) -> bytes | None:
        """Return cached compiled code, None if it is not there or damaged."""
        self._check_open()
        return read_code(self._db, key)

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Cache compiled code under its hashes."""
        self._check_open()
        with self._db.transaction():
            write_code(self._db, entries)
        self._db.restart_log()

    def verify(self) -> Report:
        """Read everything and report every damage."""
        self._check_open()
        return verify.verify(self._db, self._sessions, self._segments)

    def back_up(self, target: Path) -> Iterator[int]:
        """Copy the store into a new directory in steps; see `Store.back_up`."""
        self._check_open()
        for size_bytes in Backup(self._db, self._data, target).steps():
            yield size_bytes
            self._check_open()

    def close(self) -> None:
        """Close the store and let another server use the directory; closing twice is harmless.

        What is in the ring goes to its tables, so that the next start need not read it. If that cannot be, it stays.
        """
        if not self._is_closed and len(self._db.newest):
            with suppress(StoreError):
                self._settle(len(self._db.newest))
        self._is_closed = True
        self._closing.close()

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreRefuses("The store is closed; open it again.")
