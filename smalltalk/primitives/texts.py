"""What is done with the content of strings as text: case, searching, replacing, cutting, encoding."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import Symbol
from .values import array, fail_with, string, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Callable

#: What Smalltalk calls separators: space, tab, line ends, form feed.
SEPARATORS: Final = " \t\n\r\f"

#: Parts one splitting may make: a string object each, together some 100 ms without a safe point.
PARTS_MAX: Final = 512 * 1024


#: Digits that become a number at once: Python needs quadratic time for them, of these some 10 us.
DIGITS_MAX: Final = 1_000

_INTEGER: Final = re.compile("-?[0-9]+")


def _content(value: Any) -> str:
    """The content of a receiver, which is a String or Symbol."""
    return text_of(value) or ""


def _answer(receiver: Any, text: str) -> Any:
    """A string, or a symbol where the receiver is one."""
    return Symbol.intern(text) if type(receiver) is Symbol else string(text)


#: Small letters of Latin-1 -> capitals of Latin-1: what comparing without case takes for equal, as Pharo does.
LATIN_CASES: Final = {
    code: ord(capital)
    for code in range(256)
    if len(capital := chr(code).upper()) == 1 and capital != chr(code) and capital <= "\xff"
}


#: Characters of Latin-1 as sorted with case: blank, digits, each capital before its small letter, the rest.
COLLATION_FIRST: Final = " 0123456789" + "".join(each.upper() + each for each in "abcdefghijklmnopqrstuvwxyz")
#: The code of a character of Latin-1 -> its place in that order.
COLLATION: Final = {
    ord(each): place
    for place, each in enumerate(
        COLLATION_FIRST + "".join(chr(code) for code in range(256) if chr(code) not in COLLATION_FIRST)
    )
}


def folded(text: str) -> str:
    """The text to compare where case does not count."""
    return text.translate(LATIN_CASES)


def collated(text: str) -> str:
    """The text to compare for sorting with case."""
    return text.translate(COLLATION)


def upper_of(text: str) -> str:
    """The upper case of a character, as Smalltalk sees it: that of 'ß' is one character."""
    return "\u1e9e" if text == "ß" else text.upper()


def fold(text: str, convert: Callable[[str], str]) -> str:
    """Change the case character by character: the size stays, so letters whose other case is longer stay too."""
    if text.isascii():
        return convert(text)
    return text.translate({ord(each): convert(each) for each in set(text) if len(convert(each)) == 1})


def upper(self: Any) -> Any:
    """All letters in upper case."""
    return _answer(self, fold(_content(self), upper_of))


def lower(self: Any) -> Any:
    """All letters in lower case."""
    return _answer(self, fold(_content(self), str.lower))


def find(self: Any, part: Any, start: Any, cased: Any) -> Any:
    """The position of a substring at or after `start`, 0 if there is none; `cased` true minds upper and lower case."""
    sought = text_of(part)
    if sought is None or type(start) is not int:
        return fail_with(self, part)
    text = _content(self)
    if not sought:
        return 0
    if cased is not truth(condition=True):
        text, sought = fold(text, str.lower), fold(sought, str.lower)
    return text.find(sought, max(start - 1, 0)) + 1


def begins_with(self: Any, prefix: Any) -> Any:
    """Whether the content starts with another's."""
    sought = text_of(prefix)
    return fail_with(self, prefix) if sought is None else truth(_content(self).startswith(sought))


def ends_with(self: Any, suffix: Any) -> Any:
    """Whether the content ends with another's."""
    sought = text_of(suffix)
    return fail_with(self, suffix) if sought is None else truth(_content(self).endswith(sought))


def replace_all(self: Any, part: Any, replacement: Any) -> Any:
    """A copy in which every occurrence of one string is another."""
    old, new = text_of(part), text_of(replacement)
    if old is None or new is None:
        return fail_with(self, part if old is None else replacement)
    text = _content(self)
    if not old:
        return _answer(self, text)
    if len(text) + text.count(old) * (len(new) - len(old)) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    return _answer(self, text.replace(old, new))


def trim_both(self: Any) -> Any:
    """Without separators at both ends."""
    return _answer(self, _content(self).strip(SEPARATORS))


