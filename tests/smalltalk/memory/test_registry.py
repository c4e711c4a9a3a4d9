"""The registry keeps the last 256 results, by rewriting one page at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smalltalk.memory.registry import PAGES_MAX, Registry
from smalltalk.memory.tables import PAGE_ELEMENTS_MAX, Table
from smalltalk.runtime.objects import new_box

if TYPE_CHECKING:
    from tests.smalltalk.memory.handmade import Session

KEPT_MAX = PAGES_MAX * PAGE_ELEMENTS_MAX


def open_registry(session: Session) -> Registry:
    """A registry that hangs from the session's root."""
    ring, turns = session.keep(Table("ring")), session.keep(new_box(0))
    return Registry(ring, turns, session.heap.mark)


def keep(session: Session, registry: Registry, count: int) -> list[int]:
    """Keep that many new objects; answers their ids."""
    oids = []
    for _ in range(count):
        thing = session.new("Association")
        oids.append(session.heap.identify(thing))
        registry.keep(thing)
        session.drain()
    return oids


def test_the_last_results_stay_and_older_ones_go(session: Session) -> None:
    registry = open_registry(session)
    oids = keep(session, registry, KEPT_MAX + 40)
    kept = {thing.oid for thing in registry}
    assert set(oids[-KEPT_MAX + PAGE_ELEMENTS_MAX :]) <= kept
    assert not kept & set(oids[:40])


def test_the_ring_goes_on_after_a_restart(session: Session) -> None:
    registry = open_registry(session)
    oids = keep(session, registry, 3 * PAGE_ELEMENTS_MAX + 5)
    restored = session.restored()
    ring, turns = restored.values()
    again = Registry(ring, turns, restored.heap.mark)
    oids += keep(restored, again, KEPT_MAX - len(oids))
    assert [thing.oid for thing in again] == oids


def test_keeping_one_more_writes_it_and_one_page(session: Session) -> None:
    registry = open_registry(session)
    keep(session, registry, KEPT_MAX + 3)
    thing = session.new("Association")
    session.heap.identify(thing)
    registry.keep(thing)
    registry.keep(thing)
    assert len(session.drain()) == 2
