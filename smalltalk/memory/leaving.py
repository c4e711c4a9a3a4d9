"""Leaving: objects that a session gave up go a little at a time.

Freeing an object takes half a microsecond, so a large session that leaves memory, or lets go of most of its objects,
would hold all others up for a quarter of a second. Its pages wait here instead, and whoever has nothing better to do
takes steps. A small session goes at once.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import Any, Final

from .unlinking import unlink

#: Pages that go in a step, of 32 objects each: a millisecond, of which most sessions need one.
PAGES_PER_STEP: Final = 64
#: Pages that may wait, some 2 million objects: a tool that closes one large session after the other takes no steps.
PAGES_MAX: Final = 65_536


class Leaving:
    """Pages of objects that nobody uses any more, nor finds: no table of a session leads to them.

    Attributes:
        page_count: how many pages wait.
    """

    def __init__(self) -> None:
        #: Pages that left together, and whether all of their objects are to be taken apart.
        self._lots: deque[tuple[list[list[Any]], bool]] = deque()
        self.page_count = 0

    def take(self, pages: list[list[Any]], *, are_whole: bool) -> None:
        """Let pages go, at once if they are few.

        Args:
            pages: they; the caller does not use them any more.
            are_whole: whether nobody uses any of their objects, so that those are taken apart (`unlinking.py`).
                Otherwise those go that nothing else refers to.
        """
        if len(pages) <= PAGES_PER_STEP:
            _free(pages, are_whole=are_whole)
            return
        # From the end those go that were made first, a collection before what it holds: else all of that went with it.
        pages.reverse()
        self._lots.append((pages, are_whole))
        self.page_count += len(pages)
        while self.page_count > PAGES_MAX:
            self.step()

    def step(self) -> None:
        """Free some of what waits, that of those that left first."""
        if not self._lots:
            return
        pages, are_whole = self._lots[0]
        some, pages[-PAGES_PER_STEP:] = pages[-PAGES_PER_STEP:], []
        self.page_count -= len(some)
        if not pages:
            self._lots.popleft()
        _free(some, are_whole=are_whole)


def _free(pages: list[list[Any]], *, are_whole: bool) -> None:
    """Free the objects of pages."""
    if are_whole:
        unlink(obj for obj in chain.from_iterable(pages) if obj is not None)
    pages.clear()


#: What all sessions of this process gave up.
LEAVING: Final = Leaving()
