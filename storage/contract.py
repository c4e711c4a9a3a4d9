"""The contract of the durable store: what may be changed, what may be asked, and the laws every store keeps.

The store knows sessions, numbered objects and bytes; it knows neither the wire nor the language. Its laws:

1. *All or nothing.* The changes of one `commit` become visible together, in order, or not at all.
2. *Durable on return.* When `commit` returns, its changes survive the death of the process and of the machine.
3. *Never blindly again.* A failed commit raises `CommitFailed` and is not retried. After an input/output error the
   store refuses further commits until it is opened anew, because nobody knows what the disk kept.
4. *One writer.* One thread of one process owns a store. Nothing here locks against a second caller.
5. *Told, never guessed.* What was acknowledged is there; what is damaged is reported, naming session, table and key;
   the damage of one record is confined to its session.
6. *Plain values in, equal values out.* Nothing handed in is kept by reference, nothing handed out is shared.

A record is `(class_ref, slots, payload)`. `class_ref` is a `str` (a kernel class or an internal kind) or an `int`
(the object id of a user class). `slots` is a tuple of values. `payload` is None, str, bytes, int or a tuple of
values. A value is None, bool, int of any size, float, str (a symbol), bytes, or a tuple: `(oid, class_ref)` is a
reference, `(code,)` a character, `(name,)` a named kernel object; any other tuple starts with a str tag and goes on
with values. In a payload `(oid, class_ref, count)` is a run: references to so many consecutive ids.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from .changes import Change, Oid, Record, Sid

REPLIES_PER_SCOPE_MIN = 1_000
"""How many replies of one scope (a client) are remembered at least: the window of the promise *exactly once*."""

UNDO_POINTS_MIN = 100
"""Before how many of a session's last evaluations it can be put back at least; unless they are larger than is kept."""


class SessionRow(NamedTuple):
    """What is known of a session without loading it. Times are milliseconds since 1970, UTC."""

    sid: Sid
    token: str
    client_id: str
    created_at_ms: int
    last_modified_ms: int
    expires_at_ms: int
    is_closed: bool
    meta: dict[str, Any]


class StoredReply(NamedTuple):
    """A remembered reply, exactly as it was stored."""

    digest: bytes
    outcome: bytes
    at_ms: int


class HistoryPage(NamedTuple):
    """Part of a session's history, oldest first; `total` counts all entries."""

    total: int
    entries: list[tuple[int, dict[str, Any]]]


class Savepoint(NamedTuple):
    """A savepoint: `seq` is the session's `seq` it pins, `size_bytes` about what its objects take in the store."""

    name: str
    at_ms: int
    seq: int
    size_bytes: int
    meta: dict[str, Any]


class Counts(NamedTuple):
    """How much a store holds; closed sessions count in `sessions` only."""

    sessions: int
    open_sessions: int
    open_clients: int


class Damage(NamedTuple):
    """One damaged place. `sid` is None when it cannot be said whose it is."""

    sid: Sid | None
    table: str
    key: str
    what: str


class Report(NamedTuple):
    """The answer of `Store.verify`: how many sessions and records were read, and every damage found."""

    sessions: int
    records: int
    damages: list[Damage]


