"""Searching what a session has: weak collections let go of what nothing else refers to; the instances of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.heap import Heap
from ..memory.instances import instances
from ..memory.reclaiming import TooManyThingsError, reclaim
from ..runtime import current
from ..runtime.classes import Behavior

if TYPE_CHECKING:
    from collections.abc import Callable


def garbage_collect(_self: Any) -> int:
    """Reclaim, and answer how many weak references went; none in a world whose objects nobody keeps."""
    heap = current.world.heap
    return reclaim(current.world, heap) if isinstance(heap, Heap) else 0


def all_instances(_self: Any, classes: Any) -> Any:
    """Return the direct instances of the classes in an Array; none in a world whose objects nobody keeps."""
    world = current.world
    if not isinstance(world.heap, Heap):
        return world.new_array([])
    try:
        return world.new_array(
            instances(world, world.heap, {each for each in classes.items if isinstance(each, Behavior)})
        )
    except TooManyThingsError:
        return world.signal("Error", "The session has too many objects for being searched")


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "garbageCollect": garbage_collect,
    "allInstancesOf": all_instances,
}
