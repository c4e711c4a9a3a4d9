"""Declarations of variables: arguments, block parameters, temporaries.

    parameters  = { ":" name } [ "|" ]
    temporaries = "|" { name } "|"

A bar may be the beginning of a longer operator: `[:x||t|...]` is read like `[:x | | t | ...]`.
"""

from __future__ import annotations

from .literals import CONSTANTS, Faulty, LiteralParser
from .nodes import Variable


class DeclarationParser(LiteralParser):
    """Reads the places where variables get their names."""

    __slots__ = ()

    def parse_block_parameters(self) -> list[Variable]:
        """Read `:a :b |`; the bar may be missing when nothing follows."""
        parameters: list[Variable] = []
        if self.kind != ":":
            return parameters
        while self.kind == ":":
            self.advance()
            parameters.append(self.parse_variable())
        if self.is_bar():
            self.take_bar()
        elif self.kind != "]":
            self.expected("'|' or parameter expected")
        return parameters

    def parse_variable(self) -> Variable:
        """Read the name of a variable that is declared here."""
        if self.kind == "name" and self.text not in CONSTANTS:
            variable = Variable(self.start, self.stop, self.text)
            self.advance()
            return variable
        missing = self.expected_variable()
        return Variable(missing.start, missing.stop, "")

    def expected_variable(self) -> Faulty:
        """Report a missing name; colons too many and the name after them are taken with it."""
        if self.kind != ":":
            return self.expected("Variable name expected")
        start, stop = self.start, self.stop
        while self.kind == ":":
            stop = self.stop
            self.advance()
        if self.kind == "name":
            stop = self.stop
            self.advance()
        self.report("Variable name expected", start, stop, start)
        return Faulty(start, stop)

    def parse_temporaries(self) -> list[Variable]:
        """Read `| a b |` where it stands."""
        if not self.is_bar():
            return []
        start = self.start
        self.take_bar()
        temporaries: list[Variable] = []
        while self.kind == "name" and self.text not in CONSTANTS:
            temporaries.append(self.parse_variable())
        if self.is_bar():
            self.take_bar()
        else:
            self.expected_after("'|' or variable expected", start, self.passed)
        return temporaries

    def is_bar(self) -> bool:
        """Tell whether the current token is a bar, or an operator that begins with one."""
        return self.kind == "binary" and self.text[0] == "|"

    def take_bar(self) -> None:
        """Take one bar; `||` is two of them here."""
        self.split(1)
        self.advance()
