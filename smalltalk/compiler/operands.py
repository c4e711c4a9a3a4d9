"""What the intermediate representation reads without effect: constants and variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from .constants import constant_text

#: Operands kept by name: more than methods have intermediate results.
_LOCALS_KEPT: Final = 256


@dataclass(slots=True, eq=False)
class Constant:
    """nil, an integer or a float; a Python str as the content of a MakeText."""

    value: int | float | str | None

    @property
    def text(self) -> str:
        """Its Python source, which only generated code needs."""
        return constant_text(self.value)


@dataclass(slots=True, eq=False)
class Named:
    """A value of the environment, by its global name: TRUE, FALSE, a symbol, a character, a global."""

    text: str


@dataclass(slots=True, eq=False)
class Local:
    """A named value of the activation: self, argument, temporary, intermediate result."""

    text: str


@lru_cache(maxsize=_LOCALS_KEPT)
def local(text: str) -> Local:
    """The operand that reads a name; one for all that have it, because nearly all operands are `t1`, `t2`, ..."""
    return Local(text)


@dataclass(slots=True, eq=False)
class BoxValue:
    """The content of a box or binding whose local name is `name`."""

    name: str
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = f"{self.name}.v"


@dataclass(slots=True, eq=False)
class Field:
    """An instance variable of self, by its 0-based slot."""

    slot: int
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = f"self.i{self.slot}"


@dataclass(slots=True, eq=False)
class ClassVariable:
    """The value of a class variable; `name` is the global name of its binding."""

    name: str
    text: str = field(init=False)

    def __post_init__(self) -> None:
        self.text = f"{self.name}.v"


Operand: TypeAlias = Constant | Named | Local | BoxValue | Field | ClassVariable

NIL: Final = Constant(None)
TRUE: Final = Named("TRUE")
FALSE: Final = Named("FALSE")
SELF: Final = Local("self")
