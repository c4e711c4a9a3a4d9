"""The errands about sessions: a server that runs writes a session's file, or takes a session in.

Whoever takes a session in has read and checked its file already; what is handed over is the parcel it makes, because
reading is work for a process of its own. Thread: the loop.
"""

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smalltalk import FILE_BYTES_MAX
from storage import Store, StoreError, read_whole, remove_durably, unpack_parcel

from .errands import Work, asked_text
from .session_files import exporting, place_of, taking

if TYPE_CHECKING:
    from .supervisor import Supervisor

EXPORT: Final = "export"
TAKE_IN: Final = "take_in"
HAS_CLIENT: Final = "has_client"
YES: Final = "yes"
_NO: Final = "no"


class SessionErrands:
    """What one server does for its operator."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        #: Name of an errand -> what does it.
        self.works: Mapping[str, Work] = {EXPORT: self._export, TAKE_IN: self._take_in, HAS_CLIENT: _has_client}

    def _export(self, store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
        """Write a session's file, as of one moment between two requests."""
        token, target = asked_text(asked, EXPORT), asked_text(asked, "to")
        row = store.session_by_token(token)
        if row is None:
            raise StoreError(f"There is no session {token}.")
        place = place_of(Path(target), row)
        yield from exporting(store, row, self._supervisor.parts.engine, place)
        return str(place)

    def _take_in(self, store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
        """Make a session of a parcel; answer its id when it is durable."""
        path, client = Path(asked_text(asked, TAKE_IN)), asked.get("client")
        parcel = unpack_parcel(read_whole(path, FILE_BYTES_MAX))
        remove_durably(path)
        parts = self._supervisor.parts
        client_id = client if isinstance(client, str) else None
        session, changes = taking(parcel, store, parts.clock, parts.settings.retention_days, client_id)
        parts.keeper.stage(*changes)
        self._supervisor.census.created(is_first=True)
        while parts.keeper.has_changes:
            yield None
        if store.session(session.sid) is None:
            raise StoreError("The session could not be stored; the server's log says why.")
        return session.token


def _has_client(store: Store, asked: Mapping[str, Any]) -> Generator[object, None, str]:
    """Tell whether a client has sessions in a shard."""
    yield from ()
    return YES if store.sessions_of_client(asked_text(asked, HAS_CLIENT)) else _NO
