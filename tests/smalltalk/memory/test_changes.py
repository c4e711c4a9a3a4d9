"""A drain writes what changed, all of it, once, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.memory.errors import UnstorableValueError
from smalltalk.runtime.objects import Binding

if TYPE_CHECKING:
    from tests.smalltalk.memory.handmade import Session


def test_nothing_changed_is_no_delta(session: Session) -> None:
    session.drain()
    assert session.delta() is None


def test_a_changed_object_is_one_record(session: Session) -> None:
    inner = session.new("Association", i0=1)
    outer = session.keep(session.new("Array", [inner, inner]))
    session.drain()
    inner.i0 = 2
    session.heap.mark(inner)
    session.heap.mark(inner)
    assert session.drain() == [inner.oid]
    assert session.restored().values()[0].items[0].i0 == 2
    assert outer.oid


def test_new_objects_come_along_once_and_new_garbage_never(session: Session) -> None:
    holder = session.keep(session.new("Array"))
    session.drain()
    kept = session.new("Association")
    kept.i0 = kept
    session.new("Association", i0=kept)
    holder.items.append(kept)
    session.heap.mark(holder)
    assert sorted(session.drain()) == sorted([holder.oid, kept.oid])


def test_declaring_a_variable_among_many_writes_one_page(session: Session) -> None:
    for number in range(100):
        session.keep(Binding(f"v{number}", number))
    session.drain()
    new = session.keep(Binding("new"))
    written = session.drain()
    assert len(written) == 2
    assert new.oid in written


def test_removing_an_element_writes_its_page_and_drops_an_empty_one(session: Session) -> None:
    bindings = [session.keep(Binding(f"v{number}")) for number in range(17)]
    session.drain()
    session.root.remove(bindings[3], session.heap.mark)
    assert len(session.drain()) == 1
    session.root.remove(bindings[16], session.heap.mark)
    session.drain()
    names = [binding.name for binding in session.restored().values()]
    assert names == [f"v{number}" for number in range(16) if number != 3]


def test_a_value_without_a_record_fails_the_drain_and_loses_no_change(session: Session) -> None:
    good, bad = session.keep(session.new("Association")), session.keep(session.new("Association"))
    session.drain()
    good.i0 = session.new("Array")
    bad.i0 = object()
    session.heap.mark(good)
    session.heap.mark(bad)
    with pytest.raises(UnstorableValueError, match=r"builtins\.object"):
        session.delta()
    bad.i0 = None
    assert sorted(session.drain()) == sorted([good.oid, bad.oid, good.i0.oid])


def test_ids_go_on_where_they_stopped(session: Session) -> None:
    session.keep(session.new("Association"))
    session.drain()
    restored = session.restored()
    new = restored.keep(restored.new("Association"))
    assert restored.heap.identify(new) == session.records.next_oid
    restored.drain()
    assert restored.records.next_oid == new.oid + 1
