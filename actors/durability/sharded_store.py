"""Several shards as one store, for a process that has more than one: workers may be fewer than they were.

A session's number names its shard (`shards.py`), and a stored answer begins with the number of its session, so every
change has its place, and an answer stands in the same commit as its effect. One tick's changes are one commit in each
shard they touch: sessions of different shards do not depend on each other. If one of these commits fails the others
are made all the same, and `keeper.py` is told which, so that every client is answered by what its own shard did.

Thread: the loop.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import islice
from pathlib import Path

from storage import (
    Change,
    Counts,
    Differences,
    FormerState,
    HistoryPage,
    LoadedState,
    ObjectsChanged,
    Oid,
    ReplyStored,
    Report,
    Savepoint,
    SessionRow,
    Sid,
    SqliteStore,
    Store,
    StoredReply,
    StoreError,
)

from ..errors import DataError
from ..settings import Settings
from .exactly_once import SID_BYTES
from .keeper import PartlyFailedError
from .shards import SHARDS_MAX, first_sid, shard_directories, shard_directory, shard_of_sid, shard_of_token


class ShardedStore:
    """Stores by shard; see `Store` for the contract."""

    def __init__(self, stores: Mapping[int, Store], directories: Mapping[int, Path]) -> None:
        """Make it of open stores, by ascending shard, and of where they are."""
        self._stores = dict(stores)
        self._directories = dict(directories)
        self._first = next(iter(self._stores.values()))
        self._count = max(self._stores) + 1
        self._folded = -1  # where the last step of folding was

    def commit(self, changes: Sequence[Change]) -> None:
        """Make all changes durable, in one transaction for each shard; see `Store.commit`.

        Raises:
            PartlyFailedError: some shards could not; what was for the others is durable.
        """
        parts: dict[int, list[Change]] = {}
        for change in changes:
            parts.setdefault(self._shard(change), []).append(change)
        failures: dict[int, StoreError] = {}
        for shard, part in parts.items():
            try:
                self._stores[shard].commit(part)
            except StoreError as error:
                failures[shard] = error
        if failures:
            raise PartlyFailedError(failures)

    def _shard(self, change: Change) -> int:
        """Return where a change belongs."""
        if isinstance(change, ReplyStored):
            sid = Sid(int.from_bytes(change.outcome[:SID_BYTES], "big"))
            return shard_of_sid(sid) if sid else next(iter(self._stores))
        return shard_of_sid(change.sid)

    def _of(self, sid: Sid) -> Store:
        """Return the store of a session; of one that is nowhere, any."""
        return self._stores.get(shard_of_sid(sid), self._first)

    def next_sid(self, client_id: str | None = None, /) -> Sid:
        """Return the number for a new session, in the shard that has its client's; see `Store.next_sid`."""
        for store in self._stores.values():
            if client_id is not None and store.sessions_of_client(client_id):
                return store.next_sid(client_id)
        return self._first.next_sid(client_id)

    def session(self, sid: Sid) -> SessionRow | None:
        """Return a session's row, None if there is no such session."""
        return self._of(sid).session(sid)

    def session_by_token(self, token: str) -> SessionRow | None:
        """Return the row of the session with this public token."""
        return self._stores.get(shard_of_token(token, self._count), self._first).session_by_token(token)

    def sessions_of_client(self, client_id: str) -> list[SessionRow]:
        """Return all readable rows of a client, oldest first."""
        rows = [row for store in self._stores.values() for row in store.sessions_of_client(client_id)]
        return sorted(rows, key=lambda row: row.created_at_ms)

    def sessions(self) -> Iterator[SessionRow]:
        """Iterate over all readable rows by ascending `sid`."""
        for store in self._stores.values():
            yield from store.sessions()

    def clients(self) -> set[str]:
        """Return the clients of all sessions."""
        return {client_id for store in self._stores.values() for client_id in store.clients()}

    def counts(self) -> Counts:
        """Count sessions and clients; no client is in two shards."""
        return Counts(*map(sum, zip(*(store.counts() for store in self._stores.values()), strict=True)))

    def expired(self, now_ms: int, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return a page of the sessions past their retention; see `Store.expired`."""
        pages = (store.expired(now_ms, limit, after) for store in self._stores.values())
        return list(islice(merge(*pages, key=lambda row: (row.expires_at_ms, row.sid)), limit))

    def load(self, sid: Sid) -> LoadedState:
        """Open a session's objects; see `Store.load`."""
        return self._of(sid).load(sid)

    def history(self, sid: Sid, offset: int, count: int) -> HistoryPage:
        """Return part of a session's history; see `Store.history`."""
        return self._of(sid).history(sid, offset, count)

    def reply(self, scope: str, op_id: str) -> StoredReply | None:
        """Return the remembered reply of an operation; see `Store.reply`."""
        found = (store.reply(scope, op_id) for store in self._stores.values())
        return next((reply for reply in found if reply is not None), None)

    def savepoints(self, sid: Sid) -> list[Savepoint]:
        """Return a session's savepoints by ascending time of saving."""
        return self._of(sid).savepoints(sid)

    def undo_points(self, sid: Sid, first: int = 1) -> list[int]:
        """Return before which entries of its history a session can be put back; see `Store.undo_points`."""
        return self._of(sid).undo_points(sid, first)

    def differences(
        self, sid: Sid, before: str | int | None, after: str | int | None
    ) -> Generator[None, None, Differences]:
        """Compare two states of a session; see `Store.differences`."""
        return self._of(sid).differences(sid, before, after)

    def former(self, sid: Sid, place: str | int | None) -> FormerState:
        """Open a former state of a session; see `Store.former`."""
        return self._of(sid).former(sid, place)

    def prepare(self, changes: Sequence[Change]) -> Generator[None, None, Sequence[Change]]:
        """Prepare a large step of a session in its shard; see `Store.prepare`."""
        for change in changes:
            if isinstance(change, ObjectsChanged):
                return (yield from self._of(change.sid).prepare(changes))
        return changes

    def fold(self, sid: Sid) -> None:
        """Move what a session's journal holds into its base state; see `Store.fold`."""
        self._of(sid).fold(sid)

    def fold_due(self, steps_max: int) -> int:
        """Fold in the shard whose turn it is; see `Store.fold_due`."""
        left = {shard: store.fold_due(0) for shard, store in self._stores.items()}
        due = [shard for shard, steps in left.items() if steps]
        if due:
            self._folded = next((shard for shard in due if shard > self._folded), due[0])
            left[self._folded] = self._stores[self._folded].fold_due(steps_max)
        return sum(left.values())

    def lengthen_log(self) -> bool:
        """Make room for commits to come in the first shard that has too little; see `Store.lengthen_log`."""
        return any(store.lengthen_log() for store in self._stores.values())

    def shorten(self, sid: Sid) -> bool:
        """Do a step of folding a session if its journal is long; see `Store.shorten`."""
        return self._of(sid).shorten(sid)

    def garbage_due(self, limit: int, after: SessionRow | None = None) -> list[SessionRow]:
        """Return sessions whose garbage should be collected; see `Store.garbage_due`."""
        rows: list[SessionRow] = []
        for store in self._stores.values():
            rows += store.garbage_due(limit - len(rows), after) if len(rows) < limit else ()
        return rows

    def collect(self, sid: Sid, roots: Iterable[Oid]) -> Iterator[None]:
        """Drop a session's garbage in steps; see `Store.collect`."""
        return self._of(sid).collect(sid, roots)

    def vacuum(self, pages_max: int) -> int:
        """Give free pages of every shard back; see `Store.vacuum`."""
        return sum(store.vacuum(pages_max) for store in self._stores.values())

    def size_of(self, sid: Sid) -> int:
        """Return about how many bytes a session takes; see `Store.size_of`."""
        return self._of(sid).size_of(sid)

    def used_bytes(self) -> int:
        """Return how many bytes all shards take; see `Store.used_bytes`."""
        return sum(store.used_bytes() for store in self._stores.values())

    def code(self, key: bytes) -> bytes | None:
        """Return cached compiled code, None if it is not there or damaged."""
        return self._first.code(key)

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Cache compiled code under its hashes."""
        self._first.put_code(entries)

    def verify(self) -> Report:
        """Read everything and report every damage."""
        reports = [store.verify() for store in self._stores.values()]
        sessions, records = sum(report.sessions for report in reports), sum(report.records for report in reports)
        return Report(sessions, records, [damage for report in reports for damage in report.damages])

    def back_up(self, target: Path) -> Iterator[int]:
        """Copy the first shard into a new directory; the commands ask for each shard's backup by itself."""
        return self._first.back_up(target)

    def parts(self) -> list[tuple[Path, Store]]:
        """Return the shards by themselves, with their directories."""
        return [(self._directories[shard], store) for shard, store in self._stores.items()]

    def close(self) -> None:
        """Close every store; closing twice is harmless."""
        with ExitStack() as ends:
            for store in self._stores.values():
                ends.callback(store.close)


def shards_of(settings: Settings) -> int:
    """Return among how many shards the sessions are dealt: as many as are there, or one for each worker.

    Raises:
        DataError: nobody may look.
    """
    try:
        shards = len(shard_directories(Path(settings.data)))
    except OSError as error:
        reason = f"({error.strerror}); make it readable and writable or choose another."
        raise DataError(f"The data directory {settings.data} cannot be used {reason}") from error
    return min(SHARDS_MAX, max(settings.workers, shards))


def open_store(data: Path, shards: list[int]) -> Store:
    """Open the stores of some shards as one.

    Raises:
        StoreError: one of them cannot be opened; none is open then.
    """
    if len(shards) == 1:
        return SqliteStore(shard_directory(data, shards[0]), first_sid(shards[0]))
    with ExitStack() as opened:
        stores: dict[int, SqliteStore] = {}
        for shard in shards:
            stores[shard] = SqliteStore(shard_directory(data, shard), first_sid(shard))
            opened.callback(stores[shard].close)
        opened.pop_all()
    return ShardedStore(stores, {shard: shard_directory(data, shard) for shard in shards})


def parts_of(store: Store, data: Path) -> list[tuple[Path, Store]]:
    """Return the shards that a store is made of, with their directories; `data` is that of a store without files."""
    if isinstance(store, ShardedStore):
        return store.parts()
    return [(store.directory if isinstance(store, SqliteStore) else data, store)]
