"""Unlinking: taking the objects of a session apart when it leaves memory.

Objects that refer to each other in a circle (a node and its parent, a process and the semaphore it waits at) go only
with Python's search for circles, which a server with many sessions makes as rare as it can. Emptied, they go at once.
"""

from __future__ import annotations

from collections import defaultdict, deque
from itertools import repeat
from types import FunctionType, MemberDescriptorType
from typing import TYPE_CHECKING, Any, Final

from ..runtime.classes import ClassObject
from ..runtime.objects import Object
from .ghosts import is_ghost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

#: What `_stores` answers of types that all sessions share; those of a session's own classes go with it.
_KNOWN: Final[dict[type, list[Callable[[Any, None], None]]]] = {}


def unlink(objects: Iterable[Any]) -> None:
    """Let go of everything that objects, blocks and classes of one session refer to; nobody uses them any more."""
    kinds: defaultdict[type, list[Any]] = defaultdict(list)
    for obj in objects:
        kinds[type(obj)].append(obj)
    for block in kinds.pop(FunctionType, ()):
        for cell in block.__closure__ or ():
            cell.cell_contents = None
    for kind, alike in kinds.items():
        if not is_ghost(alike[0]):
            for store in _stores(kind):
                # No loop of Python's: an evicted session may have a hundred thousand, and everybody waits for this.
                deque(map(store, alike, repeat(None)), maxlen=0)


def _stores(kind: type) -> list[Callable[[Any, None], None]]:
    """What stores into each slot of a type's instances, without those of all objects, which refer to nothing."""
    known = _KNOWN.get(kind)
    if known is None:
        bases = (base for base in kind.__mro__ if base is not Object)
        members = {member for base in bases for member in vars(base).values() if type(member) is MemberDescriptorType}
        known = [member.__set__ for member in members]
        if not issubclass(kind, ClassObject) and not hasattr(kind, "attributes"):
            _KNOWN[kind] = known
    return known
