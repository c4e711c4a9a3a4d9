"""The one place that talks to SQLite: statements, transactions, and its errors as plain sentences.

Settings and their reasons: write-ahead log with `synchronous=FULL`, the only setting under which an acknowledged commit
survives a power loss; automatic checkpoints as SQLite does them, because passive ones alone let the log grow without
bound; exclusive locking, which keeps the log's index in our own memory (fewer system calls) and refuses a second
process on every platform; free pages given back to the system only when asked, a few at a time; automatic transactions
of Python's wrapper off, because they begin where nobody said so.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Any

from .errors import (
    ChangeRefused,
    CommitFailed,
    DamagedStore,
    DataInUse,
    DiskFailed,
    DiskFull,
    StoreError,
    StoreRefuses,
)
from .newest import Newest

Row = tuple[Any, ...]

_PRIMARY_CODE = 0xFF
"""SQLite's extended result codes carry the primary code in the low byte."""

PAGE_SIZE_BYTES = 4096
"""SQLite's default and the sector size of current disks; the check of the log relies on it."""

AUTOCHECKPOINT_PAGES = 3_000
"""The log is brought into the file whenever it has grown by 12 MB, three times SQLite's default: the slots of the ring
and the last pages of tables are written once for all that the log has of them. A start after a kill reads the log and
brings it in, which takes some 50 ms at most."""

LOG_KEPT_BYTES = 25_165_824
"""What the log may keep of its size when it is begun anew: twice what it grows to, unless a backup held it back."""

INSERTED_ROWS = 50
"""Rows inserted by one statement; with more of them a row gets hardly cheaper."""

_SETTINGS = (
    f"PRAGMA page_size = {PAGE_SIZE_BYTES}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}",
    f"PRAGMA journal_size_limit = {LOG_KEPT_BYTES}",
    "PRAGMA secure_delete = FAST",  # some builds write zeros over every page that becomes free, which doubles folding
)


_ERRORS = (sqlite3.Error, UnicodeDecodeError)
"""What a statement may raise; the second when a damaged schema is quoted in SQLite's message."""

_DISK_CODES = {
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOMEM,
}
"""Codes that speak of the machine, not of the file's content."""

_ACCESS_CODES = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM}
"""Codes that speak of who may write where."""


def plain_error(error: Exception, path: Path) -> StoreError:
    """Translate an error of SQLite, or of decoding its messages, into one of ours, with the way out."""
    extended_code = getattr(error, "sqlite_errorcode", None)
    if extended_code is None and isinstance(error, sqlite3.Error):
        return ChangeRefused(f"A value cannot be stored: {error}.")  # Python's wrapper did not even ask SQLite
    code = (extended_code or sqlite3.SQLITE_CORRUPT) & _PRIMARY_CODE
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"No space is left for {path}; free some and try again.")
    if code == sqlite3.SQLITE_TOOBIG:
        return ChangeRefused("A change is larger than a row may be (1 GB); make it smaller.")
    if code == sqlite3.SQLITE_BUSY:
        return DataInUse(f"{path} is in use by another program; stop that one or choose another data directory.")
    if code in _ACCESS_CODES:
        return DiskFailed(f"{path} cannot be written ({error}); make it and its directory writable, then start again.")
    if code in _DISK_CODES:
        return DiskFailed(f"The disk failed under {path} ({error}); check the disk, then start the server again.")
    return DamagedStore(f"{path} is damaged ({error}); restore it from a backup or repair it.")


