"""Expressions, statements and blocks, by recursive descent; one method per rule of the grammar.

    expression  = { name ":=" } cascade
    cascade     = keyword { ";" message }
    keyword     = binary { keyword-part binary }
    binary      = unary { operator unary }
    unary       = primary { name }
    primary     = name | literal | block | "(" expression ")" | "{" statements "}"
    block       = "[" parameters body "]"            parameters and temporaries: see declarations
    body        = [ temporaries ] statements
    statements  = { "." } { [ "^" ] expression { "." } }

A fault is reported and repaired, as in Pharo, so that everything after it is read too: a missing expression becomes a
`Faulty` node, a missing closer is taken as read, a closer that nothing opened ends the statement. Every statement takes
at least one token, therefore reading ends.
"""

from __future__ import annotations

from .declarations import DeclarationParser
from .errors import Notice
from .literals import CONSTANTS, LITERAL_KINDS, NUMBER_KINDS, Faulty
from .nodes import (
    Assignment,
    Block,
    BraceArray,
    Cascade,
    Expression,
    Literal,
    Message,
    Return,
    Send,
    Statement,
    Variable,
)

_CLOSERS = frozenset({")", "]", "}"})


class ExpressionParser(DeclarationParser):
    """Reads expressions and what contains them."""

    __slots__ = ("tagged",)

    def __init__(self, source: str, parameters: dict[int, int]) -> None:
        super().__init__(source, parameters)
        #: How many literals became parameters.
        self.tagged = 0

    # Statements

    def parse_statements(self, closer: str) -> list[Statement]:
        """Read statements up to the closer, which is left, or to the end."""
        statements: list[Statement] = []
        while self.kind == ".":
            self.advance()
        while self.kind not in {closer, "end"}:
            mark = len(self.notices)
            first = self.start
            statement = self.parse_statement(closer)
            if statements and isinstance(statements[-1], Return) and len(self.notices) == mark:
                self.report("Unreachable statement", first, statement.stop, first, is_error=False)
            statements.append(statement)
            while self.kind == ".":
                self.advance()
        return statements

    def parse_statement(self, closer: str) -> Statement:
        """Read one statement, and make sure that it ends."""
        first = self.start
        mark = len(self.notices)
        statement: Statement
        if self.kind == "^":
            self.advance()
            value = self.parse_expression()
            statement = Return(first, self.passed, value)
        else:
            statement = self.parse_expression()
        if self.kind in {".", closer, "end"}:
            return statement
        return self._end_statement(statement, first, mark, closer)

    def _end_statement(self, statement: Statement, first: int, mark: int, closer: str) -> Statement:
        """Report what stands where the statement should have ended; `mark` is the number of notices before it."""
        is_closed = self.kind in _CLOSERS
        while self.kind in _CLOSERS and self.kind != closer:
            if self.start == first:
                del self.notices[mark:]  # the closer alone is the fault, not an expression missing before it
            self.report(f"Missing opener for closer: {self.kind}", first, self.stop, self.start)
            self.advance()
        if is_closed:
            return Faulty(first, self.start)
        if self.start == first:
            del self.notices[mark:]
            self.report("Unexpected token", first, self.stop, first)
            self.advance()
            return Faulty(first, self.start)
        if isinstance(statement, Faulty):
            return statement
        return self.expected_after("End of statement expected", first)

    # Expressions

    def parse_expression(self) -> Expression:
        """Read an expression: assignments, a cascade, or less."""
        self.descend()
        start = self.start
        node: Expression
        if self.kind == ":=":
            node = self._parse_assignment_to_nothing()
        else:
            primary = self.parse_primary()
            if self.kind == ":=" and type(primary) is Variable:
                self.advance()
                value = self.parse_expression()
                node = Assignment(start, self.passed, primary, value)
            else:
                node = self._parse_messages(primary, start)
        self.depth -= 1
        return node

    def _parse_assignment_to_nothing(self) -> Faulty:
        start = self.start
        mark = len(self.notices)
        self.advance()
        self.parse_expression()
        self.notices.insert(mark, Notice(start, self.passed, start, "variable expected in assigment"))
        return Faulty(start, self.passed)

    def _parse_messages(self, receiver: Expression, start: int) -> Expression:
        """Read the messages that follow a primary: unary, binary, keyword ones, then a cascade."""
        primary = receiver
        if self.kind == "name":
            receiver = self.parse_unary(receiver, start)
        if self.kind == "binary" or self.kind in NUMBER_KINDS:
            receiver = self.parse_binary(receiver, start)
        if self.kind == "keyword":
            selector_start = self.start
            selector, arguments = self.parse_keyword_parts()
            receiver = Send(start, self.passed, receiver, selector, arguments, selector_start)
        if self.kind == ";":
            return self.parse_cascade(receiver, start, is_message=receiver is not primary)
        return receiver

    def parse_unary(self, receiver: Expression, start: int) -> Expression:
        """Read the unary messages to a receiver that begins at `start`."""
        while self.kind == "name":
            receiver = Send(start, self.stop, receiver, self.text, [], self.start)
            self.advance()
        return receiver

    def parse_binary(self, receiver: Expression, start: int) -> Expression:
        """Read the binary messages to a receiver that begins at `start`, each with its argument."""
        while self._is_operator():
            selector, selector_start = self.text, self.start
            self.advance()
            argument = self.parse_operand()
            receiver = Send(start, self.passed, receiver, selector, [argument], selector_start)
        return receiver

    def _is_operator(self) -> bool:
        """Tell whether an operator stands here; where one may, the minus sign of a number is one."""
        if self.kind == "binary":
            return True
        if self.kind in NUMBER_KINDS and self.text[0] == "-":
            self.split(1)
            return True
        return False

    def parse_operand(self) -> Expression:
        """Read a primary and its unary messages: the argument of a binary message."""
        start = self.start
        operand = self.parse_primary()
        return self.parse_unary(operand, start) if self.kind == "name" else operand

    def parse_keyword_parts(self) -> tuple[str, list[Expression]]:
        """Read the parts of a keyword message: the selector and the arguments."""
        selector = ""
        arguments: list[Expression] = []
        while self.kind == "keyword":
            selector += self.text
            self.advance()
            start = self.start
            argument = self.parse_operand()
            if self.kind == "binary" or self.kind in NUMBER_KINDS:
                argument = self.parse_binary(argument, start)
            arguments.append(argument)
        return selector, arguments

    def parse_cascade(self, first: Expression, start: int, *, is_message: bool) -> Expression:
        """Read the messages after `;`; they go to the receiver of the message before it."""
        if not (is_message and isinstance(first, Send)):
            self.expected_after("Message expected", start)
            first = Send(start, self.passed, first, "", [], start)
        messages = [Message(first.selector_start, first.stop, first.selector, first.arguments, first.selector_start)]
        while self.kind == ";":
            self.advance()
            messages.append(self.parse_cascade_message())
        return Cascade(start, self.passed, first.receiver, messages)

    def parse_cascade_message(self) -> Message:
        """Read one message of a cascade."""
        start = self.start
        selector = ""
        arguments: list[Expression] = []
        if self.kind == "keyword":
            selector, arguments = self.parse_keyword_parts()
        elif self.kind == "name" or self._is_operator():
            selector, is_unary = self.text, self.kind == "name"
            self.advance()
            arguments = [] if is_unary else [self.parse_operand()]
        else:
            self.expected("Cascade message expected")
        return Message(start, self.passed, selector, arguments, start)

    # Primaries

    def parse_primary(self) -> Expression:
        """Read a variable, literal, block, brace array or an expression in parentheses."""
        kind = self.kind
        if kind == "name":
            return self._parse_name()
        if kind in LITERAL_KINDS:
            node = self.parse_literal()
            if self.parameters and isinstance(node, Literal) and node.start in self.parameters:
                node.parameter = self.parameters[node.start]
                self.tagged += 1
            return node
        if kind == "(":
            return self.parse_parenthesis()
        if kind == "[":
            return self.parse_block()
        if kind == "{":
            return self.parse_brace_array()
        if kind == "array":
            return self.parse_literal_array()
        if kind == "bytes":
            return self.parse_byte_array()
        return self._parse_no_primary()

    def _parse_name(self) -> Expression:
        start, stop, name = self.start, self.stop, self.text
        self.advance()
        if name in CONSTANTS:
            return Literal(start, stop, CONSTANTS[name])
        return Variable(start, stop, name)

    def _parse_no_primary(self) -> Faulty:
        """Report what stands where an expression should."""
        start, stop = self.start, self.stop
        if self.kind == ":" and self.followed_by_name():
            self.advance()
            stop = self.stop
            self.advance()
            self.report("Unexpected block parameter", start, stop, start)
            return Faulty(start, stop)
        if self.kind == "binary" and self.text == "@":  # Pharo's mark of an annotation, of which we have none
            self.advance()
            self.report("Unexpected token", start, stop, start)
            return Faulty(start, stop)
        return self.expected("Variable or expression expected")

    def parse_parenthesis(self) -> Expression:
        """Read `( expression )`; the parentheses leave no trace in the tree."""
        start = self.start
        self.advance()
        node = self.parse_expression()
        if self.kind != ")":
            return self.expected_after("')' expected", start)
        self.advance()
        return node

    def parse_brace_array(self) -> Expression:
        """Read `{ a. b. c }`."""
        self.descend()
        start = self.start
        self.advance()
        elements = self.parse_statements("}")
        self.depth -= 1
        if self.kind != "}":
            return self.expected_after("'}' expected", start)
        stop = self.stop
        self.advance()
        return BraceArray(start, stop, elements)

    # Blocks

    def parse_block(self) -> Expression:
        """Read `[ :a :b | | t | statements ]`."""
        self.descend()
        start = self.start
        self.advance()
        before_parameters = len(self.notices)
        parameters = self.parse_block_parameters()
        after_parameters = len(self.notices)
        temporaries, statements = self.parse_body("]")
        self.depth -= 1
        if self.kind != "]":
            del self.notices[before_parameters:after_parameters]  # that the block is open explains what its head lacks
            return self.expected_after("']' expected", start)
        stop = self.stop
        self.advance()
        return Block(start, stop, parameters, temporaries, statements)

    def parse_body(self, closer: str) -> tuple[list[Variable], list[Statement]]:
        """Read temporaries and statements up to the closer."""
        return self.parse_temporaries(), self.parse_statements(closer)
