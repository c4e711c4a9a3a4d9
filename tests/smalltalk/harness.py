"""What tests of the language share: one kernel, a host that does nothing by itself, do-its, snippet files.

A snippet file holds cases; each is an expression of one or more lines, then its printString in a comment:

    3 + 4
    "=> 7"

Quotes in the printString are doubled, as in every comment. The cases of one file run in one world, in order.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from actors.running.host import GreenletFiber
from smalltalk.compiler.unit import compile_doit
from smalltalk.runtime import safe_points
from smalltalk.runtime.bounds import Bounds
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.objects import Binding
from smalltalk.runtime.outcome import Outcome
from smalltalk.runtime.scopes import DoitScope
from smalltalk.runtime.world import World
from tests.compiled_kernel import compiled_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk.runtime.kernel import Kernel

SNIPPETS = Path(__file__).parent / "snippets"
_EXPECTATION = re.compile(r'"=> ((?:[^"]|"")*)"')


class FakeHost:
    """A host whose clocks stand still until a test moves them."""

    def __init__(self) -> None:
        self.bounds = Bounds()
        self.time_ns = 1_700_000_000_000_000_000
        self.spent_ns = 0
        #: CPU time that passes until each look at the clock.
        self.step_ns = 0

    def now_ns(self) -> int:
        return self.time_ns

    def timezone_offset_s(self) -> int:
        return 0

    def random_bytes(self, n: int) -> bytes:
        return bytes(range(n))

    def cpu_ns(self) -> int:
        self.spent_ns += self.step_ns
        return self.spent_ns

    def sleep_until_ns(self, at_ns: int) -> None:
        self.time_ns = max(self.time_ns, at_ns)

    def new_fiber(self, body: Callable[[], None]) -> GreenletFiber:
        return GreenletFiber(body)


class TickingHost(FakeHost):
    """A host and timer in one: code between two safe points takes a millisecond, then the flag is set again."""

    def __init__(self) -> None:
        super().__init__()
        self.step_ns = 1_000_000

    def cpu_ns(self) -> int:
        safe_points.set_poll(True)
        return super().cpu_ns()


def kernel() -> Kernel:
    """One kernel for all tests."""
    return compiled_kernel()[0]


def new_world() -> World:
    """A world of its own."""
    return World(kernel(), FakeHost())


def run(world: World, source: str, evaluation: Evaluation | None = None, **budget: Any) -> Outcome:
    """Evaluate a do-it; workspace variables live in `world.bindings`, which only tests have."""
    evaluation = evaluation or Evaluation(world, **budget)
    bindings: dict[str, Binding] = world.__dict__.setdefault("bindings", {})

    def body() -> Any:
        unit = compile_doit(source, DoitScope(world), parametrise=False)
        function = world.function(unit)
        value = function(None, *[bindings.setdefault(name, Binding(name)) for name in unit.bindings])
        outcome.result = world.print_string(value)
        return value

    outcome = Outcome()
    ended = evaluation.run(body)
    ended.result = outcome.result
    ended.transcript = world.transcript.drain()
    return ended


def evaluate(world: World, source: str) -> str:
    """The printString of a do-it's value; `Class: message` of the error that ended it."""
    outcome = run(world, source)
    if outcome.failure is None:
        return outcome.result
    return f"{outcome.failure.error_class}: {outcome.failure.message}"


class Snippet(NamedTuple):
    """One case of a snippet file; `line` is where its expression begins."""

    source: str
    expected: str
    line: int


def read_snippets(path: Path) -> list[Snippet]:
    """The cases of a file, in order."""
    text = path.read_text(encoding="utf-8")
    snippets = []
    start = 0
    for match in _EXPECTATION.finditer(text):
        source = text[start : match.start()]
        line = text.count("\n", 0, start + len(source) - len(source.lstrip())) + 1
        snippets.append(Snippet(source.strip(), match[1].replace('""', '"'), line))
        start = match.end()
    return snippets


def snippet_files() -> list[Path]:
    """All snippet files."""
    return sorted(SNIPPETS.glob("*.st"))
