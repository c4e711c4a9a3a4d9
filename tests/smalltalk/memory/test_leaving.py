"""What a session gives up goes: at once if it is little, else in steps, each of them short."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.memory import heap, leaving
from smalltalk.memory.leaving import PAGES_PER_STEP, Leaving
from smalltalk.memory.loaded import PAGE_IDS
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from collections.abc import Iterator


class Thing:
    """Something that may be watched."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Leaving:
    """What waits, of this test alone."""
    made = Leaving()
    monkeypatch.setattr(heap, "LEAVING", made)
    return made


@pytest.fixture(autouse=True)
def no_search() -> Iterator[None]:
    """Keep Python from searching for circles: what goes has to go without."""
    gc.disable()
    yield
    gc.enable()


def pages(count: int) -> tuple[list[list[Any]], list[Any]]:
    """So many pages of things, and what watches those."""
    made = [[Thing(), None, *(Thing() for _ in range(PAGE_IDS - 2))] for _ in range(count)]
    return made, [weakref.ref(each) for page in made for each in page if each is not None]


def left(watched: list[Any]) -> int:
    """How many things are there."""
    return sum(each() is not None for each in watched)


def test_few_pages_go_at_once_and_many_in_steps() -> None:
    waiting = Leaving()
    few, watched = pages(PAGES_PER_STEP)
    waiting.take(few, are_whole=False)
    assert (left(watched), waiting.page_count) == (0, 0)
    many, watched = pages(2 * PAGES_PER_STEP + 1)
    waiting.take(many, are_whole=False)
    found = []
    while waiting.page_count:
        found.append((left(watched), waiting.page_count))
        waiting.step()
    in_step = PAGES_PER_STEP * (PAGE_IDS - 1)
    assert found == [
        (len(watched) - n * in_step, len(watched) // (PAGE_IDS - 1) - n * PAGES_PER_STEP) for n in range(3)
    ]
    assert left(watched) == 0
    waiting.step()


def test_of_very_many_those_go_at_once_that_left_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "PAGES_MAX", 3 * PAGES_PER_STEP)
    waiting = Leaving()
    lots = [pages(2 * PAGES_PER_STEP) for _ in range(2)]
    for lot, _ in lots:
        waiting.take(lot, are_whole=False)
    assert waiting.page_count == 3 * PAGES_PER_STEP
    assert [left(watched) for _, watched in lots] == [len(lots[0][1]) // 2, len(lots[1][1])]


MANY = 3 * PAGES_PER_STEP * PAGE_IDS
RING = f"ring := (1 to: {MANY}) collect: [:i | Array new: 1]. ring do: [:each | each at: 1 put: ring]. nil"


def test_a_large_session_that_is_closed_goes_in_steps_circles_included(waiting: Leaving) -> None:
    session = Lifetimes()
    session.run(RING)
    gone = weakref.ref(session.evaluate("b := [:x | x + ring size]").value)
    session.commit()
    before = len(gc.get_objects())
    session.image.close()
    assert waiting.page_count >= MANY // PAGE_IDS
    assert before - len(gc.get_objects()) < MANY / 2
    while waiting.page_count:
        waiting.step()
    assert before - len(gc.get_objects()) > MANY
    assert gone() is None


def test_what_is_trimmed_goes_in_steps_and_what_stays_is_whole(waiting: Leaving) -> None:
    session = Lifetimes()
    session.run("kept := (1 to: 100) collect: [:i | Array with: i with: i]. nil")
    session.run(f"many := (1 to: {MANY}) collect: [:i | Array with: (kept atWrap: i)]. nil")
    session.run("many := nil")
    before = len(gc.get_objects())
    session.image._heap._trim_at = 0
    session.run("kept at: 1 put: kept. nil")
    assert waiting.page_count
    while waiting.page_count:
        waiting.step()
    assert before - len(gc.get_objects()) > MANY
    assert session.run("(kept at: 100) first + (kept at: 1) size") == "200"
    session.restart()
    assert session.run("(kept at: 100) first + (kept at: 1) size") == "200"
