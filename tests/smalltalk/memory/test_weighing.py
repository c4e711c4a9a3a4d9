"""Weighing counts what a session's objects take: each once, nothing shared, nothing that is not loaded."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from smalltalk import set_poll, weigh
from smalltalk.memory.weighing import _THINGS_PER_STEP
from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from types import FrameType

MB = 1_000_000
#: Safe points looked at: the last ones are behind the first statements of a method.
LOOKS = 10
MEGABYTE = "(ByteArray new: 1000000)"


@pytest.fixture
def session() -> Lifetimes:
    return Lifetimes()


def weight(session: Lifetimes, frame: FrameType | None = None) -> int:
    """What the whole walk finds."""
    steps = weigh(session.image.world, frame)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return int(end.value)


def megabytes_by(session: Lifetimes, code: str) -> float:
    """By how much a do-it makes the session heavier."""
    before = weight(session)
    session.run(code)
    return (weight(session) - before) / MB


@pytest.mark.parametrize(
    ("proven", "code", "megabytes"),
    [
        ("a variable of the workspace", f"x := {MEGABYTE}", 1),
        ("an object twice referred to counts once", f"x := {MEGABYTE}. y := Array with: x with: x", 1),
        ("an object that holds itself", f"x := Array new: 2. x at: 1 put: x; at: 2 put: {MEGABYTE}", 1),
        ("a global", f"Smalltalk at: #Big put: {MEGABYTE}", 1),
        ("what a block has captured", f"| big | big := {MEGABYTE}. b := [big size]", 1),
        ("characters", "x := String new: 1000000 withAll: $a", 1),
        ("places of an Array", "x := Array new: 1000000", 8),
        ("keys and values", f"d := Dictionary new. d at: 'k' put: {MEGABYTE}; at: {MEGABYTE} put: 1", 2),
        ("what was let go of", f"{MEGABYTE} size", 0),
        ("classes and symbols are no objects of the session", "x := {Object. #foo. 3. $a. nil}", 0),
    ],
)
def test_what_counts(session: Lifetimes, proven: str, code: str, megabytes: float) -> None:
    """Each line says what it proves."""
    assert megabytes_by(session, code) == pytest.approx(megabytes, abs=0.02), proven


def test_variables_of_classes_count(session: Lifetimes) -> None:
    session.run("Object subclass: #Holder instanceVariableNames: '' classVariableNames: 'Kept' package: 'P'")
    session.run("Holder class instanceVariableNames: 'own'")
    session.run(f"Holder class compile: 'fill Kept := {MEGABYTE}. own := {MEGABYTE}'")
    assert megabytes_by(session, "Holder fill") == pytest.approx(2, abs=0.02)


def test_variables_of_code_that_stands_count(session: Lifetimes) -> None:
    session.run(
        "Object compile: 'weighed | big | big := ByteArray new: 1000000. 1 to: 20 do: [:i | i printString]. ^big'"
    )
    found: list[int] = []

    def look() -> None:
        found.append(weight(session, sys._getframe()))
        set_poll(len(found) < LOOKS)

    evaluation = session.image.begin(yield_=look)
    set_poll(True)
    outcome = session.image.evaluate("self weighed", tool_id=None, display=False, evaluation=evaluation)
    set_poll(False)
    assert outcome.failure is None
    assert min(found) < MB < max(found)


def test_what_is_not_loaded_weighs_what_a_ghost_does(session: Lifetimes) -> None:
    light = weight(session)
    session.run(f"x := {MEGABYTE}")
    session.restart()
    assert weight(session) < light + MB / 100
    session.run("x size")
    assert weight(session) > MB


def test_a_long_list_is_walked_in_steps(session: Lifetimes) -> None:
    session.run("x := (1 to: 100000) asOrderedCollection")
    assert len(list(weigh(session.image.world))) > 20


def test_a_large_dictionary_is_walked_in_steps(session: Lifetimes) -> None:
    session.run("x := Dictionary new. 1 to: 50000 do: [:i | x at: i put: i]")
    assert len(list(weigh(session.image.world))) > 20


def test_arrays_that_are_many_and_not_long_are_walked_in_steps(session: Lifetimes) -> None:
    session.run("x := (1 to: 50) collect: [:i | Array new: 2000]")
    assert len(list(weigh(session.image.world))) > 20


def test_a_session_that_runs_between_two_steps_does_not_end_the_walk(session):
    world = session.image.world
    roots = len(world.heap.loaded()) + 1
    # The first step ends among the variables.
    world.globals.update((f"filler{number}", None) for number in range(2 * _THINGS_PER_STEP - roots))
    steps = weigh(world)
    next(steps)
    session.run("Smalltalk at: #FreshOne put: 3")
    assert sum(1 for _ in steps)
