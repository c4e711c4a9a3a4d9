"""The registry: keeps the last results alive, so that their object ids stay valid across restarts.

A ring of `PAGES_MAX` pages of 16 references. Keeping one more writes one page; once the ring is full the page with the
oldest references is emptied and used again, so nothing large is ever written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import Box, Object
from .tables import PAGE_ELEMENTS_MAX, Page, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: 16 pages of 16: the last 256 results, some times what a client shows. All that they refer to stays in memory.
PAGES_MAX: Final = 16


class Held(Object):
    """A value without identity (a long number, say) that got an object id because its text is too long for one."""

    __slots__ = ("v",)

    def __init__(self, v: Any) -> None:
        self.oid = 0
        self.dirty = True
        self.v = v


class Registry:
    """The objects that were answered last.

    Args:
        ring: the durable pages.
        turns: how many pages were begun so far; durable too.
        mark: the heap's write barrier.
    """

    __slots__ = ("_kept", "_mark", "_ring", "_turns")

    def __init__(self, ring: Table, turns: Box, mark: Callable[[Object], None]) -> None:
        self._ring = ring
        self._turns = turns
        self._mark = mark
        #: Ids kept since this image was opened, so that a result shown often takes one place.
        self._kept: set[int] = set()

    def keep(self, thing: Any) -> None:
        """Keep one more object or block, which has its id; one that is kept already stays where it is."""
        if thing.oid not in self._kept:
            page = self._page_with_room()
            page.elements.append(thing)
            self._kept.add(thing.oid)
            self._mark(page)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._ring)

    def items(self) -> Iterator[tuple[Any, Any]]:
        """What is kept, each with the value it stands for: itself, unless it holds one without identity."""
        for kept in self._ring:
            yield kept, (kept.v if isinstance(kept, Held) else kept)

    def _page_with_room(self) -> Page:
        """The page in use, or when it is full the next one of the ring, emptied."""
        turns: int = self._turns.v
        pages = self._ring.pages
        if turns and len(pages[(turns - 1) % PAGES_MAX].elements) < PAGE_ELEMENTS_MAX:
            return pages[(turns - 1) % PAGES_MAX]
        self._turns.v = turns + 1
        self._mark(self._turns)
        if len(pages) < PAGES_MAX:
            page = Page()
            pages.append(page)
            self._mark(self._ring)
            return page
        page = pages[turns % PAGES_MAX]
        self._kept.difference_update(element.oid for element in page.elements)
        page.elements.clear()
        return page
