"""Runs: many references to objects that were made one after the other, as one value.

Objects that an array got together have neighbouring ids and mostly one class. Their references, twelve bytes each, are
most of what such an array takes: in the journal, in its segment, and of the time for reading it. A run says it once:
`(first id, class reference, how many)`, in place of so many references. Only the payloads of arrays hold runs.

An array that begins with a symbol has none: whoever tells the payload of a map by its first value counts the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .records import Value

#: Fewer references stay what they are: a run of four takes a third of them.
RUN_MIN: Final = 4
#: References of one run at most: a long payload comes in pieces of so many. More can only come from damage.
RUN_MAX: Final = 1_024
#: Parts of a run.
RUN_PARTS: Final = 3
_REFERENCE_PARTS: Final = 2


def may_hold_runs(values: Sequence[Value]) -> bool:
    """Whether the payload of an array that begins with those values may be written in runs."""
    return len(values) >= RUN_MIN and type(values[0]) is not str


def in_runs(values: Sequence[Value]) -> list[Value]:
    """Return the values, runs in place of references that follow each other.

    Each fourth place is looked at, and what lies around it when a reference stands there: every run has one of them,
    and an array of numbers costs little.
    """
    shortened: list[Value] = []
    done = 0
    for place in range(0, len(values), RUN_MIN):
        if place < done:
            continue
        value = values[place]
        if type(value) is not tuple or len(value) != _REFERENCE_PARTS or type(value[0]) is not int:
            continue
        first = last = place
        oid, ref = value
        while last + 1 < len(values) and values[last + 1] == (oid + last + 1 - place, ref):
            last += 1
        while first > done and values[first - 1] == (oid + first - 1 - place, ref):
            first -= 1
        if last - first >= RUN_MIN - 1:
            shortened += values[done:first]
            shortened.append((oid + first - place, ref, last - first + 1))
            done = last + 1
    return [*shortened, *values[done:]]


def is_run(value: Any) -> bool:
    """Whether a tuple of a record is a run."""
    return (
        len(value) == RUN_PARTS
        and type(value[0]) is int
        and type(value[1]) in (int, str)
        and type(value[2]) is int
        and RUN_MIN <= value[2] <= RUN_MAX
    )
