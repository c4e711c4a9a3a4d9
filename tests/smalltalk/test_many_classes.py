"""Sessions of very many classes: nothing that the server does at one go grows with the square of their number."""

from __future__ import annotations

import pytest

from smalltalk.runtime import traits
from smalltalk.runtime.limits import INHERITANCE_LEVELS_MAX
from smalltalk.tools.ordering import needed_first
from tests.smalltalk.lifetimes import Lifetimes


def test_a_long_chain_is_ordered_with_two_looks_at_each_name() -> None:
    """`file_out` and `diff` took a pass over all classes for each level."""
    chain = list(range(2_000, -1, -1))
    looks = 0

    def name_of(number: int) -> str:
        nonlocal looks
        looks += 1
        return str(number)

    assert needed_first(chain, name_of, lambda number: [str(number - 1), "no item"]) == chain[::-1]
    assert looks <= 5 * len(chain)


def test_what_needs_itself_stays_last_and_of_a_name_that_is_there_twice_both_come_first() -> None:
    needs = {"a": ["b"], "b": [], "c": ["c"], "d": ["c"]}
    assert needed_first(["c", "a", "d", "b", "b"], str, needs.__getitem__) == ["b", "b", "a", "c", "d"]


def test_a_new_class_looks_for_no_heirs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody inherits from what was not there, and looking for them took a pass over all classes."""
    asked = []
    monkeypatch.setattr(traits, "_composed_heirs", lambda _world, behavior: asked.append(behavior) or [])
    session = Lifetimes()
    session.run("Object subclass: #Fresh")
    assert asked == []
    session.run("Object subclass: #Fresh instanceVariableNames: 'a' classVariableNames: '' package: 'Demo'")
    assert len(asked) == 2


@pytest.fixture
def tower() -> Lifetimes:
    """A session with as many levels as may be; the variable `top` is the lowest class."""
    session = Lifetimes()
    session.run(
        f"top := Object. 3 to: {INHERITANCE_LEVELS_MAX} do: [:i | top := top subclass: ('L' , i printString) asSymbol]"
    )
    return session


def test_inheritance_has_a_deepest_level(tower: Lifetimes) -> None:
    reason = f"would make more than {INHERITANCE_LEVELS_MAX} levels of inheritance"
    assert tower.fail("top subclass: #Below").message == f"Below {reason}"
    tower.run("Object subclass: #Foot. Foot subclass: #Toe")
    assert tower.fail("top superclass subclass: #Foot").message == f"Foot {reason}"
    assert tower.run("(top superclass superclass subclass: #Foot) withAllSuperclasses size") == str(
        INHERITANCE_LEVELS_MAX - 1
    )
    assert tower.run("top superclass subclass: top name asSymbol instanceVariableNames: 'a' package: 'Demo'")
