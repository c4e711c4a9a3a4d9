"""Durable tables: lists that grow and shrink by rewriting one small page.

A table holds pages of up to `PAGE_ELEMENTS_MAX` elements. Adding an element writes one page, at times a new page and
the table; so the list of a session's variables or of a class's methods never travels with a change of one of them.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

#: A page of 16 references is about 200 bytes, the size of the journal row it travels in.
PAGE_ELEMENTS_MAX: Final = 16


class Page(Object):
    """Part of a table."""

    __slots__ = ("elements",)

    def __init__(self) -> None:
        self.oid = 0
        self.dirty = True
        self.elements: list[Any] = []


class Table(Object):
    """An ordered collection of values; `name` is the owner's business."""

    __slots__ = ("name", "pages")

    def __init__(self, name: str = "") -> None:
        self.oid = 0
        self.dirty = True
        self.name = name
        self.pages: list[Page] = []

    def __iter__(self) -> Iterator[Any]:
        for page in self.pages:
            yield from page.elements

    def append(self, element: Any, mark: Callable[[Object], None]) -> None:
        """Add an element at the end; `mark` is the heap's write barrier."""
        if not self.pages or len(self.pages[-1].elements) == PAGE_ELEMENTS_MAX:
            self.pages.append(Page())
            mark(self)
        page = self.pages[-1]
        page.elements.append(element)
        mark(page)

    def become(self, elements: Iterable[Any], mark: Callable[[Object], None]) -> None:
        """Hold exactly those elements; what is there already stays in its place and is not written again.

        Places that become free are taken by the first new elements. Takes time linear in what was and will be there.
        """
        wanted = {id(element): element for element in elements}
        there = set(map(id, self))
        new = deque(element for key, element in wanted.items() if key not in there)
        for page in self.pages:
            if not all(id(element) in wanted for element in page.elements):
                page.elements[:] = [
                    element if id(element) in wanted else new.popleft()
                    for element in page.elements
                    if id(element) in wanted or new
                ]
                mark(page)
        if not all(page.elements for page in self.pages):
            self.pages[:] = [page for page in self.pages if page.elements]
            mark(self)
        for element in new:
            self.append(element, mark)

    def move_to_end(self, elements: Iterable[Any], mark: Callable[[Object], None]) -> None:
        """Hold those elements behind all others, and write the references to them anew."""
        last = {id(element): element for element in elements}
        self.become([element for element in self if id(element) not in last], mark)
        for element in last.values():
            self.append(element, mark)

    def remove(self, element: Any, mark: Callable[[Object], None]) -> None:
        """Take an element out, if it is there; a page left empty goes too."""
        for page in self.pages:
            for index, candidate in enumerate(page.elements):
                if candidate is element:
                    del page.elements[index]
                    mark(page)
                    if not page.elements:
                        self.pages.remove(page)
                        mark(self)
                    return
