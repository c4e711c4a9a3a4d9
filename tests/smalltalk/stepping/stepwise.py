"""Computations that are run step by step: what the tests of stepping run with."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from smalltalk.compiler.breaks import entry_place
from smalltalk.compiler.continuations import stand_of
from smalltalk.compiler.origins import Position
from smalltalk.compiler.ranges import range_at
from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime.capture import CapturedStack, capture
from smalltalk.runtime.contexts import Context
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.resumption import resume
from smalltalk.runtime.scopes import DoitScope
from smalltalk.runtime.suspension import Suspension
from smalltalk.runtime.unwinding import Termination
from smalltalk.stepping import step
from smalltalk.syntax.parser import parse_doit, parse_method

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.suspension import SuspensionKind
    from smalltalk.runtime.world import World
    from smalltalk.stepping import StepKind

#: Steps after which a computation goes on without stopping: a few of the snippets loop for long.
STEPS_MAX = 400


class Keeper:
    """Keeps what stops, as the debugger's keeper does."""

    def can_keep(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        return capture(frame, evaluation, frozenset()).reason is None

    def keep(
        self, evaluation: Evaluation, frame: FrameType | None, kind: SuspensionKind, _exception: Any
    ) -> Suspension:
        suspension = Suspension("c1", "", "", has_display=False)
        suspension.kind = kind
        suspension.stack = capture(frame, evaluation, frozenset())
        assert suspension.stack.reason is None, suspension.stack.reason
        suspension.stack.let_go()
        return suspension


class Stepwise:
    """A do-it that runs step by step."""

    def __init__(self, world: World, source: str, arguments: Callable[[Any], list[Any]]) -> None:
        unit = compile_doit(source, DoitScope(world), parametrise=False)
        function = unit.lowered().functions[0]
        self.unit = unit  # what refers to an origin only would let it go
        context = Context()
        values = dict(zip(function.parameters, [None, *arguments(unit)], strict=True))
        if function.has_home:
            values["home"] = world.kernel.builtins["Home"]()
        world.link(unit.names)
        place = Position(unit.origin, 0, entry_place(unit.origin), is_before=True)
        with_world(world, lambda: context.stand_at(place, stand_of(place), values))
        self.stack = CapturedStack(context, None)
        self.kind: str = "step"

    @property
    def place(self) -> Context:
        """Where it stands: its innermost activation."""
        return next(each for each in self.stack if each.origin is not None)

    @property
    def text(self) -> str:
        """The source of the operation that comes next."""
        origin = self.place.origin
        assert origin is not None
        tree = (parse_doit if origin.resolutions.is_doit else parse_method)(origin.source)
        start, stop = range_at(tree, origin.lowered().offsets[self.place.index])
        return origin.source[start:stop]

    def step(self, world: World, how: StepKind) -> Outcome | None:
        """Do one step; answers the outcome if the computation has ended, stopped with an error included."""
        return self.run(world, lambda: step(self.stack.top, how, self.place, lambda: None))

    def go_on(self, world: World, *, keeps: bool = True) -> Outcome | None:
        """Let it go on; as `step`."""
        return self.run(world, lambda: resume(self.stack.top, lambda: None), keeps=keeps)

    def run(self, world: World, body: Callable[[], Any], *, keeps: bool = True) -> Outcome | None:
        evaluation = Evaluation(world)
        evaluation.keeper = Keeper() if keeps else None
        outcome = evaluation.run(body)
        suspension = evaluation.suspension
        if suspension is None or suspension.stack is None:
            return outcome
        self.stack, self.kind = suspension.stack, suspension.kind
        if suspension.kind in ("step", "breakpoint"):
            return None
        Evaluation(world).run(lambda: resume(self.stack.top, _end))
        return outcome


def with_world(world: World, body: Callable[[], Any]) -> Any:
    """Run something outside of any evaluation of the language that needs to know the world."""
    return Evaluation(world).run(body)


def _end() -> None:
    raise Termination


class Steps:
    """Decides by a seed which step comes next."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def __call__(self) -> StepKind:
        return self._random.choices(("into", "over", "out"), (4, 5, 1))[0]  # type: ignore[return-value]  # of those


def run_stepwise(
    world: Callable[[], World],
    computation: Stepwise,
    steps: Steps,
    keep: Callable[[CapturedStack], CapturedStack] = lambda stack: stack,
) -> Outcome:
    """Run a computation to its end; after each step `keep` may store and restore it."""
    for _ in range(STEPS_MAX):
        outcome = computation.step(world(), steps())
        if outcome is not None:
            return outcome
        computation.stack = keep(computation.stack)
    outcome = computation.go_on(world())
    assert outcome is not None
    return outcome
