"""The durable side of a world: its classes, its globals, and what it changed about kernel classes.

The runtime tells the heap which entry of which of the world's tables changed (`note`); before the next drain the
durable tables are brought up to it. A change of one kernel class or metaclass is a patch:

| record   | slots                                                                                                   |
|----------|---------------------------------------------------------------------------------------------------------|
| `%Patch` | comment (nil: the kernel's holds), class, table of methods (symbol: removed), table of class variables  |
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..runtime.classes import Method
from ..runtime.objects import Object, Symbol
from .tables import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..runtime.classes import Behavior
    from ..runtime.overlays import Overlay
    from ..runtime.world import World
    from .heap import Heap
    from .root import Root


#: What changes are noted of: the world's tables, and objects that exchanged their class with another (`become:`).
NotedTable: TypeAlias = Literal["classes", "globals", "overlays", "moved", "forwards", "versions", "breakpoints"]


class Patch(Object):
    """What the session changed about one kernel class or metaclass; the durable side of an `Overlay`."""

    __slots__ = ("comment", "methods", "subject", "variables")

    def __init__(self, subject: Behavior) -> None:
        self.oid = 0
        self.dirty = True
        self.subject = subject
        self.comment: str | None = None
        self.methods = Table("methods")
        self.variables = Table("variables")


class WorldState:
    """Keeps the durable tables of a session's root current with its world, and fills a world from them."""

    def __init__(self, world: World, heap: Heap, root: Root) -> None:
        self._world = world
        self._heap = heap
        self._root = root
        self._patches: dict[Behavior, Patch] = {}

    def restore(self) -> None:
        """Give a new world what the records hold."""
        world = self._world
        # First of all: a reference makes a ghost of the class it names, and those of this table name the right one.
        list(self._root.moved)
        for forwarded in self._root.forwards:
            self._heap.enter_forward(forwarded)
        for subject in self._root.classes:
            world.classes[subject.class_name] = subject
        for binding in self._root.globals:
            world.globals[binding.name] = binding
        for patch in self._root.patches:
            self._patches[patch.subject] = patch
            _restore_overlay(world.overlay(patch.subject), patch)
        world.versions.restore(lambda: self._root.versions)
        world.breakpoints.restore(self._root.breakpoints)

    def reconcile(self, notes: Iterable[tuple[NotedTable, Any]]) -> None:
        """Bring the durable tables up to the world, where the notes say that it changed: each table once."""
        keys: dict[NotedTable, list[Any]] = {}
        for table, key in notes:
            keys.setdefault(table, []).append(key)
        root, mark, world = self._root, self._heap.mark, self._world
        if "classes" in keys:
            root.classes.become(world.classes.values(), mark)
        if "globals" in keys:
            root.globals.become(world.globals.values(), mark)
        if "versions" in keys:
            root.versions.become(world.versions.entries(), mark)
        if "breakpoints" in keys:
            root.breakpoints.become(world.breakpoints.all(), mark)
        if "forwards" in keys:
            root.forwards.become(self._heap.forwards(), mark)
        # Such a reference names the present class of its object, if older ones may name another.
        moved = [obj for obj in keys.get("moved", ()) if self._heap.loaded_object(obj.oid) is obj]
        if moved:
            root.moved.move_to_end(moved, mark)
        for subject in keys.get("overlays", ()):
            self._reconcile_patch(subject, world.overlay(subject))

    def _reconcile_patch(self, subject: Behavior, overlay: Overlay) -> None:
        """Bring one patch up to its overlay."""
        mark = self._heap.mark
        patch = self._patches.get(subject)
        if patch is None:
            patch = self._patches[subject] = Patch(subject)
            self._root.patches.append(patch, mark)
        methods = [Symbol.intern(name) if method is None else method for name, method in overlay.methods.items()]
        patch.methods.become(methods, mark)
        patch.variables.become(overlay.variables.values(), mark)
        if patch.comment != overlay.comment:
            patch.comment = overlay.comment
            mark(patch)


def _restore_overlay(overlay: Overlay, patch: Patch) -> None:
    """Fill an overlay from its patch."""
    for element in patch.methods:
        if type(element) is Method:
            overlay.methods[element.selector] = element
        else:
            overlay.methods[element.name] = None
    overlay.variables.update({binding.name: binding for binding in patch.variables})
    overlay.comment = patch.comment
