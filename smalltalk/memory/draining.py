"""Draining in steps: records of very many objects, and very long ones, are made a little at a time.

Between two steps other sessions run. Whoever drains keeps code of this session from running meanwhile; that it is read,
and even marks something, does no harm.
"""

from __future__ import annotations

from types import GeneratorType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..runtime import current
from ..runtime.classes import ClassObject
from .layouts import LayoutForm
from .runs import in_runs, may_hold_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping

    from ..runtime.world import World
    from .forms import Form
    from .loaded import LoadedObjects
    from .packing import Packing
    from .records import Encode, Record

#: Objects encoded in a step, each with about so many values: a third of a millisecond, and one step for what an
#: evaluation usually changes.
_OBJECTS_PER_STEP: Final = 32
_VALUES_PER_OBJECT: Final = 16

#: Objects of which only a flag or a place in a table changes, in a step: the same.
_PLACES_PER_STEP: Final = 1_024

_T = TypeVar("_T")


def at_once(steps: Generator[None, None, _T]) -> _T:
    """Take all steps and return what comes of them."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: _T = end.value
            return result


def in_world(world: World, steps: Generator[None, None, _T]) -> Generator[None, None, _T]:
    """Take steps, each of them in a world: between two others ran, and what a step loads or marks is this one's."""
    try:
        while True:
            current.world = world
            try:
                next(steps)
            except StopIteration as end:
                result: _T = end.value
                return result
            yield
    finally:
        steps.close()


def gathered(
    marked: Iterable[Any], found: list[Any], reconcile: Callable[[ClassObject], None]
) -> Generator[None, None, None]:
    """Take objects that were marked as found, and unmark them.

    Args:
        marked: they; what is marked meanwhile joins them.
        found: gets them.
        reconcile: brings a class's tables up to its dictionaries, which marks these.
    """
    for place, obj in enumerate(marked, 1):
        if isinstance(obj, ClassObject):
            reconcile(obj)
        obj.dirty = False
        found.append(obj)
        if place % _PLACES_PER_STEP == 0:
            yield


def encoded(
    found: Iterable[Any], writers: Mapping[type, Form], encode: Encode, packing: Packing
) -> Generator[None, None, None]:
    """Make the records of objects.

    Args:
        found: the objects; it may grow while it is walked.
        writers: the forms by Python type.
        encode: turns a live value into a plain one.
        packing: takes them.
    """
    add, room = packing.add, _OBJECTS_PER_STEP * _VALUES_PER_OBJECT
    for obj in found:
        form = writers[type(obj)]
        record = form.encode(obj, encode)
        payload = record[2]
        room -= _VALUES_PER_OBJECT
        has_items = type(form) is LayoutForm and form.has_items
        if type(payload) is tuple:
            room -= len(payload)
            if has_items and may_hold_runs(payload):
                record = record[0], record[1], tuple(in_runs(payload))
        elif type(payload) is GeneratorType:
            yield from _encoded_long(obj.oid, record, packing, has_items=has_items)
            continue
        add(obj.oid, record)
        if room < 0:
            room = _OBJECTS_PER_STEP * _VALUES_PER_OBJECT
            yield


def _encoded_long(oid: int, record: Record, packing: Packing, *, has_items: bool) -> Generator[None, None, None]:
    """Make a record whose payload comes in pieces, one each step."""
    ref, slots, payload = record
    pieces, count = [], 0
    may_shorten = has_items
    for piece in payload:
        may_shorten = may_shorten and (count > 0 or may_hold_runs(piece))
        values = in_runs(piece) if may_shorten else piece
        pieces.append(packing.piece(values))
        count += len(values)
        yield
    packing.add_long(oid, ref, slots, count, pieces)


def entered(
    found: Iterable[Any], loaded: LoadedObjects, outdated: set[int], first_new_oid: int
) -> Generator[None, None, None]:
    """Enter objects that were encoded in the table of those loaded.

    Args:
        found: the objects.
        loaded: the table.
        outdated: gets the ids of those whose record the source knows as it was before.
        first_new_oid: the smallest id that the source did not know.
    """
    for place, obj in enumerate(found, 1):
        loaded.add(obj.oid, obj)
        if obj.oid < first_new_oid:
            outdated.add(obj.oid)
        if place % _PLACES_PER_STEP == 0:
            yield
