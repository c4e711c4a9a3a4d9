"""Which objects a session has of some classes: what the marking of `reclaiming` reaches, looked through.

What only weak collections hold counts as well, as long as it is there. An operand of a message that is just being sent,
held by nothing else, may be missed: no variable leads to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .reclaiming import Marking, roots

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..runtime.classes import Behavior
    from ..runtime.world import World
    from .heap import Heap


def instances(world: World, heap: Heap, classes: Collection[Behavior]) -> list[Any]:
    """The direct instances of those classes, in the order in which they were found.

    Numbers, characters, symbols and blocks are values, not objects that could be searched for: they have none.

    Raises:
        TooManyThingsError: the session is too large for being searched.
    """
    search = _Search(world, heap, classes)
    search.reach(roots(world, heap))
    search.run()
    while weakly_held := list(search.weakly_held()):
        search.reach(weakly_held)
        search.run()
    return search.found


class _Search(Marking):
    """A marking that notes the instances of some classes.

    Attributes:
        found: those instances.
    """

    def __init__(self, world: World, heap: Heap, classes: Collection[Behavior]) -> None:
        super().__init__(world, heap)
        self.found: list[Any] = []
        self._classes = classes

    def is_wanted(self, subject: Behavior | None) -> bool:
        """Whether instances of that class must be seen themselves: those that are searched for, too."""
        return subject in self._classes or super().is_wanted(subject)

    def strong_parts(self, thing: Any) -> list[Any]:
        """What a thing refers to and keeps alive; notes the thing."""
        if getattr(type(thing), "behavior", None) in self._classes:
            self.found.append(thing)
        return super().strong_parts(thing)
