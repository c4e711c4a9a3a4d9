"""`Smalltalk garbageCollect`: weak collections let go of what nothing else refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.heap import Heap
from ..memory.reclaiming import reclaim
from ..runtime import current

if TYPE_CHECKING:
    from collections.abc import Callable


def garbage_collect(_self: Any) -> int:
    """Reclaim, and answer how many weak references went; none in a world whose objects nobody keeps."""
    heap = current.world.heap
    return reclaim(current.world, heap) if isinstance(heap, Heap) else 0


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"garbageCollect": garbage_collect}
