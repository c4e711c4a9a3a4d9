"""The stack of a test that fails, read while the handler that notes it runs on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.stack import stack_lines

if TYPE_CHECKING:
    from collections.abc import Callable

#: Above this line stands what notes the problem, below it the test.
_HANDLER: Final = "[ ] in TestResult>>problemOf:"
#: From this line on stands what runs every test.
_RUNNERS: Final = frozenset({"TestCase>>performTest", "[ ] in TestCase>>runCase", "TestCase>>runCase"})


def stack_of(_problem: Any, _exception: Any) -> Any:
    """`stackOf:`: texts like `Foo>>bar line 3`, innermost first."""
    world = current.world
    lines = stack_lines(world)
    names = [name for name, _ in lines]
    start = names.index(_HANDLER) + 1 if _HANDLER in names else 0
    stop = next((place for place, name in enumerate(names) if place >= start and name in _RUNNERS), len(lines))
    return world.new_array([world.new_text(f"{name} line {line}") for name, line in lines[start:stop]])


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"testStack": stack_of}
