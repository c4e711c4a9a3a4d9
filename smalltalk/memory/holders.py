"""Which objects of a session refer to one of them: what the marking of `reclaiming` reaches, looked through."""

from __future__ import annotations

import gc
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import Behavior
from ..runtime.objects import Box, Object
from .ghosts import is_ghost
from .reclaiming import Marking, references, roots

if TYPE_CHECKING:
    from ..runtime.world import World
    from .heap import Heap

#: What lies between an object or a block and what it refers to: payloads, entries of dictionaries, captured variables.
_BETWEEN: Final[frozenset[type]] = frozenset((list, tuple, dict, CellType))

#: Class references of the records of blocks, and of captured variables that are assigned.
_BLOCK: Final = "%Block"
_BOX: Final = "%Box"


def holders(world: World, heap: Heap, target: Object) -> list[Any]:
    """The objects and blocks that refer to an object, in the order in which they were found.

    Variables of the workspace and running methods refer to it as well, but are no objects.

    Raises:
        TooManyThingsError: the session is too large for being searched.
    """
    search = _Search(world, heap, target)
    search.reach(roots(world, heap))
    search.run()
    return list(search.found.values())


class _Search(Marking):
    """A marking that notes who refers to an object.

    Attributes:
        found: those, by Python id.
    """

    def __init__(self, world: World, heap: Heap, target: Object) -> None:
        super().__init__(world, heap)
        self.found: dict[int, Any] = {}
        self._target = target

    def strong_parts(self, thing: Any) -> list[Any]:
        """What a thing refers to and keeps alive; notes the thing if it refers to the object searched for."""
        parts = super().strong_parts(thing)
        if not is_ghost(thing) and _refers_to(thing, self._target):
            self._note(thing)
        return parts

    def _follow_record(self, oid: int) -> None:
        super()._follow_record(oid)
        record = self._heap.record(oid)
        parts = list(references(record))
        if any(referred == self._target.oid for referred, _ in parts):
            self._note(self._heap.decode((oid, record[0])))
        elif record[0] == _BLOCK and any(ref == _BOX for _, ref in parts):
            block = self._heap.decode((oid, record[0]))
            if _refers_to(block, self._target):
                self._note(block)

    def _note(self, thing: Any) -> None:
        """Remember a thing that a program can see: no variable of the workspace, no waiting computation."""
        if type(thing) is FunctionType or getattr(type(thing), "behavior", None) is not None:
            self.found[id(thing)] = thing


def _refers_to(thing: Any, target: Object) -> bool:
    """Whether an object or block refers to an object: a variable of it, an element, what it captured."""
    if isinstance(thing, Behavior):
        return False
    # All blocks refer to the names of the world, but hold only what they captured.
    pending = list(thing.__closure__ or ()) if type(thing) is FunctionType else gc.get_referents(thing)
    while pending:
        part = pending.pop()
        if part is target or (isinstance(part, Box) and part.v is target):
            return True
        if type(part) in _BETWEEN:
            pending += gc.get_referents(part)
    return False
