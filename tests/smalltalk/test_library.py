"""Laws of the class library that single snippets cannot state, checked against Python on random values."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.smalltalk import harness

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: A world is made once a test: examples share it and only compute.
SHARED = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

integers = st.integers(-(10**40), 10**40)
numbers = st.integers(-50, 50)


@pytest.fixture
def world() -> World:
    """A world that evaluated before: the first evaluation raises Python's recursion limit, which hypothesis watches."""
    world = harness.new_world()
    harness.evaluate(world, "nil")
    return world


def float_literal(value: float) -> str:
    """Python writes a plus into exponents, Smalltalk does not; without a point `5e59` is an Integer there."""
    text = repr(value).replace("e+", "e")
    return f"({text})" if "." in text else f"({text})".replace("e", ".0e")


def literal(values: list[int]) -> str:
    return f"#({' '.join(map(str, values))})"


@SHARED
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_printed_float_reads_back_as_the_same_float(world: World, value: float) -> None:
    printed = harness.evaluate(world, f"{float_literal(value)} printString asNumber printString")
    assert float(printed.strip("'")) == value
    assert math.copysign(1.0, float(printed.strip("'"))) == math.copysign(1.0, value)


@SHARED
@given(integers, st.integers(2, 36))
def test_digits_in_any_base_read_back_as_the_same_integer(world: World, value: int, base: int) -> None:
    assert harness.evaluate(world, f"Number readFrom: (({value}) printStringBase: {base}) base: {base}") == str(value)
    assert int(harness.evaluate(world, f"({value}) printStringBase: {base}").strip("'"), base) == value


@SHARED
@given(integers, integers.filter(bool))
def test_quotient_and_remainder_make_up_the_dividend(world: World, dividend: int, divisor: int) -> None:
    floored = f"({dividend}) // ({divisor}) * ({divisor}) + (({dividend}) \\\\ ({divisor}))"
    truncated = f"(({dividend}) quo: ({divisor})) * ({divisor}) + (({dividend}) rem: ({divisor}))"
    assert harness.evaluate(world, floored) == str(dividend)
    assert harness.evaluate(world, truncated) == str(dividend)


@SHARED
@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers(-1000, 1000), st.integers(1, 1000))
def test_fractions_stay_exact_and_in_lowest_terms(world: World, a: int, b: int, c: int, d: int) -> None:
    top, bottom = a * d + c * b, b * d
    divisor = math.gcd(top, bottom)
    top, bottom = top // divisor, bottom // divisor
    expected = str(top) if bottom == 1 else f"({top}/{bottom})"
    assert harness.evaluate(world, f"(({a})/{b}) + (({c})/{d})") == expected


@SHARED
@given(st.integers(1, 10**60), st.integers(1, 10**60))
def test_a_fraction_becomes_the_nearest_float(world: World, top: int, bottom: int) -> None:
    assert harness.evaluate(world, f"({top}/{bottom}) asFloat = {float_literal(top / bottom)}") == "true"


@SHARED
@given(st.lists(numbers, max_size=60))
def test_every_way_of_sorting_gives_one_order(world: World, values: list[int]) -> None:
    expected = f"#({' '.join(map(str, sorted(values)))})"
    for expression in (
        "{} copy sort",
        "{} sorted: [ :a :b | a <= b ]",
        "{} asSortedCollection asArray",
        "(Heap withAll: {}) fullySort; asArray",
        "| heap | heap := Heap withAll: {}. (1 to: heap size) asArray collect: [ :each | heap removeFirst ]",
        "({} asOrderedCollection sort: [ :a :b | a < b ]) asArray",
    ):
        assert harness.evaluate(world, expression.format(literal(values))) == expected


@SHARED
@given(st.lists(numbers, max_size=60))
def test_sorting_by_a_block_keeps_equal_elements_in_order(world: World, values: list[int]) -> None:
    source = f"(({literal(values)} withIndexCollect: [ :e :i | e -> i ]) sorted: [ :a :b | a key <= b key ])"
    pairs = sorted([(value, index) for index, value in enumerate(values, 1)], key=lambda pair: pair[0])
    expected = f"#({' '.join(str(index) for _, index in pairs)})"
    assert harness.evaluate(world, f"{source} collect: [ :each | each value ]") == expected


@SHARED
@given(st.lists(st.tuples(st.sampled_from(["put", "remove"]), numbers), max_size=40))
def test_a_dictionary_of_points_does_what_one_of_numbers_does(world: World, steps: list[tuple[str, int]]) -> None:
    """Composite keys go through Smalltalk's = and hash, plain ones through Python's."""
    model: dict[int, int] = {}
    source = ["| d |", "d := Dictionary new."]
    for number, (step, key) in enumerate(steps):
        if step == "put":
            model[key] = number
            source.append(f"d at: ({key}) @ 1 put: {number}.")
        else:
            model.pop(key, None)
            source.append(f"d removeKey: ({key}) @ 1 ifAbsent: [ ].")
    source.append("((d associations collect: [ :each | each key x -> each value ]) asSortedCollection: #key ascending)")
    source.append("inject: '' into: [ :text :each | text , each key printString , '=' , each value printString , ' ' ]")
    expected = "".join(f"{key}={model[key]} " for key in sorted(model))
    assert harness.evaluate(world, " ".join(source)) == f"'{expected}'"


@SHARED
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30))
def test_text_survives_utf8_and_its_own_literal(world: World, text: str) -> None:
    literal_text = "'" + text.replace("'", "''") + "'"
    assert harness.evaluate(world, f"{literal_text} utf8Encoded utf8Decoded = {literal_text}") == "true"
    assert harness.evaluate(world, literal_text) == literal_text


@SHARED
@given(st.lists(st.text("ab-", max_size=4), min_size=1, max_size=6))
def test_splitting_undoes_joining(world: World, parts: list[str]) -> None:
    collection = "{ " + ". ".join(f"'{part}'" for part in parts) + " }"
    assert harness.evaluate(world, f"((', ' join: {collection}) splitOn: ', ') asArray = {collection}") == "true"


def test_the_transcript_begins_lines_as_well_as_it_ends_them(world: World) -> None:
    outcome = harness.run(world, "Transcript show: 'a'; crShow: 3; showln: #b; tab; print: 'c'")
    assert outcome.transcript == "a\n3b\n\t'c'"
