"""Weak collections: which classes hold what weakly, and how they let go of it.

| class, with its subclasses                          | holds weakly | lets go by                    |
|-----------------------------------------------------|--------------|-------------------------------|
| WeakArray                                           | elements     | putting nil in the place      |
| WeakOrderedCollection                               | elements     | removing them                 |
| WeakSet, WeakIdentitySet                            | elements     | removing them                 |
| WeakKeyDictionary, WeakIdentityKeyDictionary        | keys         | removing the entry            |
| WeakValueDictionary                                 | values       | removing the entry            |

The value of a weak key is held as long as its key is: one that refers to its own key does not keep it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..runtime.entries import entries, value_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..runtime.classes import Behavior


class WeakKind(NamedTuple):
    """What the instances of one class hold weakly.

    Attributes:
        weak: what an instance holds weakly.
        strong: what of the payload it holds anyway.
        dependent: pairs of a weak key and the value that lives as long as the key.
        drop: lets go of the objects with those Python ids; answers how many there were.
    """

    weak: Callable[[Any], Iterator[Any]]
    strong: Callable[[Any], Iterator[Any]]
    dependent: Callable[[Any], Iterator[tuple[Any, Any]]]
    drop: Callable[[Any, set[int]], int]


def _nothing(_collection: Any) -> Iterator[Any]:
    return iter(())


def _items(collection: Any) -> Iterator[Any]:
    return iter(collection.items)


def _elements(collection: Any) -> Iterator[Any]:
    return iter(collection.map.values())


def _keys(collection: Any) -> Iterator[Any]:
    return (key for key, _ in entries(collection.map))


def _values(collection: Any) -> Iterator[Any]:
    return (value for _, value in entries(collection.map))


def _entries(collection: Any) -> Iterator[tuple[Any, Any]]:
    return entries(collection.map)


def _clear_items(collection: Any, dead: set[int]) -> int:
    items = collection.items
    places = [index for index, item in enumerate(items) if id(item) in dead]
    for index in places:
        items[index] = None
    return len(places)


def _remove_items(collection: Any, dead: set[int]) -> int:
    before = len(collection.items)
    collection.items[:] = [item for item in collection.items if id(item) not in dead]
    return before - len(collection.items)


def _remover(part: Callable[[Any, Any], Any]) -> Callable[[Any, set[int]], int]:
    """Make the function that removes the places of a map whose `part` (of normal key and what it holds) is dead."""

    def remove(collection: Any, dead: set[int]) -> int:
        gone = [where for where, held in collection.map.items() if id(part(where, held)) in dead]
        for where in gone:
            del collection.map[where]
        return len(gone)

    return remove


_SETS: Final = WeakKind(_elements, _nothing, _nothing, _remover(lambda _, element: element))
_KEYS: Final = WeakKind(
    _keys, _nothing, _entries, _remover(lambda where, held: held[0] if type(held) is list else where)
)

#: Kernel class -> what it holds weakly.
_KINDS: Final = {
    "WeakArray": WeakKind(_items, _nothing, _nothing, _clear_items),
    "WeakOrderedCollection": WeakKind(_items, _nothing, _nothing, _remove_items),
    "WeakSet": _SETS,
    "WeakIdentitySet": _SETS,
    "WeakKeyDictionary": _KEYS,
    "WeakIdentityKeyDictionary": _KEYS,
    "WeakValueDictionary": WeakKind(_values, _keys, _nothing, _remover(lambda _, held: value_of(held))),
}


def weak_kind(behavior: Behavior | None) -> WeakKind | None:
    """What instances of that class hold weakly, None if they hold everything as usual."""
    while behavior is not None:
        kind = _KINDS.get(behavior.name) if behavior.is_kernel else None
        if kind is not None:
            return kind
        behavior = behavior.superclass
    return None
