"""The heap of one session: which objects are loaded, which changed, and what goes to storage.

Rules:

- an object is *dirty* while it is new or changed; the write barrier enters a changed one in the list, a new one is
  found from the changed object that refers to it, so garbage is never written and a drain costs what changed;
- a drain either answers every change and marks all of it clean, or raises and marks nothing clean; it goes in steps
  (`draining.py`), between which the session may be read, but no code of it runs;
- every object that has a record and was touched or referred to is in the table of loaded objects, under its id; two
  references to one id are one object;
- nothing here recurses along references: a list of a million links is as deep as one.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NoReturn

from ..runtime.objects import Character
from .draining import encoded, entered, gathered, in_world
from .errors import MISFITS, BrokenImageError
from .forms import Forms
from .forwards import Forwarded
from .ghosts import is_ghost, new_ghost
from .leaving import LEAVING
from .loaded import PAGE_BITS, PLACE_MASK, LoadedObjects
from .oids import ROOT_OID, Oids
from .records import DECODE_IMMEDIATE, Delta, is_durable_reference
from .runs import RUN_PARTS, is_run
from .trimming import TRIM_GROWTH, TRIM_OBJECTS_MIN, reachable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping
    from types import FunctionType

    from ..runtime.objects import Object
    from ..runtime.world import World
    from .packing import Packing
    from .patches import NotedTable, WorldState
    from .records import ClassRef, RecordSource, Value


class Heap:
    """One session's objects.

    Args:
        world: the world whose classes the records name.
        source: the records of a restored session, None for a new one.

    Attributes:
        forms: how each kind of object is written and read.
        oids: the ids given so far.
        peeked: ids of lists that were peeked at, see `peeking.py`.
        state: keeps the durable tables of the world; set by the image.
        damage: the last error of reading a record; running code sees it as an error of its own.
    """

    __slots__ = (
        "_dirty",
        "_first_new_oid",
        "_forwards",
        "_found",
        "_ghosts",
        "_loaded",
        "_loads",
        "_notes",
        "_outdated",
        "_source",
        "_trim_at",
        "damage",
        "forms",
        "oids",
        "peeked",
        "state",
    )

    def __init__(self, world: World, source: RecordSource | None = None) -> None:
        self.forms = Forms(world, self)
        self.state: WorldState | None = None
        self.damage: Exception | None = None
        self.peeked: set[int] = set()
        self.oids = Oids(source.next_oid) if source else Oids()
        self._source = source
        self._loaded = LoadedObjects()
        #: Class references met so far -> the class of the ghosts they make.
        self._ghosts: dict[ClassRef, type[Object]] = {}
        self._trim_at = TRIM_OBJECTS_MIN
        #: How many ghosts were filled; a step of the trimming must know whether any was since the one before.
        self._loads = 0
        self._first_new_oid = self.oids.next
        #: Ids of objects that changed since they were read: the source would answer their former state.
        self._outdated: set[int] = set()
        #: What objects that gave way to others are now, by their former ids.
        self._forwards: dict[int, Forwarded] = {}
        self._dirty: list[Any] = []
        self._notes: dict[tuple[NotedTable, Any], None] = {}
        #: What the drain under way has found, in the order in which it will be written.
        self._found: list[Any] = []

    # Changes

    def mark(self, obj: Any) -> None:
        """Note that an object with a record changed; the write barrier calls it when `dirty` is False."""
        if not obj.dirty:
            obj.dirty = True
            self._dirty.append(obj)

    def identify(self, thing: Any) -> int:
        """Return the id of an object or block, giving it one if it has none."""
        return self.oids.of(thing)

    def note(self, table: NotedTable, key: Any) -> None:
        """Note that an entry of one of the world's tables was made, changed or removed, or that an object moved."""
        self._notes[table, key] = None

    def forward(self, one: Any, other: Any, *, keeps_id: bool) -> None:
        """Note that one object gives way to another; stored references to it mean the other from now on.

        Args:
            one: what gives way; it is not written any more.
            other: what takes its place.
            keeps_id: whether the other goes on under the id of the first.
        """
        if keeps_id:
            self.oids.of(one)
        former, kept = (other.oid, one.oid) if keeps_id else (one.oid, other.oid)
        is_former_known, is_kept_known = (self._loaded.get(oid) is not None for oid in (former, kept))
        self._dirty = [obj for obj in self._dirty if obj is not one]
        self._loaded.discard(former)
        if keeps_id:
            other.oid = kept
            if is_kept_known:
                # Stored references to the first object must find the other, which nothing else may have changed.
                other.dirty = True
                self._loaded.add(kept, other)
                self._dirty.append(other)
                self.note("moved", other)
            elif is_former_known:
                # Its record stands under its former id; nothing is stored yet under the one it has now.
                self.mark(other)
        if is_former_known:
            self.enter_forward(Forwarded(former, other))
            self.note("forwards", former)

    def enter_forward(self, forwarded: Forwarded) -> None:
        """Let a former id mean another object."""
        self._forwards[forwarded.place] = forwarded

    def forwards(self) -> Iterable[Forwarded]:
        """The former ids that mean other objects, with those."""
        return self._forwards.values()

    @property
    def is_changed(self) -> bool:
        """Whether anything changed since the last drain."""
        return bool(self._dirty or self._notes)

    def draining(self, packing: Packing, *, may_trim: bool = False) -> Generator[None, None, Delta | None]:
        """Return, packed, what changed since the last drain and mark it clean, in steps; None when nothing did.

        What is marked between two steps is for the next drain. Who gives it up between two drops the heap. In the end
        what the root does not reach may leave the table, if that has doubled since it did: between evaluations only.

        Raises:
            UnstorableValueError: something changed that has no record. Nothing was marked clean.
        """
        return in_world(self.forms.world, self._draining(packing, may_trim=may_trim))

    def _draining(self, packing: Packing, *, may_trim: bool) -> Generator[None, None, Delta | None]:
        if self._notes and self.state is not None:
            self.state.reconcile(self._notes)
        notes, self._notes = self._notes, {}
        marked: list[Any] = []
        found = self._found = []
        try:
            yield from gathered(self._dirty, found, self.forms.classes.reconcile)
            marked, self._dirty = self._dirty, []
            yield from encoded(found, self.forms.writers, self.encode, packing)
        except BaseException:
            for obj in found:
                obj.dirty = True
            self._dirty[:0] = marked
            self._notes = notes | self._notes
            raise
        yield from entered(found, self._loaded, self._outdated, self._first_new_oid)
        self._found = []
        if may_trim and self._loaded.count >= self._trim_at:
            yield from self._trimming()
        return Delta(self.oids.next, packing) if found else None

    def adopt(self, obj: Any) -> None:
        """Enter a new object as changed although nothing that has a record refers to it yet: the root."""
        self._dirty.append(obj)

    # Live -> plain

    def encode(self, value: Any) -> Value:
        """Return the plain value; objects without a record join the drain under way."""
        return self.forms.values[type(value)](value)

    def refer(self, obj: Any, ref: ClassRef) -> Value:
        """Return the plain reference to an object, which joins the drain when it is new or changed."""
        if obj.dirty:
            if not obj.oid:
                self.oids.of(obj)
            obj.dirty = False
            self._found.append(obj)
        return obj.oid, ref

    def refer_to_block(self, block: FunctionType) -> Value:
        """The same for a block: a Python function, whose id and flag stand in its `__dict__`."""
        state = block.__dict__
        if state.get("dirty", True):
            self.oids.of(block)
            state["dirty"] = False
            self._found.append(block)
        return state["oid"], "%Block"

    # Plain -> live

    def decode(self, plain: Value) -> Any:
        """Return the live value; an object that is not loaded becomes a ghost."""
        if type(plain) is not tuple:
            return DECODE_IMMEDIATE[type(plain)](plain)
        first = plain[0]
        if type(first) is not int:
            return self.forms.named(plain)
        if len(plain) == 1:
            return Character.of(first)
        obj = self._loaded.get(first)
        return self._arrive(first, plain[1]) if obj is None else obj

    def decode_all(self, values: Iterable[Value]) -> list[Any]:
        """Return the live values, as `decode` does; a large collection is mostly references nobody followed yet."""
        ghosts, forwards = self._ghosts, self._forwards
        live = []
        number = -1
        page: list[Any] = []
        for plain in values:
            if type(plain) is not tuple or len(plain) != 2 or type(plain[0]) is not int:  # noqa: PLR2004 - no reference
                if type(plain) is tuple and len(plain) == RUN_PARTS and type(plain[0]) is int:
                    live += self._run(plain)
                else:
                    live.append(self.decode(plain))
                continue
            oid, ref = plain
            if oid >> PAGE_BITS != number:
                number = oid >> PAGE_BITS
                page = self._loaded.page(number)
            obj = page[oid & PLACE_MASK]
            if obj is None:
                if ref not in ghosts or oid in forwards:
                    obj = self._arrive(oid, ref)
                else:
                    obj = page[oid & PLACE_MASK] = new_ghost(ghosts[ref], oid)
                    self._loaded.count += 1
            live.append(obj)
        return live

    def _run(self, run: Value) -> list[Any]:
        """Return the objects of a run; `BrokenImageError` if it is none."""
        if not is_run(run):
            raise BrokenImageError("an array holds what is no run of references")
        first, ref, count = run
        ghost = self._ghosts.get(ref)
        if ghost is None or self._forwards:
            return [self.decode((oid, ref)) for oid in range(first, first + count)]
        return self._loaded.run(first, count, ghost)

    def _arrive(self, oid: int, ref: ClassRef) -> Any:
        """Make the object of a first reference.

        Raises:
            BrokenImageError: there is no such kind of record, or the record is not what its kind needs.
        """
        forwarded = self._forwards.get(oid)
        if forwarded is not None:
            return forwarded.target
        try:
            form = self.forms.readers[ref]
            if form.ghost is None:
                return form.open(oid, self.record(oid))
        except MISFITS as misfit:
            self._refuse(oid, misfit)
        self._ghosts[ref] = form.ghost
        obj: Any = new_ghost(form.ghost, oid)
        self._loaded.add(oid, obj)
        return obj

    def enter(self, oid: int, obj: Any) -> None:
        """Enter an object that was opened, not touched, before its own references are followed."""
        obj.oid = oid
        obj.dirty = False
        self._loaded.add(oid, obj)

    def withdraw(self, objects: Iterable[Any]) -> None:
        """Take objects out of the table that were entered, but could not be completed."""
        for obj in objects:
            self._loaded.discard(obj.oid)

    def loaded_object(self, oid: int) -> Any:
        """Return the object with that id if it is in the table, else None."""
        return self._loaded.get(oid)

    def record(self, oid: int) -> Any:
        """Read a record.

        Raises:
            BrokenImageError: there is none. Errors of the source pass through. Both are remembered in `damage`.
        """
        try:
            record = self._source.record(oid) if self._source else None
        except Exception as error:
            self.damage = error
            raise
        if record is None:
            self.damage = BrokenImageError(f"object {oid} is referred to, but has no record")
            raise self.damage
        return record

    def load(self, ghost: Any) -> None:
        """Fill a ghost from its record; does nothing for an object that is loaded.

        Raises:
            BrokenImageError: the ghost belongs to another session, or its record is not what its class needs.
        """
        oid = ghost.oid
        if self._loaded.get(oid) is not ghost:
            raise BrokenImageError(f"object {oid} was touched outside of its session")
        if is_ghost(ghost):
            record = self.record(oid)
            self._loads += 1
            try:
                self.forms.readers[record[0]].fill(ghost, record, self.decode)
            except MISFITS as misfit:
                self._refuse(oid, misfit)

    def _refuse(self, oid: int, misfit: Exception) -> NoReturn:
        """Remember that a record is not what its kind needs; what its source raised passes through."""
        if misfit is not self.damage:
            text = f"the record of object {oid} is damaged: {type(misfit).__name__}: {misfit}"
            self.damage = BrokenImageError(text, oid)
            raise self.damage from misfit
        raise misfit

    # Finding

    def find(self, oid: int) -> Any:
        """Return the object with that id, loaded or as a ghost; None when there is none."""
        obj = self._loaded.get(oid)
        if obj is None and oid in self._forwards:
            return self._forwards[oid].target
        if obj is None and self._source is not None:
            record = self._source.record(oid)
            if record is not None:
                obj = self._arrive(oid, record[0])
        return obj

    def loaded(self) -> list[Any]:
        """Return all objects of the table, ghosts and blocks too."""
        return self._loaded.objects()

    def root(self) -> Any:
        """The object that everything durable hangs from, None in a heap without one."""
        unstored = chain(self._dirty, self._found)
        return self._loaded.get(ROOT_OID) or next((obj for obj in unstored if obj.oid == ROOT_OID), None)

    def references(self, things: Mapping[int, Any]) -> Iterator[int]:
        """Iterate over the references that the heap's own tables have to those things (by Python id)."""
        for key, thing in things.items():
            if is_durable_reference(thing) and self._loaded.get(getattr(thing, "oid", 0)) is thing:
                yield key
        for thing in self._dirty:
            if id(thing) in things:
                yield id(thing)

    def _trimming(self) -> Generator[None, None, None]:
        """Let go of objects that the root does not reach; when somebody loads some meanwhile, the next time."""
        loaded, before = self._loaded, (self._loads, self._loaded.count)
        reached = yield from reachable(self.root(), loaded, self._outdated, self.forms)
        changed = yield from loaded.without(reached)
        if before == (self._loads, loaded.count):
            LEAVING.take(loaded.replace(changed), are_whole=False)
            self._trim_at = max(TRIM_OBJECTS_MIN, TRIM_GROWTH * loaded.count)

    def close(self) -> None:
        """Let go of all objects and of the source; the heap cannot be used any more."""
        LEAVING.take(self._loaded.clear(), are_whole=True)
        self.forms.close()
        del self.forms
        self.state = self._source = None
        for held in (self._dirty, self._notes, self._found, self._outdated, self._forwards, self.peeked):
            held.clear()
