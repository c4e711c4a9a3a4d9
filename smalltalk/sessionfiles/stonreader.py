"""STON text -> Python values: the part of STON that session files are made of, and nothing that makes objects.

| STON | Python |
|---|---|
| nil, booleans, numbers | None, bool, int, float |
| string | str |
| symbol | `Name` |
| list | list |
| map | dict; a key stands in it once |

Each escape is one character: what is beyond U+FFFF is written as itself, so that two halves of a surrogate pair that
stand beside each other in a text remain two.

Recursion is bounded by `NESTING_MAX`; what is beyond a limit is refused before it is read, with line and column.
"""

from __future__ import annotations

import sys
from re import Match
from typing import TYPE_CHECKING, Any, Final

from .errors import SessionFileError, refused_at
from .labels import SECTIONS
from .limits import DIGITS_MAX, NESTING_MAX
from .patterns import (
    BLANKS,
    ESCAPE,
    NUMBER,
    PLAIN_OBJECT,
    QUOTED_SYMBOL,
    SCALAR,
    SHORT_ELEMENT,
    SHORT_ENTRY,
    SHORT_KEY,
    STRING,
    SYMBOL,
    WORD,
    start_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Name(str):
    """A symbol of STON, told from a string by its type."""

    __slots__ = ()


#: Group of the key of a short entry.
_KEY: Final = 1
#: Groups of a short element that are not made by `_SHORT_VALUES`: the id of a reference, the bracket of a list or map.
_OID: Final = 1
_BRACKET: Final = 6
#: The same of an entry.
_ENTRY_OID: Final = _OID + _KEY
_ENTRY_BRACKET: Final = _BRACKET + _KEY

WORDS: Final = {"nil": None, "true": True, "false": False}
#: Number of a group of a short element -> what makes its value; in an entry they are one higher.
_SHORT_VALUES: Final[dict[int, Callable[[str], Any]]] = {
    2: lambda text: text,
    3: int,
    4: Name,
    5: lambda word: WORDS[word],
}
_LETTERS: Final = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}
#: As a text, which holds the empty one too: the end is looked at again, like a blank.
_BLANK_CHARACTERS: Final = " \t\r\n"

#: A number may have a sign beside its digits.
_SIGN: Final = 1

#: Elements of a long list read in one step: some milliseconds.
ELEMENTS_PER_STEP: Final = 128
#: Name of the list whose elements are maps with long lists of their own.
LONG_ELEMENTS: Final = "savepoints"
#: Names of the lists whose elements are objects.
_OBJECTS: Final = frozenset((*SECTIONS, "objects"))

#: Containers up to this level have their places noted: the objects of a file and of its savepoints, and their parts.
_NOTED_LEVELS: Final = 5


def number_of(text: str) -> int | float:
    """The number of a text that is one."""
    return int(text) if text.lstrip("-").isdecimal() else float(text)


