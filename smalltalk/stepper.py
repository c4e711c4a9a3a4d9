"""The IR interpreter: runs a method or do-it from its IR, with exactly the meaning of the generated code.

It is production code for do-its that are seen once, where generating code would take longer than running them, and it
is the oracle that generated code is compared with. Its state is that of a context: an `Activation` is the index of the
operation it is in and its named values.

Blocks made by interpreted code are ordinary generated functions; methods it calls are the world's functions. Who wants
other things to happen at operations makes an `engine` of its own (`stepping`).
"""

from __future__ import annotations

import operator
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final, Protocol

from .compiler import ir
from .compiler.continuations import ANSWER
from .compiler.editions import block_code
from .compiler.mangle import dispatch_name, mangle
from .compiler.operands import Local
from .compiler.origins import Position
from .engines import engine
from .runtime.objects import FALSE, TRUE, new_box
from .runtime.resumables import register_interpreter
from .syntax.nodes import ArrayLiteral, ByteArrayLiteral, CharacterLiteral, Literal, ScaledDecimalLiteral

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .compiler.origins import Origin
    from .compiler.unit import Unit
    from .engines import Runner
    from .syntax.nodes import LiteralNode


#: Code that stops nowhere.
NO_BREAKS: Final[frozenset[int]] = frozenset()


class Linker(Protocol):
    """What the interpreter needs of a world."""

    g: dict[str, Any]

    def link(self, names: Iterable[str]) -> None:
        """Give names their values in `g`."""


class Activation:
    """One running method, do-it or block.

    Attributes:
        origin: its source.
        number: of the function in it, 0 for the method or do-it itself.
        values: its named values, by Python name.
        index: of the operation it is in.
        is_before: it stands before that operation.
        answer: what it answers, once it has returned.
    """

    __slots__ = ("answer", "g", "index", "is_before", "number", "origin", "values", "world")

    def __init__(self, origin: Origin, number: int, world: Linker, values: dict[str, Any]) -> None:
        self.origin = origin
        self.number = number
        self.world = world
        self.g = world.g
        self.values = values
        self.index = 0
        self.is_before = False
        self.answer: Any = None

    def breaks(self) -> frozenset[int]:
        """The operations before which the code of its blocks stops."""
        return NO_BREAKS

    def named(self, name: str) -> Any:
        """The value of a global name of the environment."""
        value = self.g.get(name, self)
        if value is not self:
            return value
        builtins = self.g["__builtins__"]
        if name in builtins:
            return builtins[name]
        self.world.link((name,))
        return self.g[name]

    def entry_point(self, name: str) -> Any:
        """A runtime entry point of generated code."""
        return self.g["__builtins__"][name]

    def read(self, operand: ir.Operand) -> Any:
        """An operand's value."""
        if type(operand) is Local:  # nearly all are
            return self.values[operand.text]
        return _READERS[type(operand)](self, operand)

    def table(self, selector: str) -> Any:
        """The dispatch table of a selector."""
        return self.named(dispatch_name(selector))

    def send(self, selector: str, receiver: Any, arguments: Sequence[Any]) -> Any:
        """Send a message."""
        return self.table(selector)[type(receiver)](receiver, *arguments)

    def mark(self, obj: Any) -> None:
        """Run the write barrier after a store."""
        if not obj.dirty:
            self.g["mark"](obj)


def interpret(unit: Unit, world: Linker, receiver: Any, arguments: Sequence[Any] = ()) -> Any:
    """Run a method or do-it from its IR.

    Args:
        unit: what to run; code is generated only if it makes a block.
        world: where it runs.
        receiver: self.
        arguments: as its generated code takes them: of a do-it bindings, then literals.
    """
    function = unit.lowered().functions[0]
    values = {"self": receiver}
    if arguments:
        values.update(zip(function.parameters[1:], arguments, strict=True))
    activation = Activation(unit.origin, 0, world, values)
    if function.has_home:
        values["home"] = activation.entry_point("Home")()
    return complete(activation, function.code, run_to_end)


