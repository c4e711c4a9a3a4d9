"""The default order of plain elements, sorted by Python; any other order is sorted in Smalltalk.

Sort blocks are never called from here: a sort of Python's with a Smalltalk block inside could not be suspended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import FALSE, TRUE
from .values import changed, text_of

if TYPE_CHECKING:
    from collections.abc import Callable


def sort_default(self: Any) -> Any:
    """Sort in place by `<=` when all elements are numbers or all are strings; answer whether that was so."""
    items = self.items
    kinds = {type(each) for each in items}
    if kinds <= {int, float}:
        if any(each != each for each in items):  # noqa: PLR0124 - nan, the value that differs from itself, has no place
            return FALSE
        items.sort()
    else:
        texts = [text_of(each) for each in items]
        if None in texts:
            return FALSE
        items.sort(key=text_of)
    changed(self)
    return TRUE


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"itemsSortDefault": sort_default}
