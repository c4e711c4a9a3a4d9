"""Peeking: the first element asked of a list that is not loaded is found without loading the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.memory import peeking
from smalltalk.memory.errors import BrokenImageError
from smalltalk.memory.ghosts import is_ghost
from smalltalk.memory.peeking import UNREAD, VALUES_MAX, element
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from tests.smalltalk.memory.handmade import Session


def restored_list(session: Session, values: list[Any]) -> tuple[Session, Any]:
    """A list that holds values, restored and not touched, beside one that is, so that the kind is known."""
    session.keep(session.new("Array", values))
    session.keep(session.new("Array", [None]))
    session.drain()
    restored = session.restored()
    many, known = restored.values()
    assert known.items == [None]
    return restored, many


def test_an_element_is_the_object_that_the_list_holds_once_it_is_loaded(session: Session) -> None:
    parts = [session.new("Association", i0=number) for number in range(9)]
    values = [1, *parts, 2.5, *parts[2:8], None, parts[0]]
    restored, many = restored_list(session, values)
    found = []
    for index in range(1, len(values) + 1):
        restored.heap.peeked.clear()
        found.append(element(restored.heap, many, index))
        assert is_ghost(many)
    assert len(found) == len(many.items)
    assert all(one is other or one == other == 2.5 for one, other in zip(found, many.items, strict=True))
    assert [part.i0 for part in found[1:10]] == list(range(9))


def test_the_second_time_it_shall_be_loaded_and_few_are_remembered(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    restored, many = restored_list(session, [1, 2, 3])
    assert [element(restored.heap, many, index) for index in (2, 3)] == [2, UNREAD]
    monkeypatch.setattr(peeking, "PEEKED_MAX", 1)
    again = session.restored()
    again.heap.peeked = {0}
    assert again.values()[1].items == [None]
    assert element(again.heap, again.values()[0], 1) == 1
    assert again.heap.peeked == {again.values()[0].oid}


@pytest.mark.parametrize("count", [VALUES_MAX + 1, 0, 3])
def test_a_long_list_and_an_index_beyond_its_end_are_left_to_loading(session: Session, count: int) -> None:
    restored, many = restored_list(session, list(range(count)))
    assert element(restored.heap, many, 4 if count == 3 else 1) is UNREAD


def test_a_reference_that_leads_nowhere_is_told_of(session: Session) -> None:
    restored, many = restored_list(session, [1, 2])
    restored.records.records[many.oid] = ("Array", (), ((999, "NoSuchClass"), 2))
    with pytest.raises(BrokenImageError):
        element(restored.heap, many, 1)
    assert is_ghost(many)


def test_a_value_that_is_none_is_told_of_by_loading(session: Session) -> None:
    restored, many = restored_list(session, [1, 2])
    restored.records.records[many.oid] = ("Array", (), (b"bytes", 2))
    assert element(restored.heap, many, 1) is UNREAD
    with pytest.raises(BrokenImageError):
        _ = many.items


def test_a_path_through_lists_loads_none_of_them_and_changes_are_seen() -> None:
    session = Lifetimes()
    session.run("tree := (1 to: 9) collect: [:i | (1 to: 9) collect: [:j | OrderedCollection with: i with: j]]. #()")
    session.restart()
    assert session.run("((tree at: 3) at: 4) size") == "2"
    loaded = session.image._heap.loaded()
    assert sum(not is_ghost(each) for each in loaded if type(each).__name__.endswith("Array")) == 0
    session.run("leaf := (tree at: 3) at: 5. leaf at: 1 put: leaf. (tree at: 3) at: 4 put: leaf")
    session.restart()
    assert session.run("((tree at: 3) at: 4) == ((tree at: 3) at: 5)") == "true"
    assert session.run("((tree at: 3) at: 4) first == leaf") == "true"
    assert session.run("[tree at: 10] on: SubscriptOutOfBounds do: [:e | #beyond]") == "#beyond"
