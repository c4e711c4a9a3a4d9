"""Stopping a computation before any operation that may run other code: before sends, arithmetic, safe points.

Python's tracing shows each line of generated code before it runs, and a line of generated code belongs to one
operation, or to one of several that are done in one expression. So a test can stop anywhere, which the server can do
at safe points and breakpoints only: the stack is captured there and all Python frames are left without running an
`ensure:` block.
"""

from __future__ import annotations

import random
import sys
from dis import get_instructions
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from smalltalk import stepper
from smalltalk.compiler import ir
from smalltalk.compiler.continuations import stand_of
from smalltalk.compiler.origins import Position, locate
from smalltalk.runtime import current
from smalltalk.runtime.capture import capture
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.resumption import resume

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType, FrameType

    from smalltalk.compiler.origins import Origin
    from smalltalk.runtime.capture import CapturedStack
    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World

#: Operations and tests that may run other code.
_STOPPABLE: Final = (ir.Send, ir.SuperSend, ir.Arithmetic, ir.NonBoolean, ir.Poll, ir.Compare)

#: How far below such a test may stand what is done when it fails.
_LINES_OF_A_TEST: Final = 8


class Stopped(BaseException):
    """Leaves all frames: no block of the language runs for it.

    Attributes:
        stack: where the computation stands.
        name: what it is about to do: a selector, or `poll`.
        process: its process, if anybody asked for that.
    """

    def __init__(self, stack: CapturedStack, name: str, process: Any) -> None:
        super().__init__()
        self.stack = stack
        self.name = name
        self.process = process

    def go_on(self) -> Any:
        """Resume it, in an evaluation that runs."""
        return resume(self.stack.top, lambda: None)


class Whim:
    """Chooses places by a seed: densely at the beginning of a computation, then ever more sparsely.

    Args:
        seed: of the random numbers.
        growth: how much longer the gap grows with each stop; 0 stops everywhere.
        stops_max: how often it stops at most.
        places_max: how many places it looks at, at most: tracing costs twenty times what the code does.

    Attributes:
        stops: how often it stopped.
    """

    def __init__(
        self, seed: int | str, growth: float = 1.0, stops_max: int = 1_000, places_max: int = 1_000_000
    ) -> None:
        self._random = random.Random(seed)
        self._growth = growth
        self._gap = 0.0
        self._left = 0
        self._stops_max = stops_max
        self._places_left = places_max
        self.stops = 0

    @property
    def is_spent(self) -> bool:
        """Whether it will not stop again."""
        return self.stops >= self._stops_max or self._places_left <= 0

    def __call__(self) -> bool:
        """Whether to stop here."""
        self._places_left -= 1
        self._left -= 1
        if self._left >= 0 or self.is_spent:
            return False
        self.stops += 1
        self._gap += self._growth
        self._left = self._random.randint(0, int(self._gap))
        return True

    def refuse(self) -> None:
        """The stack could not be captured there: the next place will do."""
        self._left = 0
        self.stops -= 1


class At(Whim):
    """Stops once, at the place of that number."""

    def __init__(self, place: int) -> None:
        super().__init__(0, stops_max=1)
        self._left = place


@lru_cache(maxsize=512)
def _operations(origin: Origin) -> dict[int, Any]:
    """The operations and tests of a source, by index."""
    found: dict[int, Any] = {}
    pending: list[Any] = [op for function in origin.lowered().functions for op in function.code]
    while pending:
        op = pending.pop()
        found[getattr(op, "index", -1)] = op
        for name in ("condition", "body", "then", "otherwise"):
            pending += getattr(op, name, ())
        inside = (getattr(op, name, None) for name in ("test", "neither", "enter", "advance"))
        pending += [each for each in inside if each is not None]
    return found


def _operation_at(position: Position) -> Any:
    """The operation to stop before: that of the line, or the first one that is done in one expression with it."""
    operations = _operations(position.origin)
    for index in (position.index, position.begin):
        if isinstance(operations[index], _STOPPABLE):
            return operations[index]
    return None