class StonText:
    """One text, read once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        #: The symbols met so far, by their texts.
        self._names: dict[str, Name] = {}
        #: Where the outer lists and maps begin, by Python id; they live as long as the tree they are part of.
        self._starts: dict[int, int] = {}

    def refused(self, thing: Any, reason: str) -> SessionFileError:
        """Make the error of a list or map of this text."""
        return self.refused_at(self.place_of(thing), reason)

    def refused_at(self, place: int, reason: str) -> SessionFileError:
        """Make the error of a place of this text."""
        return refused_at(self._text, place, reason)

    def place_of(self, thing: Any) -> int:
        """Where a list, map or plain object of this text begins, in characters; 0 of those far inside."""
        return start_of(thing) if type(thing) is Match else self._starts.get(id(thing), 0)

    def value(self) -> Any:
        """Read the one value of the text.

        Raises:
            SessionFileError: it is no STON, or nests too deeply.
        """
        value = self._value(1)
        if self._next():
            raise self._expected("the end")
        return value

    def steps(self) -> Generator[None, None, Any]:
        """Read the same value in steps: the lists of the outermost map, and of its `LONG_ELEMENTS`.

        In the lists of objects plain ones are left as they were found, see `patterns.py`.

        Raises:
            SessionFileError: as `value`.
        """
        if self._next() != "{":
            return self.value()
        value = yield from self._long_map(1)
        if self._next():
            raise self._expected("the end")
        return value

    def _long_map(self, level: int) -> Generator[None, None, dict[Any, Any]]:
        """Read a map whose values may be long lists."""
        start, entries = self._at, dict[Any, Any]()
        mark = self._opened("}")
        while mark != "}":
            place = self._at
            key = self._key()
            if key in entries:
                raise refused_at(self._text, place, "the key stands here twice")
            is_list = self._next() == "["
            entries[key] = (yield from self._long_list(level + 1, key)) if is_list else self._value(level + 1)
            mark = self._passed("}")
        self._starts[id(entries)] = start
        return entries

    def _long_list(self, level: int, name: Any) -> Generator[None, None, list[Any]]:
        """Read a long list that stands under a name."""
        start, elements = self._at, list[Any]()
        mark = self._opened("]")
        while mark != "]":
            if name == LONG_ELEMENTS and self._next() == "{":
                elements.append((yield from self._long_map(level + 1)))
                mark = self._passed("]")
            else:
                read = self._objects if name in _OBJECTS else self._elements
                mark = read(elements, level + 1, ELEMENTS_PER_STEP)
                yield
        self._starts[id(elements)] = start
        return elements

    def _opened(self, end: str) -> str:
        """Pass over a bracket; return the character behind it, which is passed over if it is the end."""
        self._at += 1
        mark = self._next()
        self._at += mark == end
        return mark

    def _passed(self, end: str) -> str:
        """Pass over the mark behind a part, and return it: a comma, or the end."""
        mark = self._next()
        self._at += 1
        if mark != ",":
            self._end(end, mark, self._at)
        return mark

    def _next(self) -> str:
        """Pass over blanks and return the character behind them, empty at the end."""
        character = self._text[self._at : self._at + 1]
        if character not in _BLANK_CHARACTERS:
            return character
        blanks = BLANKS.match(self._text, self._at)
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
        return self._container(first, level) if first in ("[", "{") else self._scalar()

    def _container(self, first: str, level: int) -> Any:
        """Read a list or map at its bracket."""
        if level > NESTING_MAX:
            raise refused_at(self._text, self._at, f"lists and maps nest more than {NESTING_MAX} deep")
        start = self._at
        self._at += 1
        value: Any = self._list(level + 1) if first == "[" else self._map(level + 1)
        if level <= _NOTED_LEVELS:
            self._starts[id(value)] = start
        return value

    def _list(self, level: int) -> list[Any]:
        """Read a list behind its bracket."""
        elements: list[Any] = []
        if self._next() == "]":
            self._at += 1
        else:
            self._elements(elements, level, sys.maxsize)
        return elements

    def _elements(self, elements: list[Any], level: int, count: int) -> str:
        """Read so many elements of a list, or up to its end; return the mark behind the last one."""
        text, at = self._text, self._at
        mark = ","
        while mark == "," and count:
            count -= 1
            short = SHORT_ELEMENT(text, at)
            kind = 0 if short is None else short.lastindex or 0
            if short is None or kind == _BRACKET:
                self._at = at if short is None else short.end() - 1
                elements.append(self._value(level) if short is None else self._container(short[_BRACKET], level))
                mark = self._next()
                at = self._at + 1
            else:
                elements.append([int(short[_OID])] if kind == _OID else _SHORT_VALUES[kind](short[kind]))
                at = short.end()
                mark = text[at - 1]
        self._at = at
        if mark != ",":
            self._end("]", mark, at)
        return mark

    def _objects(self, elements: list[Any], level: int, count: int) -> str:
        """Read so many elements of a list of objects, or up to its end; return the mark behind the last one."""
        text = self._text
        mark = ","
        while mark == "," and count:
            count -= 1
            plain = PLAIN_OBJECT(text, self._at)
            if plain is None:
                mark = self._elements(elements, level, 1)
            else:
                elements.append(plain)
                self._at = plain.end()
                mark = text[self._at - 1]
        return mark

    def _map(self, level: int) -> dict[Any, Any]:
        """Read a map behind its brace."""
        entries: dict[Any, Any] = {}
        if self._next() == "}":
            self._at += 1
            return entries
        text, at, names = self._text, self._at, self._names
        mark = ","
        while mark == ",":
            short = SHORT_ENTRY(text, at)
            if short is None:
                self._at = at
                key = self._key()
            else:
                kind = short.lastindex or 0
                name, content = short.group(_KEY, kind)
                key = names.get(name) or self._name(name)
            if key in entries:
                raise refused_at(text, at, "the key stands here twice")
            if short is None or kind == _ENTRY_BRACKET:
                self._at = self._at if short is None else short.end() - 1
                entries[key] = self._value(level) if short is None else self._container(content, level)
                mark = self._next()
                at = self._at + 1
            else:
                entries[key] = [int(content)] if kind == _ENTRY_OID else _SHORT_VALUES[kind - _KEY](content)
                at = short.end()
                mark = text[at - 1]
        self._end("}", mark, at)
        return entries

    def _end(self, wanted: str, mark: str, at: int) -> None:
        """End a list or map at the mark before a place, if it is the right one."""
        self._at = at
        if mark != wanted:
            self._at -= 1
            raise self._expected(f"a comma or the end of the {'list' if wanted == ']' else 'map'}")

    def _name(self, text: str) -> Name:
        """The symbol of a text, one for all that are the same: keys repeat in each line."""
        name = self._names.get(text)
        if name is None:
            name = self._names[text] = Name(text)
        return name

    def _key(self) -> Any:
        """Read a key and its colon."""
        found = SHORT_KEY(self._text, self._at)
        if found is not None:
            self._at = found.end()
            return self._name(found[1])
        if self._next() in ("[", "{"):
            raise self._expected("a key")
        key = self._scalar()
        if self._next() != ":":
            raise self._expected("a colon")
        self._at += 1
        return key

    def _scalar(self) -> Any:
        """Read a value without parts."""
        found = SCALAR(self._text, self._at)
        if found is None:
            raise self._expected("a value")
        kind = found.lastindex
        value: Any
        if kind == NUMBER:
            value = self._number(found[NUMBER])
        elif kind == SYMBOL:
            value = Name(found[SYMBOL])
        elif kind == STRING:
            value = self._unescaped(found[STRING])
        elif kind == QUOTED_SYMBOL:
            value = Name(self._unescaped(found[QUOTED_SYMBOL]))
        else:
            value = WORDS[found[WORD]]
        self._at = found.end()
        return value

    def _number(self, text: str) -> int | float:
        """Make a number."""
        if len(text) > DIGITS_MAX + _SIGN:
            raise refused_at(self._text, self._at, f"the number has more than {DIGITS_MAX} digits")
        return number_of(text)

    def _unescaped(self, text: str) -> str:
        """Replace the escapes of a string."""
        return ESCAPE.sub(self._character, text) if "\\" in text else text

    def _character(self, match: Match[str]) -> str:
        """The character of an escape."""
        code, letter = match[1], match[2]
        if code is not None:
            return chr(int(code, 16))
        character = _LETTERS.get(letter)
        if character is None:
            raise refused_at(self._text, self._at, f"\\{letter} is no escape")
        return character
