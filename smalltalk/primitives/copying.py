"""Copying: one object, or everything it refers to. Values, classes, methods, blocks, contexts are never copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.become import FIXED
from ..runtime.limits import COPIED_OBJECTS_MAX
from ..runtime.objects import FALSE, TRUE, Object
from ..runtime.reshape import settle
from .values import changed, fail_with

if TYPE_CHECKING:
    from collections.abc import Callable

#: Objects copied before there is a safe point: they take some 20 ms, unless they are long collections.
COPIED_AT_ONCE: Final = 8_192

#: Payload kind -> copy of a payload that shares its elements. Entries of dictionaries are never changed in place.
_PAYLOAD_COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    "items": list,
    "data": bytearray,
    "text": str,
    "map": dict,
}


def is_copied(value: Any) -> bool:
    """Whether copying makes another object of it."""
    return isinstance(value, Object) and not isinstance(value, FIXED)


def shallow_copy(value: Any) -> Any:
    """`shallowCopy`."""
    if not is_copied(value):
        return value
    value = settle(value)
    behavior = type(value).behavior
    copy = behavior.instance_type().make()
    for k in range(len(behavior.shapes[-1])):
        setattr(copy, f"i{k}", getattr(value, f"i{k}"))
    payload = behavior.payload_slot()
    if payload is not None:
        setattr(copy, payload, _PAYLOAD_COPIES[payload](getattr(value, payload)))
    return copy


def deep_copy_some(_self: Any, copies: Any, pending: Any) -> Any:
    """Go on with a `deepCopy`; answer whether it is done. Shared and cyclic parts stay so in the copy.

    Args:
        copies: An IdentityDictionary: original -> its copy.
        pending: An OrderedCollection of the copies whose parts are still the originals.
    """
    if not _is_a(copies, "IdentityDictionary") or not _is_a(pending, "OrderedCollection"):
        return fail_with(_self, pending)
    table, copied = copies.map, pending.items
    changed(copies)
    changed(pending)
    for _ in range(COPIED_AT_ONCE):
        if not copied:
            return TRUE
        copy = copied.pop()
        if not is_copied(copy):
            return fail_with(pending, copy)
        _replace_parts(copy, table, copied)
        if len(table) > COPIED_OBJECTS_MAX:
            return current.world.send(copies, "errorTooLarge")
    return FALSE


def _is_a(value: Any, name: str) -> bool:
    """Whether a value is an instance of that class of the kernel, or of one below it."""
    world = current.world
    return bool(world.class_of(value).inherits_from(world.kernel.classes[name]))


def _replace_parts(copy: Any, table: dict[Any, Any], copied: list[Any]) -> None:
    """Let a shallow copy refer to copies, which are made when first met."""

    def part(value: Any) -> Any:
        if not is_copied(value):
            return value
        entry = table.get(value)
        if entry is None:
            entry = table[value] = [value, shallow_copy(value)]
            copied.append(entry[1])
        return entry[1]

    behavior = type(copy).behavior
    for k in range(len(behavior.shapes[-1])):
        setattr(copy, f"i{k}", part(getattr(copy, f"i{k}")))
    if behavior.kind == "items":
        copy.items = [part(each) for each in copy.items]
    elif behavior.kind == "map":
        copy.map = {
            part(key): [part(each) for each in entry] if type(entry) is list else part(entry)
            for key, entry in copy.map.items()
        }


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "shallowCopy": shallow_copy,
    "deepCopySome": deep_copy_some,
}
