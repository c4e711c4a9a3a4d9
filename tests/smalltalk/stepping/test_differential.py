"""Whoever steps through a computation in any way gets what running it gives, on the Transcript too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.objects import Binding
from tests.smalltalk import harness
from tests.smalltalk.stepping.stepwise import Steps, Stepwise, run_stepwise

if TYPE_CHECKING:
    from pathlib import Path

    from smalltalk.runtime.world import World

SEED = 2029

#: Processes switch where they like: what comes after a step of one is another one's.
FILES = [path for path in harness.snippet_files() if path.stem != "processes"]


def stepped(world: World, source: str, steps: Steps) -> str:
    """The printString of a do-it that is stepped through, or the error that ended it, as in `harness.evaluate`."""
    bindings: dict[str, Binding] = world.__dict__.setdefault("bindings", {})

    def arguments(unit: Any) -> list[Any]:
        return [bindings.setdefault(name, Binding(name)) for name in unit.bindings]

    try:
        computation = Stepwise(world, source, arguments)
    except Exception:  # noqa: BLE001 - a source that does not compile has no steps
        return harness.evaluate(world, source)
    outcome = run_stepwise(lambda: world, computation, steps)
    if outcome.failure is not None:
        return f"{outcome.failure.error_class}: {outcome.failure.message}"
    printed = Evaluation(world).run(lambda: world.print_string(outcome.value))
    failure = printed.failure
    return str(printed.value) if failure is None else f"{failure.error_class}: {failure.message}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", [SEED])
def test_snippets_that_are_stepped_through_answer_the_same(path: Path, seed: int) -> None:
    world, plain = harness.new_world(), harness.new_world()
    steps = Steps(seed)
    wrong = {}
    for each in harness.read_snippets(path):
        got = stepped(world, each.source, steps), world.transcript.drain()
        if got != (each.expected, harness.run(plain, each.source).transcript):
            wrong[each.line] = got
    assert wrong == {}
