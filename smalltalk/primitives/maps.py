"""Dictionaries and sets on a Python dict, the slot `map`: normal key -> entry, or normal key -> element.

What an entry is says `runtime/entries.py`: the value under a number, else a list `[key, value]` that is never changed
in place, so that copies may share it. Keys that need Smalltalk's `hash` and `=` are handed to
the receiver's `composite...` methods, which come back to the bucket primitives; see `keys.py`. Integers are their own
keys under every way of comparing, so they are not asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from ..runtime import current
from ..runtime.entries import entries, holding, stored_number, value_of
from ..runtime.objects import FALSE, TRUE
from .keys import COMPOSITE, equality_key, identity_key
from .values import array, changed, fail_at

Primitive: TypeAlias = Callable[..., Any]
#: How a collection compares keys: the Python key of an object, `COMPOSITE` where Smalltalk must say.
NormalKey: TypeAlias = Callable[[Any], Any]


def size(self: Any) -> int:
    """How many entries there are."""
    return len(self.map)


def keys(self: Any) -> Any:
    """An Array of the keys of a dictionary, in order of insertion."""
    return array([key for key, _ in entries(self.map)])


def values(self: Any) -> Any:
    """An Array of the values of a dictionary."""
    return array([held[1] if type(held) is list else held for held in self.map.values()])


def elements(self: Any) -> Any:
    """An Array of the elements of a set."""
    return array(list(self.map.values()))


def remove_all(self: Any) -> Any:
    """Empty the collection, answer it."""
    self.map.clear()
    changed(self)
    return self


def bucket_size(self: Any, hash_value: Any) -> Any:
    """How many composite keys with that hash there are."""
    if type(hash_value) is not int:
        return current.world.send(self, "errorNotAnInteger:", hash_value)
    count = 0
    while (hash_value, count) in self.map:
        count += 1
    return count


def _is_place(self: Any, hash_value: Any, index: Any, room: int = 0) -> bool:
    """Whether a bucket has that place, or it is the one behind the last where there is `room` for it."""
    if type(hash_value) is not int or type(index) is not int or index < 1:
        return False
    return (hash_value, index - 1) in self.map or (room > 0 and index == bucket_size(self, hash_value) + room)


def bucket_key(self: Any, hash_value: Any, index: Any) -> Any:
    """The key (of a dictionary) or element (of a set) at a place of a bucket."""
    if not _is_place(self, hash_value, index):
        return fail_at(self, index)
    entry = self.map[hash_value, index - 1]
    return entry[0] if type(entry) is list else entry


def bucket_value(self: Any, hash_value: Any, index: Any) -> Any:
    """The value at a place of a dictionary's bucket."""
    if not _is_place(self, hash_value, index):
        return fail_at(self, index)
    return self.map[hash_value, index - 1][1]


def bucket_put(self: Any, hash_value: Any, index: Any, key: Any, value: Any) -> Any:
    """Store an entry at a place of a dictionary's bucket, answer the value."""
    if not _is_place(self, hash_value, index, room=1):
        return fail_at(self, index)
    self.map[hash_value, index - 1] = [key, value]
    changed(self)
    return value


def bucket_add(self: Any, hash_value: Any, index: Any, element: Any) -> Any:
    """Store an element at a place of a set's bucket, answer it."""
    if not _is_place(self, hash_value, index, room=1):
        return fail_at(self, index)
    self.map[hash_value, index - 1] = element
    changed(self)
    return element


def bucket_remove(self: Any, hash_value: Any, index: Any) -> Any:
    """Remove an entry from a bucket; the bucket's last takes its place. Answer its value, or the element of a set."""
    if not _is_place(self, hash_value, index):
        return fail_at(self, index)
    last = bucket_size(self, hash_value) - 1
    removed = self.map[hash_value, index - 1]
    moved = self.map.pop((hash_value, last))
    if last != index - 1:
        self.map[hash_value, index - 1] = moved
    changed(self)
    return removed[1] if type(removed) is list else removed


