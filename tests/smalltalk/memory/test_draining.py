"""A drain in steps writes what one at a go writes, whatever is read or marked in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.memory import draining, heap, layouts, loaded, trimming
from smalltalk.memory.errors import UnstorableValueError
from smalltalk.memory.packing import PlainRecords
from smalltalk.runtime import current
from smalltalk.runtime.objects import Symbol
from tests.smalltalk.memory.handmade import Session, make_kernel, unrolled

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = 50


@pytest.fixture
def other() -> Session:
    """One more new session."""
    return Session(make_kernel())


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a step, three values a piece."""
    monkeypatch.setattr(layouts, "PIECE_VALUES", 3)
    monkeypatch.setattr(draining, "_OBJECTS_PER_STEP", 0)
    monkeypatch.setattr(draining, "_PLACES_PER_STEP", 1)
    monkeypatch.setattr(loaded, "_PAGES_PER_STEP", 1)
    monkeypatch.setattr(trimming, "_VALUES_PER_STEP", 1)
    monkeypatch.setattr(trimming, "_OBJECTS_PER_STEP", 1)


def steps_of(session: Session, between: Callable[[int], object] = lambda _: None) -> tuple[int, Any]:
    """Drain; answers the number of steps and the delta."""
    steps, count = session.heap.draining(PlainRecords()), 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1
        between(count)


def payloads(session: Session) -> list[Any]:
    """Collections of every kind that come in pieces, and some that need none."""
    numbers: dict[Any, Any] = {number: number for number in range(COUNT)}
    names: dict[Any, Any] = {f"n{number}": [Symbol.intern(f"n{number}"), number] for number in range(COUNT)}
    mixed = numbers | names
    elements: dict[Any, Any] = {f"n{number}": Symbol.intern(f"n{number}") for number in range(COUNT)}
    nested = [session.new("Array", [number]) for number in range(COUNT)]
    maps = [session.new("Dictionary", each) for each in (numbers, names, mixed, {}, {1: 2})]
    sets = [session.new("Set", each) for each in (dict(numbers), elements, {})]
    arrays = [session.new("Array", each) for each in ([], [1, 2, 3], [1, 2, 3, 4], list(range(COUNT)), nested)]
    return [*maps, *sets, *arrays, session.new("ByteArray", bytearray(COUNT)), session.new("ByteString", "a" * COUNT)]


def written(session: Session) -> list[Any]:
    """The records of a session with those collections."""
    for each in payloads(session):
        session.keep(each)
    count, delta = steps_of(session)
    assert delta.next_oid == session.heap.oids.next
    return [count, *((oid, (ref, slots, unrolled(payload))) for oid, (ref, slots, payload) in delta.records)]


def test_long_payloads_in_pieces_are_the_records_made_at_once(
    session: Session, other: Session, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(draining, "_OBJECTS_PER_STEP", 10**6)
    at_once = written(session)
    request.getfixturevalue("small_steps")
    in_steps = written(other)
    assert at_once[0] == 0
    assert in_steps[0] > COUNT
    assert in_steps[1:] == at_once[1:]


def test_what_is_marked_between_two_steps_is_in_the_next_drain(session: Session, small_steps: None) -> None:
    held = [session.new("Association", i0=number) for number in range(9)]
    session.keep(session.new("Array", held))
    session.drain()
    for each in held:
        session.heap.mark(each)
    changed: list[int] = []

    def change(count: int) -> None:
        thing = held[count % len(held)]
        thing.i0 = -count
        session.heap.mark(thing)
        changed.append(thing.oid)

    def change_some(count: int) -> None:
        if count in (3, 12, 20):
            change(count)

    _, delta = steps_of(session, change_some)
    session.records.take(delta)
    assert len(changed) == 3
    assert set(session.drain()) <= set(changed)
    restored = session.restored().values()[0]
    assert [each.i0 for each in restored.items] == [each.i0 for each in held]


def test_what_is_read_between_two_steps_stays_one_object(session: Session, small_steps: None) -> None:
    session.keep(session.new("Array", [session.new("Association", i0=session.new("Array", [k])) for k in range(30)]))
    session.drain()
    restored = session.restored()
    (old,) = restored.values()
    new = restored.keep(restored.new("Array", [restored.new("Association", i0=old.items[0].i0) for _ in range(10)]))
    seen: list[Any] = []
    _, delta = steps_of(restored, lambda count: seen.append(old.items[count % 30].i0))
    restored.records.take(delta)
    assert all(restored.heap.loaded_object(each.oid) is each for each in [*seen, *new.items])
    assert [each.i0.items for each in restored.restored().values()[1].items] == [[0]] * 10


def test_an_unstorable_value_in_a_piece_marks_nothing_clean(session: Session, small_steps: None) -> None:
    holder = session.keep(session.new("Array", [session.new("Association"), *range(20), object(), 1]))
    with pytest.raises(UnstorableValueError):
        steps_of(session)
    assert all(each.dirty for each in (session.root, holder, holder.items[0]))
    del holder.items[21]
    assert {holder.oid, holder.items[0].oid} <= set(session.drain())


def test_a_trimming_that_somebody_reads_into_is_left_to_the_next_time(
    session: Session, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heap, "TRIM_OBJECTS_MIN", 0)
    session.keep(session.new("Array", [session.new("Association", i0=session.new("Array", [k])) for k in range(9)]))
    session.drain()

    def trimmed(session: Session, at_step: int) -> tuple[int, list[Any]]:
        """Change and drain the session; answers the number of steps, and what was read at one of them."""
        (holder,) = session.values()
        session.heap.mark(holder)
        read, count = [], 0
        for count, _ in enumerate(session.heap.draining(PlainRecords(), may_trim=True), 1):
            if count == at_step:
                read = [each.i0 for each in holder.items]
        return count, read

    steps, _ = trimmed(session.restored(), 0)
    restored = session.restored()
    _, read = trimmed(restored, steps)
    assert len(read) == 9
    assert all(restored.heap.loaded_object(each.oid) is each for each in read)
    restored.values()[0].items[0].i0 = None
    trimmed(restored, 0)
    assert [restored.heap.loaded_object(each.oid) is each for each in read] == [False] + [True] * 8


def test_every_step_is_taken_in_the_world_of_its_session(
    session: Session, other: Session, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others run between two steps, and what a step loads or marks must not be looked for, or entered, with them."""
    worlds: list[Any] = []
    encode, is_immediate = heap.Heap.encode, trimming.is_immediate

    def encode_here(self: heap.Heap, value: Any) -> Any:
        worlds.append(current.world)
        return encode(self, value)

    def look_here(value: Any) -> bool:
        worlds.append(current.world)
        return is_immediate(value)

    monkeypatch.setattr(heap.Heap, "encode", encode_here)
    monkeypatch.setattr(trimming, "is_immediate", look_here)
    session.heap._trim_at = 0
    session.keep(session.new("Array", [session.new("Association", i0=k) for k in range(9)]))
    other.activate()
    for _ in session.heap.draining(PlainRecords(), may_trim=True):
        other.activate()
    assert len(worlds) > 9
    assert all(world is session.world for world in worlds)
