"""Which intermediate results of an activation still matter: those that its remaining operations read.

Results keep their names until they are stored again, so a frame refers to more than its activation does.
"""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from . import ir
from .continuations import Entry, remaining
from .limits import CONTINUATION_CACHE_SIZE
from .names import local_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .origins import Origin

#: Things that are read without effect, but for constants.
_VARIABLES: Final = (ir.Local, ir.BoxValue, ir.Field, ir.ClassVariable)


def dead_results(origin: Origin, number: int, place: int, names: Iterable[str]) -> set[str]:
    """The intermediate results that do not matter any more once an operation has answered.

    Args:
        origin: the method or do-it.
        number: of the function in it.
        place: index of the operation.
        names: of the values that the activation has.
    """
    live = _live_after(origin, number, place)
    return set() if live is None else {name for name in names if _is_result(name) and name not in live}


@lru_cache(maxsize=CONTINUATION_CACHE_SIZE)
def _live_after(origin: Origin, number: int, place: int) -> set[str] | None:
    """The names that matter after an operation, None where there is none; a deep recursion asks for the same ones."""
    code = remaining(origin, number, Entry(place, has_answer=True))
    return None if code is None else _live_before(code, set())


def _is_result(name: str) -> bool:
    """Whether a local name is that of an intermediate result: `t1`, `t2`, ... variables have a prefix."""
    return name[0] == "t" and name[1:].isdigit()


def _live_before(code: Sequence[ir.Operation], after: set[str]) -> set[str]:
    """The names that matter before some operations, given those that matter after them."""
    live = after
    for op in reversed(code):
        if isinstance(op, ir.If):
            neither = _live_before([op.neither], live) if op.neither else set()
            arms = _live_before(op.then, live) | _live_before(op.otherwise, live) | neither
            live = arms | _names_read(op.test)
        elif isinstance(op, ir.ToDo):
            live = _live_before(op.expand(), live)
        elif isinstance(op, ir.While):
            live = _live_before_loop(op, live)
        else:
            live = (live - {getattr(op, "dst", None)}) | _names_read(op)
    return live


def _live_before_loop(loop: ir.While, after: set[str]) -> set[str]:
    """The same for a loop: what one turn stores, the next may read."""
    ended = after | (_names_read(loop.test) if loop.test else set())
    if loop.neither is not None:
        ended = ended | _live_before([loop.neither], after)
    live: set[str] = set()
    while True:
        turn = _live_before(loop.condition, ended | _live_before(loop.body, live))
        if turn == live:
            return live
        live = turn


def _names_read(op: Any) -> set[str]:
    """The names that a single operation or a test reads."""
    names = local_names([op])
    stored = getattr(op, "dst", None)
    if stored in names and stored not in local_names(_variables(op)):
        names.discard(stored)
    return names


def _variables(op: Any) -> list[Any]:
    """The variables among the operands."""
    values = [getattr(op, each.name) for each in fields(op)]
    operands = [operand for value in values for operand in (value if isinstance(value, list) else [value])]
    return [operand for operand in operands if isinstance(operand, _VARIABLES)]
