"""The archive: sessions past their retention become files in the directory `archive` of the data, then are deleted.

A session is deleted when its file is durable and was read back whole. One that cannot be written stays as it is.
Thread: the loop; in steps between requests.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smalltalk import FILE_BYTES_MAX, SessionFileError
from storage import SessionPurged, SessionRow, Store, StoreError, read_whole, remove_durably

from ..logs import new_logger
from ..state.retention import is_expired
from .session_files import DRAFT, SessionText, exporting, free_place

if TYPE_CHECKING:
    from ..sessions.supervisor import Supervisor

#: Name of the directory of files of sessions past their retention, in the data directory.
ARCHIVE: Final = "archive"
_log = new_logger("archive")


def archiving(store: Store, row: SessionRow, text: SessionText, directory: Path) -> Iterator[Path]:
    """Write a session's file into the archive and read it back; yields its place after each step.

    Raises:
        StoreError, SessionFileError: it cannot be written, or read back.
    """
    place = free_place(directory, row)
    for _ in exporting(store, row, text, place):
        yield place
    try:
        for _ in text.read_session(read_whole(place, FILE_BYTES_MAX)):
            yield place
    except (StoreError, SessionFileError):
        remove_durably(place)  # or each sweep would leave one more
        raise
    yield place


class Archive:
    """The archive of a server that runs."""

    def __init__(self, supervisor: "Supervisor") -> None:
        self._supervisor = supervisor
        self._directory = Path(supervisor.parts.settings.data) / ARCHIVE

    def steps(self, row: SessionRow) -> Iterator[None]:
        """Archive a session past its retention, which nobody can use any more, and delete it; a draft only that."""
        keeper, engine = self._supervisor.parts.keeper, self._supervisor.parts.engine
        try:
            for _ in () if DRAFT in row.meta else archiving(keeper.store, row, engine, self._directory):
                yield
        except (StoreError, SessionFileError, OSError) as error:
            _log.error("a session cannot be archived and is kept", session=row.token, reason=str(error))
            return
        present = keeper.store.session(row.sid)
        if present is None or not is_expired(present.expires_at_ms, self._supervisor.parts.clock.now_ms()):
            return
        keeper.stage(SessionPurged(row.sid))
        self._supervisor.parts.quotas.changed(row.client_id, row.sid)
        if not row.is_closed:
            self._supervisor.census.closed()
        self._supervisor.parts.events.publish(row.token, "session", {"state": "archived"})