def at(normal_key: NormalKey) -> Primitive:
    """`at:`, the value or what `errorKeyNotFound:` answers."""

    def primitive(self: Any, key: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where in self.map:
            held = self.map[where]
            return held[1] if type(held) is list else held
        if where is COMPOSITE:
            return current.world.send(self, "compositeAt:", key)
        return current.world.send(self, "errorKeyNotFound:", key)

    return primitive


def at_put(normal_key: NormalKey) -> Primitive:
    """`at:put:`; an equal key that is there stays."""

    def primitive(self: Any, key: Any, value: Any) -> Any:
        if type(key) is int:
            self.map[key] = value
        else:
            where = normal_key(key)
            if where is COMPOSITE:
                return current.world.send(self, "compositeAt:put:", key, value)
            self.map[where] = holding(where, key, value, self.map.get(where))
        if not self.dirty:
            current.world.mark(self)
        return value

    return primitive


def at_if_absent(normal_key: NormalKey) -> Primitive:
    """`at:ifAbsent:`."""

    def primitive(self: Any, key: Any, block: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where in self.map:
            held = self.map[where]
            return held[1] if type(held) is list else held
        if where is COMPOSITE:
            return current.world.send(self, "compositeAt:ifAbsent:", key, block)
        return current.world.send(block, "value")

    return primitive


def at_if_present(normal_key: NormalKey) -> Primitive:
    """`at:ifPresent:`."""

    def primitive(self: Any, key: Any, block: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where is COMPOSITE:
            return current.world.send(self, "compositeAt:ifPresent:", key, block)
        if where not in self.map:
            return None
        return current.world.send(block, "cull:", value_of(self.map[where]))

    return primitive


def includes_key(normal_key: NormalKey) -> Primitive:
    """`includesKey:`."""

    def primitive(self: Any, key: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where is COMPOSITE:
            return current.world.send(self, "compositeIncludesKey:", key)
        return TRUE if where in self.map else FALSE

    return primitive


def key_at(normal_key: NormalKey) -> Primitive:
    """The stored key that equals the argument, nil without one."""

    def primitive(self: Any, key: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where is COMPOSITE:
            return current.world.send(self, "compositeKeyAt:", key)
        if where not in self.map:
            return None
        held = self.map[where]
        return held[0] if type(held) is list else stored_number(self.map, where)

    return primitive


def remove_key(normal_key: NormalKey) -> Primitive:
    """`removeKey:ifAbsent:`."""

    def primitive(self: Any, key: Any, block: Any) -> Any:
        where = key if type(key) is int else normal_key(key)
        if where is COMPOSITE:
            return current.world.send(self, "compositeRemoveKey:ifAbsent:", key, block)
        if where not in self.map:
            return current.world.send(block, "value")
        changed(self)
        return value_of(self.map.pop(where))

    return primitive


def add(normal_key: NormalKey) -> Primitive:
    """`add:`; an equal element that is there stays."""

    def primitive(self: Any, element: Any) -> Any:
        where = element if type(element) is int else normal_key(element)
        if where is COMPOSITE:
            return current.world.send(self, "compositeAdd:", element)
        if where not in self.map:
            self.map[where] = element
            if not self.dirty:
                current.world.mark(self)
        return element

    return primitive


def includes(normal_key: NormalKey) -> Primitive:
    """`includes:`."""

    def primitive(self: Any, element: Any) -> Any:
        where = element if type(element) is int else normal_key(element)
        if where is COMPOSITE:
            return current.world.send(self, "compositeIncludes:", element)
        return TRUE if where in self.map else FALSE

    return primitive


def like(normal_key: NormalKey) -> Primitive:
    """`like:ifAbsent:`."""

    def primitive(self: Any, element: Any, block: Any) -> Any:
        where = element if type(element) is int else normal_key(element)
        if where is COMPOSITE:
            return current.world.send(self, "compositeLike:ifAbsent:", element, block)
        return self.map[where] if where in self.map else current.world.send(block, "value")

    return primitive


def remove(normal_key: NormalKey) -> Primitive:
    """`remove:ifAbsent:`."""

    def primitive(self: Any, element: Any, block: Any) -> Any:
        where = element if type(element) is int else normal_key(element)
        if where is COMPOSITE:
            return current.world.send(self, "compositeRemove:ifAbsent:", element, block)
        if where not in self.map:
            return current.world.send(block, "value")
        changed(self)
        return self.map.pop(where)

    return primitive


def _table(
    prefix: str, normal_key: NormalKey, makers: Mapping[str, Callable[[NormalKey], Primitive]]
) -> dict[str, Primitive]:
    """Make the primitives of one kind of collection for one way of comparing keys."""
    return {prefix + suffix: make(normal_key) for suffix, make in makers.items()}


_DICTIONARY: Final = {
    "At": at,
    "AtPut": at_put,
    "AtIfAbsent": at_if_absent,
    "AtIfPresent": at_if_present,
    "IncludesKey": includes_key,
    "KeyAt": key_at,
    "RemoveKey": remove_key,
}
_SET: Final = {"Add": add, "Includes": includes, "Like": like, "Remove": remove}

PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "mapSize": size,
    "mapKeys": keys,
    "mapValues": values,
    "mapElements": elements,
    "mapRemoveAll": remove_all,
    "bucketSize": bucket_size,
    "bucketKey": bucket_key,
    "bucketValue": bucket_value,
    "bucketPut": bucket_put,
    "bucketAdd": bucket_add,
    "bucketRemove": bucket_remove,
    **_table("dictionary", equality_key, _DICTIONARY),
    **_table("identityDictionary", identity_key, _DICTIONARY),
    **_table("set", equality_key, _SET),
    **_table("identitySet", identity_key, _SET),
}
