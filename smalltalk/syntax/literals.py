"""Literals: numbers, strings, symbols, characters, literal arrays and byte arrays."""

from __future__ import annotations

from .errors import Notice, SyntaxFailure
from .lexer import Lexer
from .nodes import (
    ArrayLiteral,
    ByteArrayLiteral,
    CharacterLiteral,
    Literal,
    LiteralNode,
    ScaledDecimalLiteral,
    SymbolLiteral,
)
from .numbers import ScaledDecimal

#: Each level takes up to seven Python frames here and more in the compiler, which walks the tree; Python's default
#: recursion limit is 1000, and no person nests a tenth of this.
NESTING_MAX = 100

#: Nobody mends more at once; a text that is no Smalltalk at all would make one for each character.
NOTICES_MAX = 1_000

#: The names that are literals.
CONSTANTS: dict[str, bool | None] = {"nil": None, "true": True, "false": False}
#: Kinds of tokens that are one literal each.
LITERAL_KINDS = frozenset({"integer", "float", "number", "string", "symbol", "quoted", "character"})
NUMBER_KINDS = frozenset({"integer", "float", "number"})

_BYTE_MAX = 255


class Faulty(Literal):
    """What stands in the tree where the source could not be read; no parse function answers such a tree."""

    __slots__ = ()

    def __init__(self, start: int, stop: int) -> None:
        super().__init__(start, stop, None)


class LiteralParser(Lexer):
    """Reads literals; what it reports collects in `notices`."""

    __slots__ = ("depth", "notices", "parameters")

    def __init__(self, source: str, parameters: dict[int, int]) -> None:
        super().__init__(source)
        self.notices: list[Notice] = []
        self.depth = 0
        #: Start of a number or string -> its index among the parameters of the do-it's shape.
        self.parameters = parameters

    def report(self, message: str, start: int, stop: int, position: int, *, is_error: bool = True) -> None:
        """Add a notice.

        Raises:
            SyntaxFailure: If it is an error beyond `NOTICES_MAX`; warnings beyond it are forgotten.
        """
        notice = Notice(start, stop, position, message, is_error)
        if len(self.notices) < NOTICES_MAX:
            self.notices.append(notice)
        elif is_error:
            raise SyntaxFailure(self.source, (*self.notices, notice))

    def expected(self, message: str) -> Faulty:
        """Report what is missing before the current token; a token that is itself a fault is taken instead."""
        if self.kind != "error":
            self.report(message, self.start, self.start, self.start)
            return Faulty(self.start, self.start)
        node = Faulty(self.start, self.stop)
        self.report(self.fault, self.start, self.stop, self.fault_position)
        self.advance()
        return node

    def expected_after(self, message: str, start: int, stop: int | None = None) -> Faulty:
        """Report that the piece that begins at `start` is not complete where the current token stands."""
        if self.kind == "error":
            node = self.expected(message)
            return Faulty(start, node.stop)
        self.report(message, start, self.start if stop is None else stop, self.start)
        return Faulty(start, self.start)

    def descend(self) -> None:
        """Enter one level of nesting.

        Raises:
            SyntaxFailure: If the source is nested more than `NESTING_MAX` deep.
        """
        self.depth += 1
        if self.depth > NESTING_MAX:
            self.report("Nested too deeply", self.start, self.stop, self.start)
            raise SyntaxFailure(self.source, (self.notices[-1],))

    def parse_literal(self) -> LiteralNode:
        """Read a literal of one token."""
        kind, text, start, stop = self.kind, self.text, self.start, self.stop
        node: LiteralNode
        if kind == "integer":
            node = Literal(start, stop, int(text))
        elif kind == "string":
            node = Literal(start, stop, unquoted(text))
        elif kind == "symbol":
            node = SymbolLiteral(start, stop, text.lstrip("#"))
        elif kind == "quoted":
            node = SymbolLiteral(start, stop, unquoted(text.lstrip("#")))
        elif kind == "character":
            node = CharacterLiteral(start, stop, ord(text[1]))
        elif kind == "float":
            node = Literal(start, stop, float(text))
        else:
            node = self._number_node()
        self.advance()
        return node

    def _number_node(self) -> LiteralNode:
        number = self.number
        if isinstance(number, ScaledDecimal):
            fraction = number.fraction
            return ScaledDecimalLiteral(self.start, self.stop, fraction.numerator, fraction.denominator, number.scale)
        return Literal(self.start, self.stop, number)

    def parse_literal_array(self) -> ArrayLiteral | Faulty:
        """Read `#( ... )`, or `( ... )` inside one."""
        self.descend()
        start = self.start
        was_in_array = self.is_in_array
        self.is_in_array = True
        self.advance()
        elements: list[LiteralNode] = []
        while self.kind not in {")", "end"}:
            elements.append(self._parse_array_element())
        self.is_in_array = was_in_array
        self.depth -= 1
        if self.kind != ")":
            return self.expected_after("')' expected", start, self.passed)
        stop = self.stop
        self.advance()
        return ArrayLiteral(start, stop, elements)

    def _parse_array_element(self) -> LiteralNode:
        """Read an element: a literal, a bare word or operator, a nested array; any other punctuation is a symbol."""
        kind, text, start, stop = self.kind, self.text, self.start, self.stop
        if kind in LITERAL_KINDS:
            return self.parse_literal()
        if kind in {"(", "array"}:
            return self.parse_literal_array()
        if kind == "bytes":
            return self.parse_byte_array()
        if kind == "error":
            return self.expected("Literal expected")
        self.advance()
        if kind in {"word", "name"} and text in CONSTANTS:
            return Literal(start, stop, CONSTANTS[text])
        if kind not in {"word", "name", "keyword", "binary"}:
            self.report("Use a proper symbol literal", start, stop, start, is_error=False)
        return SymbolLiteral(start, stop, text)

    def parse_byte_array(self) -> ByteArrayLiteral | Faulty:
        """Read `#[ ... ]`; whatever is no byte is reported as that and nothing else."""
        self.descend()
        start = self.start
        self.advance()
        values = bytearray()
        while self.kind not in {"]", "end"}:
            mark, is_fault = len(self.notices), self.kind == "error"
            element = self._parse_array_element()
            value = element.value if isinstance(element, Literal) else None
            if type(value) is int and 0 <= value <= _BYTE_MAX:
                values.append(value)
            elif not is_fault:
                del self.notices[mark:]
                self.report("8-bit integer expected", element.start, element.stop, element.start)
        self.depth -= 1
        if self.kind != "]":
            return self.expected_after("']' expected", start, self.passed)
        stop = self.stop
        self.advance()
        return ByteArrayLiteral(start, stop, bytes(values))


def unquoted(text: str) -> str:
    """Answer the characters of a quoted text: without its quotes, doubled ones made single."""
    return text[1:-1].replace("''", "'")
