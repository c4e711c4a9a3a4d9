"""Shapes: under which variable names the records of a user class's instances were written.

A record holds variables by position. Its class reference is therefore not the class but the shape it was written under,
an object of its own that names the class and the variables. Redefining a class makes a new shape; old records stay as
they are, and find the places of their values by name when they are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.objects import Object
from .ghosts import live_class
from .layouts import LayoutForm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..runtime.classes import ClassObject
    from .heap import Heap
    from .records import Encode, Record


class Shape(Object):
    """The variables of a class's instances at one time, by the names they had after so many renames. Never changes."""

    __slots__ = ("names", "renames_known", "subject")

    def __init__(self, subject: ClassObject, names: tuple[str, ...], renames_known: int) -> None:
        self.oid = 0
        self.dirty = True
        self.subject = subject
        self.names = names
        self.renames_known = renames_known


class Shapes:
    """All shapes of one session that were met so far, and the forms made from them."""

    __slots__ = ("_heap", "_shapes")

    def __init__(self, heap: Heap) -> None:
        self._heap = heap
        self._shapes: dict[tuple[ClassObject, tuple[str, ...], int], Shape] = {}

    def add(self, shape: Shape) -> None:
        """Enter a shape that was read."""
        self._shapes[shape.subject, shape.names, shape.renames_known] = shape

    def writer(self, python_type: Any) -> LayoutForm:
        """Make the form that writes the instances of a Python type.

        Instances that have not been touched since their class was redefined are written as the former shape.
        """
        live = live_class(python_type)
        subject = live.behavior
        reshape = getattr(live, "reshape", None)
        names = reshape.names if reshape is not None else subject.all_variables()
        renames_known = reshape.renames_known if reshape is not None else len(subject.renames)
        shape = self._shapes.get((subject, names, renames_known))
        if shape is None:
            shape = Shape(subject, names, renames_known)
            self.add(shape)
        return LayoutForm(self._heap.decode_all, self._heap.oids.of(shape), live, len(names), shape=shape)

    def reader(self, oid: int) -> LayoutForm:
        """Make the form that reads records written under a shape, into what the class is now."""
        shape: Shape = self._heap.decode((oid, "%Shape"))
        present = shape.subject.all_variables()
        names = shape.subject.present_names(shape.names, shape.renames_known)
        stored = None if present == names else _places(names, present)
        return LayoutForm(self._heap.decode_all, oid, shape.subject.instance_type(), len(present), stored)


def _places(names: Sequence[str], present: Sequence[str]) -> list[int | None]:
    """The present place of each name, None where it is gone."""
    return [present.index(name) if name in present else None for name in names]


class ShapeForm:
    """How shapes are written and read: `("%Shape", (class, renames known), names)`."""

    ref: Final = "%Shape"
    ghost = None

    def __init__(self, heap: Heap, shapes: Shapes) -> None:
        self._heap = heap
        self._shapes = shapes

    def encode(self, shape: Shape, encode: Encode) -> Record:
        """Make the record of a shape."""
        return self.ref, (encode(shape.subject), shape.renames_known), shape.names

    def open(self, oid: int, record: Record) -> Shape:
        """Make the shape of that record."""
        _, (subject, renames_known), names = record
        shape = Shape(self._heap.decode(subject), tuple(names), renames_known)
        self._heap.enter(oid, shape)
        self._shapes.add(shape)
        return shape
