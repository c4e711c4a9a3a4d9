"""Memory of live, persisted objects beside the same fields in slotted Python objects. `python -m bench.run memory`.

An object's figure has all in: the object, its id, its share of the heap's tables. Objects are made by one do-it, held
by an Array that exists already, and drained, so that they are what a session that has lived for a while consists of.
"""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING, Any, NamedTuple

from actors.clock import SystemClock
from actors.running.host import LanguageHost
from bench.figures import Row, Table
from bench.language import evaluate
from smalltalk import Image, load_kernel

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smalltalk import Kernel

COUNT = 20_000
#: Goal: a live object beside a slotted Python object with the same fields.
RATIO_MAX = 2.5
VARIABLES_MAX = 8


class Case(NamedTuple):
    """One kind of object: the do-its before, the expression of one, the Python object beside it, whether bound."""

    what: str
    before: tuple[str, ...]
    code: str
    python: Callable[[int], Any]


def slotted(*names: str) -> Callable[..., Any]:
    """A maker of slotted Python objects with those fields, given in order."""

    class Slotted:
        __slots__ = names

        def __init__(self, *values: Any) -> None:
            for name, value in zip(names, values, strict=True):
                setattr(self, name, value)

    return Slotted


def user_objects(count: int) -> Case:
    """Instances of a session's own class with `count` variables, all nil."""
    names = "abcdefgh"[:count]
    make = slotted(*names)
    definition = (
        f"Object subclass: #Held instanceVariableNames: '{' '.join(names)}' classVariableNames: '' package: 'Bench'"
    )
    return Case(f"own class, variables: {count}", (definition,), "Held new", lambda _: make(*[None] * count))


def library_objects() -> list[Case]:
    """Objects of the library beside slotted objects that hold the same."""
    pair, holder = slotted("key", "value"), slotted("content")
    return [
        Case("an Association", (), "i -> i", lambda i: pair(i, i)),
        Case("a Point", (), "i @ i", lambda i: pair(i, i)),
        Case("an Array of 10", (), "Array new: 10", lambda _: holder([None] * 10)),
        Case("a String", (), "i printString", lambda i: holder(str(i))),
        Case("an OrderedCollection of 3", (), "OrderedCollection with: i with: i with: i", lambda i: holder([i, i, i])),
        Case("a Set of 1", (), "Set with: i", lambda i: holder({i: i})),
        Case("a Dictionary of 1", (), "Dictionary new at: i put: i; yourself", lambda i: holder({i: i})),
    ]


def image_bytes(kernel: Kernel, case: Case) -> tuple[float, float]:
    """Bytes of one object while it is new, and once it is persisted."""
    image = Image.create(kernel, LanguageHost(SystemClock()))
    for code in (*case.before, f"all := Array new: {COUNT}", f"warm := (1 to: 2) collect: [:i | {case.code}]"):
        evaluate(image, code)
    image.drain_delta()
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    evaluate(image, f"1 to: {COUNT} do: [:i | all at: i put: ({case.code})]")
    gc.collect()
    new = tracemalloc.get_traced_memory()[0]
    image.drain_delta()
    gc.collect()
    live = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (new - before) / COUNT, (live - before) / COUNT


def python_bytes(make: Callable[[int], Any]) -> float:
    """Bytes of one Python object."""
    held: list[Any] = [None] * COUNT
    gc.collect()
    tracemalloc.start()
    for index in range(COUNT):
        held[index] = make(index)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / COUNT


def measure(kernel: Kernel, cases: Sequence[Case], table: Table, *, is_bound: bool) -> None:
    """Add a row for each kind of object."""
    for case in cases:
        new, live = image_bytes(kernel, case)
        theirs = python_bytes(case.python)
        ratio = live / theirs
        goal, met = (f"<= {RATIO_MAX}", ratio <= RATIO_MAX) if is_bound else ("", None)
        figure = f"new {new:.0f}, live {live:.0f} B"
        table.add(Row(case.what, figure, f"slotted {theirs:.0f} B", f"{ratio:.2f}", goal, met))


def main() -> Table:
    """Measure all of it."""
    table = Table("Memory of live objects", "python -m bench.run memory")
    kernel, _ = load_kernel(None)
    measure(kernel, [user_objects(count) for count in range(1, VARIABLES_MAX + 1)], table, is_bound=True)
    measure(kernel, library_objects(), table, is_bound=False)
    return table
