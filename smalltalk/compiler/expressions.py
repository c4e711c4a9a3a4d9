"""IR -> Python text of single operations: expressions only, no structure.

Fast forms guess numbers and blocks; guarded forms test first and send otherwise, so they never raise TypeError. Both
read each operand in the same order and send at most once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..syntax.nodes import ArrayLiteral, ByteArrayLiteral, CharacterLiteral, Literal, ScaledDecimalLiteral
from . import ir
from .fusion import BLOCK_SENDS, COMPARISONS
from .mangle import dispatch_name, mangle

if TYPE_CHECKING:
    from ..syntax.nodes import LiteralNode

#: Integer division that Python computes as Smalltalk does.
_DIVISIONS: Final = {"//": "//", "\\\\": "%"}

#: Equality, and what Python calls it for integers.
_EQUALITIES: Final = {"=": "==", "~=": "!="}


class Expressions:
    """Makes expressions and collects the global names they use.

    Attributes:
        names: the names so far, in order of first use.
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def text(self, operand: ir.Operand) -> str:
        """An operand's text."""
        if isinstance(operand, ir.Named):
            if operand is not ir.TRUE and operand is not ir.FALSE:
                self.names[operand.text] = None
        elif isinstance(operand, ir.ClassVariable):
            self.names[operand.name] = None
        return operand.text

    def dispatch(self, selector: str, receiver: str, arguments: list[str]) -> str:
        """A plain send."""
        name = dispatch_name(selector)
        self.names[name] = None
        return f"{name}[type({receiver})]({','.join([receiver, *arguments])})"

    def send(self, op: ir.Send, *, guarded: bool) -> str:
        """A send, with a short way for blocks, integer division and equality."""
        receiver = self.text(op.receiver)
        arguments = [self.text(each) for each in op.arguments]
        plain = self.dispatch(op.selector, receiver, arguments)
        if op.selector in BLOCK_SENDS and isinstance(op.receiver, ir.Local) and not guarded:
            return f"{receiver}({','.join(arguments)}) if type({receiver}) is FT else {plain}"
        if op.selector in _DIVISIONS and _is_positive(op.arguments[0]):
            return f"{receiver}{_DIVISIONS[op.selector]}{arguments[0]} if type({receiver}) is int else {plain}"
        if op.selector in _EQUALITIES:
            test = _both_integers(op.receiver, op.arguments[0])
            return f"(TRUE if {receiver}{_EQUALITIES[op.selector]}{arguments[0]} else FALSE) if {test} else {plain}"
        return plain

    def super_send(self, op: ir.SuperSend) -> str:
        """A send to super."""
        self.names[op.name] = None
        return f"{op.name}({','.join(['self', *(self.text(each) for each in op.arguments)])})"

    def arithmetic(self, operator: str, left: ir.Operand, right: ir.Operand, *, guarded: bool = False) -> str:
        """Arithmetic or comparison for its value."""
        a, b = self.text(left), self.text(right)
        fast = f"{a}{operator}{b}"
        if operator in COMPARISONS:
            fast = f"TRUE if {fast} else FALSE"
        if not guarded:
            return fast
        return f"({fast}) if {_both_integers(left, right)} else {self.dispatch(operator, a, [b])}"

    def same(self, left: ir.Operand, right: ir.Operand, *, negated: bool) -> str:
        """An identity test as a Python condition."""
        if _is_number(left):
            left, right = right, left
        a, b = self.text(left), self.text(right)
        if _is_integer(right):
            condition = f"(type({a}) is int and {a}=={b})"
        elif _is_number(right):
            condition = f"ident({a},{b})"
        elif _has_unique_identity(left) or _has_unique_identity(right):
            return f"{a} is not {b}" if negated else f"{a} is {b}"
        else:
            condition = f"({a} is {b} or ident({a},{b}))"
        return f"not {condition}" if negated else condition

    def literal(self, node: LiteralNode) -> str:
        """A literal inside a literal array, or a whole one."""
        if isinstance(node, ArrayLiteral):
            return f"Arr([{','.join(self.literal(each) for each in node.elements)}])"
        if isinstance(node, ByteArrayLiteral):
            return f"Bytes({node.value!r})"
        if isinstance(node, ScaledDecimalLiteral):
            return f"Dec({ir.constant_text(node.numerator)},{ir.constant_text(node.denominator)},{node.scale})"
        if isinstance(node, Literal):
            if isinstance(node.value, bool):
                return "TRUE" if node.value else "FALSE"
            return f"Text({node.value!a})" if isinstance(node.value, str) else ir.constant_text(node.value)
        name = f"C_{node.code}" if isinstance(node, CharacterLiteral) else f"Y_{mangle(node.name)}"
        self.names[name] = None
        return name


def _is_positive(operand: ir.Operand) -> bool:
    return isinstance(operand, ir.Constant) and type(operand.value) is int and operand.value > 0


def _is_integer(operand: ir.Operand) -> bool:
    return isinstance(operand, ir.Constant) and type(operand.value) is int


def _is_number(operand: ir.Operand) -> bool:
    return isinstance(operand, ir.Constant) and operand.value is not None


def _both_integers(left: ir.Operand, right: ir.Operand) -> str:
    """A Python condition: both operands are integers."""
    if _is_integer(right):
        return f"type({left.text}) is int"
    if _is_integer(left):
        return f"type({right.text}) is int"
    return f"type({left.text}) is type({right.text}) is int"


def _has_unique_identity(operand: ir.Operand) -> bool:
    """Whether equal to it means identical to it, for Python too: nil, true, false, symbols, characters."""
    if isinstance(operand, ir.Named):
        return operand.text[:2] != "G_"
    return isinstance(operand, ir.Constant) and operand.value is None
