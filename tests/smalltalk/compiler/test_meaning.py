"""What do-its answer, in generated code and in the interpreter, for every construct of the language."""

from __future__ import annotations

import sys

import pytest

from tests.smalltalk.compiler.cases import CASES
from tests.smalltalk.compiler.fake_world import FakeWorld, pair_of, plain


@pytest.fixture
def world() -> FakeWorld:
    return FakeWorld()


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_both_engines_answer_the_same(world: FakeWorld, source: str, expected: object) -> None:
    assert world.both(source) == expected


@pytest.mark.parametrize(("source", "expected"), [case for case in CASES if "by:" not in case[0]])
def test_a_fully_parametrised_doit_answers_the_same(world: FakeWorld, source: str, expected: object) -> None:
    assert plain(world.run(source, parametrise=True)) == expected
    assert plain(FakeWorld().run(source, parametrise=True, interpreted=True)) == expected


def test_a_wrong_guess_never_repeats_a_send(world: FakeWorld) -> None:
    world.both("(nil log: 1) + (nil log: nil) + (nil log: 3)")
    assert world.trace == [1, None, 3]


def test_instance_variables_and_the_write_barrier(world: FakeWorld) -> None:
    world.define("swap | t | t := x. x := y. y := t")
    pair = pair_of(1, 2)
    pair.dirty = False
    world.run("self swap", pair)
    assert (pair.i0, pair.i1, pair.dirty) == (2, 1, True)


def test_a_dead_home_is_reported(world: FakeWorld) -> None:
    world.define("escape ^[:v | ^v]")
    assert world.run("(self escape) value: 5. 6") == 6
    assert world.trace == ["dead home"]


def test_safe_points_in_loops_and_sending_methods_only(world: FakeWorld) -> None:
    world.define("leaf ^x")
    world.define("branch ^self leaf")
    world.run("self poll. self leaf. self branch", pair_of(1, 2))
    assert world.trace == ["poll"]
    world.run("self poll. 1 to: 3 do: [:i | self log: i]", pair_of(1, 2))
    assert world.trace == ["poll", "poll", 1, 2, 3]


def test_recursion_50000_deep_and_the_answer_comes_back(world: FakeWorld) -> None:
    world.define("down: n  n = 0 ifTrue: [^0]. ^(self down: n - 1) + 1")
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(60_000)
    try:
        assert world.run("self down: 50000") == 50_000
    finally:
        sys.setrecursionlimit(limit)
