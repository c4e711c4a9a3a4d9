"""Every snippet answers in the IR interpreter what it answers in generated code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.objects import Binding
from smalltalk.runtime.outcome import Outcome
from smalltalk.runtime.scopes import DoitScope
from smalltalk.stepper import interpret
from tests.smalltalk import harness

if TYPE_CHECKING:
    from pathlib import Path

    from smalltalk.runtime.world import World


def interpreted(world: World, bindings: dict[str, Binding], source: str) -> str:
    """The printString of an interpreted do-it's value, or the error that ended it, as `harness.evaluate` gives it."""
    answer = Outcome()

    def body() -> Any:
        unit = compile_doit(source, DoitScope(world), parametrise=False)
        arguments = [bindings.setdefault(name, Binding(name)) for name in unit.bindings]
        value = interpret(unit, world, None, arguments)
        answer.result = world.print_string(value)
        return value

    outcome = Evaluation(world).run(body)
    failure = outcome.failure
    return answer.result if failure is None else f"{failure.error_class}: {failure.message}"


@pytest.mark.parametrize("path", harness.snippet_files(), ids=lambda path: path.stem)
def test_snippets_in_the_interpreter(path: Path) -> None:
    world = harness.new_world()
    bindings: dict[str, Binding] = {}
    for snippet in harness.read_snippets(path):
        assert interpreted(world, bindings, snippet.source) == snippet.expected, f"{path.name} line {snippet.line}"
