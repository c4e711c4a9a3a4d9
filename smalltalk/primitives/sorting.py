"""The default order of plain elements, sorted by Python run by run; any other order is sorted in Smalltalk.

Sort blocks are never called from here: a sort of Python's with a Smalltalk block inside could not be suspended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import FALSE, TRUE
from .values import changed, fail_at, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Elements in no order that are sorted at once: they take some 30 ms, and Python's sort has no safe point. More of them
#: are sorted in runs of that length, which are merged two by two; Python merges runs in linear time.
ELEMENTS_MAX: Final = 128 * 1024

#: Characters of all strings sorted at once: comparing long ones that differ late takes as long as they are.
CHARACTERS_MAX: Final = 4 * 1024 * 1024


def sort_run_size(_self: Any) -> int:
    """How many elements in no order are sorted at once."""
    return ELEMENTS_MAX


def sort_default(self: Any, start: Any, stop: Any) -> Any:
    """Sort a range by `<=` when all of it are numbers or all are strings, not too long; answer whether that was so."""
    if type(start) is not int or type(stop) is not int or not 0 < start <= stop <= len(self.items):
        return TRUE if type(start) is int and stop == start - 1 else fail_at(self, stop)
    items = self.items[start - 1 : stop]
    kinds = {type(each) for each in items}
    if kinds <= {int, float}:
        if any(each != each for each in items):  # noqa: PLR0124 - nan, the value that differs from itself, has no place
            return FALSE
        items.sort()
    else:
        texts = [text_of(each) for each in items]
        plain = [text for text in texts if text is not None]
        if len(plain) < len(texts) or sum(map(len, plain)) > CHARACTERS_MAX:
            return FALSE
        items.sort(key=text_of)
    self.items[start - 1 : stop] = items
    changed(self)
    return TRUE


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"itemsSortDefault": sort_default, "itemsSortRunSize": sort_run_size}
