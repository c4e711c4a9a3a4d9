"""Reclaiming: weak collections let go of what nothing else refers to, when the session asks for it.

1. *Mark.* Whatever the root, the world's variables and the frames of the running code reach is alive; what weak
   collections hold is passed over. Ghosts are followed through their records and stay ghosts.
2. *Doubt.* The marking cannot see everything: an operand of a call under way, a parked process. So of what is held
   weakly and was not reached, Python's counts of references are compared with the references known here: an object
   with more is alive, and so is all it refers to.
3. *Drop.* The weak collections let go of the rest. Its memory is free once the table of loaded objects is trimmed.

So a weak reference may be kept longer than it must, never shorter. Beyond the limits below nothing is reclaimed.
"""

from __future__ import annotations

import gc
import sys
from collections import Counter
from itertools import islice
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..compiler.liveness import dead_results
from ..compiler.origins import locate
from ..runtime import current, resumables
from ..runtime.classes import Behavior, ClassObject, Method
from ..runtime.objects import Object
from .ghosts import is_ghost
from .runs import is_run
from .weak import weak_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import FrameType

    from ..runtime.world import World
    from .heap import Heap
    from .records import ClassRef, Record, Value
    from .weak import WeakKind

#: What the marking visits at most (objects, their payloads, captured variables): about half a second, in slices.
THINGS_MAX: Final = 500_000

#: What is doubted at most at one time, and with all it refers to: that cannot be done in slices. The rest stays for the
#: next time.
SUSPECTS_MAX: Final = 20_000
_DOUBTED_MAX: Final = 100_000

#: Things visited between two looks whether others want to run: some milliseconds.
_THINGS_PER_SLICE: Final = 4_096

#: Python types beside heap objects and blocks that lie between two objects.
_CONTAINERS: Final[frozenset[type]] = frozenset((list, tuple, dict, CellType))


class TooManyThingsError(Exception):
    """The session is too large for being searched."""


def reclaim(world: World, heap: Heap) -> int:
    """Let weak collections go of what nothing else refers to; answer how many references went."""
    try:
        marking = Marking(world, heap)
        marking.reach(roots(world, heap))
        marking.run()
        weakly_held = islice(marking.weakly_held(), SUSPECTS_MAX)
        suspects = {id(thing): thing for thing in (*weakly_held, *_dead(world))}
        doubted = set(suspects)
        marking.reach(_held_elsewhere(suspects, marking, world, heap))
        marking.run()
    except TooManyThingsError:
        return 0
    dead = {id(held) for held in marking.weakly_held() if id(held) in doubted}
    dropped = 0
    for collection, kind in marking.weak:
        gone = kind.drop(collection, dead)
        if gone and not collection.dirty:
            heap.mark(collection)
        dropped += gone
    return dropped


def roots(world: World, heap: Heap) -> Iterator[Any]:
    """What is alive in any case."""
    yield heap.root()
    yield from world.globals.values()
    yield from world.classes.values()
    yield from world.former.values()
    for overlay in world.overlays.values():
        yield from overlay.variables.values()
    for activation in _activations(world):
        yield from (value for name, value in activation.values.items() if name not in activation.dead)


class _Activation(NamedTuple):
    """What the frame of an activation refers to.

    Attributes:
        values: by name.
        dead: names of the intermediate results that do not matter any more.
        references: how many references Python has to each of those because of this frame.
    """

    values: Mapping[str, Any]
    dead: set[str]
    references: int


