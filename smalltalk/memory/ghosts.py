"""Ghosts: objects that are known by reference and load themselves at the first touch.

A ghost is an instance of an empty subclass of the live Python class. Only `oid` is set, and `dirty` is False for all of
them, because the class says so; every other slot is unset, so that reading one ends in `__getattr__` and storing one in
`__setattr__`. Both swap the class first and fill the slots after, so a loaded object pays nothing and stays the same
object: references, dictionary keys and identity hold. Whoever swaps the class sets the slot `dirty` (`awake`).

What primitives and generated code may rely on:

- `type(o).behavior` is the Smalltalk class, of a ghost as well: dispatch caches one more entry, nothing else differs;
- `isinstance(o, C)` holds for ghosts of `C`; `type(o) is C` does not, so code that insists on it touches a slot first;
- reading or storing any slot, payload slots included, works unchanged;
- `o.oid` and `o.dirty` never load.

Ghost classes of kernel classes are shared by all sessions. Which session's records fill a ghost is known from the world
that is running; a heap refuses ghosts that are not its own.
"""

from __future__ import annotations

from typing import Any, Final

from ..runtime import current, deopt
from ..runtime.objects import Object
from .oids import SHARED_IDS, SHARED_MAX

#: The slots' own descriptors: what gives a ghost its id without running its `__setattr__`, and an object its flag.
_slots: Any = vars(Object)
store_oid: Final = _slots["oid"].__set__
_store_dirty: Final = _slots["dirty"].__set__


def _load(ghost: Object) -> None:
    """Fill a ghost from the records of the session that runs."""
    heap: Any = current.world.heap
    heap.load(ghost)


def _load_and_get(self: Object, name: str) -> Any:
    """Reading an unset slot: load, then read."""
    _load(self)
    return getattr(self, name)


def _load_and_set(self: Object, name: str, value: Any) -> None:
    """Storing into a ghost: load, then store."""
    _load(self)
    setattr(self, name, value)


deopt.LOADERS.update((_load_and_get.__code__, _load_and_set.__code__))


def ghost_class(live: type[Object]) -> type[Object]:
    """Return the ghost class of a live class; made once and kept on it, so that both go together."""
    ghost: type[Object] | None = live.__dict__.get("ghost")
    if ghost is None:
        body = {
            "__slots__": (),
            # Called without arguments: leaves all slots unset, whatever the live class does; faster than `__new__`.
            "__init__": object.__init__,
            "__getattr__": _load_and_get,
            "__setattr__": _load_and_set,
            "live": live,
            "dirty": False,
        }
        ghost = type(f"Ghost{live.__name__}", (live,), body)
        ghost.ghost = ghost  # type: ignore[attr-defined]  # dynamic classes have dynamic attributes
        live.ghost = ghost  # type: ignore[attr-defined]  # the same
    return ghost


def new_ghost(ghost: type[Object], oid: int) -> Object:
    """Make a ghost of the object with that id."""
    obj = ghost()
    store_oid(obj, SHARED_IDS[oid] if oid < SHARED_MAX else oid)
    return obj


def awake(obj: Any, live: type) -> None:
    """Make a ghost an object of its live class, unchanged as yet, whose other slots are filled next."""
    object.__setattr__(obj, "__class__", live)
    _store_dirty(obj, False)  # noqa: FBT003 - the name says which flag


def is_ghost(thing: Any) -> bool:
    """Whether an object still waits for its first touch."""
    return getattr(type(thing), "ghost", None) is type(thing)


def live_class(cls: type) -> Any:
    """The class an object has once it is loaded."""
    return getattr(cls, "live", cls)
