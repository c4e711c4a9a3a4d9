"""Between two steps a computation can be stored and go on in another process."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.runtime.evaluation import Evaluation
from tests.smalltalk import harness
from tests.smalltalk.memory.test_contexts import HANDLED, Suspended
from tests.smalltalk.stepping.stepwise import Steps, Stepwise, run_stepwise

if TYPE_CHECKING:
    from smalltalk.runtime.capture import CapturedStack

SEED = 2030

#: One step in so many is followed by a restart.
SHARE = 1 / 15

#: The control structures of the language; the other files differ in primitives only.
FILES = ["blocks", "control-structures", "exceptions", "subclasses"]


class Stored(Suspended):
    """A session that is restarted between the steps of its computations."""

    def __init__(self, seed: int, share: float) -> None:
        super().__init__()
        self.steps = Steps(seed)
        self._random = random.Random(seed)
        self._share = share

    def keep(self, stack: CapturedStack) -> CapturedStack:
        if self._random.random() >= self._share:
            return stack
        self.hold("stack", stack)
        self.restart()
        return self.variable("stack").v  # type: ignore[no-any-return]

    def stepped(self, source: str) -> str:
        def arguments(unit: Any) -> list[Any]:
            return [self.variable(name) for name in unit.bindings]

        self.image._activate()
        try:
            computation = Stepwise(self.image.world, source, arguments)
        except Exception:  # noqa: BLE001 - a source that does not compile has no steps
            outcome = self.evaluate(source)
            failure = outcome.failure
            return str(outcome.result) if failure is None else f"{failure.error_class}: {failure.message}"
        outcome = run_stepwise(lambda: self.image.world, computation, self.steps, self.keep)
        if outcome.failure is None:
            world = self.image.world
            outcome = Evaluation(world).run(lambda value=outcome.value: world.print_string(value))
        failure = outcome.failure
        return str(outcome.value) if failure is None else f"{failure.error_class}: {failure.message}"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", [SEED])
def test_snippets_that_are_restored_between_steps_answer_the_same(name: str, seed: int) -> None:
    session = Stored(seed, SHARE)
    snippets = harness.read_snippets(harness.SNIPPETS / f"{name}.st")
    answers = {each.line: (session.stepped(each.source), each.expected) for each in snippets}
    assert {line: got for line, (got, want) in answers.items() if got != want} == {}


@pytest.mark.parametrize("seed", range(SEED, SEED + 5))
def test_a_program_that_is_restored_after_each_step(seed: int) -> None:
    """Homes, shared variables, handlers, unwinding blocks, a loop: each is one thing after every restart."""
    assert Stored(seed, 1).stepped(HANDLED) == "'#(1 3 6 #resumed ''2'' #ensured)6'"
