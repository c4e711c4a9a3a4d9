"""Sorting definitions so that each comes after those that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

Item = TypeVar("Item")


def needed_first(
    items: Sequence[Item], name_of: Callable[[Item], str], needs_of: Callable[[Item], Collection[str]]
) -> list[Item]:
    """Sort items so that those that others need come first, else in their order; what needs itself stays last.

    Args:
        items: What to sort.
        name_of: The name of an item.
        needs_of: The names that must come before an item; those of no item do not count.
    """
    waiting = list(items)
    ordered: list[Item] = []
    while waiting:
        names = {name_of(each) for each in waiting}
        ready = [each for each in waiting if not names.intersection(needs_of(each))]
        if not ready:
            return ordered + waiting
        ordered += ready
        waiting = [each for each in waiting if names.intersection(needs_of(each))]
    return ordered
