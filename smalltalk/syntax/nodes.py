"""The syntax tree: what the parser makes and the compiler reads.

Nodes are plain slotted records. Positions are 0-based character offsets into the source: `start` of the first
character, `stop` one past the last. A node is never changed after parsing; scopes and addresses live in the compiler.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from .slotted import slotted

#: What a literal may hold once read. Symbols, characters, scaled decimals and arrays have node types of their own.
Number: TypeAlias = int | float


@slotted
class Node:
    """Anything with a place in the source."""

    start: int
    stop: int


@slotted
class Literal(Node):
    """A number, string, nil, true or false.

    `value` is int, float, str (a String), bool or None; `parameter` is the literal's index among the shape's
    parameters when the do-it was parsed with `parametrise=True`, else None.
    """

    value: Number | str | bool | None
    parameter: int | None = None


@slotted
class SymbolLiteral(Node):
    """`#foo`, `#at:put:`, `#+`, `#'with space'`."""

    name: str


@slotted
class CharacterLiteral(Node):
    """`$a`: one Unicode code point."""

    code: int


@slotted
class ScaledDecimalLiteral(Node):
    """`3.14s2`: an exact fraction and the digits shown after the point."""

    numerator: int
    denominator: int
    scale: int


@slotted
class ArrayLiteral(Node):
    """`#(1 $a foo #(2))`: elements are literal nodes."""

    elements: list[LiteralNode]


@slotted
class ByteArrayLiteral(Node):
    """`#[1 2 255]`."""

    value: bytes


@slotted
class Variable(Node):
    """A name: argument, temporary, instance variable, global, or self, super, thisContext."""

    name: str


@slotted
class Assignment(Node):
    """`name := value`."""

    target: Variable
    value: Expression


@slotted
class Send(Node):
    """One message to a receiver. `selector_start` is where the selector (its first part) stands."""

    receiver: Expression
    selector: str
    arguments: list[Expression]
    selector_start: int


@slotted
class Message(Node):
    """A message without its receiver: the parts of a cascade."""

    selector: str
    arguments: list[Expression]
    selector_start: int


@slotted
class Cascade(Node):
    """`receiver first; second; third`. `messages` has at least two entries; the receiver is evaluated once."""

    receiver: Expression
    messages: list[Message]


@slotted
class BraceArray(Node):
    """`{ a. b. c }`: an Array made at run time. An element may be a `^`, as in Pharo; it then returns."""

    elements: list[Statement]


@slotted
class Return(Node):
    """`^ value`."""

    value: Expression


@slotted
class Block(Node):
    """`[ :a :b | | t | ... ]`."""

    parameters: list[Variable]
    temporaries: list[Variable]
    statements: list[Statement]


@slotted
class Pragma(Node):
    """`<selector: literal ...>` at the head of a method."""

    selector: str
    arguments: list[LiteralNode]


@dataclass(slots=True, eq=False)
class Method(Node):
    """A method: pattern, pragmas, temporaries, statements. `comment` is its first comment without quotes."""

    selector: str
    parameters: list[Variable]
    temporaries: list[Variable]
    statements: list[Statement]
    pragmas: list[Pragma] = field(default_factory=list)
    comment: str | None = None
    source: str = ""


@slotted
class Doit(Node):
    """A workspace do-it: its value is that of its last statement, or of the `^` that ends it.

    `literals` are the values of the parametrised literals in order of their index, empty without `parametrise`.
    """

    temporaries: list[Variable]
    statements: list[Statement]
    literals: tuple[int | float | str, ...] = ()
    source: str = ""


LiteralNode: TypeAlias = (
    Literal | SymbolLiteral | CharacterLiteral | ScaledDecimalLiteral | ArrayLiteral | ByteArrayLiteral
)
Expression: TypeAlias = (
    Literal
    | SymbolLiteral
    | CharacterLiteral
    | ScaledDecimalLiteral
    | ArrayLiteral
    | ByteArrayLiteral
    | Variable
    | Assignment
    | Send
    | Cascade
    | BraceArray
    | Block
)
Statement: TypeAlias = Expression | Return
