"""Strings and symbols as sequences: elements, size, joining, comparing, copying, replacing.

A String's content is one Python str in its slot `text`, exchanged as a whole when a character is stored; a Symbol's is
its name. Comparing is by code point, hashing by crc32: Python's own string hash differs from process to process.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from zlib import crc32

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import CHARACTERS, FALSE, TRUE, Character, Symbol
from .texts import collated, folded
from .values import changed, character, fail_at, fail_with, string, text_of, truth

if TYPE_CHECKING:
    from collections.abc import Callable


def at(self: Any, index: Any) -> Any:
    """`aString at: index`."""
    try:
        if index > 0:
            text = self.text[index - 1]
            return CHARACTERS.get(text) or Character.of(ord(text))
    except (TypeError, IndexError):
        pass
    return fail_at(self, index)


def symbol_at(self: Symbol, index: Any) -> Any:
    """`aSymbol at: index`."""
    if type(index) is int and 0 < index <= len(self.name):
        return character(self.name[index - 1])
    return fail_at(self, index)


def at_put(self: Any, index: Any, value: Any) -> Any:
    """`aString at: index put: aCharacter`."""
    text = self.text
    if type(index) is not int or not 0 < index <= len(text):
        return fail_at(self, index)
    if type(value) is not Character:
        return fail_with(self, value)
    self.text = f"{text[: index - 1]}{value.letter}{text[index:]}"
    changed(self)
    return value


def size(self: Any) -> int:
    """`aString size`."""
    return len(self.text)


def symbol_size(self: Symbol) -> int:
    """`aSymbol size`."""
    return len(self.name)


def concatenate(self: Any, other: Any) -> Any:
    """`aString , aString`; other collections are converted by the receiver."""
    tail = text_of(other)
    if tail is None:
        return current.world.send(self, "concatenate:", other)
    text = text_of(self) or ""
    if len(text) + len(tail) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    return string(text + tail)


def equal(self: Any, other: Any) -> Any:
    """`aString = anObject`: equal content of two strings or symbols."""
    if type(self) is not type(other):
        return TRUE if text_of(self) == text_of(other) else FALSE
    if type(self) is Symbol:
        return TRUE if self is other else FALSE
    return TRUE if self.text == other.text else FALSE


def content_hash(self: Any) -> int:
    """A hash of the content that is the same in every process."""
    return crc32((text_of(self) or "").encode("utf-8", "surrogatepass"))


def less(self: Any, other: Any) -> Any:
    """`aString < aString`, by code points."""
    if type(self) is type(other) is not Symbol:
        return TRUE if self.text < other.text else FALSE
    text = text_of(other)
    return current.world.send(self, "errorNotAString:", other) if text is None else truth((text_of(self) or "") < text)


def same_as(self: Any, other: Any) -> Any:
    """Equal but for the case of letters."""
    text = text_of(other)
    return truth(text is not None and folded(text_of(self) or "") == folded(text))


def compare_folded(self: Any, other: Any) -> Any:
    """-1, 0 or 1 as the receiver comes before, with or after another string, case aside."""
    text = text_of(other)
    if text is None:
        return current.world.send(self, "errorNotAString:", other)
    mine, others = folded(text_of(self) or ""), folded(text)
    return (mine > others) - (mine < others)


def compare_collated(self: Any, other: Any) -> Any:
    """-1, 0 or 1 as the receiver comes before, with or after another string, in the order of sorting with case."""
    text = text_of(other)
    if text is None:
        return current.world.send(self, "errorNotAString:", other)
    mine, others = collated(text_of(self) or ""), collated(text)
    return (mine > others) - (mine < others)


def copy_from_to(self: Any, start: Any, stop: Any) -> Any:
    """The characters from `start` to `stop`; empty where stop lies before start."""
    text = text_of(self) or ""
    if type(start) is int and type(stop) is int and 0 < start <= stop <= len(text):
        return string(text[start - 1 : stop])
    if type(start) is not int or type(stop) is not int:
        return fail_at(self, stop if type(start) is int else start)
    if stop < start:
        return string("")
    return fail_at(self, start if start < 1 else stop)


def replace_from_to(self: Any, start: Any, stop: Any, source: Any, source_start: Any) -> Any:
    """Store characters of another string over start..stop."""
    replacement = text_of(source)
    positions = (start, stop, source_start)
    if replacement is None or any(type(each) is not int for each in positions):
        return current.world.send(self, "replaceSlowlyFrom:to:with:startingAt:", start, stop, source, source_start)
    count = stop - start + 1
    if count <= 0:
        return self
    if start < 1 or stop > len(self.text):
        return fail_at(self, start if start < 1 else stop)
    if source_start < 1 or source_start + count - 1 > len(replacement):
        return fail_at(source, source_start + count - 1)
    part = replacement[source_start - 1 : source_start - 1 + count]
    self.text = f"{self.text[: start - 1]}{part}{self.text[stop:]}"
    changed(self)
    return self


def replace_all_content(self: Any, other: Any) -> Any:
    """Take over the whole content of another string (of `become:` kind, used by in-place sorting and the like)."""
    text = text_of(other)
    if text is None:
        return fail_with(self, other)
    self.text = text
    changed(self)
    return self


def reverse(self: Any) -> Any:
    """The characters in opposite order."""
    return string((text_of(self) or "")[::-1])


def index_of(self: Any, value: Any, start: Any) -> Any:
    """The position of a character at or after `start`, 0 if there is none."""
    if type(value) is not Character:
        return 0
    if type(start) is not int:
        return fail_at(self, start)
    return (text_of(self) or "").find(value.letter, max(start - 1, 0)) + 1


def is_wide(self: Any) -> Any:
    """Whether any character lies beyond Latin-1."""
    text = text_of(self) or ""
    return truth(not text.isascii() and max(text) > "\xff")


def as_symbol(self: Any) -> Any:
    """The symbol of that name."""
    return self if type(self) is Symbol else Symbol.intern(text_of(self) or "")


def as_string(self: Any) -> Any:
    """A new string with the same characters."""
    return string(text_of(self) or "")


def from_characters(_self: Any, elements: Any) -> Any:
    """A string of an Array's elements, nil unless all are characters."""
    items = getattr(elements, "items", None)
    if items is not None and all(type(each) is Character for each in items):
        return string("".join([each.letter for each in items]))
    return None


def repeated(_self: Any, count: Any, value: Any) -> Any:
    """A string of `count` equal characters."""
    if type(value) is not Character:
        return fail_with(_self, value)
    if type(count) is not int or not 0 <= count <= ALLOCATION_ELEMENTS_MAX:
        return current.world.send(_self, "errorTooLarge")
    return string(value.letter * count)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "stringAt": at,
    "symbolAt": symbol_at,
    "stringAtPut": at_put,
    "stringSize": size,
    "symbolSize": symbol_size,
    "stringConcatenate": concatenate,
    "stringEqual": equal,
    "stringHash": content_hash,
    "stringLess": less,
    "stringSameAs": same_as,
    "stringCompareFolded": compare_folded,
    "stringCompareCollated": compare_collated,
    "stringCopyFromTo": copy_from_to,
    "stringReplaceFromTo": replace_from_to,
    "stringReplaceContent": replace_all_content,
    "stringReversed": reverse,
    "stringIndexOf": index_of,
    "stringIsWide": is_wide,
    "stringAsSymbol": as_symbol,
    "stringAsString": as_string,
    "stringFromCharacters": from_characters,
    "stringRepeated": repeated,
}
