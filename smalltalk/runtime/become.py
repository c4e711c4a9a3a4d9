"""`become:`: two objects exchange what they are; every reference to one refers to the other.

The objects keep their places in memory and exchange class and content, so no reference has to be found. Their ids stay
with the places, as references to them do.
"""

from __future__ import annotations

from typing import Any, Final

from . import current
from .capture import CapturedStack
from .classes import Behavior, Method
from .contexts import Context
from .handlers import Handler, Signal
from .objects import Binding, Box, Home, Object
from .pending import Pending
from .reshape import adapted_type, settle

#: Heap objects that are no objects of the language, or that must stay what they are.
FIXED: Final = (Behavior, Method, Binding, Box, Home, Context, Handler, Signal, Pending, CapturedStack)


def must_stay(thing: Any) -> bool:
    """Whether something must stay what it is.

    That holds for processes too: the scheduler knows them as themselves and reads their variables by position.
    """
    if not isinstance(thing, Object) or isinstance(thing, FIXED):
        return True
    kernel = current.world.kernel
    return kernel.behavior_of_type(type(settle(thing))).inherits_from(kernel.classes["Process"])


def exchange(one: Any, other: Any) -> bool:
    """Exchange two objects; False when one of them must stay what it is."""
    if must_stay(one) or must_stay(other):
        return False
    one, other = settle(one), settle(other)
    if one is other:
        return True
    for each in (one, other):
        getattr(each, "i0", None)  # a ghost loads itself, also one whose class has no variables to be read below
    contents = [_content(one), _content(other)]
    layouts = [_layout(one), _layout(other)]
    for place, layout, (behavior, values) in zip((one, other), layouts, reversed(contents), strict=True):
        target = adapted_type(behavior, layout)
        object.__setattr__(place, "__class__", target)
        spill = getattr(target, "spill", None)
        if spill is not None:
            spill.prepare(place)
        for name, value in values.items():
            setattr(place, name, value)
    return True


def _layout(thing: Any) -> Any:
    """The layout of an object's Python type."""
    base: Any = type(thing).__base__
    return base


def _content(thing: Any) -> tuple[Any, dict[str, Any]]:
    """Class, variables and payload of an object."""
    behavior = type(thing).behavior
    names = [f"i{k}" for k in range(len(behavior.all_variables()))]
    values = {name: getattr(thing, name) for name in names}
    payload = behavior.payload_slot()
    if payload is not None:
        values[payload] = getattr(thing, payload)
    return behavior, values
