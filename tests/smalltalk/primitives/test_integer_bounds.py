"""Integers end at 262,144 bits: what would be longer is refused before it is made, what is longer is not worked on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.runtime.limits import INTEGER_BITS_MAX
from tests.smalltalk.harness import evaluate

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

REFUSAL = "ArithmeticError: The result would be too large"

#: Numbers of twice the limit and beyond: generated code multiplies without a look at the length. The do-it answers 0.
OVERSIZED = "| x y z | x := 1 bitShift: 262143. y := x * x. z := y * 8. "


@pytest.mark.parametrize(
    ("expression", "bits"),
    [
        ("(2 raisedTo: 200000) bitLength", 200_001),
        ("(2 raisedTo: 262143) bitLength", INTEGER_BITS_MAX),
        ("(-2 raisedTo: 262143) bitLength", INTEGER_BITS_MAX),
        ("(3 raisedTo: 165393) bitLength", 262_142),
        ("20366 factorial bitLength", 262_143),
        ("((1 bitShift: 131071) perform: #* with: (1 bitShift: 131071)) bitLength", 262_143),
        ("((1 bitShift: 262143) raisedTo: 1) bitLength", INTEGER_BITS_MAX),
    ],
)
def test_what_fits_is_answered(world: World, expression: str, bits: int) -> None:
    assert evaluate(world, expression) == str(bits)


@pytest.mark.parametrize(
    "expression",
    [
        "2 raisedTo: 262144",
        "-2 raisedTo: 262144",
        "3 raisedTo: 200000",
        "20367 factorial",
        "100000 factorial",
        "30000 slowFactorial",
        "(1 bitShift: 200000) perform: #* with: (1 bitShift: 200000)",
    ],
)
def test_what_does_not_fit_is_refused(world: World, expression: str) -> None:
    assert evaluate(world, expression) == REFUSAL
    assert evaluate(world, "3 + 4") == "7"


@pytest.mark.parametrize(
    "expression",
    [
        "y printString",
        "y negated displayString",
        "y asString",
        "y printStringHex",
        "y printStringBase: 7",
        "String streamContents: [:out | y printOn: out]",
        "y sqrt",
        "y sqrtFloor",
        "y negated sqrtFloor",
        "y gcd: 12",
        "12 gcd: y",
        "y lcm: 12",
        "y isPrime",
        "y raisedTo: 3",
        "y raisedTo: 3 modulo: 7",
        "3 raisedTo: y modulo: 7",
        "3 raisedTo: 5 modulo: y",
        "y floorLog: 10",
        "(1 / 3) + (1 / y)",
        "(y + 1) / y",
        "z // x",
        "z \\\\ x",
        "z quo: 3",
        "z rem: 3",
        "z / 3",
    ],
)
def test_nothing_slow_is_done_with_a_longer_one(world: World, expression: str) -> None:
    """The error does not print its receiver either: that would signal it again."""
    assert evaluate(world, f"{OVERSIZED}{expression}. 0") == REFUSAL
    assert evaluate(world, "3 + 4") == "7"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("y asFloat", "Float infinity"),
        ("y bitLength", "524287"),
        ("y \\\\ 3", "1"),
        ("z // 3 > x", "true"),
        ("y // x = x", "true"),
    ],
)
def test_what_is_quick_is_done_with_a_longer_one(world: World, expression: str, expected: str) -> None:
    """A product's remainder is what arithmetic with moduli needs."""
    assert evaluate(world, OVERSIZED + expression) == expected
