"""With breakpoints all over the kernel, each passed by going on, every snippet answers what it answers without."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.breakpoints import BREAKPOINTS_MAX
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.objects import Binding
from tests.smalltalk import harness
from tests.smalltalk.stepping.stepwise import Stepwise

if TYPE_CHECKING:
    from pathlib import Path

    from smalltalk.runtime.world import World

SEED = 2031

#: Stops after which a snippet is left alone: loops of the library meet the same breakpoint at each turn.
STOPS_MAX = 20

FILES = [path for path in harness.snippet_files() if path.stem in ("collections", "control-structures", "exceptions")]


def set_many(world: World, seed: int) -> None:
    """Set breakpoints on lines of methods that a seed chooses."""
    chosen = random.Random(seed)
    holders = list(world.kernel.classes.values())
    found = [
        method
        for holder in holders
        if not holder.is_trait
        for method in holder.methods.values()
        if not method.primitive
    ]
    for method in chosen.sample(found, BREAKPOINTS_MAX):
        world.breakpoints.set(world, method, chosen.randint(1, method.source.count("\n") + 1))


def stopped(world: World, source: str) -> tuple[str, int]:
    """What `harness.evaluate` gives, and how many times it stopped."""
    bindings: dict[str, Binding] = world.__dict__.setdefault("bindings", {})

    def arguments(unit: Any) -> list[Any]:
        return [bindings.setdefault(name, Binding(name)) for name in unit.bindings]

    try:
        computation = Stepwise(world, source, arguments)
    except Exception:  # noqa: BLE001 - a source that does not compile cannot be stopped
        return harness.evaluate(world, source), 0
    stops = 0
    outcome = None
    while outcome is None:
        stops += 1
        outcome = computation.go_on(world, keeps=stops < STOPS_MAX)
    if outcome.failure is not None:
        return f"{outcome.failure.error_class}: {outcome.failure.message}", stops - 1
    value = outcome.value
    printed = Evaluation(world).run(lambda: world.print_string(value))
    failure = printed.failure
    return str(printed.value) if failure is None else f"{failure.error_class}: {failure.message}", stops - 1


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("seed", [SEED])
def test_breakpoints_change_no_answer(path: Path, seed: int) -> None:
    world = harness.new_world()
    set_many(world, seed)
    stops = 0
    wrong = {}
    for snippet in harness.read_snippets(path):
        answer, count = stopped(world, snippet.source)
        stops += count
        if answer != snippet.expected:
            wrong[snippet.line] = answer
    assert wrong == {}
    assert stops > 0
