"""Entries of dictionaries: numbers stand for themselves, other keys beside their values; both forms are restored."""

from __future__ import annotations

import math
from typing import Any

import pytest

from smalltalk.memory.layouts import decode_map, encode_map
from smalltalk.runtime.entries import entries, holding, stored_number, value_of


def same(value: Any) -> Any:
    """Codes values that are plain already."""
    return value


def test_a_number_is_its_own_key_and_the_first_of_equal_ones_stays() -> None:
    mapping: dict[Any, Any] = {}
    for key, value in ((1.0, "a"), (1, "b"), (2, "c"), (-0.0, "d")):
        mapping[key] = holding(key, key, value)
    assert list(entries(mapping)) == [(1.0, "b"), (2, "c"), (0.0, "d")]
    assert type(stored_number(mapping, 1)) is float
    assert type(stored_number(mapping, 2.0)) is int
    assert math.copysign(1, stored_number(mapping, 0)) == -1
    assert stored_number(mapping, 7) == 7


def test_another_key_stands_beside_its_value_and_stays_when_an_equal_one_comes() -> None:
    first = holding("where", "key", 1)
    again = holding("where", "equal key", 2, first)
    assert (first, again, value_of(again)) == (["key", 1], ["key", 2], 2)


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {7: "x", 2.5: None},
        {7: 7},
        {0.0: -0.0},
        {7: "x", "name": ["key", 1], (3, 0): ["composite", 2]},
        {7: 7, "name": "name"},
    ],
)
def test_what_was_written_is_read_again(mapping: dict[Any, Any]) -> None:
    read = decode_map(encode_map(mapping, same), same)
    assert repr(read) == repr(mapping)


def test_a_record_from_before_numbers_stood_for_themselves_is_read_as_one_of_today() -> None:
    assert decode_map(("entries", None, 7, "x", None, 2.5, "y"), same) == {7: "x", 2.5: "y"}
