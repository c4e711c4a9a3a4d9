"""Expressions whose parts are computed in place mean what the messages mean, whatever a part turns out to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.smalltalk.harness import evaluate, new_world, run

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: Rounds in which code guesses, then guesses otherwise, then guesses nothing.
ROUNDS = 9


@pytest.fixture
def world() -> World:
    world = new_world()
    evaluate(world, "Object subclass: #Point2 instanceVariableNames: 'x y log' classVariableNames: '' package: 'Test'")
    evaluate(world, "Point2 compile: 'x ^ x'; compile: 'y ^ y'; compile: 'x: v x := v'; compile: 'y: v y := v'")
    evaluate(world, "Point2 compile: 'log ^ log ifNil: [log := OrderedCollection new]'")
    evaluate(world, "Object subclass: #Odd instanceVariableNames: 'count' classVariableNames: '' package: 'Test'")
    evaluate(world, "Odd compile: 'x count := (count ifNil: [0]) + 1. ^ count'; compile: 'count ^ count'")
    evaluate(world, "p := Point2 new x: 2; y: 5; yourself. q := Point2 new x: 3; y: p; yourself. o := Odd new")
    return world


def rounds(world: World, expression: str) -> set[str]:
    return {evaluate(world, expression) for _ in range(ROUNDS)}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("^ p x + q x * 10", "50"),
        ("^ p x + (q x * 10)", "32"),
        ("^ q y x + q y y", "7"),
        ("^ (p x - q x) abs", "1"),
        ("p x: p y - p x. p x: 5 - p x. ^ p x", "2"),
        ("p x: (p x: 7; y) - 3. ^ (p x * 10) + (p x: 2; x)", "22"),
        ("^ (p x + p y; * 3; yourself)", "2"),
        ("x := y := p x + 4. ^ x + y", "12"),
        ("^ (p x + (1/2)) printString , (p x + 0.5) printString", "'(5/2)2.5'"),
        ("^ (p x + q x) > (p x * q x)", "false"),
        ("^ [:a | a + p x] value: p x * q x", "8"),
        ("^ p x + q x ifNil: [0]", "5"),
    ],
)
def test_parts_are_evaluated_in_order_and_once(world: World, body: str, expected: str) -> None:
    evaluate(world, f"Point2 compile: 'run: p with: q {body.replace(chr(39), chr(39) * 2)}'")
    assert rounds(world, "Point2 new run: p with: q") == {expected}


def test_a_part_that_is_a_method_elsewhere_runs_once_a_time(world: World) -> None:
    evaluate(world, "Point2 compile: 'sum: a with: b self log add: a x + (b x * 100). ^ log last'")
    assert [evaluate(world, "p sum: p with: o") for _ in range(ROUNDS)] == [str(100 * n + 2) for n in range(1, 10)]
    assert evaluate(world, "p log size + o count") == str(2 * ROUNDS)


def test_a_part_that_is_not_understood_says_so_each_time(world: World) -> None:
    evaluate(world, "Point2 compile: 'sum: a with: b ^ a x - (b x * 2)'")
    assert evaluate(world, "p sum: p with: q") == "-4"
    found = {run(world, "p sum: p with: 3").failure.error_class for _ in range(ROUNDS)}
    assert found == {"MessageNotUnderstood"}
    assert evaluate(world, "p sum: q with: p") == "-1"


def test_an_accessor_that_becomes_a_method_counts_inside_an_expression(world: World) -> None:
    evaluate(world, "Point2 compile: 'sum: a ^ 100 - (a x + a y)'")
    assert rounds(world, "p sum: p") == {"93"}
    evaluate(world, "Point2 compile: 'x ^ 50'")
    assert rounds(world, "p sum: p") == {"45"}


@pytest.mark.parametrize(
    "body", ["^ (c = 3) ifTrue: [1] ifFalse: [2]", "^ (2 > 1 and: [c = 3]) ifTrue: [1] ifFalse: [2]"]
)
def test_an_equality_that_answers_no_boolean_is_asked_once(world: World, body: str) -> None:
    evaluate(world, f"Point2 compile: 'probe: c {body}'")
    assert rounds(world, "{p probe: 3. p probe: 4. p probe: $a. p probe: nil. p probe: 3.0}") == {"#(1 2 2 2 1)"}
    evaluate(world, "Odd compile: '= other self x. ^ #neither'")
    for _ in range(ROUNDS):
        evaluate(world, "[p probe: o] on: NonBooleanReceiver do: [:e | e return: 0]")
    assert evaluate(world, "o count") == str(ROUNDS)


def test_a_loop_tests_an_equality_of_other_things(world: World) -> None:
    evaluate(world, "Odd compile: '= other ^ self x >= other'")
    evaluate(world, "Point2 compile: 'spin: c | n | n := 0. [c = 4] whileFalse: [n := n + 1]. ^ n'")
    assert evaluate(world, "p spin: Odd new") == "3"
    assert rounds(world, "p spin: Odd new") == {"3"}


def test_an_emptiness_that_is_redefined_is_tested_as_it_is(world: World) -> None:
    evaluate(world, "Point2 compile: 'probe: c c isEmpty ifTrue: [^ #empty]. c notEmpty ifTrue: [^ #full]. ^ #none'")
    receivers = "{p probe: #(). p probe: (OrderedCollection with: 1). p probe: ''. p probe: (Set with: 2)}"
    assert rounds(world, receivers) == {"#(#empty #full #empty #full)"}
    evaluate(world, "Array compile: 'isEmpty ^ false'. OrderedCollection compile: 'notEmpty ^ false'")
    assert rounds(world, receivers) == {"#(#full #none #empty #full)"}


def test_a_walk_meets_what_is_added_and_misses_what_is_removed(world: World) -> None:
    evaluate(
        world,
        "Point2 compile: 'walk: c | seen | seen := OrderedCollection new. c do: [:e | seen add: e."
        " e = 1 ifTrue: [c add: 9]. e = 2 ifTrue: [c remove: 3]]. ^ seen asArray'",
    )
    assert rounds(world, "p walk: (OrderedCollection with: 1 with: 2 with: 3 with: 4)") == {"#(1 2 4 9)"}


def test_one_kind_of_collection_after_the_other_at_one_site(world: World) -> None:
    evaluate(world, "Point2 compile: 'get: c c at: 1 put: 4. ^ (c at: 1) + c size'")
    kinds = "{p get: (Array new: 2). p get: (OrderedCollection with: 0). p get: Dictionary new. p get: #(1 2 3) copy}"
    assert rounds(world, kinds) == {"#(6 5 5 7)"}
