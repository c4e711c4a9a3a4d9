"""Weighing: how much memory the live objects of a session take, measured.

Whatever the table of loaded objects, the world's variables and the frames of stopped code reach is walked through, in
steps, and what Python says each thing takes is added up. Nothing is loaded: a ghost weighs what a ghost takes. Shared
things (the kernel, symbols, characters) weigh nothing, nor does compiled code, which other limits bound.

What is seen is marked in a map of addresses, one byte for each sixteen that objects begin at, because a set of a
million ids takes as much as the objects. A session that runs between two steps makes the sum a little wrong, never the
walk.
"""

from __future__ import annotations

import gc
from collections import deque
from itertools import chain, islice
from sys import getsizeof
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..runtime import resumables
from ..runtime.classes import Behavior, Method
from ..runtime.objects import Object
from .heap import Heap
from .reclaiming import class_parts

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from types import FrameType

    from ..runtime.world import World

#: Frames whose variables are looked into, innermost first: reading those of each takes a microsecond at one go.
FRAMES_MAX: Final = 10_000

#: Things looked at between two steps: a millisecond.
_THINGS_PER_STEP: Final = 4_096

#: Things whose parts are asked for at a time.
_BATCH: Final = 256

#: Addresses of objects are multiples of sixteen; a page of the map is for 64 KB of them.
_ALIGNMENT_BITS: Final = 4
_PAGE_BITS: Final = 16
_PLACES: Final = 1 << (_PAGE_BITS - _ALIGNMENT_BITS)

#: What a type of Python is to the walk: not the session's, weighed, weighed and looked into.
_SHARED, _ATOM, _HOLDER = range(3)
_ATOMS: Final = frozenset((int, float, str, bytes, bytearray))
_HOLDERS: Final = frozenset((list, tuple, dict, set, frozenset, deque, CellType, FunctionType))


class _Kinds(dict[type, int]):
    """What each type is to the walk."""

    def __missing__(self, kind: type) -> int:
        is_live = issubclass(kind, Object) and not issubclass(kind, Behavior | Method)
        found = self[kind] = _ATOM if kind in _ATOMS else _HOLDER if is_live or kind in _HOLDERS else _SHARED
        return found


class _Map(dict[int, bytearray]):
    """Which addresses were seen."""

    def __missing__(self, number: int) -> bytearray:
        page = self[number] = bytearray(_PLACES)
        return page


_KINDS: Final = _Kinds()


def weigh(world: World, frame: FrameType | None = None) -> Generator[int, None, int]:
    """Weigh a session's live objects; yields in between, and returns in the end, the bytes found so far.

    Args:
        world: the session's.
        frame: the innermost frame of its code that was stopped; None if none runs.
    """
    walk, heap = _Walk(world), world.heap
    assert isinstance(heap, Heap)
    roots = chain([heap.root()], heap.loaded(), _variables(world), _activations(world, frame))
    while things := list(islice(roots, _THINGS_PER_STEP)):
        walk.look_at(things)
        yield walk.total_bytes
    yield from walk.steps()
    return walk.total_bytes


class _Walk:
    """What was seen, and what is still to be looked into.

    Attributes:
        total_bytes: what that takes which was seen.
    """

    __slots__ = ("_long", "_pending", "_seen", "total_bytes")

    def __init__(self, world: World) -> None:
        self.total_bytes = 0
        self._seen = _Map()
        self._pending: list[Any] = []
        self._long: list[list[Any]] = []
        for shared in (world.g, world.kernel.builtins):
            self.look_at([shared])
        self._pending.clear()
        self.total_bytes = 0

    def look_at(self, things: list[Any]) -> None:
        """Weigh those things that were not seen before."""
        seen, kinds, pending, total_bytes = self._seen, _KINDS, self._pending, 0
        for thing in things:
            kind = kinds[type(thing)]
            if kind == _SHARED:
                continue
            address = id(thing)
            page, place = seen[address >> _PAGE_BITS], (address >> _ALIGNMENT_BITS) % _PLACES
            if page[place]:
                continue
            page[place] = 1
            total_bytes += getsizeof(thing)
            if kind == _HOLDER:
                if type(thing) is list and len(thing) > _THINGS_PER_STEP:
                    self._long.append(thing)
                else:
                    pending.append(thing)
        self.total_bytes += total_bytes

    def steps(self) -> Iterator[int]:
        """Look into everything there is to look into."""
        pending, looked_at = self._pending, 0
        while pending or self._long:
            if pending:
                things = gc.get_referents(*pending[-_BATCH:])
                del pending[-_BATCH:]
                # A batch of arrays, or one dictionary, may have a million parts.
                for first in range(0, len(things), _THINGS_PER_STEP):
                    self.look_at(things[first : first + _THINGS_PER_STEP])
                    looked_at += min(_THINGS_PER_STEP, len(things) - first)
                    if looked_at >= _THINGS_PER_STEP:
                        looked_at = 0
                        yield self.total_bytes
                continue
            # Asking for all parts of a long list at once would take as much memory again.
            elements = iter(self._long.pop())
            while things := list(islice(elements, _THINGS_PER_STEP)):
                self.look_at(things)
                yield self.total_bytes


def _variables(world: World) -> Iterator[Any]:
    """What the world's variables hold; of each table a copy, as a session that runs between two steps changes it."""
    yield from [*world.globals.values()]
    for subject in (*world.classes.values(), *world.former.values()):
        yield from class_parts(subject)
    for overlay in [*world.overlays.values()]:
        yield from [*overlay.variables.values()]


def _activations(world: World, frame: FrameType | None) -> Iterator[Any]:
    """What the variables of stopped code hold."""
    for _ in range(FRAMES_MAX):
        if frame is None:
            return
        interpreted = resumables.interpreted(frame)
        if interpreted is not None:
            yield from interpreted[1].values()
        elif frame.f_globals is world.g:
            yield from list(frame.f_locals.values())
        frame = frame.f_back
