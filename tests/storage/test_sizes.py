"""How much of the disk a session takes, and all of them."""

import pytest

from storage import (
    HistoryAppended,
    ObjectsChanged,
    SavepointDropped,
    SavepointSaved,
    SessionCreated,
    SessionPurged,
    Sid,
    UnknownSession,
)

SID = Sid(1)
BYTES = 50_000
PAGE_BYTES = 4_096


@pytest.fixture
def filled(store):
    """A store with a session of one large object."""
    store.commit([SessionCreated(SID, "token", "ann", 1, 2, {})])
    put(store, 1)
    return store


def put(store, seq):
    """Replace the large object by another one."""
    store.commit([ObjectsChanged(SID, seq, 10, [(2, ("ByteArray", (), bytes([seq]) * BYTES))])])


def is_about(size_bytes, objects):
    return objects * BYTES <= size_bytes < objects * BYTES + 2_000


def test_a_session_takes_what_its_records_take_folded_or_not(filled):
    assert is_about(filled.size_of(SID), 1)
    filled.fold(SID)
    assert is_about(filled.size_of(SID), 1)


def test_savepoints_and_history_count_until_they_are_dropped(filled):
    filled.commit([SavepointSaved(SID, "a", 1, {})])
    put(filled, 2)
    filled.fold(SID)
    assert is_about(filled.size_of(SID), 2)
    filled.commit([SavepointDropped(SID, "a")])
    assert is_about(filled.size_of(SID), 1)
    filled.commit([HistoryAppended(SID, 1, {"code": "x" * BYTES})])
    assert is_about(filled.size_of(SID), 2)
    filled.fold(SID)
    assert is_about(filled.size_of(SID), 2)


def test_what_is_deleted_takes_nothing(filled):
    filled.fold(SID)
    before_bytes = filled.used_bytes()
    filled.commit([SessionPurged(SID)])
    assert before_bytes - filled.used_bytes() > BYTES - 2 * PAGE_BYTES
    with pytest.raises(UnknownSession):
        filled.size_of(SID)