def complete(
    activation: Activation, code: list[ir.Operation], run: Runner, inner: Callable[[], Any] | None = None
) -> Any:
    """Run an activation to its end. One call of this function is one activation.

    Args:
        activation: where it stands; a method with blocks that return from it has a `home`.
        code: what it has left to do.
        run: does it.
        inner: the rest of the activation that it waits for, None if it waits for none.
    """
    home = None if activation.number else activation.values.get("home")
    try:
        if inner is not None:
            answer = inner()
            activation.is_before = False
            activation.values[ANSWER] = answer
        run(code, activation)
    except activation.entry_point("NLR") as unwinding:
        if home is None or unwinding.home is not home:
            raise
        return unwinding.value
    finally:
        if home is not None:
            home.active = False
            activation.mark(home)
    return activation.answer


# -- reading operands

_READERS: Final[dict[type, Callable[[Activation, Any], Any]]] = {
    ir.Constant: lambda _, operand: operand.value,
    ir.Named: lambda activation, operand: activation.named(operand.text),
    ir.BoxValue: lambda activation, operand: activation.values[operand.name].v,
    ir.Field: lambda activation, operand: getattr(activation.values["self"], f"i{operand.slot}"),
    ir.ClassVariable: lambda activation, operand: activation.named(operand.name).v,
}

NUMBERS: Final = (int, float)

_CALCULATIONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _boolean(value: bool) -> Any:  # noqa: FBT001 - Python's Boolean becomes the language's
    return TRUE if value else FALSE


def _calculate(activation: Activation, selector: str, left: Any, right: Any) -> Any:
    """Arithmetic on numbers; anything else, and what overflows, is sent."""
    if type(left) in NUMBERS and type(right) in NUMBERS:
        try:
            value = _CALCULATIONS[selector](left, right)
        except OverflowError:
            return activation.send(selector, left, (right,))
        return _boolean(value) if type(value) is bool else value
    return activation.send(selector, left, (right,))


def _is_same(activation: Activation, left: Any, right: Any) -> bool:
    return left is right or bool(activation.entry_point("ident")(left, right))


# -- operations; each answers True when it ended the activation


def _move(activation: Activation, op: ir.Move) -> None:
    activation.values[op.dst] = activation.read(op.value)


def _make_box(activation: Activation, op: ir.MakeBox) -> None:
    activation.values[op.dst] = new_box(activation.read(op.value))


def _store_box(activation: Activation, op: ir.StoreBox) -> None:
    box = activation.values[op.box]
    box.v = activation.read(op.value)
    activation.mark(box)


def _store_field(activation: Activation, op: ir.StoreField) -> None:
    receiver = activation.values["self"]
    setattr(receiver, f"i{op.slot}", activation.read(op.value))
    activation.mark(receiver)


def _store_class_variable(activation: Activation, op: ir.StoreClassVariable) -> None:
    binding = activation.named(op.name)
    binding.v = activation.read(op.value)
    activation.mark(binding)


def _make_text(activation: Activation, op: ir.MakeText) -> None:
    activation.values[op.dst] = activation.entry_point("Text")(activation.read(op.value))


def _make_literal(activation: Activation, op: ir.MakeLiteral) -> None:
    activation.index = op.index
    activation.values[op.dst] = _literal(activation, op.literal)


def _literal(activation: Activation, node: LiteralNode) -> Any:
    """A new literal."""
    if isinstance(node, ArrayLiteral):
        return activation.entry_point("Arr")([_literal(activation, each) for each in node.elements])
    if isinstance(node, ByteArrayLiteral):
        return activation.entry_point("Bytes")(node.value)
    if isinstance(node, ScaledDecimalLiteral):
        return activation.entry_point("Dec")(node.numerator, node.denominator, node.scale)
    if isinstance(node, CharacterLiteral):
        return activation.named(f"C_{node.code}")
    if isinstance(node, Literal):
        if isinstance(node.value, bool):
            return _boolean(node.value)
        return activation.entry_point("Text")(node.value) if isinstance(node.value, str) else node.value
    return activation.named(f"Y_{mangle(node.name)}")


def _make_array(activation: Activation, op: ir.MakeArray) -> None:
    activation.values[op.dst] = activation.entry_point("Arr")([activation.read(each) for each in op.elements])


def _make_block(activation: Activation, op: ir.MakeBlock) -> None:
    code, names = block_code(activation.origin, op.function.number, activation.breaks())
    activation.world.link(names)
    cells = tuple(CellType(activation.values[name]) for name in code.co_freevars)
    activation.values[op.dst] = FunctionType(code, activation.g, code.co_name, None, cells)


