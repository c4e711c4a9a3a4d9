"""Handlers and signals of a running evaluation: what `on:do:` protects and what `signal` is under way.

Both are linked lists from the innermost outwards, so that any frame can keep "the handlers that hold here" in one
variable and give them back later: a handler block runs with the handlers outside its own `on:do:`, an `ensure:` block
with those that held where it was set up.

They are objects of the heap, because a suspended computation is stored with them.
"""

from __future__ import annotations

from typing import Any

from . import current
from .objects import Object


class Handler(Object):
    """One `protected on: selector do: action` under way.

    Attributes:
        protected: The block it protects.
        selector: An exception class or anything that understands `handles:`.
        action: What to evaluate with the exception.
        outer: The next handler outwards.
        is_leaving: It has decided to leave; what its unwinding runs is no longer protected by it.
    """

    __slots__ = ("action", "is_leaving", "outer", "protected", "selector")

    def __init__(self, protected: Any, selector: Any, action: Any, outer: Handler | None) -> None:
        self.oid = 0
        self.dirty = True
        self.protected = protected
        self.selector = selector
        self.action = action
        self.outer = outer
        self.is_leaving = False

    def leave(self) -> None:
        """Decide to leave."""
        self.is_leaving = True
        if not self.dirty:
            current.world.mark(self)


class Signal(Object):
    """One exception whose handler (or default action) is running.

    Attributes:
        exception: The exception.
        handler: The handler that runs, None for the default action.
        origin: The handlers that held where it was signalled.
        outer: The next signal outwards.
    """

    __slots__ = ("exception", "handler", "origin", "outer")

    def __init__(self, exception: Any, handler: Handler | None, origin: Handler | None, outer: Signal | None) -> None:
        self.oid = 0
        self.dirty = True
        self.exception = exception
        self.handler = handler
        self.origin = origin
        self.outer = outer
