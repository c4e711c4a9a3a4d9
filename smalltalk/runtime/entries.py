"""Entries of dictionaries: what stands in the payload `map` under a normal key (see `primitives/keys.py`).

| normal key                                   | held                                        |
|----------------------------------------------|---------------------------------------------|
| a number, which is the key itself            | the value: half the memory and time         |
| anything else, be it the key or stand for it | the list `[key, value]`, never changed      |

No Smalltalk value is a Python list, so what is held says which it is. Python keeps the first of equal numbers as key,
as a dictionary of the language does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def entries(mapping: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Each key and its value, in order of insertion; `mapping` is the payload of a dictionary."""
    for where, held in mapping.items():
        yield (held[0], held[1]) if type(held) is list else (where, held)


def value_of(held: Any) -> Any:
    """The value of what is held under a normal key."""
    return held[1] if type(held) is list else held


def holding(where: Any, key: Any, value: Any, former: Any = None) -> Any:
    """What to hold so that a value stands under a key; of a `former` entry the key stays."""
    kind = type(where)
    if kind is int or kind is float:
        return value
    return [key if former is None else former[0], value]


class _Probe:
    """Equals what equals a number, and notes what that was."""

    __slots__ = ("found", "sought")

    def __init__(self, sought: float) -> None:
        self.found = self.sought = sought

    def __hash__(self) -> int:
        return hash(self.sought)

    def __eq__(self, other: object) -> bool:
        if other != self.sought:
            return False
        self.found = other
        return True


def stored_number(mapping: Mapping[Any, Any], number: float) -> float:
    """The key that equals a number which is there: 1.0 may stand for 1. Python does not tell which of them it keeps."""
    probe = _Probe(number)
    return probe.found if probe in mapping else number
