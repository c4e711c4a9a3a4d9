"""The outline of lowered code: what positions in it depend on, as one number.

A stored position is the index of an operation. It means the same as long as lowering numbers the operations of that
source in the same way; a later compiler may not. The outline tells: it covers the kinds, indices and destinations of
all operations and the numbers and parameters of all functions, but not where variables of objects stand, which may
move.
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from typing import TYPE_CHECKING

from . import ir
from .names import OPERANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .functions import Lowered


def outline(lowered: Lowered) -> int:
    """The outline of a method or do-it with its blocks: 32 bits."""
    checksum = 0
    for function in lowered.functions:
        text = f"{function.number}({','.join(function.parameters)}){','.join(_parts(function.code))}"
        checksum = zlib.crc32(text.encode(), checksum)
    return checksum


def _parts(code: list[ir.Operation]) -> Iterator[str]:
    """Kind, index and destination of every operation and test, in order."""
    pending: list[object] = list(reversed(code))
    while pending:
        thing = pending.pop()
        yield f"{type(thing).__name__}{getattr(thing, 'index', '')}{getattr(thing, 'dst', '')}"
        if isinstance(thing, (ir.MakeBlock, ir.MakeLiteral)):
            continue
        for each in fields(thing):  # type: ignore[arg-type]  # every operation and test is a dataclass
            value = getattr(thing, each.name)
            inside = value if isinstance(value, list) else [value]
            pending += [part for part in inside if hasattr(part, "__dataclass_fields__") and type(part) not in OPERANDS]
