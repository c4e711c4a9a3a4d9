"""IR -> Python text of single operations: expressions only, no structure.

Fast forms guess numbers and blocks; guarded forms test first and send otherwise, so they never raise TypeError. Both
read each operand in the same order and send at most once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..syntax.nodes import ArrayLiteral, ByteArrayLiteral, CharacterLiteral, Literal, ScaledDecimalLiteral
from . import ir
from .constants import constant_text
from .fusion import BLOCK_SENDS, COMPARISONS, Computed
from .limits import DIVISOR_END, SHORT_WAYS_MAX
from .mangle import dispatch_name, mangle
from .shortcuts import (
    ALIASED,
    ALIASES,
    CHARACTER_EQUALITY,
    METHOD,
    POSITIVE,
    READER,
    TEXT_HASH,
    TEXT_KEY,
    WAYS,
    WORD,
    WRITER,
    WRITES,
    allowed_name,
    is_name,
    proven_value,
    python_key,
    short_name,
    ways_for,
    ways_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..syntax.nodes import LiteralNode
    from .shortcuts import Attributes, Taken

#: Integer division that Python computes as Smalltalk does.
_DIVISIONS: Final = {"//": "//", "\\\\": "%"}

#: Equality, and what Python calls it for integers.
_EQUALITIES: Final = {"=": "==", "~=": "!="}


class Change(NamedTuple):
    """A short way that changes the receiver.

    Attributes:
        receiver: its text, once the condition was tested.
        condition: when it is taken; empty for always.
        effect: the statement.
        value: what is answered.
    """

    receiver: str
    condition: str
    effect: str
    value: str


class Expressions:
    """Makes expressions and collects the global names they use.

    Attributes:
        names: the names so far, in order of first use.
        positive: local names that stand for positive integers.
    """

    def __init__(self, attributes: Attributes | None) -> None:
        self.names: dict[str, None] = {}
        self.positive: set[str] = set()
        self._attributes = attributes
        self._short_ways_left = SHORT_WAYS_MAX

    def text(self, operand: ir.Operand | Computed) -> str:
        """An operand's text. A line break in a text is followed by the position of what comes after it, and a colon."""
        if isinstance(operand, Computed):
            return self._computed(operand)
        if isinstance(operand, ir.Named):
            if operand is not ir.TRUE and operand is not ir.FALSE:
                self.names[operand.text] = None
        elif isinstance(operand, ir.ClassVariable):
            self.names[operand.name] = None
        return operand.text

    def _computed(self, operand: Computed) -> str:
        """What computes an operand, in a line of its own; a variable that is read needs none."""
        op = operand.op
        if isinstance(op, ir.Move):
            return self.text(op.value)
        text = self.arithmetic(op.operator, op.left, op.right) if isinstance(op, ir.Arithmetic) else self.call(op)
        return f"(\n{op.index}:{text}\n{operand.reader}:)"

    def dispatch(self, selector: str, receiver: str, arguments: list[str]) -> str:
        """A plain send."""
        name = dispatch_name(selector)
        self.names[name] = None
        return f"{name}[type({receiver})]({','.join([receiver, *arguments])})"

    def called(self, op: ir.Send, arguments: Sequence[ir.Operand]) -> tuple[str, list[str]]:
        """The function of a send that may guess, and the first of what it takes: receiver and those `arguments`."""
        receiver = self.text(op.receiver)
        texts = [self.text(each) for each in arguments]
        attributes = self._attributes
        if attributes is None or isinstance(op.receiver, ir.Constant) or not attributes.has_method(op.selector):
            name = dispatch_name(op.selector)
            self.names[name] = None
            return f"{name}[type({receiver})]", [receiver, *texts]
        attribute = METHOD + mangle(op.selector)
        self.names[attribute] = None
        return f"{receiver}.{attribute}", texts

    def call(self, op: ir.Send) -> str:
        """A send without a short way in the kernel; it may guess that a class of the session has the method."""
        if not op.arguments and self._reads(op):
            return f"{self.text(op.receiver)}.{READER}{mangle(op.selector)}"
        function, arguments = self.called(op, op.arguments)
        return f"{function}({','.join(arguments)})"

    def _reads(self, op: ir.Send) -> bool:
        attributes = self._attributes
        is_variable = not isinstance(op.receiver, ir.Constant)
        return attributes is not None and is_variable and attributes.has_reader(op.selector)

    def _conditions(self, ways: Sequence[Taken], first: str, receiver: str) -> list[str]:
        """Python conditions: each short way can be taken. The first of several reads the receiver, keeps its type."""
        conditions = []
        for place, way in enumerate(ways):
            self.names.update(dict.fromkeys((*way.types, *way.environment)))
            begin = "q" if place else f"(q:=type({first}))" if len(ways) > 1 else f"type({first})"
            kind = "q" if len(ways) > 1 else f"type({receiver})"
            condition = " or ".join((f"{begin} is {way.types[0]}", *(f"{kind} is {name}" for name in way.types[1:])))
            if way.condition:
                condition = f"{f'({condition})' if len(way.types) > 1 else condition} and {way.condition}"
            conditions.append(condition)
        return conditions

    def _ways(self, op: ir.Send, texts: Sequence[str]) -> list[Taken]:
        """The short ways of a send whose operands have those texts; last what the first guess was wrong about."""
        if not self._short_ways_left:
            return []
        self._short_ways_left -= 1
        is_own = self._attributes is not None and self._attributes.has_method(op.selector)
        ways = ways_for(op.selector, [op.receiver, *op.arguments], texts, is_own=is_own)
        if op.arguments and self._is_positive(op.arguments[0]):
            ways = [each._replace(condition="") if each.condition == f"{texts[1]}>0" else each for each in ways]
        guessed = ALIASED.get(op.selector) if self._aliased(op) is not None else None
        if guessed is not None and len(ways) > 1 and ways[0].types[0] == short_name(guessed.classes[0], op.selector):
            return [*ways[1:], ways[0]]
        return ways

    def _short(self, receiver: ir.Operand) -> tuple[str, str]:
        """Text that reads a receiver first, and what it is called after that: a slot is read once."""
        text = self.text(receiver)
        return (text, text) if isinstance(receiver, ir.Local) else (f"o:={text}", "o")

    def takes(self, test: ir.Takes) -> str:
        """A Python condition: a value takes the short way of a message."""
        ways = ways_of(test.selector)
        first, *others = (short_name(each, test.selector) for way in ways for each in way.classes)
        self.names.update(dict.fromkeys((first, *others)))
        value = self.text(test.value)
        if test.key is not None:
            key = self.text(test.key)
            return f"type({value}) is {first} and {self._seen(test, value, key)}"
        if len(ways) == 1 and ways[0].condition:
            return f"type({value}) is {first} and {ways[0].condition.format(value)}"
        return " or ".join((f"(q:=type({value})) is {first}", *(f"q is {name}" for name in others)))

    def _seen(self, test: ir.Takes, value: str, key: str) -> str:
        """A Python condition: a dictionary need not ask the key for its hash; with `finds`, and it is there."""
        assert test.key is not None
        where, is_known = python_key(test.key, key)
        if is_known:
            return f"{where} in {value}.map" if test.finds else "True"
        self.names.update(dict.fromkeys(short_name(each, "hash") for each in TEXT_HASH.classes))
        is_text = TEXT_KEY.replace("{1}", key)
        if test.finds:
            return f"({key} in {value}.map if type({key}) is int else {is_text} and {key}.{WORD} in {value}.map)"
        return f"(type({key}) is int or {is_text})"

    def guesses_twice(self, op: ir.Send) -> bool:
        """Whether a send makes another guess where its first one was wrong too often."""
        return self._aliased(op) is not None or (op.selector in WAYS and self._reads_first(op))

    def _reads_first(self, op: ir.Send) -> bool:
        return not op.arguments and op.selector not in BLOCK_SENDS and self._reads(op)

    def _aliased(self, op: ir.Send) -> Change | None:
        """The short way that guesses the receiver's class by an attribute, None without one."""
        way, attributes = ALIASED.get(op.selector), self._attributes
        if way is None or attributes is None or isinstance(op.receiver, ir.Constant):
            return None
        if attributes.has_method(op.selector) or (way.condition == POSITIVE and is_name(op.arguments[0])):
            return None
        condition = allowed_name(op.selector)
        first, receiver = self._short(op.receiver)
        texts = [f"({first})" if way.effect and first != receiver else self.text(op.receiver)]
        texts += [self.text(each) for each in op.arguments]
        if way.condition and not self._is_positive(op.arguments[0]):
            if isinstance(op.arguments[0], ir.Constant):
                return None
            condition = f"{condition} and {way.condition.format(*texts)}"
        self.names[allowed_name(op.selector)] = None
        alias = f".{ALIASES[way.classes]}"
        effect, value = (each.replace(".items", alias).format(*texts) for each in (way.effect, way.value))
        return Change(receiver, condition, effect, value)

    def _is_positive(self, operand: ir.Operand) -> bool:
        if isinstance(operand, ir.Constant):
            return type(operand.value) is int and operand.value > 0
        return operand.text in self.positive

    def changes(self, op: ir.Send, *, is_first_guess: bool) -> list[Change]:
        """The short ways of a send that change its receiver."""
        aliased = self._aliased(op) if is_first_guess else None
        if aliased is not None:
            return [aliased] if aliased.effect else []
        first, receiver = self._short(op.receiver)
        texts = [receiver, *(self.text(each) for each in op.arguments)]
        taken = [each for each in self._ways(op, texts) if each.effect]
        if taken:
            conditions = self._conditions(taken, first, receiver)
            return [
                Change(receiver, condition, each.effect, each.value)
                for each, condition in zip(taken, conditions, strict=True)
            ]
        texts[0] = self.text(op.receiver)
        if self._attributes is None or isinstance(op.receiver, ir.Constant):
            return []
        if not self._attributes.has_writer(op.selector):
            return []
        return [Change(texts[0], "", f"{texts[0]}.{WRITER}{mangle(op.selector)}={texts[1]}", texts[0])]

    def first_guess(self, op: ir.Send) -> str:
        """A send that changes nothing in place, with the guess that is made first."""
        aliased = None if op.is_proven or self._reads_first(op) else self._aliased(op)
        if aliased is None:
            return self.call(op) if self._reads_first(op) else self.send(op, guarded=False)
        return self.call(op) if aliased.effect else f"{aliased.value} if {aliased.condition} else {self.call(op)}"

    def condition(self, op: ir.Send) -> tuple[str, str]:
        """A Python condition, but for its last `else`, and the send that stands there."""
        plain = self.call(op)
        if op.selector in _EQUALITIES:
            return " else ".join(f"{fast} if {test}" for fast, test in self._equalities(op)), plain
        aliased = self._aliased(op)
        assert aliased is not None
        way = ALIASED[op.selector]
        test = way.test.replace(".items", f".{ALIASES[way.classes]}").format(self.text(op.receiver))
        return f"{test} if {aliased.condition}", plain

    def send(self, op: ir.Send, *, guarded: bool, is_first: bool = True) -> str:
        """A send that changes nothing in place, with a short way where there is one.

        `is_first`: no short way that changes the receiver was tried before.
        """
        receiver = self.text(op.receiver)
        arguments = [self.text(each) for each in op.arguments]
        plain = self.dispatch(op.selector, receiver, arguments) if guarded else self.call(op)
        if not guarded:
            if op.is_proven:
                way = WRITES.get(op.selector) or WAYS[op.selector][op.proven_place]
                self.names.update(dict.fromkeys(way.environment))
                return proven_value(way, [op.receiver, *op.arguments], [receiver, *arguments])
            first, short = self._short(op.receiver)
            taken = self._ways(op, [short, *arguments])
            taken = [each for each in taken if not each.effect]
            if taken:
                conditions = self._conditions(taken, first if is_first else short, short)
                chain = [f"{each.value} if {test} else " for each, test in zip(taken, conditions, strict=True)]
                return "".join(chain) + plain
        if op.selector in BLOCK_SENDS and isinstance(op.receiver, ir.Local) and not guarded:
            return f"{receiver}({','.join(arguments)}) if type({receiver}) is FT else {plain}"
        if op.selector in _DIVISIONS:
            test = f"type({receiver}) is int"
            if not _is_short_divisor(op.arguments[0]):
                test += f" and type({arguments[0]}) is int and 0<{arguments[0]}<{DIVISOR_END}"
            return f"{receiver}{_DIVISIONS[op.selector]}{arguments[0]} if {test} else {plain}"
        if op.selector == "/":
            return f"{receiver}/{arguments[0]} if {self._is_quotient(op)} else {plain}"
        if op.selector in _EQUALITIES:
            return self._equality(op, plain, guarded=guarded)
        return plain

    def _is_quotient(self, op: ir.Send) -> str:
        """A Python condition: a float is divided by a number that is not zero."""
        receiver, divisor = self.text(op.receiver), self.text(op.arguments[0])
        test = f"type({receiver}) is float and {divisor}"
        return f"{test} and ((q:=type({divisor})) is float or q is int)"

    def _equality(self, op: ir.Send, plain: str, *, guarded: bool) -> str:
        """`=` or `~=` for its value."""
        ways = self._equalities(op, guarded=guarded)
        return "".join(f"(TRUE if {fast} else FALSE) if {test} else " for fast, test in ways) + plain

    def _equalities(self, op: ir.Send, *, guarded: bool = False) -> list[tuple[str, str]]:
        """`=` or `~=` of integers, and of characters, which are the same when they are equal.

        Pairs of Python conditions: the outcome, and when it is that.
        """
        receiver, argument = self.text(op.receiver), self.text(op.arguments[0])
        (name,) = (short_name(each, op.selector) for each in CHARACTER_EQUALITY.classes)
        same = "is" if op.selector == "=" else "is not"
        characters = f"{receiver} {same} {argument}", f"type({receiver}) is {name}"
        if not guarded:
            self.names[name] = None
        if argument.startswith("C_") and isinstance(op.arguments[0], ir.Named) and not guarded:
            return [characters]
        integers = f"{receiver}{_EQUALITIES[op.selector]}{argument}", _both_integers(op.receiver, op.arguments[0])
        if guarded or isinstance(op.receiver, ir.Constant) or isinstance(op.arguments[0], ir.Constant):
            return [integers]
        return [integers, characters]

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
            condition = f"({a} is {b} or ((q:=type({a})) is int or q is float) and ident({a},{b}))"
        return f"not {condition}" if negated else condition

    def literal(self, node: LiteralNode) -> str:
        """A literal inside a literal array, or a whole one."""
        if isinstance(node, ArrayLiteral):
            return f"Arr([{','.join(self.literal(each) for each in node.elements)}])"
        if isinstance(node, ByteArrayLiteral):
            return f"Bytes({node.value!r})"
        if isinstance(node, ScaledDecimalLiteral):
            return f"Dec({constant_text(node.numerator)},{constant_text(node.denominator)},{node.scale})"
        if isinstance(node, Literal):
            if isinstance(node.value, bool):
                return "TRUE" if node.value else "FALSE"
            return f"Text({node.value!a})" if isinstance(node.value, str) else constant_text(node.value)
        name = f"C_{node.code}" if isinstance(node, CharacterLiteral) else f"Y_{mangle(node.name)}"
        self.names[name] = None
        return name


def _is_short_divisor(operand: ir.Operand) -> bool:
    return isinstance(operand, ir.Constant) and type(operand.value) is int and 0 < operand.value < DIVISOR_END


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
