"""Sorting definitions so that each comes after those that it names.

In rounds, each of those that need nothing any more; in time linear in what they name, because a session may have
thousands of classes each below the one before, and nobody else is served meanwhile.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

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
    left = Counter(map(name_of, items))
    users: defaultdict[str, list[int]] = defaultdict(list)
    missing: list[int] = []
    for place, item in enumerate(items):
        needed = left.keys() & set(needs_of(item))
        missing.append(len(needed))
        for name in needed:
            users[name].append(place)
    ordered: list[Item] = []
    ready = [place for place, count in enumerate(missing) if not count]
    while ready:
        freed: list[int] = []
        for place in ready:
            ordered.append(items[place])
            left[name_of(items[place])] -= 1
            freed += _freed(users, missing, name_of(items[place])) if not left[name_of(items[place])] else ()
        ready = sorted(freed)
    return ordered + [item for item, count in zip(items, missing, strict=True) if count]


def _freed(users: Mapping[str, Sequence[int]], missing: list[int], name: str) -> list[int]:
    """Strike a name off what is missing; answer the places of those that now miss nothing."""
    for place in users.get(name, ()):
        missing[place] -= 1
    return [place for place in users.get(name, ()) if not missing[place]]
