"""The processes of a session that go on by themselves: ready ones in their order, then those that sleep."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..runtime.objects import Object

if TYPE_CHECKING:
    from collections.abc import Callable


class Scheduled(Object):
    """The list of such processes; written anew when it changes, 10 bytes for each."""

    __slots__ = ("processes",)

    def __init__(self) -> None:
        self.oid = 0
        self.dirty = True
        self.processes: list[Any] = []

    def become(self, processes: list[Any], mark: Callable[[Object], None]) -> None:
        """Hold exactly those processes; `mark` is the heap's write barrier."""
        if [id(each) for each in processes] != [id(each) for each in self.processes]:
            self.processes = processes
            mark(self)
