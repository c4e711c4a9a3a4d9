"""`new` and its kin without a detour: functions for the dispatch tables that make an instance at once.

They stand in a table only where that is all the kernel's methods would do: `new` also sends `basicNew` and
`initialize`, so it has the short way while the class understands those with the kernel's own methods, which do no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import dispatch
from .classes import KIND_NONE, Metaclass
from .limits import ALLOCATION_ELEMENTS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

    from .classes import Behavior, ClassObject, Method
    from .world import World

#: Selector -> what it sends to the class, what it sends to the instance.
_SENDS: Final = {
    "basicNew": ((), ()),
    "new": (("basicNew",), ("initialize",)),
    "basicNew:": ((), ()),
    "new:": (("basicNew:",), ("initialize",)),
}

#: Selector -> selectors whose functions depend on its methods.
DEPENDENTS: Final = {
    "basicNew": ("new",),
    "basicNew:": ("new:",),
    "initialize": ("new", "new:"),
}

#: Class of the kernel that defines the messages sent to classes, and the one that defines `initialize`.
_DEFINERS: Final = ("Behavior", "ProtoObject")


def short_function(world: World, behavior: Behavior, selector: str, method: Method | None) -> Callable[..., Any] | None:
    """The function that makes instances of a class, None where the message means more than that.

    Args:
        world: Whose methods count.
        behavior: The class of the receiver.
        selector: The message.
        method: What the receiver understands it with.
    """
    sends = _SENDS.get(selector)
    if sends is None or not isinstance(behavior, Metaclass) or method is None or behavior.sole.kind == KIND_NONE:
        return None
    holder = behavior.sole
    understood = [method, *(dispatch.lookup(world, behavior, each) for each in sends[0])]
    understood += [dispatch.lookup(world, holder, each) for each in sends[1]]
    if any(each is None or not each.is_kernel or each.owner.name not in _DEFINERS for each in understood):
        return None
    if any(each is not None and world.breakpoints.has(each) for each in understood):
        return None
    if not selector.endswith(":"):
        return _maker(holder)
    return _sized_maker(holder, world.function_of(method)) if holder.kind == "items" else None


def _maker(holder: ClassObject) -> Callable[..., Any]:
    """Make the function for `new`."""
    function: Callable[..., Any] = holder.instance_type().new  # type: ignore[attr-defined]  # see objects.layout
    return function


def _sized_maker(holder: ClassObject, method: Callable[..., Any]) -> Callable[..., Any]:
    """Make the function for `new:`; what is no proper size is left to the method."""
    make = holder.instance_type().make

    def new_sized(receiver: Any, size: Any) -> Any:
        if type(size) is int and 0 <= size <= ALLOCATION_ELEMENTS_MAX:
            return make([None] * size)
        return method(receiver, size)

    return new_sized
