"""Captured computations go on as if nothing had happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.objects import Binding
from tests.smalltalk import harness
from tests.smalltalk.suspending import Whim, begin, drop, run_suspended, text_of

if TYPE_CHECKING:
    from pathlib import Path

    from smalltalk.runtime.world import World

#: One safe point in so many suspends: all files together then take some ten seconds.
SHARE = 1 / 12
SEED = 2027


def printed(world: World, source: str, whim: Whim) -> str:
    """The printString of a do-it that is suspended again and again, printing included."""
    bindings: dict[str, Binding] = world.__dict__.setdefault("bindings", {})

    def arguments(unit: Any) -> list[Any]:
        return [bindings.setdefault(name, Binding(name)) for name in unit.bindings]

    try:
        computation = begin(world, source, arguments, interpreted=whim())
    except Exception:  # noqa: BLE001 - a source that does not compile has nothing to suspend
        return harness.evaluate(world, source)
    outcome = run_suspended(lambda: world, computation, whim, drop)
    if outcome.failure is not None:
        return text_of(outcome)
    value = outcome.value
    return text_of(run_suspended(lambda: world, lambda: world.send(value, "printString"), whim, drop))


#: A process is suspended together with those it waits for: the image's tests do that.
FILES = [path for path in harness.snippet_files() if path.stem != "processes"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_snippets_that_are_suspended_answer_the_same(path: Path) -> None:
    world = harness.new_world()
    whim = Whim(SEED, SHARE)
    answers = {each.line: (printed(world, each.source, whim), each.expected) for each in harness.read_snippets(path)}
    assert {line: got for line, (got, want) in answers.items() if got != want} == {}
