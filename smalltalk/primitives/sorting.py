"""The default order of plain elements, sorted by Python; any other order is sorted in Smalltalk.

Sort blocks are never called from here: a sort of Python's with a Smalltalk block inside could not be suspended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import FALSE, TRUE
from .values import changed, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Elements sorted at once: in no order they take some 100 ms, and Python's sort has no safe point.
ELEMENTS_MAX: Final = 512 * 1024

#: Characters of all strings sorted at once: comparing long ones that differ late takes as long as they are.
CHARACTERS_MAX: Final = 4 * 1024 * 1024


def sort_default(self: Any) -> Any:
    """Sort by `<=` when all elements are numbers or all are strings, and not too many; answer whether that was so."""
    items = self.items
    if len(items) > ELEMENTS_MAX:
        return FALSE
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
    changed(self)
    return TRUE


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"itemsSortDefault": sort_default}
