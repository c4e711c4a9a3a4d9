"""What the lines of generated code stand for."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from . import ir

#: Position of a line whose activation goes on in a continuation.
REPLACED: Final = -1
#: Position of a line that is never a place to stand at: `try:`, `else:` and their like.
STRUCTURE: Final = -2


class Places(NamedTuple):
    """What the lines of some code stand for.

    Attributes:
        positions: for each 1-based line, the index of its operation.
        begins: index of an operation that is done in place with others -> index of the first of them.
    """

    positions: list[int]
    begins: dict[int, int]


def first_index(code: list[ir.Operation]) -> int:
    """Index of the operation that runs first."""
    first: Any = code[0]
    while True:
        if isinstance(first, ir.If):
            return first.test.index
        if not isinstance(first, ir.While):
            return int(first.index)
        if not first.condition and first.test is not None:
            return first.test.index
        first = (first.condition or first.body)[0]
