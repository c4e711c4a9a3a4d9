"""The errands about sessions: a server that runs writes a session's file, or takes a session in.

Whoever takes a session in has read and checked its file already; what is handed over is the parcel it makes, because
reading is work for a process of its own. A large one is stored batch after batch, each in a tick's commit; until the
last the session is a draft, which nobody can use and the sweep deletes if the server ended meanwhile. Thread: the loop.
"""

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smalltalk import FILE_BYTES_MAX
from storage import (
    Change,
    HistoryAppended,
    ObjectsChanged,
    SavepointSaved,
    SessionPurged,
    Sid,
    Store,
    StoreError,
    read_whole,
    remove_durably,
    unpack_parcel,
    write_whole,
)

from ..running.language import KERNEL_KEY
from ..traffic.call import RefusedError
from .errands import Work, asked_text
from .session_files import DRAFT, exporting, owner_of, place_of, taking
from .session_listing import EVERYBODY, LIST, SHOW, session_facts, session_lines

if TYPE_CHECKING:
    from ..durability.keeper import Keeper
    from ..durability.quotas import Quotas
    from ..sessions.supervisor import Supervisor

EXPORT: Final = "export"
TAKE_IN: Final = "take_in"
HAS_CLIENT: Final = "has_client"
LIBRARY: Final = "library"
YES: Final = "yes"
_NO: Final = "no"
#: Bytes of the compiled library that are written in one step.
_PIECE_BYTES: Final = 262_144
_NOT_STORED: Final = "The session could not be stored; the server's log says why."


class SessionErrands:
    """What one server does for its operator."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        #: Name of an errand -> what does it.
        self.works: Mapping[str, Work] = {
            EXPORT: self._export,
            TAKE_IN: self._take_in,
            HAS_CLIENT: _has_client,
            LIST: self._list,
            SHOW: _show,
            LIBRARY: _library,
        }

    def _export(self, store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
        """Write a session's file, as of one moment between two requests."""
        token, target = asked_text(asked, EXPORT), asked_text(asked, "to")
        row = store.session_by_token(token)
        if row is None:
            raise StoreError(f"There is no session {token}.")
        place = place_of(Path(target), row)
        yield from exporting(store, row, self._supervisor.parts.engine, place)
        return str(place)

    def _list(self, store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
        """Write a line of each session, of one client's if one is named."""
        client_id = asked_text(asked, LIST)
        lines = session_lines(
            store, None if client_id == EVERYBODY else client_id, self._supervisor.parts.clock.now_ms()
        )
        return (yield from _written(lines, asked))

    def _take_in(self, store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
        """Make a session of a parcel, in steps between requests; answer its id when it is durable."""
        path, client = Path(asked_text(asked, TAKE_IN)), asked.get("client")
        parcel = yield from unpack_parcel(read_whole(path, FILE_BYTES_MAX))
        remove_durably(path)
        parts = self._supervisor.parts
        client_id = client if isinstance(client, str) else None
        _check_room(parts.quotas, owner_of(parcel, client_id))
        session, batches = taking(parcel, store, parts.clock, parts.settings.retention_days, client_id)
        self._supervisor.census.created(is_first=True)
        try:
            yield from _storing(parts.keeper, store, session.sid, batches)
        except StoreError:
            self._supervisor.census.closed()
            if store.session(session.sid) is not None:
                parts.keeper.stage(SessionPurged(session.sid))
            raise
        parts.quotas.changed(session.client_id, session.sid)
        return session.token


def _storing(
    keeper: "Keeper", store: Store, sid: Sid, batches: Iterator[list[Change]]
) -> Generator[object, None, None]:
    """Store a new session, batch after batch: none is staged before the one before it is durable.

    Raises:
        StoreError: one is not.
    """
    counted: Counter[type[Change]] = Counter()
    for batch in batches:
        generation = keeper.generation
        keeper.stage(*batch)
        while keeper.generation == generation:
            yield None
        counted.update(map(type, batch))
        present = (store.load(sid).seq, store.history(sid, 0, 0).total, len(store.savepoints(sid)))
        if present != (counted[ObjectsChanged], counted[HistoryAppended], counted[SavepointSaved]):
            raise StoreError(_NOT_STORED)
        yield None
        store.fold(sid)
        yield None
    row = store.session(sid)
    if row is None or DRAFT in row.meta:
        raise StoreError(_NOT_STORED)


def _check_room(quotas: "Quotas", client_id: str) -> None:
    """Refuse to take a session in for which its client, or the server, has no room on disk."""
    try:
        quotas.check_room(client_id)
    except RefusedError as refused:
        raise StoreError(refused.failure.message) from refused


def _show(store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Write the lines about one session."""
    return (yield from _written(session_facts(store, asked_text(asked, SHOW)), asked))


def _written(lines: Iterator[str], asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Write lines into the file that an errand names, in steps."""
    place = Path(asked_text(asked, "to"))
    writing = write_whole(place, (line.encode(errors="replace") for line in lines))
    try:
        yield from writing
    finally:
        writing.close()  # type: ignore[attr-defined]  # it is a generator, which removes what it left half written
    return str(place)


def _library(store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Write the compiled class library: a command that had to compile it itself would take seconds more."""
    compiled = store.code(KERNEL_KEY)
    if compiled is None:
        raise StoreError("The compiled class library is not in this shard.")
    place = Path(asked_text(asked, LIBRARY))
    pieces = (compiled[start : start + _PIECE_BYTES] for start in range(0, len(compiled), _PIECE_BYTES))
    yield from write_whole(place, pieces)
    return str(place)


def _has_client(store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Tell whether a client has sessions in a shard."""
    yield from ()
    return YES if store.sessions_of_client(asked_text(asked, HAS_CLIENT)) else _NO