def _this_context(activation: Activation, op: ir.ThisContext) -> None:
    activation.index = op.index
    activation.values[op.dst] = activation.entry_point("this_context")()


def _arithmetic(activation: Activation, op: ir.Arithmetic) -> None:
    activation.index = op.index
    left, right = activation.read(op.left), activation.read(op.right)
    activation.values[op.dst] = _calculate(activation, op.operator, left, right)


def _identical(activation: Activation, op: ir.Identical) -> None:
    is_same = _is_same(activation, activation.read(op.left), activation.read(op.right))
    activation.values[op.dst] = _boolean(is_same is not op.negated)


def _send(activation: Activation, op: ir.Send) -> None:
    activation.index = op.index
    operand = op.receiver
    # Half of all operations are sends, most of them to what the one before answered and without arguments.
    receiver = activation.values[operand.text] if type(operand) is Local else activation.read(operand)
    table = activation.g.get(dispatch_name(op.selector)) or activation.table(op.selector)
    if op.arguments:
        answer = table[type(receiver)](receiver, *[activation.read(each) for each in op.arguments])
    else:
        answer = table[type(receiver)](receiver)
    activation.values[op.dst] = answer


def _super_send(activation: Activation, op: ir.SuperSend) -> None:
    activation.index = op.index
    arguments = [activation.read(each) for each in op.arguments]
    activation.values[op.dst] = activation.named(op.name)(activation.values["self"], *arguments)


def _poll(activation: Activation, op: ir.Poll) -> None:
    activation.index = op.index
    if activation.entry_point("_POLL"):
        activation.entry_point("poll")()


def _return(activation: Activation, op: ir.Return) -> bool:
    activation.answer = activation.read(op.value)
    return True


def _non_local_return(activation: Activation, op: ir.NonLocalReturn) -> None:
    activation.index = op.index
    home, value = activation.values["home"], activation.read(op.value)
    if home.active:
        raise activation.entry_point("NLR")(home, value)
    activation.values[op.dst] = activation.entry_point("dead_home")(home, value)


def run_test(activation: Activation, test: ir.Test) -> Any:
    """The tested value; TRUE or FALSE unless it is no Boolean."""
    activation.index = test.index
    if isinstance(test, ir.Truth):
        return activation.read(test.value)
    if isinstance(test, ir.Takes):
        return FALSE
    left, right = activation.read(test.left), activation.read(test.right)
    if isinstance(test, ir.Same):
        return _boolean(_is_same(activation, left, right) is not test.negated)
    value = activation.values[test.dst] = _calculate(activation, test.operator, left, right)
    return value


def ask_non_boolean(activation: Activation, op: ir.NonBoolean) -> Any:
    """What the error "not a Boolean" is resumed with."""
    activation.index = op.index
    return activation.entry_point("nonboolean")(activation.read(op.value), op.selector)


#: What is done at each kind of operation that has no others in it.
RUNNERS: Final[dict[type, Callable[[Activation, Any], bool | None]]] = {
    ir.Move: _move,
    ir.MakeBox: _make_box,
    ir.StoreBox: _store_box,
    ir.StoreField: _store_field,
    ir.StoreClassVariable: _store_class_variable,
    ir.MakeText: _make_text,
    ir.MakeLiteral: _make_literal,
    ir.MakeArray: _make_array,
    ir.MakeBlock: _make_block,
    ir.ThisContext: _this_context,
    ir.Arithmetic: _arithmetic,
    ir.Identical: _identical,
    ir.Send: _send,
    ir.SuperSend: _super_send,
    ir.Poll: _poll,
    ir.Return: _return,
    ir.NonLocalReturn: _non_local_return,
}


#: Runs operations without stopping.
run_to_end: Final = engine(RUNNERS, run_test, ask_non_boolean)


def _read(values: Mapping[str, Any]) -> tuple[Position, Mapping[str, Any]]:
    """Place and values of the activation that a call of `complete` runs."""
    activation: Activation = values["activation"]
    place = Position(activation.origin, activation.number, activation.index, is_before=activation.is_before)
    return place, activation.values


register_interpreter(complete, _read)
