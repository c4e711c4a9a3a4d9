"""Notes of the server in a session file: what this server would not write is refused, naming the part."""

import pytest

from actors.upkeep.imported_notes import check_notes
from smalltalk import SavedState, SessionContents, SessionFileError

ENTRY = {"code": "3 + 4", "result": "7", "timestamp_ms": 1, "execution_ms": 0, "has_error": False}


def contents(meta=None, history=(ENTRY,), savepoints=()):
    return SessionContents({"meta": meta or {}}, 1, {}, list(history), list(savepoints))


def test_what_the_server_writes_is_believed():
    undo = {**ENTRY, "undid": 1}
    meta = {"wake_at_ms": 0, "context_ids_given": 3, "state": {"panes": []}}
    check_notes(contents(meta, [ENTRY, undo], [SavedState("a", 1, {}, {}), SavedState("b", 1, {}, {})]))


@pytest.mark.parametrize(
    ("refused", "reason"),
    [
        (contents({"wake_at_ms": "soon"}), "wake_at_ms"),
        (contents({"wake_at_ms": -1}), "wake_at_ms"),
        (contents({"context_ids_given": True}), "context_ids_given"),
        (SessionContents({"meta": 7}, 1, {}, [], []), "meta must be a map"),
        (SessionContents({"client": "x" * 257}, 1, {}, [], []), "client must be a name of at most 256"),
        (SessionContents({"client": 7}, 1, {}, [], []), "client must be a name"),
        (contents(history=[ENTRY, {}]), "Entry 2 of the history: its code"),
        (contents(history=[{**ENTRY, "timestamp_ms": 10**20}]), "Entry 1 of the history: its timestamp_ms"),
        (contents(history=[{**ENTRY, "undid": 9}]), "Entry 1 of the history: it undid"),
        (contents(history=[{**ENTRY, "undid": "1"}]), "Entry 1 of the history: it undid"),
        (contents(savepoints=[SavedState("a", 1, {}, {})] * 2), "used once"),
        (contents(savepoints=[SavedState("", 1, {}, {})]), "1 to 256 characters"),
        (contents(savepoints=[SavedState("a", 10**20, {}, {})]), "no time"),
        (contents(savepoints=[SavedState(str(n), 1, {}, {}) for n in range(82)]), "82 savepoints"),
    ],
)
def test_what_it_would_not_write_is_refused(refused, reason):
    with pytest.raises(SessionFileError, match=reason):
        check_notes(refused)
