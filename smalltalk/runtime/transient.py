"""The heap of a world that nothing is stored of: new objects stay new, ids are just numbers."""

from __future__ import annotations

from typing import Any


class TransientHeap:
    """Notes no changes; gives ids in order."""

    __slots__ = ("_next_id",)

    def __init__(self) -> None:
        self._next_id = 1

    def mark(self, obj: Any) -> None:
        """Note a change."""
        obj.dirty = True

    def identify(self, obj: Any) -> int:
        """The object's id, from now on."""
        if not getattr(obj, "oid", 0):
            obj.oid = self._next_id
            self._next_id += 1
        return int(obj.oid)

    def forward(self, one: Any, other: Any, *, keeps_id: bool) -> None:
        """Note that one object gives way to another, which takes its id if it keeps it."""
        if keeps_id:
            other.oid = self.identify(one)

    def note(self, table: str, key: Any) -> None:
        """Note a change of the world's tables."""
