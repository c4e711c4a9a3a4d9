"""Plain values as STON text.

Only what every reader of STON knows is used: lists, maps, strings, symbols, numbers, booleans and nil, no classes.

| value                                  | text                                     |
|----------------------------------------|------------------------------------------|
| nil, true, false, numbers              | themselves                               |
| symbol                                 | `#at:put:` as `#'at:put:'`, `#name`      |
| reference to object 57                 | `[57]`                                   |
| the same, of an older form             | `[57,45]`: 45 is its shape or kernel class then |
| character                              | `{#character:97}`                        |
| kernel class, and what the kernel names| `{#kernel:#Array}`                       |
| bytes                                  | `{#bytes:'00ff'}`, base 16               |
| integer of over 300 digits             | `{#integer:'-1f'}`, base 16              |
| infinite, and no number                | `{#float:'7ff0000000000000'}`, IEEE 754  |
| any other tuple                        | `{#tag:[value,value]}`                   |

Plain data of the server (history, what is known of the session) is written as strings, numbers, lists and maps.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from ..memory.runs import is_run
from .errors import SessionFileError
from .limits import DIGITS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..memory.records import ClassRef, Record, Value

#: Tags of coded lists, which may be empty; a tuple of nothing but another tag is a name of the kernel.
LIST_TAGS: Final = frozenset(("names", "list", "uses"))

#: Shorter than that many bits an integer has at most `DIGITS_MAX` digits.
_DECIMAL_BITS_MAX: Final = DIGITS_MAX * 3

#: Symbols written without quotes.
_SIMPLE: Final = re.compile(r"[A-Za-z0-9_./-]+")
#: Characters that never stand for themselves inside quotes; lone surrogates have no form in UTF-8.
_UNSAFE: Final = re.compile("[\x00-\x1f\x7f-\x9f\\\\'\ud800-\udfff]")
_SHORT: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\", "'": "\\'"}

#: Names and tags repeat: what a large image has of them.
_SYMBOLS_KEPT: Final = 8_192

#: Parts of a reference: id and class.
_REFERENCE_PARTS: Final = 2


def quoted(text: str) -> str:
    """Text between quotes."""
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(_escape, text)
    return f"'{text}'"


def _escape(match: re.Match[str]) -> str:
    """The escape of one character."""
    return _SHORT.get(match[0]) or f"\\u{ord(match[0]):04X}"


@lru_cache(maxsize=_SYMBOLS_KEPT)
def symbol(name: str) -> str:
    """A symbol."""
    return f"#{name}" if _SIMPLE.fullmatch(name) else f"#{quoted(name)}"


def integer(number: int) -> str:
    """An integer."""
    return str(number) if number.bit_length() <= _DECIMAL_BITS_MAX else f"{{#integer:'{number:x}'}}"


def real(number: float) -> str:
    """A floating point number, so that it reads back the same and as a float."""
    if not isfinite(number):
        return f"{{#float:'{struct.pack('>d', number).hex()}'}}"
    text = repr(number)
    if "e" in text and "." not in text:
        mantissa, _, exponent = text.partition("e")
        text = f"{mantissa}.0e{exponent}"
    return text.replace("e+", "e")


def hexadecimal(data: bytes) -> str:
    """Bytes."""
    return f"{{#bytes:'{data.hex()}'}}"


def plain_data(data: Any) -> str:
    """What the server keeps as plain data: None, booleans, numbers, text, bytes, lists and maps.

    Raises:
        SessionFileError: something else is in it.
    """
    if type(data) is str:
        return quoted(data)
    if isinstance(data, list | tuple):
        return f"[{','.join([plain_data(each) for each in data])}]"
    if isinstance(data, dict):
        return f"{{{','.join([f'{_key(key)}:{plain_data(value)}' for key, value in data.items()])}}}"
    return _scalar(data)


def _key(key: Any) -> str:
    if type(key) is bytes or isinstance(key, tuple):
        raise SessionFileError("The session's plain data has a key that is neither text nor a number.")
    return plain_data(key)


def _scalar(value: Any) -> str:
    """A value without parts and without a name."""
    writer = _SCALARS.get(type(value))
    if writer is None:
        raise SessionFileError(f"A value of type {type(value).__name__} cannot be written.")
    return writer(value)


_SCALARS: Final[dict[type, Callable[[Any], str]]] = {
    type(None): lambda _: "nil",
    bool: lambda flag: "true" if flag else "false",
    int: integer,
    float: real,
    bytes: hexadecimal,
}


def plain_field(value: Any) -> str:
    """A field that holds no value of the language: text is text there."""
    return quoted(value) if type(value) is str else _scalar(value)


class ValueText:
    """Writes the values of one session's records.

    Args:
        records: all objects there are, by id; references to others are found out.

    Attributes:
        met: ids of the objects referred to so far; whoever walks the objects empties it.
    """

    def __init__(self, records: Mapping[int, Record]) -> None:
        self._records = records
        self.met: list[int] = []
        self._writers: dict[type, Callable[[Any], str]] = {**_SCALARS, str: symbol, tuple: self._tuple}

    def of(self, value: Value) -> str:
        """Write one value.

        Raises:
            SessionFileError: it refers to an object that is not there, or is none.
        """
        writer = self._writers.get(type(value))
        return _scalar(value) if writer is None else writer(value)

    def all(self, values: Any) -> str:
        """Write values between commas."""
        of = self.of
        return ",".join([of(value) for value in values])

    def _tuple(self, value: tuple[Any, ...]) -> str:
        """Write a reference, a character, a name, or a tagged tuple."""
        first, rest = value[0], value[1:]
        if type(first) is int:
            if is_run(value):
                return ",".join([self._reference(oid, rest[0]) for oid in range(first, first + rest[1])])
            return self._reference(first, rest[0]) if rest else f"{{#character:{first}}}"
        if not rest and first not in LIST_TAGS:
            return f"{{#kernel:{symbol(first)}}}"
        if first == "text":
            return f"{{#text:[{plain_field(rest[0])}]}}"
        return f"{{{symbol(first)}:[{self.all(rest)}]}}"

    def _reference(self, oid: int, class_ref: ClassRef) -> str:
        """Write a reference; one that names another class than the object's has it said."""
        present = self._records.get(oid)
        if present is None:
            raise SessionFileError(f"The session is damaged: object {oid} is referred to and not there.")
        self.met.append(oid)
        if present[0] == class_ref:
            return f"[{oid}]"
        if type(class_ref) is int:
            self.met.append(class_ref)
            return f"[{oid},{class_ref}]"
        return f"[{oid},{symbol(str(class_ref))}]"
