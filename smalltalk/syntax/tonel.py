"""Tonel source files -> plain definitions; the format of our kernel library and of class files that users bring.

    file     = { ["comment"] section { method } }
    section  = ( Class | Trait | Extension | Package ) "{" properties "}"
    method   = [ "{" properties "}" ] Name [ class | classSide | classTrait ] ">>" pattern "[" body "]"
    properties are `#key : value` separated by commas; a value is a string, symbol, number, nil, true, false,
    a list in brackets or again properties in braces

A file may hold several sections. A method belongs to the last section of the class that it names; where there is none,
it extends a class defined elsewhere, as if an `Extension` stood before it. A method's source is its pattern followed by
what stands between the brackets. Source: the Tonel specification of Pharo's version control.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import SyntaxFailure
from .literals import CONSTANTS, LiteralParser
from .nodes import Literal, SymbolLiteral

#: A value of a property; symbols are given as strings.
Property = str | int | float | bool | None | list["Property"] | dict[str, "Property"]

SECTION_KINDS = frozenset({"Class", "Trait", "Extension", "Package"})

_METHOD_HEAD = re.compile(r"(\w++)(?:\s++(class(?:Trait|Side)?+)(?!\w))?+\s*+>>\s*+([^\[]*+)\[")
#: Anything up to the next bracket that is code: strings, comments and characters are skipped as wholes.
_TO_BRACKET = re.compile(r"""(?:[^'"$\[\]]++|'[^']*+'|"[^"]*+"|\$[\s\S])*+([\[\]])""")
_COMMENT = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"')


@dataclass(frozen=True, slots=True)
class MethodDefinition:
    """A method as a file defines it.

    Attributes:
        source: Its pattern and body, ready for `parse_method`.
        category: Its protocol, None when the file names none.
        is_class_side: Whether it is a method of the class itself.
        line: Line of the file on which the definition begins, from 1.
        column: Column of the file at which its pattern begins, from 1.
        gap: Length of the pattern, and how many characters of the file are left out behind it.
    """

    source: str
    category: str | None
    is_class_side: bool
    line: int
    column: int = 1
    gap: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Section:
    """A class, trait, extension of a class, or package, with its methods.

    Attributes:
        kind: One of `SECTION_KINDS`.
        name: The property `name`.
        properties: Everything in the braces, by key.
        comment: The comment directly before the section, None without one.
        methods: In the order of the file.
        line: Line of the file on which the section begins, from 1.
    """

    kind: str
    name: str
    properties: dict[str, Property]
    comment: str | None
    line: int
    methods: list[MethodDefinition] = field(default_factory=list)


def read_tonel(text: str) -> list[Section]:
    """Read the sections of a Tonel file. The methods themselves are not parsed.

    Raises:
        SyntaxFailure: If the text is not Tonel; its positions are those of the file.
    """
    reader = _TonelReader(text, {})
    sections: list[Section] = []
    while reader.kind != "end":
        reader.read_definition(sections)
    return sections


def _without_end(body: str) -> str:
    """A method's body without the blanks at its end, but for one that may be a character literal."""
    code = body.rstrip()
    return body[: len(code) + 1] if code.endswith("$") else code


class _TonelReader(LiteralParser):
    """Reads sections, properties and the frames of methods; stops at the first fault."""

    __slots__ = ("_counted", "_line")

    def __init__(self, text: str, parameters: dict[int, int]) -> None:
        super().__init__(text, parameters)
        self._counted = 0
        self._line = 1

    def read_definition(self, sections: list[Section]) -> None:
        """Read a section and append it, or a method and add it to its section."""
        properties: dict[str, Property] = {}
        if self.kind == "{":
            properties = self.read_properties()
        elif self.kind == "name" and self.text in SECTION_KINDS:
            sections.append(self.read_section())
            return
        if self.kind != "name":
            raise self.failure("Class, Trait, Extension, Package or a method expected")
        name = self.text
        section = next((each for each in reversed(sections) if each.name == name and each.kind != "Package"), None)
        if section is None:
            section = Section("Extension", name, {"name": name}, None, self.line_here())
            sections.append(section)
        section.methods.append(self.read_method(properties))

    def read_section(self) -> Section:
        """Read `Class { ... }`; the comment before it is in the gap between it and the token before it."""
        comments = _COMMENT.findall(self.source, self.passed, self.start)
        kind, line = self.text, self.line_here()
        self.advance()
        properties = self.read_properties()
        name = properties.get("name")
        if not isinstance(name, str) or not name:
            raise self.failure("#name : expected in the section before")
        return Section(kind, name, properties, comments[-1].replace('""', '"') if comments else None, line)

    def read_method(self, properties: dict[str, Property]) -> MethodDefinition:
        """Read `Name >> pattern [ body ]` from the name on."""
        line = self.line_here()
        head = _METHOD_HEAD.match(self.source, self.start)
        if head is None:
            self.advance()
            raise self.failure("'>>', the method's pattern and '[' expected")
        body_stop = self.closing_bracket(head.end())
        category = properties.get("category")
        self.stop = body_stop + 1
        self.advance()
        pattern = head[3].strip()
        return MethodDefinition(
            source=pattern + _without_end(self.source[head.end() : body_stop]),
            category=category if isinstance(category, str) else None,
            is_class_side=head[2] is not None,
            line=line,
            column=head.start(3) - self.source.rfind("\n", 0, head.start(3)),
            gap=(len(pattern), head.end() - head.start(3) - len(pattern)),
        )

    def closing_bracket(self, start: int) -> int:
        """Answer where the bracket stands that closes the one before `start`."""
        depth, position = 1, start
        while depth:
            match = _TO_BRACKET.match(self.source, position)
            if match is None:
                self.stop = len(self.source)
                self.advance()
                raise self.failure("']' expected", start - 1)
            position = match.end()
            depth += 1 if match[1] == "[" else -1
        return position - 1

    def read_properties(self) -> dict[str, Property]:
        """Read `{ #key : value, ... }`."""
        start = self.start
        self.take("{")
        self.descend()
        properties: dict[str, Property] = {}
        while self.kind != "}":
            key = self.read_key()
            properties[key] = self.read_value()
            if not self.take_comma():
                break
        self.depth -= 1
        self.take("}", start)
        return properties

    def read_key(self) -> str:
        """Read `#key :`; the colon may stand directly after the key."""
        key = self.parse_literal() if self.kind in {"symbol", "quoted"} else None
        if not isinstance(key, SymbolLiteral):
            raise self.failure("a key like #name expected")
        if key.name.endswith(":"):
            return key.name[:-1]
        self.take(":")
        return key.name

    def read_value(self) -> Property:
        """Read the value of a property."""
        if self.kind == "{":
            return self.read_properties()
        if self.kind == "[":
            return self.read_list()
        if self.kind == "name" and self.text in CONSTANTS:
            constant = CONSTANTS[self.text]
            self.advance()
            return constant
        node = self.parse_literal() if self.kind in {"string", "symbol", "quoted", "integer", "float"} else None
        if isinstance(node, SymbolLiteral):
            return node.name
        if isinstance(node, Literal):
            return node.value
        raise self.failure("a string, symbol, number, list or properties expected")

    def read_list(self) -> list[Property]:
        """Read `[ value, ... ]`."""
        start = self.start
        self.advance()
        self.descend()
        values: list[Property] = []
        while self.kind != "]":
            values.append(self.read_value())
            if not self.take_comma():
                break
        self.depth -= 1
        self.take("]", start)
        return values

    def take_comma(self) -> bool:
        """Take a comma where one stands, and tell."""
        is_comma = self.kind == "binary" and self.text == ","
        if is_comma:
            self.advance()
        return is_comma

    def take(self, kind: str, opener: int | None = None) -> None:
        """Take a punctuation mark that must stand here; a closer's opener stands at `opener`."""
        if self.kind != kind:
            raise self.failure(f"'{kind}' expected", opener)
        self.advance()

    def line_here(self) -> int:
        """Answer the line of the current token; counted on from the last one asked for."""
        self._line += self.source.count("\n", self._counted, self.start)
        self._counted = self.start
        return self._line

    def failure(self, message: str, opener: int | None = None) -> SyntaxFailure:
        """Make the failure for what is missing at the current token; a missing closer tells where its opener stands."""
        if opener is None:
            self.expected(message)
        else:
            self.expected_after(message, opener)
        return SyntaxFailure(self.source, tuple(self.notices))
