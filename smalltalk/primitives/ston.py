"""Text of STON and JSON: escapes, which symbols need no quotes, and reading stretches of characters of one kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import TRUE
from ..syntax.numbers import DIGITS_MAX, integer_of
from .values import changed, fail_with, string, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Callable

#: Characters with an escape of one letter; every other control character is written by its code.
SHORT_ESCAPES: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", "\\": "\\\\"}

#: Characters that never stand for themselves inside quotes, the quote in use aside.
UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\]")

#: The same for text that is to be ASCII.
UNSAFE_ASCII: Final = re.compile(r"[\x00-\x1f\\]|[^\x00-\x7e]")

#: Symbols written without quotes.
SIMPLE_SYMBOL: Final = re.compile(r"[A-Za-z0-9_./-]+")

#: Kinds of characters of which a stretch is read at once, none of them or many.
STRETCHES: Final = {
    "blanks": re.compile(r"[ \t\n\r\f]*"),
    "digits": re.compile(r"[0-9]*"),
    "name": re.compile(r"\w*"),
    "symbol": re.compile(r"[\w./-]*"),
    "text": re.compile(r"""[^'"\\]*"""),
}

#: Longest escape of one character: a surrogate pair.
ESCAPE_LENGTH_MAX: Final = 12


def escape(match: re.Match[str]) -> str:
    """The escape of one character, in UTF-16 where it has no short one."""
    character = match.group()
    short = SHORT_ESCAPES.get(character)
    if short is not None:
        return short
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join([f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2)])


def encode(self: Any, value: Any, quote: Any, is_ascii: Any) -> Any:
    """Text between quotes, with escapes."""
    text, mark = text_of(value), text_of(quote)
    if text is None or mark is None:
        return fail_with(self, value)
    unsafe = UNSAFE_ASCII if is_ascii is TRUE else UNSAFE
    if len(text) * ESCAPE_LENGTH_MAX > ALLOCATION_ELEMENTS_MAX:
        escapes = sum(1 for _ in unsafe.finditer(text))
        if len(text) + escapes * ESCAPE_LENGTH_MAX > ALLOCATION_ELEMENTS_MAX:
            return current.world.send(self, "error:", string("the text is too long to be written"))
    escaped = unsafe.sub(escape, text)
    return string(mark + escaped.replace(mark, "\\" + mark) + mark)


def is_simple(self: Any, symbol: Any) -> Any:
    """Whether a symbol needs no quotes."""
    text = text_of(symbol)
    return fail_with(self, symbol) if text is None else truth(SIMPLE_SYMBOL.fullmatch(text))


def integer(self: Any, digits: Any) -> Any:
    """The natural number of a text of decimal digits."""
    text = text_of(digits)
    if text is None or not text.isdecimal():
        return fail_with(self, digits)
    if len(text) > DIGITS_MAX:
        return current.world.send(self, "error:", string("the number has too many digits"))
    return integer_of(text)


def stretch(self: Any, kind: Any) -> Any:
    """The characters of a kind that come next in a stream on text, which is read past them."""
    text = text_of(self.i0)
    pattern = STRETCHES.get(text_of(kind) or "")
    if text is None or pattern is None or type(self.i1) is not int or type(self.i2) is not int:
        return fail_with(self, kind)
    found = pattern.match(text, self.i1, self.i2)
    self.i1 = found.end() if found is not None else self.i1
    changed(self)
    return string(found.group() if found is not None else "")


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "stonEncode": encode,
    "stonIsSimple": is_simple,
    "stonInteger": integer,
    "stonStretch": stretch,
}
