"""The table of loaded objects: object id -> object or ghost, in pages.

Objects made together have neighbouring ids, so a page that lists the objects of a run of ids takes little more than
one pointer for each. A dictionary takes three to seven times as much, and every live object pays for its entry.
"""

from __future__ import annotations

from collections import deque
from itertools import repeat
from operator import is_, is_not
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .ghosts import new_ghost, store_oid
from .oids import SHARED_IDS, SHARED_MAX

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..runtime.objects import Object

#: A page has 32 places: 12 bytes an object when they are taken, and 400 when a restored session touched one of them.
PAGE_BITS: Final = 5
PAGE_IDS: Final = 1 << PAGE_BITS
PLACE_MASK: Final = PAGE_IDS - 1
#: Pages looked through in a step: a fraction of a millisecond.
_PAGES_PER_STEP: Final = 64


class ChangedPage(NamedTuple):
    """A page as it shall be.

    Attributes:
        number: which one.
        left: what it holds then, None for nothing.
        dropped: how many objects go.
    """

    number: int
    left: list[Any] | None
    dropped: int


class LoadedObjects:
    """The objects of one session that are in memory, by id.

    Attributes:
        count: how many there are; whoever enters objects in a page counts them here.
    """

    __slots__ = ("_pages", "count")

    def __init__(self) -> None:
        self._pages: dict[int, list[Any]] = {}
        self.count = 0

    def get(self, oid: int) -> Any:
        """Return the object with that id, None if it is not loaded."""
        page = self._pages.get(oid >> PAGE_BITS)
        return None if page is None else page[oid & PLACE_MASK]

    def add(self, oid: int, obj: Any) -> None:
        """Enter an object under its id, which may have one already."""
        page, place = self.page(oid >> PAGE_BITS), oid & PLACE_MASK
        self.count += page[place] is None
        page[place] = obj

    def page(self, number: int) -> list[Any]:
        """Return a page for finding and entering objects: the ids from `number << PAGE_BITS` on, None where none is."""
        page = self._pages.get(number)
        if page is None:
            page = self._pages[number] = [None] * PAGE_IDS
        return page

    def run(self, first: int, count: int, ghost: type[Object]) -> list[Any]:
        """Return the objects with so many ids from one on; ghosts of that class where none was."""
        found: list[Any] = []
        for number in range(first >> PAGE_BITS, (first + count - 1 >> PAGE_BITS) + 1):
            page, start = self.page(number), number << PAGE_BITS
            begin, end = max(first - start, 0), min(first + count - start, PAGE_IDS)
            part = page[begin:end]
            if all(map(is_, part, repeat(None))):
                part = page[begin:end] = [ghost() for _ in part]
                ids = (
                    SHARED_IDS[start + begin : start + end] if start < SHARED_MAX else range(start + begin, start + end)
                )
                deque(map(store_oid, part, ids), maxlen=0)  # no loop of Python's: it takes twice as long
                self.count += len(part)
                found += part
            else:
                for place in range(begin, end):
                    if page[place] is None:
                        page[place] = new_ghost(ghost, start | place)
                        self.count += 1
                found += page[begin:end]
        return found

    def discard(self, oid: int) -> None:
        """Take an object out, if it is there; a page left empty goes too."""
        number, place = oid >> PAGE_BITS, oid & PLACE_MASK
        page = self._pages.get(number)
        if page is None or page[place] is None:
            return
        page[place] = None
        self.count -= 1
        if not any(each is not None for each in page):
            del self._pages[number]

    def without(self, kept: set[int]) -> Generator[None, None, list[ChangedPage]]:
        """Return the pages that change when only objects with those ids stay, as they are then.

        It goes in steps. `replace` puts them in place, if nothing was entered meanwhile.
        """
        changed = []
        for count, (number, page) in enumerate(list(self._pages.items()), 1):
            first, left, dropped = number << PAGE_BITS, page, 0
            for place, obj in enumerate(page):
                if obj is not None and first | place not in kept:
                    left = page.copy() if left is page else left
                    left[place] = None
                    dropped += 1
            if dropped:
                changed.append(ChangedPage(number, left if any(map(is_not, left, repeat(None))) else None, dropped))
            if count % _PAGES_PER_STEP == 0:
                yield
        return changed

    def replace(self, changed: list[ChangedPage]) -> list[list[Any]]:
        """Put other pages in place and return those that were there."""
        pages, former = self._pages, []
        for number, left, dropped in changed:
            self.count -= dropped
            former.append(pages[number])
            if left is None:
                del pages[number]
            else:
                pages[number] = left
        return former

    def clear(self) -> list[list[Any]]:
        """Take all objects out; return their pages."""
        pages = list(self._pages.values())
        self._pages.clear()
        self.count = 0
        return pages

    def objects(self) -> list[Any]:
        """Return all of them."""
        return [obj for page in self._pages.values() for obj in page if obj is not None]

    def items(self) -> Iterator[tuple[int, Any]]:
        """Iterate over `(oid, object)`; what is added meanwhile may be passed over."""
        for number, page in list(self._pages.items()):
            for place, obj in enumerate(page):
                if obj is not None:
                    yield number << PAGE_BITS | place, obj