class LoadedState(Protocol):
    """A session's objects as committed, read on demand.

    It stays valid while its owner goes on committing: an object that was not read yet cannot have been changed. After
    `SavepointLoaded` the session must be loaded anew.
    """

    @property
    def row(self) -> SessionRow:
        """The session's row at the time of loading."""

    @property
    def next_oid(self) -> int:
        """The smallest object id not given yet."""

    @property
    def seq(self) -> int:
        """The number of the last step that changed objects; the next one is this plus one."""

    @property
    def entries(self) -> int:
        """How many entries the session's history has."""

    def record(self, oid: Oid) -> Record | None:
        """Return the record of an object, None if there is none.

        Raises:
            DamagedRecord: its bytes are not what was stored.
        """

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all stored objects, ascending.

        Raises:
            DamagedRecord: part of the state cannot be read.
        """

    def encoded(self) -> Iterator[Mapping[Oid, bytes]]:
        """Iterate over all encoded records in parts of some hundred; of one that comes twice the later counts.

        Raises:
            DamagedRecord: part of the state cannot be read.
        """

    def size_bytes(self) -> int:
        """Return about how much the stored objects take, without reading them; compressed they take less than encoded.

        Raises:
            DamagedRecord: the list of the parts cannot be read.
        """


class Differences(NamedTuple):
    """How a state of a session differs from an earlier one: how many objects it has more, lacks, and has changed.

    `before` and `after` are the two states.
    """

    added: int
    removed: int
    changed: frozenset[Oid]
    before: "FormerState"
    after: "FormerState"


class FormerState(Protocol):
    """The objects a session had before."""

    @property
    def next_oid(self) -> int:
        """An object id above all of them."""

    def record(self, oid: Oid) -> Record | None:
        """Return the record an object had, None if it was not there; `DamagedRecord` if it cannot be read."""

    def oids(self) -> Iterator[Oid]:
        """Iterate over the ids of all its objects, ascending; `DamagedRecord` if part of it cannot be read."""


class Store(Protocol):
    """A durable store of sessions. Every method may raise `StoreError`; the laws stand in this module's docstring."""

    def commit(self, changes: Sequence[Change]) -> None:
        """Make all changes durable in one transaction.

        Raises:
            CommitFailed: nothing of it is visible. `ChangeRefused` if a change breaks the contract, `DiskFull`,
                `DiskFailed`.
            StoreRefuses: an earlier failure left the disk in doubt; open the store anew.
        """

    def prepare(self, changes: Sequence[Change]) -> Generator[None, None, Sequence[Change]]:
        """Prepare the changes of a session's next step, in steps of some milliseconds between which others may commit.

        It is only a help: a commit of what it returns does what one of `changes` does, but a large one is short.
        Nothing of it can be seen before that commit; and of what is never committed, nothing is left after a while.

        Args:
            changes: an `ObjectsChanged`, and the `HistoryAppended` that names it if there is one; worth the trouble if
                it `is_large`. Others are returned as they are.

        Returns:
            What to commit in their place, all of it in one commit.

        Raises:
            StoreError: it cannot be prepared. The changes may be committed all the same, or tell why they cannot.
        """

    def next_sid(self, client_id: str | None = None, /) -> Sid:
        """Return the number for a new session: above those of all sessions ever committed, and new with each call.

        Args:
            client_id: its owner to be; a store of several parts keeps what is a client's in one of them.
        """

    def session(self, sid: Sid) -> SessionRow | None:
        """Return a session's row, None if there is no such session."""

    def session_by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this public token."""

    def sessions_of_client(self, client_id: str) -> list[SessionRow]:
        """Return all rows of a client, closed sessions included, oldest first."""

    def sessions(self) -> Iterator[SessionRow]:
        """Iterate over all readable rows by ascending `sid`; unreadable ones are `verify`'s to report."""

    def clients(self) -> set[str]:
        """Return the clients of all sessions, closed ones included."""

    def counts(self) -> Counts:
        """Count sessions and clients."""

    def expired(self, now_ms: int, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return up to `limit` rows with `expires_at_ms <= now_ms`, by `(expires_at_ms, sid)`, closed ones too.

        Args:
            now_ms: the present, milliseconds since 1970.
            limit: page size.
            after: the last row of the page before.
        """

    def load(self, sid: Sid) -> LoadedState:
        """Open a session's objects; cheap, because records are read when asked for.

        Raises:
            UnknownSession: there is no such session.
            DamagedRecord: what was read is damaged, or rows are missing.
        """

    def history(self, sid: Sid, offset: int, count: int) -> HistoryPage:
        """Return up to `count` history entries from `offset` (0 is the oldest; negative counts from the end)."""

    def reply(self, scope: str, op_id: str) -> StoredReply | None:
        """Return the remembered reply of an operation, None if it never ran or is long past."""

    def savepoints(self, sid: Sid) -> list[Savepoint]:
        """Return a session's savepoints by ascending time of saving."""

    def undo_points(self, sid: Sid, first: int = 1) -> list[int]:
        """Return the numbers of the history entries before which the session can be put back, ascending.

        Args:
            sid: the session.
            first: smaller numbers are left out; the larger it is, the less is read.
        """

    def differences(
        self, sid: Sid, before: str | int | None, after: str | int | None
    ) -> Generator[None, None, Differences]:
        """Compare two states of a session, in steps between which others may commit, but nothing of this session.

        See `former` for what names the states, and for what it raises.
        """

    def former(self, sid: Sid, place: str | int | None) -> FormerState:
        """Open a state of a session for reading, good until the session's next commit.

        Args:
            sid: the session.
            place: the name of a savepoint, or the number of the history entry before which the state stood; None for
                the present.

        Raises:
            ChangeRefused: there is no such savepoint, or that evaluation cannot be undone any more.
        """

    def fold(self, sid: Sid) -> None:
        """Move what a session's journal holds into its base state. Changes nothing visible; idempotent, crash safe."""

    def fold_due(self, steps_max: int) -> int:
        """Do up to `steps_max` steps of folding long journals, some milliseconds each; return about how many are left.

        The first rows of one session's journal are folded in three steps, by which they are read, prepared and
        written; only one row of very many records is prepared in several. When no journal is long, what commits have
        left where it is quick to write goes to its place. A damaged session is passed over: its bytes stay as they
        are, and `load` and `verify` report it.
        """

    def lengthen_log(self) -> bool:
        """Make room for commits to come, so that they need not, some milliseconds of it; tell whether to go on."""

    def shorten(self, sid: Sid) -> bool:
        """Do one step towards a short journal of a session, if it is long; tell whether it is short, or not readable.

        What is short is folded by `fold`, or with a savepoint, as quickly as by a step.
        """

    def garbage_due(self, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return up to `limit` sessions that wrote so much since their garbage was collected that it may be worth it.

        Each is answered, by ascending `sid`, until it was collected or found damaged.

        Args:
            limit: page size.
            after: the last row of the page before.
        """

    def collect(self, sid: Sid, roots: Iterable[Oid]) -> Iterator[None]:
        """Drop the records of a session that no object of `roots` leads to, in steps between which others may commit.

        Only for a session nobody has loaded: what only its owner's memory refers to would be lost. A change of the
        session ends the collection early; crash safe, and what the roots lead to never changes.

        Raises:
            UnknownSession, DamagedRecord: while stepping.
        """

    def vacuum(self, pages_max: int) -> int:
        """Give up to `pages_max` free pages back to the system; return how many more should be."""

    def size_of(self, sid: Sid) -> int:
        """Return about how many bytes a session takes: objects, savepoints, history and what undoing needs.

        What it shares with a fork counts for each of them. Cheap: nothing is read but lengths.

        Raises:
            UnknownSession: there is no such session.
            DamagedRecord: the list of its parts cannot be read.
        """

    def used_bytes(self) -> int:
        """Return how many bytes the store takes, without what it has free for more."""

    def code(self, key: bytes) -> bytes | None:
        """Return cached compiled code, None if it is not there or damaged (a cache may always be empty)."""

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Cache compiled code under its hashes. Not awaited by any reply, so a failure may be ignored."""

    def verify(self) -> Report:
        """Read everything and report every damage. Takes time; for the operator and for tests."""

    def back_up(self, target: Path) -> Iterator[int]:
        """Copy the store into a new directory, in steps between which others may commit; yields the bytes so far.

        The copy holds every commit up to its last step, and appears under its name when it is whole and durable.
        A backup that is not stepped to its end must be closed (`close` of the iterator).

        Raises:
            UnusableData: the target is there already, cannot be made, or is in the way of the data directory; or
                this store has no files.
            DiskFailed: the copy cannot be written.
        """

    def close(self) -> None:
        """Close the store; closing twice is harmless."""
