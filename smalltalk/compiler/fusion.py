"""Neighbouring operations that generated code does in one Python expression.

Only guesses are computed in place: arithmetic on guessed numbers, instance variables read through accessors. Nothing
happens in them, so an expression that turns out to be a wrong guess may be begun again from its first operation
(`Fusion.begins`). Positions stay those of the IR: each operation has a line of its own inside the expression.

| operations                                             | become                             |
|--------------------------------------------------------|------------------------------------|
| `t := a op b` and an operation that reads `t` once     | the operation with `a op b` in it  |
| a send that answers a Boolean by its short way, a test | a test without a Boolean object    |
| an If that computes a Boolean, a test of it            | one test with `and`, `or`          |
| `j := 1` and the loop of a `do:`                       | a loop over an enumeration         |
| a text is made, and written on a stream                | the text is written, see `writes`  |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

from ..syntax.slotted import slotted
from . import ir
from .limits import COMPUTED_MAX
from .shortcuts import CONDITIONS, WAYS
from .writes import fused_write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .shortcuts import Attributes

COMPARISONS: Final = frozenset(("<", "<=", ">", ">="))

#: Selectors that evaluate a block. Their arguments are never computed in place: a call with the wrong number of them is
#: a wrong guess of the send itself.
BLOCK_SENDS: Final = frozenset(("value", "value:", "value:value:", "value:value:value:", "value:value:value:value:"))

#: Selectors whose operands are read more than once: their types are tested first.
READ_TWICE: Final = frozenset(("/", "//", "\\\\", "=", "~="))


class Everything:
    """The set of all indices: guards of code that guesses nothing."""

    def __contains__(self, index: object) -> bool:
        return True


Guards: TypeAlias = frozenset[int] | Everything


@slotted
class Computed:
    """An operand that is computed where it is read.

    `members`: indices of all operations in it, the first one first; `reader`: index of the one that reads it.
    """

    op: ir.Arithmetic | ir.Send | ir.Move
    members: list[int]
    reader: int
    text: str = ""


@slotted
class Tested:
    """A test of what a send answers: true or false by its short way, else `index` is the place of the test."""

    index: int
    send: ir.Send


@slotted
class Joined:
    """A test of two parts: both, or either. `inverted`: the first part counts when it fails."""

    index: int
    first: AnyTest
    inverted: bool
    both: bool
    second: AnyTest


@slotted
class Walk:
    """The loop of a `do:` from its first position on: `body` for each element."""

    index: int
    position: str
    receiver: str
    each: str
    body: list[ir.Operation]


AnyTest: TypeAlias = ir.Test | Tested | Joined


class Fusion:
    """Fuses the operations of one unit.

    Args:
        guards: operations that do not guess.
        attributes: those of the world that runs the code, None when several do.

    Attributes:
        begins: index of an operation that is done in place with others -> index of the first of them.
    """

    def __init__(self, guards: Guards, attributes: Attributes | None) -> None:
        self._guards = guards
        self._attributes = attributes
        self.begins: dict[int, int] = {}
        #: id of code that was fused -> the code, so that it lives, and what it became.
        self._known: dict[int, tuple[Sequence[Any], list[Any]]] = {}

    def fuse(self, code: Sequence[ir.Operation]) -> list[Any]:
        """The operations with neighbours fused where the guards leave them a guess."""
        known = self._known.get(id(code))
        if known is None:
            fused: list[Any] = []
            for op in code:
                reader = self._READERS.get(type(op))
                fused.append(op if reader is None or not fused else reader(self, op, fused))
            known = self._known[id(code)] = code, fused
        return known[1]

    def test(self, test: AnyTest, fused: list[Any]) -> AnyTest:
        """The test with what computes its operands, which is taken from the end of `fused`."""
        if isinstance(test, ir.Truth):
            return self._truth(test, fused)
        if isinstance(test, ir.Compare) and test.index not in self._guards:
            (left, right), members = self._in_place((test.left, test.right), fused, test.index)
            return ir.Compare(test.index, test.dst, test.operator, left, right) if members else test
        if isinstance(test, ir.Same) and test.right is ir.NIL and fused and not isinstance(fused[-1], ir.Arithmetic):
            (left,), members = self._in_place((test.left,), fused, test.index)
            return ir.Same(test.index, left, test.right, test.negated) if members else test
        return test

    # -- operands

    def _in_place(self, operands: Sequence[ir.Operand], fused: list[Any], index: int) -> tuple[list[Any], list[int]]:
        """Operands that the last operations compute, in place; and the indices of those operations."""
        found: list[Any] = list(operands)
        members: list[int] = []
        for place in range(len(found) - 1, -1, -1):
            producer: Any = fused[-1] if fused else None
            if found[place].text[:1] != "t" or not self._is_pure(producer) or producer.dst != found[place].text:
                continue
            inner = self._members(producer)
            if len(inner) + len(members) > COMPUTED_MAX:
                continue
            fused.pop()
            members[:0] = inner
            found[place] = Computed(producer, inner, index)
        if members:
            self.begins.update(dict.fromkeys((*members, index), members[0]))
        return found, members

    def _members(self, producer: ir.Arithmetic | ir.Send | ir.Move) -> list[int]:
        """Indices of a producer and all operations in it."""
        if isinstance(producer, ir.Arithmetic):
            operands: tuple[Any, ...] = producer.left, producer.right
        else:
            operands = (producer.receiver,) if isinstance(producer, ir.Send) else ()
        inner = [index for each in operands if isinstance(each, Computed) for index in each.members]
        return [*inner, producer.index]

    def _is_pure(self, op: Any) -> bool:
        """Whether nothing happens in an operation, and one other reads its result."""
        if isinstance(op, ir.Arithmetic):
            return not op.is_shared and op.operator not in COMPARISONS and op.index not in self._guards
        if isinstance(op, ir.Move):
            return not op.is_shared and isinstance(op.value, (ir.Field, ir.BoxValue, ir.ClassVariable))
        return isinstance(op, ir.Send) and not op.is_shared and self.reads(op)

    def reads(self, op: ir.Send) -> bool:
        """Whether a send only reads an instance variable."""
        if op.arguments or not self._may_guess(op) or op.selector in BLOCK_SENDS:
            return False
        assert self._attributes is not None
        return self._attributes.has_reader(op.selector)

    def writes(self, op: ir.Send) -> bool:
        """Whether a send only stores its argument into an instance variable."""
        if len(op.arguments) != 1 or not self._may_guess(op) or op.selector in WAYS:
            return False
        assert self._attributes is not None
        return self._attributes.has_writer(op.selector)

    def _may_guess(self, op: ir.Send) -> bool:
        is_constant = isinstance(op.receiver, ir.Constant)
        return self._attributes is not None and not is_constant and op.index not in self._guards

    # -- what reads operands

    def _arithmetic(self, op: ir.Arithmetic, fused: list[Any]) -> ir.Arithmetic:
        if op.index in self._guards:
            return op
        (left, right), members = self._in_place((op.left, op.right), fused, op.index)
        return ir.Arithmetic(op.index, op.dst, op.operator, left, right, op.is_shared) if members else op

    def _send(self, op: ir.Send, fused: list[Any]) -> Any:
        if op.index in self._guards or op.is_proven:
            return op
        write = fused_write(op, fused[-1], self._guards)
        if write is not None:
            fused.pop()
            return write
        arguments, receiver = op.arguments, op.receiver
        members: list[int] = []
        if self.reads(op):
            (receiver,), members = self._in_place((receiver,), fused, op.index)
        elif self.writes(op) and _multiplies(fused[-1]):
            return op
        elif self.writes(op) or not (op.selector in WAYS or op.selector in READ_TWICE or op.selector in BLOCK_SENDS):
            arguments, members = self._in_place(op.arguments, fused, op.index)
        if not members:
            return op
        shared = op.is_shared
        return ir.Send(op.index, op.dst, op.selector, receiver, arguments, is_wanted=op.is_wanted, is_shared=shared)

    def _return(self, op: ir.Return, fused: list[Any]) -> ir.Return:
        (value,), members = self._in_place((op.value,), fused, op.index)
        return ir.Return(op.index, value) if members else op

    def _store(self, op: Any, fused: list[Any]) -> Any:
        if op.is_wanted or _multiplies(fused[-1]):
            return op
        (value,), members = self._in_place((op.value,), fused, op.index)
        if not members:
            return op
        if isinstance(op, ir.StoreField):
            return ir.StoreField(op.index, op.slot, value)
        if isinstance(op, ir.StoreBox):
            return ir.StoreBox(op.index, op.box, value)
        return ir.StoreClassVariable(op.index, op.name, value)

    def _if(self, op: ir.If, fused: list[Any]) -> ir.If:
        test = self.test(op.test, fused)
        return op if test is op.test else ir.If(test, op.then, op.otherwise, op.neither)  # type: ignore[arg-type]  # only the generator sees it

    def _while(self, op: ir.While, fused: list[Any]) -> Any:
        """The loop of a `do:` that begins at its first position is a walk."""
        enter = fused[-1]
        if not op.walks or not isinstance(enter, ir.Move) or enter.dst != op.walks[0]:
            return op
        size, element, advance = op.condition[0], op.body[1], op.body[-1]
        assert isinstance(element, ir.Send)
        assert op.test is not None
        if any(each.index in self._guards for each in (size, op.test, element, advance)):  # type: ignore[union-attr]  # none is structured
            return op
        fused.pop()
        position, receiver = op.walks
        return Walk(element.index, position, receiver, element.dst, [op.body[0], *op.body[2:-1]])

    # -- tests

    def _truth(self, test: ir.Truth, fused: list[Any]) -> AnyTest:
        """The test of a Boolean that the last operation computes, without the Boolean where that can be."""
        if not fused or not isinstance(test.value, ir.Local) or not test.value.text.startswith("t"):
            return test
        found = self._computed(fused[-1], test.value.text, test.index)
        if not isinstance(found, (Joined, Tested)):
            return test
        fused.pop()
        return found

    def _computed(self, op: Any, dst: str, index: int) -> AnyTest | None:
        """The test whose outcome the operation stores into `dst`; `index` is that of the test that reads it."""
        if isinstance(op, ir.Identical) and op.dst == dst:
            return ir.Same(op.index, op.left, op.right, op.negated)
        if isinstance(op, ir.Arithmetic) and op.dst == dst and op.operator in COMPARISONS:
            return None if op.index in self._guards else ir.Compare(op.index, dst, op.operator, op.left, op.right)
        if isinstance(op, ir.Send) and op.dst == dst and op.selector in CONDITIONS:
            is_guarded = op.index in self._guards or index in self._guards or op.is_shared
            return Tested(index, op) if not is_guarded and self._has_condition(op) else None
        if not isinstance(op, ir.If) or isinstance(op.test, ir.Truth) or op.test.index in self._guards:
            return None
        for go_on, stop, inverted in ((op.then, op.otherwise, False), (op.otherwise, op.then, True)):
            short = _constant(stop, dst)
            code = self.fuse(go_on) if short is not None else ()
            second = self._computed(code[0], dst, index) if len(code) == 1 else None
            if second is None:
                continue
            is_conjunction = short == "FALSE"
            return Joined(op.test.index, op.test, inverted if is_conjunction else not inverted, is_conjunction, second)
        return None

    def _has_condition(self, op: ir.Send) -> bool:
        """Whether what the send answers can be tested without a Boolean object."""
        attributes = self._attributes
        if isinstance(op.receiver, ir.Constant):
            return False
        return op.selector in READ_TWICE or (attributes is not None and not attributes.has_method(op.selector))

    #: What reads operands -> how it takes them; it stands here because the functions must exist first.
    _READERS: ClassVar[dict[type, Callable[[Fusion, Any, list[Any]], Any]]] = {
        ir.Arithmetic: _arithmetic,
        ir.Send: _send,
        ir.Return: _return,
        ir.StoreField: _store,
        ir.StoreBox: _store,
        ir.StoreClassVariable: _store,
        ir.If: _if,
        ir.While: _while,
    }


def _multiplies(op: Any) -> bool:
    """Whether the result may be a long integer, which must have a name: safe points look at those for their size."""
    if not isinstance(op, ir.Arithmetic):
        return False
    parts: tuple[Any, ...] = op.left, op.right
    return op.operator == "*" or any(isinstance(each, Computed) and _multiplies(each.op) for each in parts)


def _constant(code: Sequence[ir.Operation], dst: str) -> str | None:
    """TRUE or FALSE when that is all the code stores into `dst`."""
    if len(code) != 1 or not isinstance(code[0], ir.Move) or code[0].dst != dst:
        return None
    return code[0].value.text if code[0].value in (ir.TRUE, ir.FALSE) else None
