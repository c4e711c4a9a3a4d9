"""Functions of IR: what an activation runs, and all of them that make up a method or do-it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..syntax.slotted import slotted

if TYPE_CHECKING:
    from .ir import Operation


@dataclass(slots=True, eq=False)
class Function:
    """One activation's code: a method, a do-it (number 0) or a real block.

    Attributes:
        number: 0 for the top function, blocks count from 1 in the order of lowering.
        parameters: Python names, `self` first in the top function.
        code: its operations.
        captured: names it takes from the functions around it, in order of first use.
        has_home: it is the top function and some block returns from it.
        sends: it sends messages, so it needs a safe point at its entry.
        start: where it begins in the source.
        outer: number of the function around it, 0 for the top function as well.
    """

    number: int
    parameters: list[str]
    start: int
    outer: int = 0
    code: list[Operation] = field(default_factory=list)
    captured: dict[str, None] = field(default_factory=dict)
    has_home: bool = False
    sends: bool = False
    name: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = f"b{self.number}" if self.number else "m"


def is_block(name: str) -> bool:
    """Whether a local name is that of a block which was made: `b1`, `b2`, ... variables have a prefix."""
    return name[0] == "b" and name[1:].isdigit()


@slotted
class Lowered:
    """A method or do-it as IR.

    Attributes:
        functions: by number, the top function first.
        bindings: names of the workspace variables it uses, in parameter order.
        offsets: source offset of each operation, by index.
        variables: source name of each named variable, by its Python name.
        is_straight: it has neither loops nor real blocks.
    """

    functions: list[Function]
    bindings: tuple[str, ...]
    offsets: list[int]
    variables: dict[str, str]
    is_straight: bool
