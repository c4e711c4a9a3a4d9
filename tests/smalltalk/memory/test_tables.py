"""Durable tables: what they hold, which pages are written anew, and how often they are gone through."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

from smalltalk.memory.tables import PAGE_ELEMENTS_MAX, Page, Table
from smalltalk.runtime.objects import Object
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest


class Element(Object):
    """Anything that stands in a table."""


def ignore(_changed: Object) -> None:
    """The write barrier of a table that nobody stores."""


def filled(elements: Iterable[Any]) -> Table:
    table = Table()
    for element in elements:
        table.append(element, ignore)
    return table


def by_hand(present: list[Any], wanted: list[Any]) -> list[Any]:
    """What stays in its place, new elements in the first free places, the other new ones at the end."""
    new = [element for element in wanted if element not in present]
    held = [element if element in wanted else new.pop(0) for element in present if element in wanted or new]
    return held + new


def test_a_table_becomes_what_it_shall_hold_and_marks_only_pages_that_change() -> None:
    chance = random.Random(12)
    for _ in range(200):
        pool = [Element() for _ in range(80)]
        present = chance.sample(pool, chance.randint(0, 60))
        wanted = [each for each in present if chance.random() < 0.8] + [each for each in pool if chance.random() < 0.1]
        wanted = list({id(each): each for each in wanted}.values())
        table = filled(present)
        before = {id(page): list(page.elements) for page in table.pages}
        marked: list[Object] = []
        table.become(wanted, marked.append)
        assert list(table) == by_hand(present, wanted)
        assert all(0 < len(page.elements) <= PAGE_ELEMENTS_MAX for page in table.pages)
        changed = {id(page) for page in table.pages if before.get(id(page)) != page.elements}
        assert changed <= {id(each) for each in marked}
        assert {id(each) for each in marked if isinstance(each, Page) and each.elements} <= changed


def test_what_moves_to_the_end_is_there_once_and_last() -> None:
    one, two, three, four = elements = [Element() for _ in range(4)]
    table = filled(elements[:3])
    table.move_to_end([two, four, two], ignore)
    assert list(table) == [one, three, two, four]


def test_a_table_of_the_world_is_gone_through_once_a_drain_whatever_number_of_entries_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each class, global, forward or exchanged object took a pass over its whole table, in the midst of a commit."""
    session = Lifetimes()
    session.run("old := (1 to: 30) collect: [:i | Object new]")
    counts: Counter[str] = Counter()
    become = Table.become

    def counted(self: Table, elements: Any, mark: Any) -> None:
        counts[self.name] += 1
        become(self, elements, mark)

    monkeypatch.setattr(Table, "become", counted)
    session.run(
        "1 to: 30 do: [:i | Object subclass: ('C' , i printString) asSymbol. "
        "Smalltalk at: ('G' , i printString) asSymbol put: i]. "
        "1 to: 10 do: [:i | (old at: i) becomeForward: Set new]. 11 to: 20 do: [:i | (old at: i) become: Set new]. 3"
    )
    assert max(counts[name] for name in ("classes", "globals", "forwards", "moved")) == 1
    session.restart()
    assert session.run("{G30. C30 name. old first class. (old at: 11) class}") == "{30. #C30. Set. Set}"
