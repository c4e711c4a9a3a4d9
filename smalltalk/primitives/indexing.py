"""Positions of objects of any class: what `at:`, `at:put:` and `size` mean where no collection defines them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from . import bytearrays, sequences, strings

if TYPE_CHECKING:
    from collections.abc import Callable


def topic_of(receiver: Any) -> Any:
    """The module whose `at`, `at_put` and `size` fit the receiver's payload, None without positions."""
    if hasattr(receiver, "items"):
        return sequences
    if hasattr(receiver, "data"):
        return bytearrays
    return strings if hasattr(receiver, "text") else None


def at(self: Any, index: Any) -> Any:
    """`anObject at: index`."""
    topic = topic_of(self)
    return current.world.send(self, "errorNotIndexable") if topic is None else topic.at(self, index)


def at_put(self: Any, index: Any, value: Any) -> Any:
    """`anObject at: index put: value`."""
    topic = topic_of(self)
    return current.world.send(self, "errorNotIndexable") if topic is None else topic.at_put(self, index, value)


def size(self: Any) -> Any:
    """How many positions an object has."""
    topic = topic_of(self)
    return 0 if topic is None else topic.size(self)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"objectAt": at, "objectAtPut": at_put, "objectSize": size}
