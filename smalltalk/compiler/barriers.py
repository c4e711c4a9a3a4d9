"""Write barriers: which objects are known to be marked as changed, at each point of the generated code.

An object that was marked stays so until a safe point: the session's changes are only written where the evaluation
stands still. So of several stores into one object, with nothing but guesses between them, the first one tests.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Barriers:
    """The names of the objects that are known to be marked."""

    def __init__(self) -> None:
        self._marked: set[str] = set()

    def needs(self, target: str) -> bool:
        """Whether a store into the object of that name needs a barrier; from now on it is marked."""
        if target in self._marked:
            return False
        self._marked.add(target)
        return True

    def rebound(self, name: str | None) -> None:
        """Note that the name stands for another object."""
        if name is not None:
            self._marked.discard(name)

    def safe_point(self) -> None:
        """Note that the session's changes may have been written."""
        self._marked.clear()

    @contextmanager
    def branch(self) -> Iterator[None]:
        """Enter code that may be passed over: what it finds out holds in it only, what it spoils is spoilt after it."""
        before = set(self._marked)
        yield
        self._marked &= before
