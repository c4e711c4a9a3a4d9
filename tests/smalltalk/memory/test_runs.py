"""Runs of references: what is written in them, and that reading them finds the same objects."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from smalltalk.memory.errors import BrokenImageError
from smalltalk.memory.ghosts import is_ghost
from smalltalk.memory.layouts import PIECE_VALUES
from smalltalk.memory.loaded import PAGE_IDS
from smalltalk.memory.runs import RUN_MAX, RUN_MIN, in_runs, is_run, may_hold_runs
from tests.smalltalk.memory.handmade import unrolled

if TYPE_CHECKING:
    from tests.smalltalk.memory.handmade import Session

A, B = "Array", 77


def references(first: int, count: int, ref: Any = A) -> list[Any]:
    """References to objects that follow each other."""
    return [(oid, ref) for oid in range(first, first + count)]


@pytest.mark.parametrize(
    ("values", "shortened"),
    [
        ([], []),
        (references(5, RUN_MIN - 1), references(5, RUN_MIN - 1)),
        (references(5, RUN_MIN), [(5, A, RUN_MIN)]),
        ([None, *references(5, RUN_MIN)], [None, (5, A, RUN_MIN)]),
        ([*references(5, 6), 1, 2], [(5, A, 6), 1, 2]),
        ([*references(5, 6), *references(11, 6, B)], [(5, A, 6), (11, B, 6)]),
        ([*references(5, 6), *references(5, 6)], [(5, A, 6), (5, A, 6)]),
        ([1, *references(9, 5), (3,), *references(2, 3), None], [1, (9, A, 5), (3,), *references(2, 3), None]),
        ([(5,), (6,), (7,), (8,)], [(5,), (6,), (7,), (8,)]),
        (references(9, 4)[::-1], references(9, 4)[::-1]),
    ],
)
def test_references_that_follow_each_other_become_a_run(values: list[Any], shortened: list[Any]) -> None:
    assert in_runs(values) == shortened


@pytest.mark.parametrize("seed", range(20))
def test_runs_say_what_the_references_said_and_none_is_missed(seed: int) -> None:
    chance = random.Random(seed)
    values: list[Any] = []
    while len(values) < 200:
        few = chance.randrange(1, 9)
        values += chance.choice(([None] * few, references(chance.randrange(1, 9), few, chance.choice((A, B)))))
    shortened = in_runs(values)
    assert unrolled(tuple(shortened)) == tuple(values)
    plain = [value for value in shortened if value is not None and not is_run(value)]
    assert in_runs(plain) == plain or len(plain) > len(in_runs(plain))
    left = [value if value is None or not is_run(value) else None for value in shortened]
    assert in_runs(left) == left


def test_an_array_that_begins_with_a_symbol_has_no_runs() -> None:
    assert not may_hold_runs(("entries", *references(5, 9)))


@pytest.mark.parametrize("count", [RUN_MIN, 40, PIECE_VALUES + 40])
@pytest.mark.parametrize("held", [(), (3,), (0, 39)])
def test_an_array_is_read_as_the_objects_it_held(session: Session, count: int, held: tuple[int, ...]) -> None:
    """Whether or not some of them are loaded already, are ghosts, or stand on several pages."""
    parts = [session.new("Association", i0=number) for number in range(min(count, 40))]
    parts += [session.new("Association", i0=number) for number in range(40, count)]
    session.keep(session.new("Array", parts))
    session.keep(session.new("Array", [parts[place % count] for place in held]))
    session.drain()
    payload = next(record[2] for record in session.records.records.values() if record[0] == "Array" and record[2])
    assert sum(each[2] for each in payload if type(each) is tuple and is_run(each)) == count
    restored = session.restored()
    whole, some = restored.values()
    before = list(some.items)
    assert [is_ghost(part) for part in whole.items] == [True] * count
    assert all(whole.items[place % count] is before[index] for index, place in enumerate(held))
    assert [part.oid for part in whole.items] == [part.oid for part in parts]
    assert [part.i0 for part in whole.items] == list(range(count))
    assert restored.heap.is_changed is False


def test_reading_a_run_counts_the_objects_it_makes(session: Session) -> None:
    session.keep(session.new("Array", [session.new("Association", i0=number) for number in range(3 * PAGE_IDS)]))
    session.drain()
    restored = session.restored()
    (whole,) = restored.values()
    assert len(whole.items) == 3 * PAGE_IDS
    assert len(restored.heap.loaded()) == restored.heap._loaded.count


@pytest.mark.parametrize("run", [(5, A, RUN_MAX + 1), (5, A, -1), (5, A, 10**12), (5, None, 9), (5, A, "x")])
def test_what_is_no_run_is_damage(session: Session, run: tuple[Any, ...]) -> None:
    session.keep(session.new("Array", [session.new("Association", i0=number) for number in range(9)]))
    session.drain()
    oid, record = next((oid, record) for oid, record in session.records.records.items() if record[0] == "Array")
    session.records.records[oid] = (*record[:2], (run,))
    (whole,) = session.restored().values()
    with pytest.raises(BrokenImageError):
        _ = whole.items
