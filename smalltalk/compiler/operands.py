"""What the intermediate representation reads without effect: constants and variables."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, TypeAlias

from ..syntax.slotted import slotted
from .constants import constant_text

#: Intermediate results whose operands are kept: more than methods have.
_TEMPORARIES_KEPT: Final = 256


@slotted
class Constant:
    """nil, an integer or a float; a Python str as the content of a MakeText."""

    value: int | float | str | None

    @property
    def text(self) -> str:
        """Its Python source, which only generated code needs."""
        return constant_text(self.value)


@slotted
class Named:
    """A value of the environment, by its global name: TRUE, FALSE, a symbol, a character, a global."""

    text: str


@slotted
class Local:
    """A named value of the activation: self, argument, temporary, intermediate result."""

    text: str


_TEMPORARIES: Final = [Local(f"t{number}") for number in range(_TEMPORARIES_KEPT)]


def temporary(number: int) -> Local:
    """The operand that reads an intermediate result; one for all units, because nearly all operands are these."""
    return _TEMPORARIES[number] if number < _TEMPORARIES_KEPT else Local(f"t{number}")


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