class Tracer:
    """Runs one piece of a computation.

    Args:
        world: where it runs.
        whim: says where it stops.
        refused: is given the reasons for which stacks could not be captured.
    """

    def __init__(self, world: World, whim: Whim, refused: list[str]) -> None:
        self._world = world
        self._evaluation = Evaluation(world)
        self._whim = whim
        self._refused = refused
        self._bottoms: frozenset[CodeType] = frozenset()

    def begin(self, body: Callable[[], Any]) -> Outcome | Stopped:
        """Run a computation, of which `body` is the bottom, until it ends or is stopped."""
        self._bottoms = frozenset({body.__code__})
        return self._run(body)

    def go_on(self, stopped: Stopped) -> Outcome | Stopped:
        """Run a stopped computation until it ends or is stopped again."""
        if stopped.process is not None:
            processes = self._world.processes()
            self._evaluation.process = processes.active = stopped.process
            processes.lives.enter(stopped.process, self._evaluation)
        return self._run(stopped.go_on)

    def _run(self, body: Callable[[], Any]) -> Outcome | Stopped:
        before = sys.gettrace()
        try:
            return self._evaluation.run(lambda: self._traced(body))
        except Stopped as stopped:
            return stopped
        finally:
            sys.settrace(before)

    def _traced(self, body: Callable[[], Any]) -> Any:
        if not self._whim.is_spent:
            sys.settrace(self._called)
        try:
            return body()
        finally:
            sys.settrace(None)

    def _called(self, frame: FrameType, event: str, _argument: object) -> Any:
        if self._whim.is_spent:
            sys.settrace(None)
        if frame.f_globals is self._world.g:
            return self._moved
        if frame.f_globals is vars(stepper) and event == "call":
            self._interpreted(frame)
        return None

    def _moved(self, frame: FrameType, event: str, _argument: object) -> Any:
        """A frame of generated code comes to a line."""
        if event == "line" and current.evaluation is self._evaluation:
            position = _place(frame)
            op = None if position is None else _operation_at(position)
            if op is not None and not _is_computed_below(frame, op) and self._whim():
                self._stop(frame, op, position)
        return self._moved

    def _interpreted(self, frame: FrameType) -> None:
        """A function of the interpreter is called: stop before the operation that it is about to do."""
        values = frame.f_locals
        op = values.get("op", values.get("test"))
        activation = values.get("activation")
        is_here = activation is not None and current.evaluation is self._evaluation
        if is_here and isinstance(op, _STOPPABLE) and self._whim():
            activation.index = op.index
            self._stop(frame, op, Position(activation.origin, activation.number, op.index))

    def _stop(self, frame: FrameType, op: Any, position: Position) -> None:
        """Stop before an operation that is at that position."""
        stack = capture(frame, self._evaluation, self._bottoms)
        if stack.reason is not None:
            self._refused.append(stack.reason)
            self._whim.refuse()
            return
        top = stack.top
        is_there = top.origin is position.origin  # else a literal is made in it, from its beginning
        if is_there and not isinstance(op, ir.Poll):
            before = Position(top.origin, top.function, position.begin, is_before=True)
            top.stand_at(before, stand_of(before), top.values | _values_at(frame))
        stack.let_go()
        process, self._evaluation.process = self._evaluation.process, None  # it does not end
        if process is not None:
            self._world.processes().lives.leave(process)
        raise Stopped(stack, _name_of(op), process)


def _values_at(frame: FrameType) -> dict[str, Any]:
    """The named values of the activation that a frame runs or interprets."""
    activation = frame.f_locals.get("activation")
    return dict(frame.f_locals if activation is None else activation.values)


def _name_of(op: Any) -> str:
    if isinstance(op, ir.Poll):
        return "poll"
    return op.operator if isinstance(op, ir.Arithmetic | ir.Compare) else op.selector


def _place(frame: FrameType) -> Position | None:
    """Where a frame stands that comes to a line; None where it cannot be stopped.

    Not inside an expression: what the lines above have computed of it is in no variable. Not where Python counts a
    loop: each turn passes that line, with the variable of the turn before.
    """
    values = frame.f_locals
    if "inner" in values and "value" not in values:
        return None  # a resumed activation that has not got its answer yet
    code, line = frame.f_code, frame.f_lineno
    position, above = locate(code, line), locate(code, line - 1)
    if position is None or position.index < 0 or position.is_before or line in _counting_lines(code):
        return None
    if frame.f_lasti != _beginnings(code).get(line):
        return None  # CPython 3.12 tells of a line once more in its middle, after instructions that belong to no line
    return None if above is not None and above.begin == position.begin else position


@lru_cache(maxsize=512)
def _beginnings(code: CodeType) -> dict[int, int]:
    """The offset of the first instruction of each line."""
    return {line: start for start, _, line in reversed(list(code.co_lines())) if line}


@lru_cache(maxsize=512)
def _counting_lines(code: CodeType) -> frozenset[int]:
    """The lines that begin loops counted by Python: each turn passes them, with the variable of the turn before."""
    turns = [each.offset for each in get_instructions(code) if each.opname == "FOR_ITER"]
    return frozenset(
        line for start, end, line in code.co_lines() if line and any(start <= offset < end for offset in turns)
    )


def _is_computed_below(frame: FrameType, op: Any) -> bool:
    """Whether lines below compute what the operation reads: the line is a test whether all of that can be left out."""
    operands = [getattr(op, name, None) for name in ("receiver", "left", "right", "value")]
    operands += getattr(op, "arguments", ())
    read = {each.text for each in operands if isinstance(each, ir.Local) and each.text.startswith("t")}
    for line in range(frame.f_lineno + 1, frame.f_lineno + 1 + _LINES_OF_A_TEST):
        try:
            position = locate(frame.f_code, line)
        except IndexError:
            break  # the code has no such line
        if position is not None and position.index >= 0:
            below = _operations(position.origin)[position.index]
            if getattr(below, "dst", None) in read:
                return True
    return False
