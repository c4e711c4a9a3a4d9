"""What stands before a cursor in code that may be unfinished or wrong: read by tokens, since such code has no tree.

| before the cursor                                      | expects  |
|--------------------------------------------------------|----------|
| nothing, `.`, an opening bracket, `:=`, `^`, a keyword | operand  |
| a variable, a literal, a closing bracket, `;`          | message  |
| the beginning of a symbol                              | selector |
| that of one after a keyword that names a class         | class    |
| a string after a keyword that names a package          | package  |
| inside a string, a comment, a literal array, a naming  | nothing  |
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from ..syntax.errors import SyntaxFailure
from ..syntax.lexer import Lexer

#: Kinds of tokens after which a message may come.
OPERAND_ENDS: Final = frozenset(
    {"name", "integer", "float", "number", "string", "symbol", "quoted", "character", ")", "]", "}"}
)
OPENERS: Final = frozenset({"(", "[", "{", "array", "bytes"})
CLOSERS: Final = frozenset({")", "]", "}"})
#: Tokens at which an expression begins anew, brackets apart.
_BOUNDARIES: Final = frozenset({".", ":=", "^"})
#: Keywords before the name of a class to define, as a symbol.
_NAMING_CLASSES: Final = frozenset(
    {"subclass:", "variableSubclass:", "variableByteSubclass:", "variableWordSubclass:", "weakSubclass:"}
)
#: Keywords before the name of a package, as a string.
_NAMING_PACKAGES: Final = frozenset({"package:", "category:"})
_QUOTE: Final = "'"


class Token(NamedTuple):
    """A token: its kind as the lexer names it, its text and the offset of its first character."""

    kind: str
    text: str
    start: int


class Cursor(NamedTuple):
    """What is known of a place in code.

    Attributes:
        expects: What may stand there.
        prefix: The part of it that is there already.
        start: Offset where the prefix begins.
        tokens: Those before the prefix.
        declared: Names the code before declares or assigns, in order.
    """

    expects: Literal["operand", "message", "selector", "class", "package", "nothing"]
    prefix: str
    start: int
    tokens: list[Token]
    declared: list[str]


def cursor_in(code: str, position: int) -> Cursor:
    """Read the code before a position.

    Args:
        code: The text.
        position: Characters before the cursor; past the end is the end.
    """
    before = code[:position]
    nothing = Cursor("nothing", "", len(before), [], [])
    try:
        tokens = _tokens(before)
    except SyntaxFailure:  # more tokens than a source may have
        return nothing
    last = tokens[-1] if tokens else None
    if last is None or last.start + len(last.text) < len(before):
        return _placed("", len(before), tokens)
    if last.kind == "name":
        return _placed(last.text, last.start, tokens[:-1])
    keyword = tokens[-2].text if len(tokens) > 1 else ""
    if last.kind == "symbol" or last.text.strip("#") == "":
        hashes = len(last.text) - len(last.text.lstrip("#"))
        expects: Literal["class", "selector"] = "class" if keyword in _NAMING_CLASSES else "selector"
        return Cursor(expects, last.text[hashes:], last.start + hashes, tokens[:-1], [])
    if last.kind == "error" and last.text.startswith(_QUOTE) and keyword in _NAMING_PACKAGES:
        return Cursor("package", last.text[1:], last.start + 1, tokens[:-1], [])
    return nothing if last.kind == "error" else _placed("", len(before), tokens)


def _tokens(code: str) -> list[Token]:
    """All tokens of a text.

    Raises:
        SyntaxFailure: there are too many.
    """
    lexer = Lexer(code)
    tokens = []
    while lexer.kind != "end":
        tokens.append(Token(lexer.kind, lexer.text, lexer.start))
        lexer.advance()
    return tokens


def _placed(prefix: str, start: int, tokens: list[Token]) -> Cursor:
    """The cursor after those tokens."""
    names = _Names(tokens)
    expects: Literal["operand", "message", "nothing"] = "operand"
    if names.is_naming or names.is_literal:
        expects = "nothing"
    elif tokens and (tokens[-1].kind in OPERAND_ENDS or tokens[-1].kind == ";"):
        expects = "message"
    return Cursor(expects, prefix, start, tokens, names.declared)


class _Names:
    """The names some code declares or assigns.

    Attributes:
        declared: The names, in order.
        is_naming: Whether the code ends where a name is being given: `[:x`, `| a`.
        is_literal: Whether it ends inside a literal array.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self._declared: dict[str, None] = {}
        self._is_in_temporaries = False
        self._has_parameters = False
        self._is_fresh = True
        open_: list[str] = []
        for index, token in enumerate(tokens):
            if token.kind in OPENERS:
                open_.append(token.kind)
            elif token.kind in CLOSERS and open_:
                open_.pop()
            follower = tokens[index + 1].kind if index + 1 < len(tokens) else "end"
            self._read(token, tokens[index - 1].kind if index else "", follower)
        self.is_literal = bool(open_) and open_[-1] in ("array", "bytes")
        self.is_naming = self._is_in_temporaries or self._has_parameters
        self.declared = list(self._declared)

    def _read(self, token: Token, before: str, after: str) -> None:
        """Take in one token."""
        if token.kind == "name" and (self._is_in_temporaries or before == ":" or after == ":="):
            self._declare(token.text)
        elif token.kind == "[":
            self._is_fresh = True
        elif token.kind == ":":
            self._has_parameters = True
        elif token.text == "|" and (self._is_in_temporaries or self._has_parameters or self._is_fresh):
            self._bar()
        elif not self._is_in_temporaries:
            self._is_fresh = self._has_parameters = False

    def _declare(self, name: str) -> None:
        """Note a name once."""
        self._is_fresh = False
        self._declared[name] = None

    def _bar(self) -> None:
        """Take in a `|` that opens or closes declarations."""
        if self._has_parameters:
            self._has_parameters, self._is_fresh = False, True
        else:
            self._is_in_temporaries = not self._is_in_temporaries
            self._is_fresh = False


def expression_before(tokens: list[Token]) -> list[Token]:
    """The tokens of the expression that the last token belongs to, from where it begins in its bracket."""
    depth = 0
    for index in range(len(tokens) - 1, -1, -1):
        kind = tokens[index].kind
        if kind in CLOSERS:
            depth += 1
        elif kind in OPENERS:
            depth -= 1
        if depth < 0 or (depth == 0 and kind in _BOUNDARIES):
            return tokens[index + 1 :]
    return tokens


def top_level(tokens: list[Token]) -> list[int]:
    """The places of the tokens that stand in no bracket, brackets themselves left out; stray closers count nothing."""
    places, depth = [], 0
    for index, token in enumerate(tokens):
        if token.kind in OPENERS:
            depth += 1
        elif token.kind in CLOSERS:
            depth = max(0, depth - 1)
        elif depth == 0:
            places.append(index)
    return places
