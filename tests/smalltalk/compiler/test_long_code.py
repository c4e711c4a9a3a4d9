"""Long code: sends beyond the first hundreds are plain ones, which do the same."""

from __future__ import annotations

from smalltalk.compiler.generate import Generator
from smalltalk.compiler.limits import SHORT_WAYS_MAX
from smalltalk.compiler.unit import compile_doit
from tests.smalltalk.compiler.test_refusals import Scope
from tests.smalltalk.lifetimes import Lifetimes


def test_what_stands_behind_many_short_ways_does_the_same() -> None:
    session = Lifetimes()
    session.run("a := Array new: 2. a at: 1 put: 0; at: 2 put: 0")
    line = "a at: 1 put: (a at: 1) + 1. "
    code = f"{line * SHORT_WAYS_MAX} a at: 2 put: (a at: 1). a first + a last"
    for _ in range(3):
        session.run("a at: 1 put: 0")
        assert session.run(code) == str(2 * SHORT_WAYS_MAX)


def test_long_code_is_shorter_than_short_ways_would_make_it() -> None:
    def size(lines: int) -> int:
        unit = compile_doit("a at: 1 put: 2. " * lines, Scope("X"), parametrise=False)
        generator = Generator(unit.origin.guards)
        generator.function(unit.lowered().functions[0], 0)
        return len(generator.source)

    assert size(2 * SHORT_WAYS_MAX) < 1.5 * size(SHORT_WAYS_MAX)
