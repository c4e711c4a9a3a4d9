"""The parser's front: methods, do-its, and all remarks about a source.

The parser has no mode for faulty code: it always reads to the end and collects notices (see `errors`); the strict
functions raise the first that is an error.
"""

from __future__ import annotations

import re

from .errors import Notice, SyntaxFailure
from .expressions import ExpressionParser
from .literals import CONSTANTS, LITERAL_KINDS
from .nodes import Doit, Literal, LiteralNode, Method, Pragma, Statement, Variable
from .shape import parameter_places

#: The first comment: whatever is no comment is skipped, strings and characters (`$"`) as wholes.
_FIRST_COMMENT = re.compile(r"""(?:[^"'$]++|'[^']*+'|\$[\s\S])*+"([^"]*+(?:""[^"]*+)*+)\"""")

#: What begins a pragma of a do-it: any other `<` is an operator without its receiver.
_DOIT_PRAGMA = re.compile(r"<\s*+[^\W\d]\w*+[:>]")


def parse_method(source: str) -> Method:
    """Read a method.

    Raises:
        SyntaxFailure: If it is not one.
    """
    parser = _MethodParser(source, {})
    method = parser.parse_method()
    _check(source, parser.notices)
    return method


def parse_doit(source: str, *, parametrise: bool = False) -> Doit:
    """Read a workspace do-it: temporaries and statements. Pragmas are for tools; those of a do-it have no meaning.

    Args:
        source: The text.
        parametrise: Tag the literals that `shape` leaves out of its key with their index and list their values in
            `literals`. Code compiled from the tree may be shared under that key.

    Raises:
        SyntaxFailure: If it is not one.
    """
    places, values = parameter_places(source) if parametrise else ({}, ())
    parser = _MethodParser(source, places)
    temporaries, statements = parser.parse_doit_body()
    _check(source, parser.notices)
    assert parser.tagged == len(places), "the shape sees literals where the parser sees none"
    return Doit(0, len(source), temporaries, statements, values, source)


def parse_notices(source: str, *, is_method: bool) -> list[Notice]:
    """Answer every remark about a method or do-it, errors and warnings, in the order in which they are found."""
    parser = _MethodParser(source, {})
    try:
        if is_method:
            parser.parse_method()
        else:
            parser.parse_doit_body()
    except SyntaxFailure as failure:
        return list(failure.notices)
    return parser.notices


def _check(source: str, notices: list[Notice]) -> None:
    if notices and any(notice.is_error for notice in notices):
        raise SyntaxFailure(source, tuple(notices))


class _MethodParser(ExpressionParser):
    """Reads what is particular to methods: the pattern and the pragmas."""

    __slots__ = ()

    def parse_method(self) -> Method:
        """Read `pattern pragmas temporaries pragmas statements`."""
        selector, parameters = self.parse_pattern()
        pragmas = self.parse_pragmas()
        temporaries = self.parse_temporaries()
        pragmas += self.parse_pragmas()
        statements = self.parse_statements("end")
        comment = _FIRST_COMMENT.match(self.source)
        return Method(
            0,
            len(self.source),
            selector,
            parameters,
            temporaries,
            statements,
            pragmas,
            comment[1].replace('""', '"') if comment else None,
            self.source,
        )

    def parse_doit_body(self) -> tuple[list[Variable], list[Statement]]:
        """Read `pragmas temporaries statements`."""
        if _DOIT_PRAGMA.match(self.source, self.start):
            self.parse_pragmas()
        return self.parse_body("end")

    def parse_pattern(self) -> tuple[str, list[Variable]]:
        """Read the selector and the names of the arguments."""
        selector = ""
        parameters: list[Variable] = []
        if self.kind in {"name", "binary"}:
            selector, kind = self.text, self.kind
            self.advance()
            return selector, [self.parse_variable()] if kind == "binary" else parameters
        if self.kind != "keyword":
            self.expected("Message pattern expected")
        while self.kind == "keyword":
            selector += self.text
            self.advance()
            parameters.append(self.parse_variable())
        return selector, parameters

    def parse_pragmas(self) -> list[Pragma]:
        """Read any number of `<selector: literal>`."""
        pragmas = []
        while self.kind == "binary" and self.text == "<":
            pragmas.append(self.parse_pragma())
        return pragmas

    def parse_pragma(self) -> Pragma:
        """Read one pragma."""
        start = self.start
        self.advance()
        selector, arguments = self._parse_pragma_message()
        if self.kind == "binary" and self.text == ">":
            stop = self.stop
            self.advance()
            return Pragma(start, stop, selector, arguments)
        self.expected_after("'>' expected", start)
        return Pragma(start, self.start, selector, arguments)

    def _parse_pragma_message(self) -> tuple[str, list[LiteralNode]]:
        selector = ""
        arguments: list[LiteralNode] = []
        if self.kind in {"name", "binary"}:
            selector, kind = self.text, self.kind
            self.advance()
            return selector, [self.parse_pragma_literal()] if kind == "binary" else arguments
        if self.kind != "keyword":
            self.expected("Message pattern expected")
        while self.kind == "keyword":
            selector += self.text
            self.advance()
            arguments.append(self.parse_pragma_literal())
        return selector, arguments

    def parse_pragma_literal(self) -> LiteralNode:
        """Read an argument of a pragma."""
        if self.kind == "array":
            return self.parse_literal_array()
        if self.kind == "bytes":
            return self.parse_byte_array()
        if self.kind in LITERAL_KINDS:
            return self.parse_literal()
        if self.kind == "name" and self.text in CONSTANTS:
            constant = Literal(self.start, self.stop, CONSTANTS[self.text])
            self.advance()
            return constant
        return self.expected("Literal constant expected")
