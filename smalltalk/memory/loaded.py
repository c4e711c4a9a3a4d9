"""The table of loaded objects: object id -> object or ghost, in pages.

Objects made together have neighbouring ids, so a page that lists the objects of a run of ids takes little more than
one pointer for each. A dictionary takes three to seven times as much, and every live object pays for its entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

#: A page has 32 places: 12 bytes an object when they are taken, and 400 when a restored session touched one of them.
PAGE_BITS: Final = 5
PLACE_MASK: Final = (1 << PAGE_BITS) - 1
#: Pages looked through in a step: a fraction of a millisecond.
_PAGES_PER_STEP: Final = 64


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
            page = self._pages[number] = [None] * (1 << PAGE_BITS)
        return page

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

    def without(self, kept: set[int]) -> Generator[None, None, list[tuple[int, list[Any]]]]:
        """Return, by their numbers, the pages that change when only objects with those ids stay, as they are then.

        It goes in steps. `replace` puts them in place, if nothing was entered meanwhile.
        """
        changed = []
        for count, (number, page) in enumerate(list(self._pages.items()), 1):
            first, left = number << PAGE_BITS, page
            for place, obj in enumerate(page):
                if obj is not None and first | place not in kept:
                    left = page.copy() if left is page else left
                    left[place] = None
            if left is not page:
                changed.append((number, left))
            if count % _PAGES_PER_STEP == 0:
                yield
        return changed

    def replace(self, changed: list[tuple[int, list[Any]]]) -> None:
        """Put other pages in place."""
        for number, left in changed:
            taken = sum(obj is not None for obj in left)
            self.count += taken - sum(obj is not None for obj in self._pages[number])
            self._pages[number] = left
            if not taken:
                del self._pages[number]

    def objects(self) -> list[Any]:
        """Return all of them."""
        return [obj for page in self._pages.values() for obj in page if obj is not None]

    def items(self) -> Iterator[tuple[int, Any]]:
        """Iterate over `(oid, object)`; what is added meanwhile may be passed over."""
        for number, page in list(self._pages.items()):
            for place, obj in enumerate(page):
                if obj is not None:
                    yield number << PAGE_BITS | place, obj
