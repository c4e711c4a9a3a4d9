"""The intermediate representation: A-normal form, structured, one small operation at a time.

An operand is something that is read without effect: a constant or a variable. An operation has at most one effect. The
result of every send has a name of its own, so an activation is at any moment fully described by its *position* (the
`index` of the operation it is in) and its named values. That pair is the durable form of a suspended context.

Indices count all operations of one method or do-it, its blocks included, in the order in which they are lowered.
Lowering is deterministic: the same source in the same scope has the same indices, in every process.

| operation          | effect                                                                        |
|--------------------|-------------------------------------------------------------------------------|
| Move               | `dst := value`                                                                |
| MakeBox            | `dst := ` a new box that holds `value`: a captured variable that is assigned  |
| StoreBox           | store into a box or a binding of the workspace                                |
| StoreField         | store into an instance variable of self                                       |
| StoreClassVariable | store into a class variable's binding                                         |
| MakeText           | `dst := ` a new String with that content                                      |
| MakeLiteral        | `dst := ` a new literal array, byte array or scaled decimal                   |
| MakeArray          | `dst := ` a new Array of the values                                           |
| MakeBlock          | `dst := ` a closure of the function, over the variables it captures           |
| ThisContext        | `dst := thisContext`                                                          |
| Arithmetic         | `dst := left operator right` for `+ - * < <= > >=`, numbers guessed           |
| Identical          | `dst := left == right`, or `~~` when negated                                  |
| Send, SuperSend    | `dst := ` the answer                                                          |
| NonBoolean         | what the error "not a Boolean" is resumed with decides a test                 |
| Poll               | a safe point                                                                  |
| If                 | a test and three arms: true, false, neither                                   |
| While              | condition code, a test, a body; it ends when the test is not `expected`       |
| ToDo               | a counted loop; `expand` says what it means as a While                        |
| Return             | end the activation with a value                                               |
| NonLocalReturn     | end the home activation; `dst` when it is dead and the error was resumed      |

A test is `Truth` (of a value), `Compare` (numbers guessed), `Same` (identity) or `Takes` (a short way). It has an index
of its own, because it is a place where an activation can stand: a comparison may turn out to be a send.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from ..syntax.slotted import slotted
from .operands import (
    FALSE,
    NIL,
    SELF,
    TRUE,
    BoxValue,
    ClassVariable,
    Constant,
    Field,
    Local,
    Named,
    Operand,
    temporary,
)

if TYPE_CHECKING:
    from ..syntax.nodes import ArrayLiteral, ByteArrayLiteral, ScaledDecimalLiteral
    from .functions import Function

#: Operands are read as part of the representation.
__all__ = [
    "FALSE",
    "NIL",
    "SELF",
    "TRUE",
    "BoxValue",
    "ClassVariable",
    "Constant",
    "Field",
    "Local",
    "Named",
    "Operand",
    "temporary",
]


@slotted
class Step:
    """Something with a place in the order of lowering."""

    index: int


@slotted
class Move(Step):
    """`dst := value`. `is_shared`: more than one operation reads `dst`."""

    dst: str
    value: Operand
    is_shared: bool = False


@slotted
class MakeBox(Step):
    """`dst := ` a new box that holds the value."""

    dst: str
    value: Operand


@slotted
class StoreBox(Step):
    """Store into the box or binding whose local name is `box`. `is_wanted`: the value is that of an expression."""

    box: str
    value: Operand
    is_wanted: bool = True


@slotted
class StoreField(Step):
    """Store into the instance variable of self in that 0-based slot. `is_wanted` as in `StoreBox`."""

    slot: int
    value: Operand
    is_wanted: bool = True


@slotted
class StoreClassVariable(Step):
    """Store into a class variable; `name` is the global name of its binding. `is_wanted` as in `StoreBox`."""

    name: str
    value: Operand
    is_wanted: bool = True


@slotted
class MakeText(Step):
    """`dst := ` a new String; the value is a Python str."""

    dst: str
    value: Operand


@slotted
class MakeLiteral(Step):
    """`dst := ` a new object equal to the literal."""

    dst: str
    literal: ArrayLiteral | ByteArrayLiteral | ScaledDecimalLiteral


@slotted
class MakeArray(Step):
    """`dst := ` a new Array of the elements."""

    dst: str
    elements: list[Operand]


@slotted
class MakeBlock(Step):
    """`dst` is the block's own name `b<number>`.

    It `copies` the variables it captures where they are new at each turn of a loop, and where the block is rarely made:
    variables that a Python function shares with an inner one are slower in both.
    """

    dst: str
    function: Function
    copies: bool


@slotted
class ThisContext(Step):
    """`dst := thisContext`."""

    dst: str


@slotted
class Arithmetic(Step):
    """`dst := left operator right`; a comparison gives true or false. `is_shared` as in `Move`."""

    dst: str
    operator: str
    left: Operand
    right: Operand
    is_shared: bool = False


@slotted
class Identical(Step):
    """`dst := left == right`, `~~` when negated."""

    dst: str
    left: Operand
    right: Operand
    negated: bool


@slotted
class Send(Step):
    """`dst := ` the answer of a message.

    `is_proven`: a test has found that its receiver takes the short way, of several that at `proven_place`.
    `is_wanted`: something reads the answer; `is_shared`: more than one operation does.
    """

    dst: str
    selector: str
    receiver: Operand
    arguments: list[Operand]
    is_proven: bool = False
    is_wanted: bool = True
    is_shared: bool = False
    proven_place: int = 0


@slotted
class SuperSend(Step):
    """`name` is the global name of the function, see `mangle`."""

    dst: str
    selector: str
    name: str
    arguments: list[Operand]


@slotted
class NonBoolean(Step):
    """What the error is resumed with decides: unless it is false, the test goes on as if it had found true.

    `dst` is read by nothing; it stands in the outlines of stored contexts.
    """

    dst: str
    value: Operand
    selector: str


@slotted
class Poll(Step):
    """A safe point."""


@slotted
class Return(Step):
    """End the activation."""

    value: Operand


@slotted
class NonLocalReturn(Step):
    """End the home activation; when that is over, `dst := ` what the error is resumed with."""

    dst: str
    value: Operand


@slotted
class Truth(Step):
    """Whether the value is true or false."""

    value: Operand


@slotted
class Compare(Step):
    """`left operator right` for `< <= > >=`; `dst` names the answer where it must be sent for."""

    dst: str
    operator: str
    left: Operand
    right: Operand


@slotted
class Same(Step):
    """Whether both are the same object; different ones if `negated`."""

    left: Operand
    right: Operand
    negated: bool


@slotted
class Takes(Step):
    """Whether the value's class gives the message its short way. May be false at any time: it decides nothing else.

    With a `key` also whether a dictionary need not ask that for its hash; with `finds`, whether it is there, too.
    """

    value: Operand
    selector: str
    key: Operand | None = None
    finds: bool = False


Test: TypeAlias = Truth | Compare | Same | Takes


@slotted
class If:
    """A test of identity or of a short way has no third arm."""

    test: Test
    then: list[Operation]
    otherwise: list[Operation]
    neither: NonBoolean | None


@slotted
class While:
    """Without a test (`repeat`) it ends only by a return.

    `walks`: position and receiver of the loop of a `do:`, see `enumeration`.
    """

    condition: list[Operation]
    test: Test | None
    expected: bool
    body: list[Operation]
    neither: NonBoolean | None
    walks: tuple[str, str] | None = None


@slotted
class ToDo(Step):
    """`variable` runs from `start` to `stop` by the non-zero integer `step`.

    `enter` initialises the variable, `test` compares it and `advance` adds the step: the loop's own operations, which
    show only where the loop cannot be counted by Python's `range`.
    """

    variable: str
    start: Operand
    stop: Operand
    step: int
    body: list[Operation]
    enter: Move
    test: Compare
    advance: Arithmetic
    neither: NonBoolean

    def turns(self) -> While:
        """The loop from its test on, as a While."""
        return While([], self.test, True, [*self.body, self.advance], self.neither)  # noqa: FBT003 - named by its field

    def expand(self) -> list[Operation]:
        """The whole loop as a While."""
        return [self.enter, self.turns()]

    def resumed(self) -> ToDo:
        """The loop that goes on from the variable's present value; where it begins is the place of its test."""
        here = Local(self.variable)
        return ToDo(
            self.test.index,
            self.variable,
            here,
            self.stop,
            self.step,
            self.body,
            Move(self.enter.index, self.variable, here),
            self.test,
            self.advance,
            self.neither,
        )


#: Operations that store into something other than a name.
STORES: Final = (StoreBox, StoreField, StoreClassVariable)

Operation: TypeAlias = (
    Move
    | MakeBox
    | StoreBox
    | StoreField
    | StoreClassVariable
    | MakeText
    | MakeLiteral
    | MakeArray
    | MakeBlock
    | ThisContext
    | Arithmetic
    | Identical
    | Send
    | SuperSend
    | NonBoolean
    | Poll
    | Return
    | NonLocalReturn
    | If
    | While
    | ToDo
)
