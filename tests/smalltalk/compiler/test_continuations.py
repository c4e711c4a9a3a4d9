"""The rest of an activation, entered at every place where one can stand, gives the answer of the whole."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk.compiler import continuations
from smalltalk.compiler.origins import Position, locate
from smalltalk.compiler.unit import compile_doit, compile_method
from tests.smalltalk.compiler.cases import CASES
from tests.smalltalk.compiler.fake_world import FakeWorld, Scope, plain
from tests.smalltalk.compiler.sabotage import outcome, with_suspension, with_wrong_guess

#: Longest run, in places, that a case may take; loops of the cases turn a few times only.
PLACES_MAX = 400


@pytest.mark.parametrize("leave", [with_wrong_guess, with_suspension])
@pytest.mark.parametrize("source", [source for source, _ in CASES])
def test_leaving_the_code_at_every_place_changes_nothing(source: str, leave: Any) -> None:
    expected = outcome(source, FakeWorld())
    for place in range(PLACES_MAX):
        found, is_left = leave(source, place)
        assert found == expected, place
        if not is_left:
            return
    pytest.fail("the case runs too long")


def test_a_site_that_guesses_wrong_three_times_is_guarded() -> None:
    world = FakeWorld()
    unit = world.define("add: a to: b  ^a + b")
    first = unit.code
    for _ in range(10):
        world.run("self add: nil to: 3", 1)
    assert world.deopts == 3
    assert unit.code is not first
    assert world.run("self add: 4 to: 3", 1) == 7


def test_continuations_are_compiled_once() -> None:
    unit = compile_method("foo ^self bar + 1", Scope())
    place = Position(unit.origin, 0, 1)
    assert continuations.after(place) is continuations.after(place)


def test_a_block_outlives_its_unit_and_still_deoptimises() -> None:
    world = FakeWorld()
    world.run("w := [:a | nil log: a. a + 3]")
    world.units.clear()
    assert plain(world.run("w value: nil")) == "#arith"
    assert world.trace == [None]


@pytest.mark.parametrize("source", [source for source, _ in CASES])
def test_every_line_of_generated_code_maps_to_an_operation(source: str) -> None:
    unit = compile_doit(source, Scope("UndefinedObject"), parametrise=False)
    count = len(unit.lowered().offsets)
    pending = [unit.code]
    while pending:
        code = pending.pop()
        for _, _, line in code.co_lines():
            place = locate(code, line) if line and not code.co_name.startswith("c") else None
            assert place is None or -2 <= place.index < count
            assert place is None or 0 <= place.offset <= len(source)
        pending += [each for each in code.co_consts if hasattr(each, "co_lines")]


def test_what_remains_of_a_long_source_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place of it would hold a list as long as the rest."""
    unit = compile_doit("1 foo. 2 foo. 3 foo", Scope(), parametrise=False)
    entry = continuations.entry_of(0, is_before=True)
    kept = continuations.remaining(unit.origin, 0, entry)
    assert continuations.remaining(unit.origin, 0, entry) is kept
    monkeypatch.setattr(continuations, "REST_KEPT_OPERATIONS_MAX", 2)
    again = continuations.remaining(unit.origin, 0, entry)
    assert again == kept
    assert again is not kept
