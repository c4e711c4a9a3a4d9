"""Ways to make a run leave its code in the middle and go on in a continuation."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from smalltalk.compiler.origins import Position, locate
from tests.smalltalk.compiler.fake_world import AnsweredError, FakeWorld, ForcedError, Table, plain


class Saboteur:
    """Lets the n-th guess of generated code go wrong, by tracing lines."""

    def __init__(self, place: int) -> None:
        self.left = place
        self.done = False
        self.loops: set[tuple[int, int]] = set()

    def __call__(self, frame: Any, event: str, _argument: Any) -> Any:
        position = None if self.done else locate(frame.f_code, frame.f_lineno)
        may_guess = bool(frame.f_code.co_exceptiontable)
        if event != "line" or not may_guess or position is None or position.index < 0 or position.is_guarded:
            return None if self.done else self
        if self._is_turn_of_counted_loop(frame, position):
            return self
        self.left -= 1
        if self.left < 0:
            self.done = True
            raise ForcedError
        return self

    def _is_turn_of_counted_loop(self, frame: Any, position: Position) -> bool:
        """A `for` line can guess wrong only when the loop begins, not at its turns."""
        key = (id(frame), position.index)
        is_known = key in self.loops
        self.loops.add(key)
        return is_known and position.index in _counted_loops(position)


def _counted_loops(position: Position) -> set[int]:
    found: set[int] = set()
    pending: list[Any] = list(position.origin.lowered().functions[position.function].code)
    while pending:
        op = pending.pop()
        if hasattr(op, "advance"):
            found.add(op.index)
        for name in ("then", "otherwise", "condition", "body"):
            pending.extend(getattr(op, name, ()))
    return found


def outcome(source: str, world: FakeWorld) -> Any:
    value = plain(world.run(source))
    return value, plain(world.trace)


def with_wrong_guess(source: str, place: int) -> tuple[Any, bool]:
    """The outcome when the `place`-th guess goes wrong, and whether the run had so many."""
    saboteur = Saboteur(place)
    previous = sys.gettrace()
    sys.settrace(saboteur)
    try:
        return outcome(source, FakeWorld()), saboteur.done
    except ForcedError:
        return outcome(source, FakeWorld()), True  # constant code: Python knows it cannot raise and has no handler
    finally:
        sys.settrace(previous)


class Suspending(Table):
    """A table whose functions do not answer the n-th send: the caller goes on in a continuation instead."""

    count = 0

    def __missing__(self, python_type: type) -> Any:
        function = super().__missing__(python_type)

        def answer(*arguments: Any) -> Any:
            value = function(*arguments)
            Suspending.count -= 1
            if Suspending.count == -1:
                raise AnsweredError(value)
            return value

        return answer


def with_suspension(source: str, place: int) -> tuple[Any, bool]:
    """The outcome when the run is suspended in its `place`-th send, and whether it had so many."""
    Suspending.count = place
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.smalltalk.compiler.fake_world.Table", Suspending)
        found = outcome(source, FakeWorld())
    return found, Suspending.count < 0
