"""Printing ends while it runs: at a length, and at a depth that only objects inside themselves reach."""

from __future__ import annotations

import pytest

from .lifetimes import Lifetimes

#: What printString cuts at, and what it puts there.
LIMIT = 50_000
CUT = "[..]"

#: Objects that hold themselves, in every way that printing descends.
KNOTS = [
    "o := OrderedCollection new. o add: o. o",
    "o := OrderedCollection new. o add: o; add: o. o",
    "o := Array new: 1. o at: 1 put: o. o",
    "o := Array with: 1 @ 2 with: nil. o at: 2 put: o. o",
    "o := Dictionary new. o at: 1 put: o. o",
    "o := Set new. o add: o. o",
    "o := 1 -> 2. o value: o. o",
    "o := Array new: 1. o at: 1 put: 1 -> o. o",
    "o := #(). 1000 timesRepeat: [ o := Array with: o ]. o",
]


@pytest.fixture
def session() -> Lifetimes:
    """A session with a class that counts how often its instances print."""
    lifetimes = Lifetimes()
    lifetimes.run("Object subclass: #Counter instanceVariableNames: 'count' classVariableNames: '' package: 'T'")
    lifetimes.run("Counter compile: 'printOn: aStream count := self count + 1. aStream nextPutAll: ''counter'''")
    lifetimes.run("Counter compile: 'count ^ count ifNil: [ 0 ]'")
    lifetimes.run("c := Counter new. nil")
    return lifetimes


def test_printing_a_large_collection_ends_at_the_limit(session: Lifetimes) -> None:
    """The elements behind the limit are not asked."""
    result = session.run("OrderedCollection new: 100000 withAll: c")
    assert len(result) == LIMIT
    assert result.endswith(CUT)
    assert int(session.run("c count")) < LIMIT / len("counter")


def test_print_string_limited_to_cuts_there(session: Lifetimes) -> None:
    """What fits whole has no mark."""
    assert session.run("(Array new: 9 withAll: 1) printStringLimitedTo: 6") == "'#([..]'"
    assert session.run("#(1 2) printStringLimitedTo: 6") == "'#(1 2)'"


def test_printing_on_a_stream_of_ones_own_is_not_cut(session: Lifetimes) -> None:
    session.run("w := WriteStream on: String new. (Array new: 60000 withAll: 1) printOn: w")
    assert session.run("w contents size") == str(2 * 60_000 + 2)


def test_cutting_runs_ensure_blocks(session: Lifetimes) -> None:
    session.run("Object subclass: #Tidy")
    session.run(
        "Tidy class compile: 'printOn: aStream "
        "[ 60000 timesRepeat: [ aStream nextPut: $x ] ] ensure: [ Smalltalk at: #Tidied put: true ]'"
    )
    assert session.run("Tidy").endswith(CUT)
    assert session.run("Smalltalk at: #Tidied") == "true"


@pytest.mark.parametrize("code", KNOTS)
def test_objects_inside_themselves_print_with_dots(session: Lifetimes, code: str) -> None:
    """No recursion without end, and no text without end."""
    result = session.run(code)
    assert "..." in result
    assert "<error" not in result
    assert len(result) <= LIMIT


def test_deep_literals_print_whole(session: Lifetimes) -> None:
    result = session.run("o := #(1). 90 timesRepeat: [ o := Array with: o ]. o")
    assert result == "#(" * 91 + "1" + ")" * 91


@pytest.mark.parametrize("unit", ["a", "it''s "])
def test_a_long_string_is_shown_as_its_literal_cut(session: Lifetimes, unit: str) -> None:
    """The note counts what the literal has more, doubled quotes included."""
    outcome = session.evaluate(f"s := '{unit}'. 19 timesRepeat: [ s := s , s ]. s", display=True)
    text = unit.replace("''", "'") * 2**19
    for shown, whole in ((outcome.display, text), (outcome.result, "'" + text.replace("'", "''") + "'")):
        start, note = shown.split("... (")
        assert whole.startswith(start)
        assert note == f"{len(whole) - len(start)} more characters)"


def test_a_long_string_of_a_world_that_prints_strings_its_own_way(session: Lifetimes) -> None:
    session.run("String compile: 'printString ^ ''mine'''")
    assert session.run("String new: 1000000 withAll: $x") == "mine"


def test_what_displays_as_it_prints_prints_once(session: Lifetimes) -> None:
    outcome = session.evaluate("c", display=True)
    assert (outcome.result, outcome.display) == ("counter", "counter")
    assert session.run("c count") == "1"
    session.run("Counter compile: 'displayString ^ ''shown'''")
    assert session.evaluate("c", display=True).display == "shown"