def lines(self: Any) -> Any:
    """The lines, whatever their ends are: cr, lf or both."""
    text = _content(self).replace("\r\n", "\n").replace("\r", "\n")
    return _parts(self, text.removesuffix("\n"), "\n") if text else array([])


def _parts(receiver: Any, text: str, separator: str) -> Any:
    """An Array of the parts between occurrences of a separator, bounded before it is made."""
    if text.count(separator) >= PARTS_MAX:
        return current.world.send(receiver, "errorTooLarge")
    make = current.world.new_text
    return array([make(each) for each in text.split(separator)])


def with_line_ends(self: Any, line_end: Any) -> Any:
    """With every line end replaced by one and the same."""
    end = text_of(line_end)
    if end is None:
        return fail_with(self, line_end)
    return _answer(self, _content(self).replace("\r\n", "\n").replace("\r", "\n").replace("\n", end))


def words(self: Any) -> Any:
    """The parts between separators, none of them empty."""
    return tokens(self, string(SEPARATORS))


def tokens(self: Any, delimiters: Any) -> Any:
    """The parts between any of the delimiter characters, none of them empty."""
    marks = text_of(delimiters)
    if marks is None:
        return fail_with(self, delimiters)
    text = _content(self)
    if len(marks) > 1:
        text = text.translate(dict.fromkeys(map(ord, marks), marks[0]))
    parts = [each for each in text.split(marks[0]) if each] if marks else [text] if text else []
    if len(parts) > PARTS_MAX:
        return current.world.send(self, "errorTooLarge")
    make = current.world.new_text
    return array([make(each) for each in parts])


def split_on(self: Any, separator: Any) -> Any:
    """The parts between occurrences of a whole string, empty ones included."""
    sought = text_of(separator)
    if not sought:
        return fail_with(self, separator)
    return _parts(self, _content(self), sought)


def join(self: Any, parts: Any) -> Any:
    """The strings of an Array with the receiver between them, nil unless all are strings."""
    items = getattr(parts, "items", None)
    if items is None:
        return fail_with(self, parts)
    texts = [text_of(each) for each in items]
    plain = [each for each in texts if each is not None]
    if len(plain) != len(texts):
        return None
    between = _content(self)
    if sum(map(len, plain)) + len(between) * len(plain) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    return string(between.join(plain))


def translate(self: Any, characters: Any, replacements: Any) -> Any:
    """A copy in which each character of one string is the one at the same place of another."""
    old, new = text_of(characters), text_of(replacements)
    if old is None or new is None or len(old) != len(new):
        return fail_with(self, characters)
    return _answer(self, _content(self).translate(str.maketrans(old, new)))


def doubled_quotes(self: Any) -> Any:
    """The content between quotes, inner quotes doubled: how a string literal is written."""
    return string("'" + _content(self).replace("'", "''") + "'")


def as_integer(self: Any) -> Any:
    """The first integer in the text, with its sign; nil if there is none. One of many digits is left to Smalltalk."""
    found = _INTEGER.search(_content(self))
    if found is None:
        return None
    return int(found[0]) if len(found[0]) <= DIGITS_MAX else current.world.send(self, "asLongInteger")


def encode_utf8(self: Any) -> Any:
    """The content as a ByteArray in UTF-8."""
    return current.world.new_bytes(_content(self).encode("utf-8", "surrogatepass"))


def has_only(self: Any, kind: Any) -> Any:
    """Whether the string is not empty and all characters are of a kind: #letter, #digit, #ascii."""
    text = _content(self)
    tests: dict[str, Callable[[], bool]] = {"letter": text.isalpha, "digit": text.isdecimal, "ascii": text.isascii}
    test = tests.get(text_of(kind) or "")
    return fail_with(self, kind) if test is None else truth(test())


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "stringUpper": upper,
    "stringLower": lower,
    "stringFind": find,
    "stringBeginsWith": begins_with,
    "stringEndsWith": ends_with,
    "stringReplaceAll": replace_all,
    "stringTrim": trim_both,
    "stringLines": lines,
    "stringWithLineEnds": with_line_ends,
    "stringWords": words,
    "stringTokens": tokens,
    "stringSplitOn": split_on,
    "stringJoin": join,
    "stringTranslate": translate,
    "stringQuoted": doubled_quotes,
    "stringAsInteger": as_integer,
    "stringEncodeUtf8": encode_utf8,
    "stringHasOnly": has_only,
}
