"""Ghosts behave as the objects they stand for, and load exactly when touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.memory.errors import BrokenImageError
from smalltalk.memory.ghosts import is_ghost
from tests.smalltalk.memory.handmade import Session, make_kernel

if TYPE_CHECKING:
    from typing import Any


def restored_pair(session: Session) -> tuple[Session, Any]:
    """A restored session with a ghost of an association."""
    session.keep(session.new("Association", i0=1, i1=2))
    session.drain()
    restored = session.restored()
    return restored, restored.values()[0]


def test_storing_first_keeps_the_other_variables(session: Session) -> None:
    _, ghost = restored_pair(session)
    ghost.i0 = 9
    assert not is_ghost(ghost)
    assert (ghost.i0, ghost.i1) == (9, 2)


def test_identity_class_and_flags_do_not_load(session: Session) -> None:
    restored, ghost = restored_pair(session)
    association = restored.kernel.classes["Association"]
    assert isinstance(ghost, association.instance_type())
    assert type(ghost).behavior is association
    assert ghost.oid
    assert not ghost.dirty
    assert is_ghost(ghost)


def test_a_touch_reads_one_record(session: Session) -> None:
    restored, ghost = restored_pair(session)
    before = len(restored.records.reads)
    assert ghost.i1 == 2
    assert ghost.i0 == 1
    assert restored.records.reads[before:] == [ghost.oid]


def test_a_slot_the_class_does_not_have_is_an_attribute_error(session: Session) -> None:
    _, ghost = restored_pair(session)
    with pytest.raises(AttributeError):
        _ = ghost.items


def test_a_ghost_as_dictionary_key_stays_the_same_key(session: Session) -> None:
    _, ghost = restored_pair(session)
    table = {ghost: 1}
    assert ghost.i0 == 1
    assert table[ghost] == 1


def test_a_ghost_of_another_session_is_refused(session: Session) -> None:
    _, ghost = restored_pair(session)
    Session(make_kernel())
    with pytest.raises(BrokenImageError, match="outside of its session"):
        _ = ghost.i0


def test_a_missing_record_is_reported_and_the_ghost_stays(session: Session) -> None:
    restored, ghost = restored_pair(session)
    record = restored.records.records.pop(ghost.oid)
    with pytest.raises(BrokenImageError, match="no record"):
        _ = ghost.i0
    restored.records.records[ghost.oid] = record
    assert ghost.i0 == 1


def test_a_list_of_200_000_links_is_written_and_walked_without_recursion(session: Session) -> None:
    first: Any = None
    for number in range(200_000):
        first = session.new("Association", i0=number, i1=first)
    session.keep(first)
    assert len(session.drain()) == 200_000 + 2
    link = session.restored().values()[0]
    length = 0
    while link is not None:
        length += 1
        link = link.i1
    assert length == 200_000
