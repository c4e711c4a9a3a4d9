"""No store goes unnoted: in every stretch between two safe points the object is marked as changed."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk.runtime.objects import FALSE
from tests.smalltalk.compiler.fake_world import FakeWorld, Pair

#: Body of a method, then how often its receiver must be marked; `clean` writes the session's changes, as a safe point.
STORES = (
    ("x := 1. y := 2. x := 3", 1),
    ("x := 1. y := x + 2. x := y * 3", 1),
    ("x := 1. self clean. y := 2", 2),
    ("self clean. x := 1. self clean. y := 2. x := 3. self clean", 2),
    ("x := 1. x = 1 ifTrue: [self clean]. y := 2", 2),
    ("x := 1. x = 2 ifTrue: [y := 2] ifFalse: [y := 3. self clean. y := 4]. x := 5", 2),
    ("x isNil ifTrue: [x := 1]. y := 2", 1),
    ("x == nil ifFalse: [x := 1]. y := 2", 1),
    ("1 to: 3 do: [:i | x := i. self clean]", 3),
    ("1 to: 3 do: [:i | y := i. x := i]. y := 7", 1),
    ("x := 0. [x < 3] whileTrue: [x := x + 1. self clean]", 3),
    ("x := 1. [self clean] value. y := 2", 2),
    ("x := 1. y := self clean. x := 2", 2),
)


@pytest.mark.parametrize(("body", "marks"), STORES)
def test_stores_are_noted_between_safe_points(body: str, marks: int) -> None:
    world = FakeWorld()
    noted: list[Any] = []

    def mark(obj: Any) -> None:
        if type(obj) is Pair:
            noted.append(obj)
        obj.dirty = True

    def clean(obj: Any) -> Any:
        obj.dirty = False
        return FALSE

    world.g["mark"] = mark
    world.methods[None, "clean"] = clean
    world.define(f"run {body}")
    receiver = Pair.make()
    receiver.dirty = False
    world.lookup(Pair, "run")(receiver)
    assert len(noted) == marks
    assert world.deopts == 0
