"""What nothing refers to leaves memory, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smalltalk.memory.trimming import TRIM_OBJECTS_MIN

if TYPE_CHECKING:
    from tests.smalltalk.memory.handmade import Session


def loaded_count(session: Session) -> int:
    """How many objects the table holds."""
    return sum(1 for _ in session.heap.loaded())


def cycle(session: Session) -> Any:
    """Two objects that refer to each other."""
    first = session.new("Association")
    first.i0 = session.new("Association", i0=first)
    return first


def test_dropped_results_do_not_pile_up(session: Session) -> None:
    holder = session.keep(session.new("Association"))
    for _ in range(2 * TRIM_OBJECTS_MIN):
        holder.i0 = cycle(session)
        session.heap.mark(holder)
        session.drain()
        session.trim()
    assert loaded_count(session) <= TRIM_OBJECTS_MIN
    assert holder.i0.i0.i0 is holder.i0


def test_an_object_that_an_unread_record_refers_to_keeps_its_changes(session: Session) -> None:
    shared = session.new("Association", i0=1)
    session.keep(session.new("Array", [shared]))
    session.keep(session.new("Array", [shared]))
    session.drain()
    restored = session.restored()
    left, _ = restored.values()
    left.items[0].i0 = 2
    restored.heap.mark(left.items[0])
    left.items = [restored.new("Association") for _ in range(TRIM_OBJECTS_MIN)]
    restored.heap.mark(left)
    restored.drain()
    restored.trim()
    _, right = restored.values()
    assert right.items[0].i0 == 2


def test_an_unchanged_object_is_read_again(session: Session) -> None:
    shared = session.new("Association", i0=1)
    session.keep(session.new("Array", [shared]))
    session.keep(session.new("Array", [shared]))
    session.drain()
    restored = session.restored()
    left, right = restored.values()
    assert left.items[0].i0 == 1
    left.items = [restored.new("Association") for _ in range(TRIM_OBJECTS_MIN)]
    restored.heap.mark(left)
    restored.drain()
    restored.trim()
    before = len(restored.records.reads)
    assert right.items[0].i0 == 1
    assert restored.records.reads[before:] == [right.oid, right.items[0].oid]


def test_what_a_changed_object_refers_to_stays_the_same_object(session: Session) -> None:
    inner = session.new("Association", i0=1)
    outer = session.new("Association", i0=inner)
    session.keep(session.new("Array", [outer]))
    session.keep(session.new("Array", [outer, inner]))
    session.drain()
    restored = session.restored()
    left, right = restored.values()
    outer = left.items[0]
    outer.i1 = outer.i0.i0
    restored.heap.mark(outer)
    left.items = [restored.new("Association") for _ in range(TRIM_OBJECTS_MIN)]
    restored.heap.mark(left)
    restored.drain()
    restored.trim()
    assert right.items[0].i0 is right.items[1]
