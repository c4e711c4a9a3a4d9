"""Where a method can be stopped: places before operations, and the lines of the source that they stand for.

A breakpoint is no operation: the IR and its numbering know nothing of it, so stored contexts do not either. Code that
is generated for a method with breakpoints calls `at_break()` in a line of its own before an operation; the position of
that line is `position_before` the operation. An activation that is stopped there goes on by doing the operation.

A line stands for the operations at which control comes to it: in each straight piece of code the first one on the line,
unless what surrounds the piece stands on the same line.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from . import ir

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .origins import Origin

#: The highest position of a place before an operation; what lies above is the position of no operation.
_HIGHEST: Final = -3


def position_before(index: int) -> int:
    """The position of the place before an operation."""
    return _HIGHEST - index


def place_at(position: int) -> tuple[int, bool]:
    """The index that a position is about, and whether that operation has yet to be done."""
    return (_HIGHEST - position, True) if position <= _HIGHEST else (position, False)


def own_index(op: ir.Operation) -> int | None:
    """Index at which an operation itself begins; None where an operation in it comes first."""
    if isinstance(op, ir.If):
        return op.test.index
    if isinstance(op, ir.While):
        return None if op.condition or op.test is None else op.test.index
    return op.index


def entry_place(origin: Origin) -> int:
    """The operation that a method begins with, its safe point apart."""
    pending = [op for op in origin.lowered().functions[0].code if not isinstance(op, ir.Poll)][:1]
    while True:
        index = own_index(pending[0])
        if index is not None:
            return index
        loop = pending[0]
        assert isinstance(loop, ir.While), "only loops begin with another operation"
        pending = [op for op in (*loop.condition, *loop.body) if not isinstance(op, ir.Poll)][:1]


def places_by_line(origin: Origin) -> dict[int, set[int]]:
    """The operations at which control comes to each 1-based line that has any."""
    offsets = origin.lowered().offsets
    ends = [place for place, character in enumerate(origin.source) if character == "\n"]
    lines = [bisect_left(ends, offset) + 1 for offset in offsets]
    found: dict[int, set[int]] = {}
    pieces: list[tuple[Sequence[ir.Operation], int | None]] = [(origin.lowered().functions[0].code, None)]
    while pieces:
        code, surrounding = pieces.pop()
        seen = {surrounding}
        for op in code:
            index = own_index(op)
            line = None if index is None else lines[index]
            if index is not None and line is not None and line not in seen and not isinstance(op, ir.Poll):
                seen.add(line)
                found.setdefault(line, set()).add(index)
            pieces += ((inside, line) for inside in _pieces_in(op))
    return found


def _pieces_in(op: ir.Operation) -> Iterator[Sequence[ir.Operation]]:
    """The straight pieces of code inside an operation, those of a block included."""
    if isinstance(op, ir.If):
        yield from (op.then, op.otherwise)
    elif isinstance(op, ir.While):
        yield from (op.condition, op.body)
    elif isinstance(op, ir.ToDo):
        yield op.body
    elif isinstance(op, ir.MakeBlock):
        yield op.function.code
