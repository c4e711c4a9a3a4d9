"""Searching what a session has: weak collections let go of what nothing else holds; instances; who refers to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.heap import Heap
from ..memory.holders import holders
from ..memory.instances import instances
from ..memory.reclaiming import TooManyThingsError, reclaim
from ..runtime import current
from ..runtime.classes import Behavior, Method
from ..runtime.objects import Object, Symbol

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.world import World


def garbage_collect(_self: Any) -> int:
    """Reclaim, and answer how many weak references went; none in a world whose objects nobody keeps."""
    heap = current.world.heap
    return reclaim(current.world, heap) if isinstance(heap, Heap) else 0


def all_instances(_self: Any, classes: Any) -> Any:
    """Return the direct instances of the classes in an Array; none in a world whose objects nobody keeps."""
    wanted = {each for each in getattr(classes, "items", ()) if isinstance(each, Behavior)}
    return _found(lambda world, heap: instances(world, heap, wanted))


def pointers_to(self: Any) -> Any:
    """Return the objects and blocks that refer to the receiver in an Array; values, classes and methods have none."""
    if not isinstance(self, Object) or isinstance(self, Behavior | Method | Symbol):
        return current.world.new_array([])
    return _found(lambda world, heap: holders(world, heap, self))


def _found(search: Callable[[World, Heap], list[Any]]) -> Any:
    """Return what a search of the session finds in an Array; nothing in a world whose objects nobody keeps."""
    world = current.world
    if not isinstance(world.heap, Heap):
        return world.new_array([])
    try:
        return world.new_array(search(world, world.heap))
    except TooManyThingsError:
        return world.signal("Error", "The session has too many objects for being searched")


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "garbageCollect": garbage_collect,
    "allInstancesOf": all_instances,
    "pointersTo": pointers_to,
}
