"""Objects that were not loaded since a restart exchange what they are."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes


@pytest.mark.parametrize(("one", "other"), [("Object new", "3 -> 4"), ("3 -> 4", "Object new"), ("1 @ 2", "3 -> 4")])
def test_unloaded_objects_become_each_other(one: str, other: str) -> None:
    session = Lifetimes()
    session.run(f"a := {one}. b := {other}")
    printed = session.run("{a printString. b printString}")
    session.restart()
    session.run("a become: b")
    session.restart()
    assert session.run("{b printString. a printString}") == printed


def test_a_stored_object_that_takes_the_place_of_a_new_one_keeps_its_record() -> None:
    session = Lifetimes()
    session.run("old := OrderedCollection with: 5")
    session.run("new := Object new. held := {new}. new becomeForward: old")
    session.restart()
    assert session.run("{held first. old. new. old == held first}") == (
        "an Array(an OrderedCollection(5) an OrderedCollection(5) an OrderedCollection(5) true)"
    )
