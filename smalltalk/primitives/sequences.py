"""Collections whose elements stand in one list: Array, OrderedCollection and their kin.

`items` is the collection's own list; its length is the size. Arrays never change theirs, growing collections do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..memory.peeking import UNREAD, element
from ..runtime import current, dispatch
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX
from .values import array, changed, elements_of, fail_at

if TYPE_CHECKING:
    from collections.abc import Callable


def at(self: Any, index: Any) -> Any:
    """`aCollection at: index`."""
    try:
        if index > 0:
            return self.items[index - 1]
    except (TypeError, IndexError):
        pass
    return fail_at(self, index)


def at_of_ghost(self: Any, index: Any) -> Any:
    """The same of one that is not loaded, which may stay so."""
    if type(index) is int and index > 0:
        heap: Any = current.world.heap  # the one with records: a world without them has no ghosts
        found = element(heap, self, index)
        if found is not UNREAD:
            return found
    return at(self, index)


dispatch.OF_GHOSTS[at] = at_of_ghost


def at_put(self: Any, index: Any, value: Any) -> Any:
    """`aCollection at: index put: anObject`."""
    try:
        if index > 0:
            self.items[index - 1] = value
            if not self.dirty:
                current.world.mark(self)
            return value
    except (TypeError, IndexError):
        pass
    return fail_at(self, index)


def size(self: Any) -> int:
    """`aCollection size`."""
    return len(self.items)


def append(self: Any, value: Any) -> Any:
    """Add at the end, answer the added."""
    self.items.append(value)
    if not self.dirty:
        current.world.mark(self)
    return value


def prepend(self: Any, value: Any) -> Any:
    """Add at the front, answer the added."""
    self.items.insert(0, value)
    changed(self)
    return value


def extend(self: Any, other: Any) -> Any:
    """Add all elements of another collection at the end, answer it."""
    elements = elements_of(other)
    if elements is None:
        return current.world.send(self, "addEach:", other)
    if len(self.items) + len(elements) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    self.items.extend(elements)
    changed(self)
    return other


def remove_first(self: Any) -> Any:
    """Remove the first element and answer it."""
    if not self.items:
        return current.world.send(self, "errorEmptyCollection")
    changed(self)
    return self.items.pop(0)


def remove_last(self: Any) -> Any:
    """Remove the last element and answer it."""
    if not self.items:
        return current.world.send(self, "errorEmptyCollection")
    changed(self)
    return self.items.pop()


def insert(self: Any, value: Any, index: Any) -> Any:
    """Insert so that the element stands at `index` (1 to size + 1), answer it."""
    if type(index) is not int or not 0 < index <= len(self.items) + 1:
        return fail_at(self, index)
    self.items.insert(index - 1, value)
    changed(self)
    return value


def remove_at(self: Any, index: Any) -> Any:
    """Remove the element at a position and answer it."""
    if type(index) is not int or not 0 < index <= len(self.items):
        return fail_at(self, index)
    changed(self)
    return self.items.pop(index - 1)


def remove_from_to(self: Any, start: Any, stop: Any) -> Any:
    """Remove the elements from `start` to `stop`, answer the receiver."""
    if type(start) is not int or type(stop) is not int or start < 1 or stop > len(self.items):
        return fail_at(self, start)
    del self.items[start - 1 : max(stop, start - 1)]
    changed(self)
    return self


def remove_all(self: Any) -> Any:
    """Remove every element, answer the receiver."""
    self.items.clear()
    changed(self)
    return self


def copy_from_to(self: Any, start: Any, stop: Any) -> Any:
    """A collection of the receiver's class with the elements from `start` to `stop`; its variables are copied."""
    items = self.items
    if type(start) is int and type(stop) is int and 0 < start <= stop <= len(items):
        return alike(self, items[start - 1 : stop])
    if type(start) is not int or type(stop) is not int:
        return fail_at(self, stop if type(start) is int else start)
    if stop < start:
        return alike(self, [])
    return fail_at(self, start if start < 1 else stop)


def alike(model: Any, items: list[Any]) -> Any:
    """A collection of the class and with the variables of a loaded `model` that owns the list `items`."""
    behavior = type(model).behavior
    answer = behavior.instance_type().make(items)
    for slot in range(len(behavior.shapes[-1])):
        setattr(answer, f"i{slot}", getattr(model, f"i{slot}"))
    return answer


def with_elements(self: Any, elements: Any) -> Any:
    """A collection of the receiver's class and with its variables that holds the elements of an Array."""
    self.items  # noqa: B018 - loads a ghost: its class says what is made
    return alike(self, list(elements.items))


def replace_from_to(self: Any, start: Any, stop: Any, source: Any, source_start: Any) -> Any:
    """Store elements of another collection over start..stop; overlapping with itself is safe."""
    elements = elements_of(source)
    if elements is None or any(type(each) is not int for each in (start, stop, source_start)):
        return current.world.send(self, "replaceSlowlyFrom:to:with:startingAt:", start, stop, source, source_start)
    count = stop - start + 1
    if count <= 0:
        return self
    if start < 1 or stop > len(self.items):
        return fail_at(self, start if start < 1 else stop)
    if source_start < 1 or source_start + count - 1 > len(elements):
        return fail_at(source, source_start + count - 1)
    self.items[start - 1 : stop] = elements[source_start - 1 : source_start - 1 + count]
    changed(self)
    return self


def concatenate(self: Any, other: Any) -> Any:
    """`anArray , aCollection`."""
    elements = elements_of(other)
    if elements is None:
        return current.world.send(self, "concatenate:", other)
    items = self.items
    if len(items) + len(elements) > ALLOCATION_ELEMENTS_MAX:
        return current.world.send(self, "errorTooLarge")
    return alike(self, items + elements)


def as_array(self: Any) -> Any:
    """A new Array of the elements."""
    return array(list(self.items))


def reverse(self: Any) -> Any:
    """A copy with the elements in opposite order."""
    items = self.items
    return alike(self, items[::-1])


def identity_index(self: Any, value: Any) -> Any:
    """The position of the very object, 0 if it is not there; numbers are found by value and kind."""
    if type(value) is int or type(value) is float:
        for index, each in enumerate(self.items, 1):
            if type(each) is type(value) and each == value:
                return index
        return 0
    for index, each in enumerate(self.items, 1):
        if each is value:
            return index
    return 0


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "itemsAt": at,
    "itemsAtPut": at_put,
    "itemsSize": size,
    "itemsAppend": append,
    "itemsPrepend": prepend,
    "itemsExtend": extend,
    "itemsRemoveFirst": remove_first,
    "itemsRemoveLast": remove_last,
    "itemsInsert": insert,
    "itemsRemoveAt": remove_at,
    "itemsRemoveFromTo": remove_from_to,
    "itemsRemoveAll": remove_all,
    "itemsCopyFromTo": copy_from_to,
    "itemsWithElements": with_elements,
    "itemsReplaceFromTo": replace_from_to,
    "itemsConcatenate": concatenate,
    "itemsAsArray": as_array,
    "itemsReversed": reverse,
    "itemsIdentityIndex": identity_index,
}
