"""Peeking: one element of a list that is not loaded, read from its record; the list stays a ghost.

Who follows a path through a large session touches one element each of many lists. Loading a list makes a ghost of every
object it refers to, which takes more time and memory than all the rest of that touch. So the first element asked for is
read by itself, and the second time the list is loaded: who reads it again probably reads all of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .errors import MISFITS
from .ghosts import is_ghost
from .layouts import LayoutForm
from .runs import is_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .heap import Heap
    from .records import Value

#: Answered in place of an element when the list shall be loaded instead.
UNREAD: Final[Any] = object()
#: A payload of more values is loaded at once: reading it twice would cost more than the ghosts.
VALUES_MAX: Final = 64
#: Lists remembered as peeked at, some 70 bytes each; then they are forgotten, and may be peeked at once more.
PEEKED_MAX: Final = 1_024


def element(heap: Heap, ghost: Any, index: int) -> Any:
    """Return an element (from 1) of a list that is not loaded, or `UNREAD`: then it has to be loaded.

    Errors of reading the record pass through, as they do when it is loaded. What else is wrong with it, loading tells.
    """
    oid = ghost.oid
    if oid in heap.peeked or not is_ghost(ghost) or heap.loaded_object(oid) is not ghost:
        return UNREAD
    record = heap.record(oid)
    form, values = heap.forms.readers.get(record[0]), record[2]
    if type(form) is not LayoutForm or not form.has_items or type(values) is not tuple or len(values) > VALUES_MAX:
        return UNREAD
    if len(heap.peeked) >= PEEKED_MAX:
        heap.peeked.clear()
    heap.peeked.add(oid)
    try:
        return _decoded(heap, values, index)
    except MISFITS:
        return UNREAD


def _decoded(heap: Heap, values: Sequence[Value], index: int) -> Any:
    """Return the element of a payload with that index, `UNREAD` if it has none."""
    for value in values:
        count = value[2] if type(value) is tuple and is_run(value) else 1
        if index <= count:
            return heap.decode(value if count == 1 else (value[0] + index - 1, value[1]))
        index -= count
    return UNREAD
