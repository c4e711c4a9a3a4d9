"""What a session file says of the server's own notes: checked before it is believed.

The language checks a file's objects. Its history, savepoints and meta are the server's: what is of another kind there
would fail when the session is used, or, as a time to wake it at, when the server starts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from protocol import LIMITS
from smalltalk import SavedState, SessionContents, SessionFileError

from ..limits import SERVER_LIMITS
from ..operations.undoing import UNDID
from ..sessions.session_background import WAKE_AT
from ..state.session_state import IDS_GIVEN

#: The last millisecond of the year 9999: later times cannot be written.
_LATEST_MS: Final = 253_402_300_799_999
_NAME_CHARS_MAX: Final = LIMITS["name_chars_max"].value
#: What any name on the wire may have; a client with a longer one could never ask for its session.
CLIENT_CHARS_MAX: Final = _NAME_CHARS_MAX
#: As many as a session may have, and one that is about to make room.
_SAVEPOINTS_MAX: Final = SERVER_LIMITS["savepoints_max"].value + SERVER_LIMITS["automatic_savepoints_max"].value + 1


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_time(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _LATEST_MS


def _is_flag(value: Any) -> bool:
    return type(value) is bool


#: What each entry of a history has, and what that must be.
_ENTRY: Final[Mapping[str, Callable[[Any], bool]]] = {
    "code": _is_text,
    "result": _is_text,
    "timestamp_ms": _is_time,
    "execution_ms": _is_time,
    "has_error": _is_flag,
}
#: What the server counts with in a session's meta, if it is there.
_META: Final[Mapping[str, Callable[[Any], bool]]] = {WAKE_AT: _is_time, IDS_GIVEN: _is_time}


def check_notes(contents: SessionContents) -> None:
    """Check what a file says beside its objects.

    Raises:
        SessionFileError: it is not what this server writes; the message names the part.
    """
    client = contents.about.get("client", "")
    if not _is_text(client) or len(client) > CLIENT_CHARS_MAX:
        raise SessionFileError(f"The session's client must be a name of at most {CLIENT_CHARS_MAX} characters.")
    meta = contents.about.get("meta", {})
    if type(meta) is not dict:
        raise SessionFileError("The session's meta must be a map.")
    for name, is_right in _META.items():
        if name in meta and not is_right(meta[name]):
            raise SessionFileError(f"The session's meta says of {name} what is no number that it can be.")
    for number, entry in enumerate(contents.history, 1):
        _check_entry(number, entry)
    _check_savepoints(contents.savepoints)


def _check_entry(number: int, entry: Mapping[str, Any]) -> None:
    """Check one entry of the history."""
    for name, is_right in _ENTRY.items():
        if not is_right(entry.get(name)):
            raise SessionFileError(f"Entry {number} of the history: its {name} is missing, or not what it can be.")
    undid = entry.get(UNDID, 1)
    if type(undid) is not int or not 0 < undid <= number:
        raise SessionFileError(f"Entry {number} of the history: it undid an entry that was not there.")


def _check_savepoints(savepoints: Sequence[SavedState]) -> None:
    """Check the savepoints."""
    if len(savepoints) > _SAVEPOINTS_MAX:
        raise SessionFileError(f"The file has {len(savepoints)} savepoints; a session may have {_SAVEPOINTS_MAX}.")
    names = [saved.name for saved in savepoints]
    for saved in savepoints:
        if not 0 < len(saved.name) <= _NAME_CHARS_MAX or names.count(saved.name) > 1:
            raise SessionFileError(f"A savepoint's name has 1 to {_NAME_CHARS_MAX} characters and is used once.")
        if not _is_time(saved.at_ms):
            raise SessionFileError(f"The savepoint {saved.name!r} has no time that can be.")
