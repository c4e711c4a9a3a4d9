"""Copying: one object, or everything it refers to. Values, classes, methods and blocks are never copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.classes import Behavior, Method
from ..runtime.limits import COPIED_OBJECTS_MAX
from ..runtime.objects import Object
from ..runtime.reshape import settle

if TYPE_CHECKING:
    from collections.abc import Callable

#: Payload kind -> copy of a payload that shares its elements. The entries of a dictionary are lists of their own.
_PAYLOAD_COPIES: Final[dict[str, Callable[[Any], Any]]] = {
    "items": list,
    "data": bytearray,
    "text": str,
    "map": lambda entries: {key: entry[:] if type(entry) is list else entry for key, entry in entries.items()},
}


def is_copied(value: Any) -> bool:
    """Whether copying makes another object of it."""
    return isinstance(value, Object) and not isinstance(value, (Behavior, Method))


def shallow_copy(value: Any) -> Any:
    """`shallowCopy`."""
    if not is_copied(value):
        return value
    settle(value)
    behavior = type(value).behavior
    copy = behavior.instance_type()()
    for k in range(len(behavior.all_variables())):
        setattr(copy, f"i{k}", getattr(value, f"i{k}"))
    payload = behavior.payload_slot()
    if payload is not None:
        setattr(copy, payload, _PAYLOAD_COPIES[payload](getattr(value, payload)))
    return copy


def deep_copy(value: Any) -> Any:
    """`deepCopy`, `veryDeepCopy`: shared and cyclic parts stay so in the copy."""
    if not is_copied(value):
        return value
    copies = {id(value): shallow_copy(value)}
    originals = [value]
    for original in originals:
        copy = copies[id(original)]
        _replace_parts(copy, copies, originals)
        if len(originals) > COPIED_OBJECTS_MAX:
            return current.world.send(value, "errorTooLarge")
    return copies[id(value)]


def _replace_parts(copy: Any, copies: dict[int, Any], originals: list[Any]) -> None:
    """Let a shallow copy refer to copies, which are made when first met."""

    def part(value: Any) -> Any:
        if not is_copied(value):
            return value
        found = copies.get(id(value))
        if found is None:
            found = copies[id(value)] = shallow_copy(value)
            originals.append(value)
        return found

    behavior = type(copy).behavior
    for k in range(len(behavior.all_variables())):
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
    "deepCopy": deep_copy,
}