class Database:
    """One SQLite file with one connection, in our terms.

    Attributes:
        path: the file.
        newest: what its ring holds; empty where nobody read that.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.newest = Newest()
        self._is_failed = False
        # The owner may open the store in one thread and hand it to another; two at once are against the contract.
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        # The store's content is bytes throughout; a flipped bit may call it text.
        self._connection.text_factory = bytes

    def lock(self) -> None:
        """Keep others out from the first access on, which has to follow."""
        self.run("PRAGMA locking_mode = EXCLUSIVE")

    def configure(self) -> None:
        """Apply the settings; before the first write."""
        if self.path.exists() and not self.path.stat().st_size and not self.pragma("page_count"):
            self.run("PRAGMA auto_vacuum = INCREMENTAL")  # only while a file is made; later it would write
        for setting in _SETTINGS:
            self.run(setting)

    def run(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement."""
        try:
            self._connection.execute(statement, values)
        except _ERRORS as error:
            raise plain_error(error, self.path) from error

    def run_many(self, statement: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for each row."""
        try:
            self._connection.executemany(statement, rows)
        except _ERRORS as error:
            raise plain_error(error, self.path) from error

    def insert(self, into: str, rows: Sequence[Row]) -> None:
        """Insert rows, many with each statement: that takes two thirds of the time, or half of it for short ones.

        Args:
            into: table and columns, like `journal(sid, n, crc, b)`.
            rows: their values, all of one length; short ones, because those of a statement are copied together.
        """
        if not rows:
            return
        one = f"({', '.join('?' * len(rows[0]))})"
        rest = len(rows) % INSERTED_ROWS
        whole = len(rows) - rest
        if whole:
            many = f"INSERT INTO {into} VALUES {', '.join([one] * INSERTED_ROWS)}"  # noqa: S608 -- our own names
            for start in range(0, whole, INSERTED_ROWS):
                self.run(many, [*chain.from_iterable(rows[start : start + INSERTED_ROWS])])
        self.run_many(f"INSERT INTO {into} VALUES {one}", rows[whole:])  # noqa: S608 -- our own names

    def all(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        try:
            return self._connection.execute(query, values).fetchall()
        except _ERRORS as error:
            raise plain_error(error, self.path) from error

    def each(self, query: str, values: Sequence[object] = ()) -> Iterator[Row]:
        """Iterate over the rows of a query, read one by one; who does not want all of them closes the iterator."""
        try:
            with closing(self._connection.execute(query, values)) as cursor:
                yield from cursor
        except _ERRORS as error:
            raise plain_error(error, self.path) from error

    def one(self, query: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, None if there is none."""
        rows = self.all(query, values)
        return rows[0] if rows else None

    def large_value(self, table: str, column: str, row_id: int) -> bytes:
        """Return one value of bytes; a large one takes a third of the time that a query for it does, which copies it.

        Raises:
            DamagedStore: there is no such value, among others.
        """
        try:
            with self._connection.blobopen(table, column, row_id, readonly=True) as value:
                return value.read()
        except _ERRORS as error:
            raise plain_error(error, self.path) from error

    def number(self, query: str, values: Sequence[object] = ()) -> int:
        """Return the one number a query answers, 0 for none."""
        row = self.one(query, values)
        return int(row[0] or 0) if row else 0

    def restart_log(self) -> None:
        """Bring the log into the file, and let the next commit begin it anew: a start after a kill reads less of it.

        It is left as it is while a backup copies it, which forbids checkpoints.
        """
        if self.pragma("wal_autocheckpoint"):
            self.run("PRAGMA wal_checkpoint(RESTART)")

    def pragma(self, name: str) -> int:
        """Return a setting of the file that is a number."""
        return self.number(f"PRAGMA {name}")

    @contextmanager
    def part(self) -> Iterator[None]:
        """Undo what is done inside, and only that, if it raises; inside a transaction of the caller."""
        self.run("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # a full disk may have undone all of the caller's transaction already
                self.run("ROLLBACK TO part")
                self.run("RELEASE part")
            raise
        self.run("RELEASE part")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, durably, or nothing of it.

        Raises:
            CommitFailed: from whatever went wrong inside or while committing.
            StoreRefuses: an earlier transaction met a failing disk.
        """
        if self._is_failed:
            raise StoreRefuses(
                "The disk failed earlier, or memory did, so nothing more is stored; check them and start again."
            )
        try:
            self.run("BEGIN IMMEDIATE")
            yield
            self.run("COMMIT")
        except CommitFailed as error:
            self._roll_back(error)
            raise
        except Exception as error:
            self._roll_back(error)
            raise CommitFailed(f"Nothing was stored: {error}") from error
        except BaseException as error:
            self._roll_back(error)
            raise

    def _roll_back(self, error: BaseException) -> None:
        """Undo the open transaction; after an error of the disk, never write again."""
        self._is_failed = isinstance(error, DiskFailed | DamagedStore)
        # A failing COMMIT may have rolled back by itself, and on a failing disk this fails too.
        with suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Take what a transaction changed into memory, after it.

        Raises:
            StoreRefuses: that failed, for want of memory, say. What is known here is not what the file says any more,
                so nothing is written until it is opened anew.
        """
        try:
            yield
        except Exception as error:
            self._is_failed = True
            raise StoreRefuses(f"What was stored could not be noted ({error!r}); the store is opened anew.") from error

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._connection.close()
