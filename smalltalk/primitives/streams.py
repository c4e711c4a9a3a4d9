"""Streams on collections: slot `i0` is the collection, `i1` the position, `i2` where reading ends.

A stream writes at the end of its collection's payload, in place; text grows by Python's own doubling of a str that
nobody else holds, so building a long string a piece at a time takes linear time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from ..runtime.objects import FALSE, TRUE, Character
from .values import changed, character, elements_of, fail_with, string, text_of

if TYPE_CHECKING:
    from collections.abc import Callable


#: What reading meets in a stream that nobody set up, or whose variables were set to something else.
_UNREADABLE: Final = (TypeError, IndexError, AttributeError)


def element_at(collection: Any, position: int) -> Any:
    """The element at a 0-based position that is known to be inside."""
    text = text_of(collection)
    if text is not None:
        return character(text[position])
    items = getattr(collection, "items", None)
    return collection.data[position] if items is None else items[position]


def read_next(self: Any) -> Any:
    """The next element, the position moved behind it; at the end what `pastEndRead` answers."""
    try:
        position = self.i1
        is_left = position < self.i2
        element = element_at(self.i0, position) if is_left else None
    except _UNREADABLE:
        return fail_with(self, self.i0)
    if not is_left:
        return current.world.send(self, "pastEndRead")
    self.i1 = position + 1
    if not self.dirty:
        current.world.mark(self)
    return element


def peek(self: Any) -> Any:
    """The next element, nil at the end; the position stays."""
    try:
        return element_at(self.i0, self.i1) if self.i1 < self.i2 else None
    except _UNREADABLE:
        return fail_with(self, self.i0)


def at_end(self: Any) -> Any:
    """Whether nothing is left to read."""
    try:
        return TRUE if self.i1 >= self.i2 else FALSE
    except TypeError:
        return fail_with(self, self.i0)


def up_to(self: Any, delimiter: Any) -> Any:
    """The elements before the next delimiter, which is read too; all that is left where there is none."""
    text = text_of(self.i0)
    if text is None or type(delimiter) is not Character:
        return current.world.send(self, "upToElement:", delimiter)
    start = self.i1
    try:
        found = text.find(delimiter.letter, start, self.i2)
    except TypeError:
        return fail_with(self, self.i0)
    self.i1 = self.i2 if found < 0 else found + 1
    changed(self)
    return string(text[start : self.i2 if found < 0 else found])


def write(self: Any, element: Any) -> Any:
    """Write one element. Text behind its end is done here and not further below: it is what nearly every write is."""
    collection = self.i0
    if type(element) is not Character:
        if hasattr(collection, "text"):
            return fail_with(collection, element)
        return _write_elements(self, [element], element)
    try:
        text = collection.text
    except AttributeError:
        return _write_elements(self, [element], element)
    if not len(text) == self.i1 == self.i2 < ALLOCATION_ELEMENTS_MAX:
        return _write_text(self, collection, element.letter, element)
    collection.text = None  # the only reference is `text` now, which lets Python grow it in place
    text += element.letter
    collection.text = text
    self.i1 = self.i2 = len(text)
    if not self.dirty:
        current.world.mark(self)
    if not collection.dirty:
        current.world.mark(collection)
    return element


def write_all(self: Any, elements: Any) -> Any:
    """Write all elements of a collection; answer it. Text behind its end is done here, as in `write`."""
    collection = self.i0
    try:
        text = collection.text
    except AttributeError:
        plain = elements_of(elements)
        if plain is not None:
            return _write_elements(self, plain, elements)
        return current.world.send(self, "writeEach:", elements)
    added = elements.text if type(elements) is type(collection) else text_of(elements)
    if added is None:
        return current.world.send(self, "writeEach:", elements)
    if not len(text) == self.i1 == self.i2 or len(text) + len(added) > ALLOCATION_ELEMENTS_MAX:
        return _write_text(self, collection, added, elements)
    collection.text = None  # as in `write`
    text += added
    collection.text = text
    self.i1 = self.i2 = len(text)
    if not self.dirty:
        current.world.mark(self)
    if not collection.dirty:
        current.world.mark(collection)
    return elements


def write_text(self: Any, added: str) -> Any:
    """Write characters that generated code knows, given as Python's text; answer the stream."""
    collection = self.i0
    try:
        text = collection.text
    except AttributeError:
        return _write_elements(self, [character(each) for each in added], self)
    if not len(text) == self.i1 == self.i2 < ALLOCATION_ELEMENTS_MAX - len(added):
        return _write_text(self, collection, added, self)
    collection.text = None  # as in `write`
    text += added
    collection.text = text
    self.i1 = self.i2 = len(text)
    if not self.dirty:
        current.world.mark(self)
    if not collection.dirty:
        current.world.mark(collection)
    return self


def write_within(self: Any, element: Any) -> Any:
    """Write one element on a stream with a limit, `i3`."""
    return _within_limit(self, write(self, element))


def write_all_within(self: Any, elements: Any) -> Any:
    """Write all elements of a collection on a stream with a limit, `i3`; answer it."""
    return _within_limit(self, write_all(self, elements))


def _within_limit(self: Any, answer: Any) -> Any:
    """Say when the position is past the limit."""
    return current.world.send(self, "passedLimit") if self.i1 > self.i3 else answer


def _write_text(self: Any, collection: Any, added: str, answer: Any) -> Any:
    """Put text at the position: over what stands there, past the end as new."""
    text = collection.text
    position = self.i1
    end = position + len(added)
    if end > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    limit = max(self.i2, end)  # before anything changes: both positions are what the program stored
    collection.text = text[:position] + added + text[end:]
    self.i1 = end
    self.i2 = limit
    if not self.dirty:
        current.world.mark(self)
    if not collection.dirty:
        current.world.mark(collection)
    return answer


def _write_elements(self: Any, added: list[Any], answer: Any) -> Any:
    """Put elements at the position of a stream on an Array or ByteArray."""
    collection = self.i0
    position = self.i1
    if position + len(added) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    items = getattr(collection, "items", None)
    if items is None:
        if any(type(each) is not int or not 0 <= each <= 255 for each in added):  # noqa: PLR2004 - a byte
            return fail_with(collection, answer)
        collection.data[position : position + len(added)] = bytes(added)
    else:
        items[position : position + len(added)] = added
    return _written(self, collection, position + len(added), answer)


def _written(self: Any, collection: Any, position: int, answer: Any) -> Any:
    """Note the new position and that both objects changed."""
    self.i1 = position
    self.i2 = max(self.i2, position)
    if not self.dirty:
        current.world.mark(self)
    changed(collection)
    return answer


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "streamNext": read_next,
    "streamPeek": peek,
    "streamAtEnd": at_end,
    "streamUpTo": up_to,
    "streamWrite": write,
    "streamWriteAll": write_all,
    "streamWriteText": write_text,
    "streamWriteWithin": write_within,
    "streamWriteAllWithin": write_all_within,
}
