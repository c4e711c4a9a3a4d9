"""STON text -> Python values: the part of STON that session files are made of, and nothing that makes objects.

| STON | Python |
|---|---|
| nil, booleans, numbers | None, bool, int, float |
| string | str |
| symbol | `Name` |
| list | list |
| map | dict; a key stands in it once |

Recursion is bounded by `NESTING_MAX`; what is beyond a limit is refused before it is read, with line and column.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from .errors import SessionFileError, refused_at
from .limits import DIGITS_MAX, NESTING_MAX

if TYPE_CHECKING:
    from collections.abc import Callable


class Name(str):
    """A symbol of STON, told from a string by its type."""

    __slots__ = ()


_BLANK: Final = r"[ \t\r\n]*+"
_SIMPLE: Final = r"[A-Za-z0-9_./-]++"
_BODY: Final = r"[^'\\]*+(?:\\[\s\S][^'\\]*+)*+"

#: Any value without parts.
_SCALAR: Final = re.compile(
    rf"(?:(-?[0-9]++(?:\.[0-9]++)?+(?:[eE][-+]?[0-9]++)?+)(?![\w.])|#({_SIMPLE})|'({_BODY})'|#'({_BODY})'"
    r"|(nil|true|false)(?!\w))"
)
_NUMBER, _SYMBOL, _STRING, _QUOTED_SYMBOL, _WORD = range(1, 6)

_SHORT: Final = (
    rf"{_BLANK}(?:\[([0-9]{{1,18}})\]|'([^'\\]*+)'|(-?[0-9]{{1,18}})(?![\w.])|#({_SIMPLE})|(nil|true|false)(?!\w))"
    rf"{_BLANK}[,\]}}]"
)
#: What most elements of lists look like, with the mark behind them: read at one go, the others part by part.
_SHORT_ELEMENT: Final = re.compile(_SHORT).match
#: What most entries of maps look like, with the mark behind them; the key is the first group.
_SHORT_ENTRY: Final = re.compile(rf"{_BLANK}#({_SIMPLE}){_BLANK}:{_SHORT}").match
#: What most keys look like, with the colon.
_SHORT_KEY: Final = re.compile(rf"{_BLANK}#({_SIMPLE}){_BLANK}:").match

#: Group of the key of a short entry.
_KEY: Final = 1

_WORDS: Final = {"nil": None, "true": True, "false": False}
#: Number of a group of a short element -> what makes its value; in an entry they are one higher.
_SHORT_VALUES: Final[dict[int, Callable[[str], Any]]] = {
    1: lambda digits: [int(digits)],
    2: lambda text: text,
    3: int,
    4: Name,
    5: lambda word: _WORDS[word],
}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|([\s\S]))")
_LETTERS: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BLANKS: Final = re.compile(_BLANK)
#: As a text, which holds the empty one too: the end is looked at again, like a blank.
_BLANK_CHARACTERS: Final = " \t\r\n"

#: A number may have a sign beside its digits.
_SIGN: Final = 1

#: Containers up to this level have their places noted: the objects of a file and of its savepoints, and their parts.
_NOTED_LEVELS: Final = 5


class StonText:
    """One text, read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        #: The mark behind the part that was read last.
        self._mark = ""
        #: Where the outer lists and maps begin, by Python id; they live as long as the tree they are part of.
        self._starts: dict[int, int] = {}

    def refused(self, thing: Any, reason: str) -> SessionFileError:
        """Make the error of a list or map of this text."""
        return refused_at(self._text, self._starts.get(id(thing), 0), reason)

    def value(self) -> Any:
        """Read the one value of the text.

        Raises:
            SessionFileError: it is no STON, or nests too deeply.
        """
        value = self._value(1)
        if self._next():
            raise self._expected("the end")
        return value

    def _next(self) -> str:
        """Pass over blanks and return the character behind them, empty at the end."""
        character = self._text[self._at : self._at + 1]
        if character not in _BLANK_CHARACTERS:
            return character
        blanks = _BLANKS.match(self._text, self._at)
        assert blanks is not None, "no blanks are blanks too"
        self._at = blanks.end()
        return self._text[self._at : self._at + 1]

    def _expected(self, wanted: str) -> SessionFileError:
        """Make the error of what stands here."""
        if self._at >= len(self._text):
            return refused_at(self._text, self._at, "the file ends in its middle")
        return refused_at(self._text, self._at, f"{wanted} was expected here")

    def _value(self, level: int) -> Any:
        """Read a value of any kind."""
        first = self._next()
        if first not in ("[", "{"):
            return self._scalar()
        if level > NESTING_MAX:
            raise refused_at(self._text, self._at, f"lists and maps nest more than {NESTING_MAX} deep")
        start = self._at
        self._at += 1
        value: Any = self._list(level + 1) if first == "[" else self._map(level + 1)
        if level <= _NOTED_LEVELS:
            self._starts[id(value)] = start
        return value

    def _part(self, level: int) -> Any:
        """Read a part of a list or map, and the mark behind it."""
        value = self._value(level)
        self._mark = self._next()
        self._at += 1
        return value

    def _pass(self, end: int) -> None:
        """Pass over what was read with the mark behind it."""
        self._at = end
        self._mark = self._text[end - 1]

    def _list(self, level: int) -> list[Any]:
        """Read a list behind its bracket."""
        elements: list[Any] = []
        if self._next() == "]":
            self._at += 1
            return elements
        text = self._text
        while True:
            short = _SHORT_ELEMENT(text, self._at)
            if short is not None:
                kind = short.lastindex or 0
                elements.append(_SHORT_VALUES[kind](short[kind]))
                self._pass(short.end())
            else:
                elements.append(self._part(level))
            if self._mark == "]":
                return elements
            if self._mark != ",":
                self._at -= 1
                raise self._expected("a comma or the end of the list")

    def _map(self, level: int) -> dict[Any, Any]:
        """Read a map behind its brace."""
        entries: dict[Any, Any] = {}
        if self._next() == "}":
            self._at += 1
            return entries
        text = self._text
        while True:
            short = _SHORT_ENTRY(text, self._at)
            key = self._key() if short is None else Name(short[_KEY])
            if key in entries:
                raise refused_at(text, self._at, "the key stands here twice")
            if short is not None:
                kind = short.lastindex or 0
                entries[key] = _SHORT_VALUES[kind - _KEY](short[kind])
                self._pass(short.end())
            else:
                entries[key] = self._part(level)
            if self._mark == "}":
                return entries
            if self._mark != ",":
                self._at -= 1
                raise self._expected("a comma or the end of the map")

    def _key(self) -> Any:
        """Read a key and its colon."""
        found = _SHORT_KEY(self._text, self._at)
        if found is not None:
            self._at = found.end()
            return Name(found[1])
        if self._next() in ("[", "{"):
            raise self._expected("a key")
        key = self._scalar()
        if self._next() != ":":
            raise self._expected("a colon")
        self._at += 1
        return key

    def _scalar(self) -> Any:
        """Read a value without parts."""
        found = _SCALAR.match(self._text, self._at)
        if found is None:
            raise self._expected("a value")
        kind = found.lastindex
        value: Any
        if kind == _NUMBER:
            value = self._number(found[_NUMBER])
        elif kind == _SYMBOL:
            value = Name(found[_SYMBOL])
        elif kind == _STRING:
            value = self._unescaped(found[_STRING])
        elif kind == _QUOTED_SYMBOL:
            value = Name(self._unescaped(found[_QUOTED_SYMBOL]))
        else:
            value = _WORDS[found[_WORD]]
        self._at = found.end()
        return value

    def _number(self, text: str) -> int | float:
        """Make a number."""
        if len(text) > DIGITS_MAX + _SIGN:
            raise refused_at(self._text, self._at, f"the number has more than {DIGITS_MAX} digits")
        return int(text) if text.lstrip("-").isdecimal() else float(text)

    def _unescaped(self, text: str) -> str:
        """Replace the escapes of a string."""
        if "\\" not in text:
            return text
        text = _ESCAPE.sub(self._character, text)
        if not _SURROGATE.search(text):
            return text
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")

    def _character(self, match: re.Match[str]) -> str:
        """The character of an escape."""
        code, letter = match[1], match[2]
        if code is not None:
            return chr(int(code, 16))
        character = _LETTERS.get(letter)
        if character is None:
            raise refused_at(self._text, self._at, f"\\{letter} is no escape")
        return character
