"""Session files: glue between the store, which knows a session's records, and the language, which knows their text.

Everything comes in steps of some milliseconds, so that a server does it between requests; a command just goes through
them. Files are named `session_<client>_<time>.ston`, and stand under their names whole or not at all.
"""

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from smalltalk import FILE_BYTES_MAX, SavedState, SessionContents, SessionFileError
from storage import (
    Change,
    NewSession,
    Parcel,
    ParcelledSavepoint,
    SessionRow,
    Store,
    gather,
    read_whole,
    taking_in,
    write_whole,
)

from ..clock import Clock
from ..durability.shards import SHARDS_MAX, session_token, shard_of_sid
from ..limits import SERVER_LIMITS
from ..state.quarantine import DEATHS, QUARANTINE
from ..state.retention import DUE_SINCE, expiry_ms
from ..state.stopped import STOPPED
from .imported_notes import check_notes

_Result = TypeVar("_Result")
#: What of a client's name may stand in a file's name; everything else becomes `_`.
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9-]")
_NAME_CHARACTERS_MAX: Final = SERVER_LIMITS["file_client_chars_max"].value
#: Random bytes of a session's public id, as the supervisor gives them.
_TOKEN_BYTES: Final = 24
#: Key in the stored meta of a session that is being made of a file: what was cut short is nobody's, and is purged.
DRAFT: Final = "draft"
#: What is stored with a session that does not move with it: marks of the place where it was.
_STAYS: Final = (DUE_SINCE, STOPPED, DEATHS, QUARANTINE, DRAFT)


class SessionText(Protocol):
    """The language's part; `running/language.py` fulfils it."""

    def write_session(self, contents: SessionContents) -> Iterator[bytes]:
        """Write a session as a file, in steps."""

    def read_session(self, data: bytes) -> Generator[None, None, SessionContents]:
        """Read a session file, in steps."""

    def check_session(self, contents: SessionContents) -> Iterator[int]:
        """Check, in steps, that the objects of a file make a session."""


def file_name(client_id: str, at_ms: int, number: int = 1) -> str:
    """Return the name of a session's file; no client's name leads out of the directory.

    Args:
        client_id: any text.
        at_ms: time of the session's last use, milliseconds since 1970 UTC.
        number: which of several files of that client and time it is.
    """
    client = _UNSAFE.sub("_", client_id[:_NAME_CHARACTERS_MAX]) or "_"
    seconds, millis = divmod(at_ms, 1000)
    used = f"{datetime.fromtimestamp(seconds, UTC):%Y%m%dT%H%M%S}{millis:03d}Z"
    return f"session_{client}_{used}{f'-{number}' if number > 1 else ''}.ston"


def place_of(target: Path, row: SessionRow) -> Path:
    """Return the file to write for a session: in the directory that the operator named, or what else he named."""
    return target / file_name(row.client_id, row.last_modified_ms) if target.is_dir() else target


def free_place(directory: Path, row: SessionRow) -> Path:
    """Return a file for a session that is not there yet.

    Different shards count through different numbers, so that two workers never choose the same name at the same time.
    """
    numbers = count(1 + shard_of_sid(row.sid), SHARDS_MAX)
    places = (directory / file_name(row.client_id, row.last_modified_ms, number) for number in numbers)
    return next(place for place in places if not place.exists())


def exporting(store: Store, row: SessionRow, text: SessionText, place: Path) -> Iterator[int]:
    """Write a session's file, in steps; yields the bytes written so far. What stood there before is kept beside it.

    Raises:
        StoreError: the session cannot be read, or the file not be written.
        SessionFileError: the session is damaged.
    """
    about = {
        "id": row.token,
        "client": row.client_id,
        "created_at_ms": row.created_at_ms,
        "last_modified_ms": row.last_modified_ms,
        "is_closed": row.is_closed,
        "meta": row.meta,
    }
    parcel = yield from _silently(gather(store, row, about))
    saved = [SavedState(*each) for each in parcel.savepoints]
    contents = SessionContents(parcel.about, parcel.next_oid, parcel.records, parcel.history, saved)
    writing = write_whole(place, text.write_session(contents))
    try:
        yield from writing
    finally:
        writing.close()  # type: ignore[attr-defined]  # it is a generator, which removes what it left half written


def _silently(steps: Generator[None, None, _Result]) -> Generator[int, None, _Result]:
    """Do steps before the first of those that are counted."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _Result = end.value
            return result
        yield 0


def reading(place: Path, text: SessionText) -> Generator[int, None, Parcel]:
    """Read and check a session file, in steps; yields how many objects were checked, answers the session.

    Raises:
        UnusableData: the file cannot be read.
        SessionFileError: it is no session file, was changed, or makes no session.
    """
    data = read_whole(place, FILE_BYTES_MAX)
    try:
        contents = yield from _silently(text.read_session(data))
        check_notes(contents)
        yield from text.check_session(contents)
    except SessionFileError as error:
        raise SessionFileError(f"{place}: {error}") from error
    saved = [ParcelledSavepoint(*each) for each in contents.savepoints]
    return Parcel(contents.about, contents.next_oid, contents.records, contents.history, saved)


def owner_of(parcel: Parcel, client_id: str | None) -> str:
    """Return whose session a file becomes: the client that is named, else the one that the file names."""
    return client_id if client_id is not None else str(parcel.about.get("client", ""))


def taking(
    parcel: Parcel, store: Store, clock: Clock, retention_days: float, client_id: str | None
) -> tuple[NewSession, Iterator[list[Change]]]:
    """Return the new session that a file becomes, and the changes that make it, in batches; see `taking_in`.

    Args:
        parcel: what the file says.
        store: where it is to be.
        clock: time and chance.
        retention_days: how long the session is kept without being used.
        client_id: whose it will be; None for the client that the file names.
    """
    now_ms = clock.now_ms()
    owner = owner_of(parcel, client_id)
    sid = store.next_sid(owner)
    token = session_token(sid, clock.random_bytes(_TOKEN_BYTES).hex())
    session = NewSession(sid, token, owner, now_ms, expiry_ms(now_ms, retention_days), _moved(parcel.about))
    return session, taking_in(parcel, session, {DRAFT: True})


def _moved(about: Any) -> dict[str, Any]:
    """Return what is stored with a session and moves with it."""
    meta = about.get("meta")
    return {name: value for name, value in meta.items() if name not in _STAYS} if isinstance(meta, dict) else {}
