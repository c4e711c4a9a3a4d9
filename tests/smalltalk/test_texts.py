"""Texts of an answer: one that never ends, waits or fails takes nothing from the others, and the evaluation goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime import safe_points
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.tools.texts import TEXT_MS_MAX, TEXTS_MS_MAX, Texts
from tests.smalltalk.harness import new_world, run

if TYPE_CHECKING:
    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

_NS_PER_MS = 1_000_000
_STEP_MS = 5


@pytest.fixture
def world() -> World:
    """A world with a class whose printing each test defines."""
    world = new_world()
    run(world, "Object subclass: #Odd instanceVariableNames: '' classVariableNames: '' package: 'P'")
    return world


def texts_of(world: World, source: str, evaluation: Evaluation | None = None) -> Outcome:
    """Make the texts of the elements of an Array, in an evaluation of their own."""
    run(world, f"values := {source}. 1")
    values = world.bindings["values"].v.items
    evaluation = evaluation or Evaluation(world)

    def body() -> list[str]:
        texts = Texts(world)
        return [texts.of(value) for value in values]

    return evaluation.run(body)


def let_time_pass(world: World, **budget: Any) -> Evaluation:
    """Make an evaluation in which CPU time passes at each look at the clock, and every poll finds the flag set."""

    def cpu_ns() -> int:
        safe_points.set_poll(True)
        world.host.spent_ns += _STEP_MS * _NS_PER_MS
        return world.host.spent_ns

    world.host.cpu_ns = cpu_ns
    return Evaluation(world, **budget)


@pytest.fixture(autouse=True)
def _no_poll_is_left() -> object:
    yield
    safe_points.set_poll(False)


def test_a_text_that_never_ends_is_named_and_the_others_are_there(world: World) -> None:
    run(world, "Odd compile: 'printOn: s [true] whileTrue'")
    evaluation = let_time_pass(world)
    outcome = texts_of(world, "{3. Odd new. 'a'}", evaluation)
    assert outcome.value == ["3", "<printing an Odd took too long>", "'a'"]
    assert TEXT_MS_MAX <= evaluation.used_ns // _NS_PER_MS < TEXTS_MS_MAX


def test_what_printing_leaves_behind_gets_a_little_time_and_no_more(world: World) -> None:
    run(world, "Odd compile: 'printOn: s [[true] whileTrue] ensure: [Smalltalk at: #Left put: 1. [true] whileTrue]'")
    evaluation = let_time_pass(world)
    outcome = texts_of(world, "{Odd new. 4}", evaluation)
    assert outcome.value == ["<printing an Odd took too long>", "4"]
    assert run(world, "Smalltalk at: #Left").result == "1"


def test_all_texts_together_have_a_time(world: World) -> None:
    run(world, "Odd compile: 'printOn: s [true] whileTrue'")
    evaluation = let_time_pass(world)
    outcome = texts_of(world, "((1 to: 50) collect: [:i | Odd new]) asArray", evaluation)
    assert set(outcome.value) == {"<printing an Odd took too long>"}
    grace_ms = 100 * (TEXTS_MS_MAX // TEXT_MS_MAX)
    assert evaluation.used_ns // _NS_PER_MS <= TEXTS_MS_MAX + grace_ms


@pytest.mark.parametrize("waits", ["(Delay forSeconds: 100) wait", "Semaphore new wait"])
def test_a_text_that_waits_is_named(world: World, waits: str) -> None:
    run(world, f"Odd compile: 'printOn: s {waits}'")
    began_ns = world.host.now_ns()
    outcome = texts_of(world, "{Odd new. 4}")
    assert outcome.value[0] in {"<printing an Odd took too long>", "<error printing an Odd>"}
    assert outcome.value[1] == "4"
    assert (world.host.now_ns() - began_ns) // _NS_PER_MS <= TEXT_MS_MAX


@pytest.mark.parametrize("fails", ["self foo", "self halt", "Exception signal"])
def test_a_text_that_fails_is_named(world: World, fails: str) -> None:
    run(world, f"Odd compile: 'printOn: s {fails}'")
    assert texts_of(world, "{Odd new. 4}").value[1] == "4"
    assert "Odd" in texts_of(world, "{Odd new}").value[0]


@pytest.mark.parametrize(("order", "kind"), [(None, "timeout"), ("interrupted", "interrupted")])
def test_the_evaluation_ends_as_ever_when_it_is_told_to_or_its_own_budget_is_used_up(
    world: World, order: Any, kind: str
) -> None:
    run(world, "Odd compile: 'printOn: s [true] whileTrue'")
    evaluation = let_time_pass(world, cpu_budget_ms=TEXT_MS_MAX // 2)
    evaluation.yield_ = (lambda: None) if order is None else lambda: evaluation.interrupt(order)
    outcome = texts_of(world, "{Odd new}", evaluation)
    assert outcome.failure is not None
    assert outcome.failure.kind == kind
