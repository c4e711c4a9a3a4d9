"""What a store does between commits, in steps of some milliseconds: long journals are folded, what is left deleted.

One journal is under way at a time. Sessions take turns of some rows each, in the order in which their journals became
long; only a row too heavy for a step is prepared in several, and the others wait for it. A damaged session is passed
over.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from .backlog import Backlog
from .changes import Sid
from .database import Database
from .errors import CommitFailed, DamagedRecord, DiskFull, StoreError, UnknownSession
from .fold import Folding, fold_part
from .folded_rows import FoldedRows
from .journal import delete_rows
from .segments import Segments

_UNREADABLE = (DamagedRecord, UnknownSession)
"""Why a session is passed over: its bytes stay as they are and are told of elsewhere, or it is purged."""

_DONE = object()


class Upkeep:
    """The folding of one store.

    What it knows is read anew when it is wanted, after a transaction failed.
    """

    def __init__(self, db: Database, segments: Segments) -> None:
        self._db = db
        self._segments = segments
        self.forget()

    def forget(self) -> None:
        """Forget everything, because what is known may be ahead of the file."""
        self._backlog: Backlog | None = None
        self._folded = FoldedRows()
        self._folding: Folding | None = None
        self._steps: Iterator[None] = iter(())  # those of the folding that are left

    def grow(self, grown: dict[Sid, int]) -> None:
        """Count new journal rows by the size of their content."""
        if self._backlog is not None:
            self._backlog.grow(grown)

    def folded(self, sid: Sid) -> None:
        """Note that all of a session was folded by somebody else, or purged."""
        if self._backlog is not None:
            self._backlog.forget(sid)

    def steps_left(self) -> int:
        """Return about how many steps there are to do."""
        is_any = self._folding is not None or bool(self._folded)
        return self._known_backlog().steps or int(is_any) or self._segments.loose.steps

    def step(self) -> bool:
        """Do one step; tell whether there was one to do.

        Raises:
            CommitFailed, StoreRefuses: nothing of the step is stored.
        """
        backlog = self._known_backlog()
        if self._folding is None and not backlog:
            if self._folded:
                with self._transaction():
                    delete_rows(self._db, self._folded.take())
                return True
            return self._segments.loose.step()
        self._fold(backlog.first() if self._folding is None else self._folding.sid)
        return True

    def shorten(self, sid: Sid) -> bool:
        """Do a step that brings a session nearer to a short journal, if it is long; tell whether it is short."""
        backlog = self._known_backlog()
        if self._folding is not None or backlog.is_due(sid):
            self._fold(sid if self._folding is None else self._folding.sid)
        return self._folding is None and not backlog.is_due(sid)

    def _known_backlog(self) -> Backlog:
        if self._backlog is None:
            self._backlog = Backlog(self._db)
        return self._backlog

    def _fold(self, sid: Sid) -> None:
        """Do a step of folding a session, which is the one under way if there is one."""
        folding = self._folding
        try:
            if folding is None:
                self._folding = self._begin(sid)  # reading it was a step
                return
            if not folding.is_current:
                self._let_go()  # somebody else folded it, and it is begun anew if it is still long
                return
            if next(self._steps, _DONE) is not _DONE:
                return
        except _UNREADABLE:
            self._pass_over(sid)
        except DiskFull:
            self.forget()  # it is begun anew
            raise
        except BaseException as error:
            self._pass_over(sid)  # what is half prepared must never be taken for whole
            if isinstance(error, Exception) and not isinstance(error, StoreError):
                # For want of memory, say: as in a transaction, that ends no server.
                raise CommitFailed(f"A journal could not be folded: {error!r}.") from error
            raise
        else:
            self._let_go()
            self._finish(folding)

    def _pass_over(self, sid: Sid) -> None:
        """Let a session's journal be until it has grown again."""
        self._let_go()
        self._known_backlog().forget(sid)

    def _let_go(self) -> None:
        """Forget the folding that was under way, and with it what it prepared, which may be large."""
        self._folding = None
        self._steps = iter(())

    def _begin(self, sid: Sid) -> Folding:
        """Read the first rows of a session's journal."""
        backlog = self._known_backlog()
        folding = fold_part(self._db, self._segments, sid, is_first=backlog.see(sid))
        if folding.tail.is_whole:
            backlog.correct(sid, folding.tail.weight_bytes)
        self._steps = folding.prepare(is_written=not folding.is_light)
        return folding

    def _finish(self, folding: Folding) -> None:
        """Write what was prepared, and delete rows that were folded before if it is time for them."""
        backlog, sid, tail = self._known_backlog(), folding.sid, folding.tail
        with self._transaction():
            try:
                with self._db.part():
                    folding.finish()
                    keys = folding.keys()
            except _UNREADABLE:
                backlog.forget(sid)
            else:
                self._folded.add(keys, tail.size_bytes)
                backlog.shrink(sid, tail.weight_bytes)
            if self._folded.are_many or not backlog:
                delete_rows(self._db, self._folded.take())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            with self._db.transaction():
                yield
        except BaseException:
            self.forget()
            raise