def _activations(world: World) -> Iterator[_Activation]:
    """The activations of the running code, innermost first."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - there is no public name for it
    while frame is not None:
        interpreted = resumables.interpreted(frame)
        if interpreted is not None:
            at, values = interpreted
            yield _Activation(values, dead_results(at.origin, at.function, at.index, values), 1)
        elif frame.f_globals is world.g:
            # Up to Python 3.12 reading the locals leaves a dictionary of them in the frame.
            named = frame.f_locals
            place = locate(frame.f_code, frame.f_lineno)
            dead = dead_results(place.origin, place.function, place.index, named) if place else set()
            yield _Activation(named, dead, 2 if type(named) is dict else 1)
        frame = frame.f_back


def _dead(world: World) -> Iterator[Any]:
    """The intermediate results that do not matter any more; they may refer to what is held weakly."""
    for activation in _activations(world):
        yield from (value for value in map(activation.values.get, activation.dead) if _is_node(value))


def _is_node(thing: Any) -> bool:
    """Whether a value can lie between two objects of the session, or is one."""
    kind = type(thing)
    return kind is FunctionType or kind in _CONTAINERS or (isinstance(thing, Object) and kind is not Method)


def _parts(thing: Any) -> list[Any]:
    """What a node refers to, each as often as it does."""
    if type(thing) is FunctionType:
        return list(thing.__closure__ or ())
    if isinstance(thing, Behavior):
        return class_parts(thing)
    return [part for part in gc.get_referents(thing) if _is_node(part)]


def class_parts(subject: Behavior) -> list[Any]:
    """What a class of the session holds in its variables; nothing of another one."""
    if subject.is_kernel or not isinstance(subject, ClassObject):
        return []
    side = [getattr(subject, f"i{k}") for k in range(len(subject.metaclass.all_variables()))]
    return [*subject.class_variables.values(), *side]


def _is_reclaimable(value: Any) -> bool:
    """Whether a value is an object that may go: no number, no class, no symbol."""
    return type(value) is FunctionType or (isinstance(value, Object) and not isinstance(value, Behavior | Method))


class Marking:
    """What is alive, found step by step; `instances` finds with it what classes have.

    Attributes:
        weak: the weak collections that are alive, each with its kind.
    """

    def __init__(self, world: World, heap: Heap) -> None:
        self.weak: list[tuple[Any, WeakKind]] = []
        self._world = world
        self._heap = heap
        self._alive: set[int] = set()
        #: Ids of the objects whose records were followed.
        self._read: set[int] = set()
        self._pending: list[Any] = []
        self._unread: list[int] = []
        self._kinds: dict[ClassRef, bool] = {}

    def is_alive(self, thing: Any) -> bool:
        """Whether it was reached."""
        return id(thing) in self._alive

    def reach(self, things: Iterable[Any]) -> None:
        """Begin at those things, too."""
        self._pending += [thing for thing in things if _is_node(thing)]

    def weakly_held(self) -> Iterator[Any]:
        """What is held by weak collections only, as far as was searched."""
        for collection, kind in self.weak:
            for held in kind.weak(collection):
                if _is_reclaimable(held) and id(held) not in self._alive:
                    yield held

    def run(self) -> None:
        """Reach all there is to reach.

        Raises:
            TooManyThingsError: that is too much.
        """
        self._follow()
        while any(self._reach_dependents()):
            self._follow()

    def _reach_dependents(self) -> Iterator[bool]:
        """Reach the values of weak keys that are alive; yields True for each that was not."""
        for collection, kind in self.weak:
            for key, value in list(kind.dependent(collection)):
                is_held = not _is_reclaimable(key) or id(key) in self._alive
                if is_held and _is_node(value) and id(value) not in self._alive:
                    self._pending.append(value)
                    yield True

    def _follow(self) -> None:
        alive, pending = self._alive, self._pending
        while pending or self._unread:
            if not pending:
                self._follow_record(self._unread.pop())
                continue
            thing = pending.pop()
            if id(thing) not in alive:
                alive.add(id(thing))
                self._pause_now_and_then()
                pending += self.strong_parts(thing)

    def _pause_now_and_then(self) -> None:
        """Let others run, and stop where it becomes too much."""
        visited = len(self._alive) + len(self._read)
        if visited > THINGS_MAX:
            raise TooManyThingsError
        if visited % _THINGS_PER_SLICE == 0:
            current.evaluation.poll()

    def strong_parts(self, thing: Any) -> list[Any]:
        """What a thing refers to and keeps alive."""
        kind = weak_kind(type(thing).behavior) if hasattr(type(thing), "capacity") else None
        if is_ghost(thing) and kind is None:
            self._read.add(thing.oid)
            self._follow_record(thing.oid)
            return []
        if kind is None:
            return _parts(thing)
        if is_ghost(thing):
            self._heap.load(thing)
        self.weak.append((thing, kind))
        payload = _payload(thing)
        return [part for part in (*_parts(thing), *kind.strong(thing)) if part is not payload and _is_node(part)]

    def _follow_record(self, oid: int) -> None:
        """Follow the references of the record of an object that is not loaded."""
        self._pause_now_and_then()
        for referred, ref in references(self._heap.record(oid)):
            loaded = self._heap.loaded_object(referred)
            if loaded is None and self._must_load(ref):
                loaded = self._heap.decode((referred, ref))
            if loaded is not None:
                self._pending.append(loaded)
            elif referred not in self._read:
                self._read.add(referred)
                self._unread.append(referred)

    def _must_load(self, ref: ClassRef) -> bool:
        """Whether the objects of that class reference are loaded, not only their records followed."""
        known = self._kinds.get(ref)
        if known is None:
            classes = self._world.kernel.classes
            subject = classes.get(ref) if isinstance(ref, str) else self._heap.forms.readers[ref].live.behavior
            known = self._kinds[ref] = self.is_wanted(subject)
        return known

    def is_wanted(self, subject: Behavior | None) -> bool:
        """Whether instances of that class must be seen themselves: weak collections."""
        return weak_kind(subject) is not None


def _payload(collection: Any) -> Any:
    """The list or dictionary of a weak collection."""
    return getattr(collection, type(collection).behavior.payload_slot())


def references(record: Record) -> Iterator[tuple[int, ClassRef]]:
    """The references in a record.

    Slots and payload are looked through value by value: two numbers in them are no reference, three are no run.
    """
    _, slots, payload = record
    pending: list[Value] = [*slots, *(payload if type(payload) is tuple else ())]
    while pending:
        value = pending.pop()
        if type(value) is not tuple:
            continue
        if len(value) == 2 and type(value[0]) is int and type(value[1]) in (int, str):  # noqa: PLR2004 - id and class
            yield value
        elif is_run(value):
            first, ref, count = value
            yield from ((oid, ref) for oid in range(first, first + count))
        else:
            pending += value


def _held_elsewhere(suspects: dict[int, Any], marking: Marking, world: World, heap: Heap) -> list[Any]:
    """Return those suspects, and things they refer to, that something unknown refers to.

    Args:
        suspects: what only weak collections and dead results are known to hold, by Python id; emptied.
        marking: what is alive.
        world: whose frames hold results that do not matter any more.
        heap: whose table of loaded objects holds them as well.
    """
    # The first is measured only: what Python counts for a thing that this function alone holds.
    probe: Any = [None]
    things: dict[int, Any] = {id(probe): probe}
    del probe
    while suspects:
        key, thing = suspects.popitem()
        if key not in things and not marking.is_alive(thing):
            if len(things) > _DOUBTED_MAX:
                raise TooManyThingsError
            things[key] = thing
            suspects.update((id(part), part) for part in _parts(thing))
    known = Counter(heap.references(things))
    for thing in list(things.values()):
        known.update(id(part) for part in _parts(thing))
    for collection, _ in marking.weak:
        known.update(_payload_references(_payload(collection)))
    for activation in _activations(world):
        known.update([id(activation.values[name]) for name in activation.dead] * activation.references)
    del thing
    counts = [sys.getrefcount(things[key]) for key in things]
    return [things[key] for key, count in zip(things, counts, strict=True) if count - counts[0] > known[key]]


def _payload_references(payload: Any) -> Iterator[int]:
    """Python ids of all that the payload of a weak collection refers to, each as often as it does."""
    if isinstance(payload, list):
        yield from map(id, payload)
        return
    for where, held in payload.items():
        yield from map(id, where if type(where) is tuple else (where,))
        yield from map(id, held if type(held) is list else (held,))
