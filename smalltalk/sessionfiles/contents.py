"""All that is stored of one session, as plain data: what a session file says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from ..memory.records import Record
    from .errors import SessionFileError


class SavedState(NamedTuple):
    """A savepoint.

    Attributes:
        name: what it is called.
        at_ms: when it was saved, milliseconds since 1970.
        meta: what the server noted of it, plain data.
        records: the objects that were others at that time than they are now, or are none now.
    """

    name: str
    at_ms: int
    meta: Mapping[str, Any]
    records: Mapping[int, Record]


class Reading(NamedTuple):
    """What reading a file tells of its objects beside what they are, for opening them.

    Attributes:
        sure: for the session and each savepoint, ids of the objects that need not be opened to be known to be right.
        refused: makes the error of an object: of the session (0) or of a savepoint (from 1), with its line.
    """

    sure: Sequence[AbstractSet[int]]
    refused: Callable[[int, int, str], SessionFileError]


class SessionContents(NamedTuple):
    """A session.

    Attributes:
        about: what is known of it beside its objects, plain data.
        next_oid: the smallest object id not given yet.
        records: its objects by id.
        history: its entries, oldest first, plain data.
        savepoints: those of the user, oldest first.
        reading: of what was read from a file.
    """

    about: Mapping[str, Any]
    next_oid: int
    records: Mapping[int, Record]
    history: Sequence[Mapping[str, Any]]
    savepoints: Sequence[SavedState]
    reading: Reading | None = None
