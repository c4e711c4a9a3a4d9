"""Instances in place through a redefinition of their class.

When a class gets other instance variables it gets a new Python type. Instances that exist keep the old type, which now
says how they come to the new shape (`reshape`, an attribute of the old type); dispatch tables miss on the old type and
settle the receiver before its next message. Nobody searches the heap: what is never touched again never moves. Code
that reads slots of arbitrary objects without a send calls `settle` first.

Values map by variable name. An instance whose old layout lacks slots of the new shape keeps those in a list in its last
slot: its type, made for the purpose, names the missing slots with descriptors. It behaves like every other instance, a
little slower; when it is next loaded from a record it has the new layout. (Layouts of session classes therefore have at
least one slot.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from .objects import PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .classes import ClassObject
    from .objects import Object

#: Empty payload of each kind, for instances that get one when their class changes its kind.
_EMPTY_PAYLOADS: Final[dict[str, Callable[[], Any]]] = {"items": list, "bytes": bytearray, "text": str, "map": dict}


#: The slots of all payloads.
_PAYLOAD_SLOTS: Final = tuple(payload[0] for payload in PAYLOADS.values() if payload is not None)


def settle(instance: Any) -> Any:
    """Give an instance the present shape of its class; answer it, or the object that it forwards to."""
    reshape: Reshape | Forward | None = getattr(type(instance), "reshape", None)
    if reshape is None:
        return instance
    if isinstance(reshape, Forward):
        return settle(reshape.carrier.__get__(instance))
    instance.i0  # noqa: B018 - touching a slot loads a ghost, and loading may settle it
    reshape = getattr(type(instance), "reshape", None)
    if isinstance(reshape, Reshape):
        reshape.settle(instance)
    return instance


class Forward:
    """What the type of objects that gave way to others says instead of a `Reshape`, see forwarding.py.

    Attributes:
        carrier: The slot that holds the object to go to.
    """

    __slots__ = ("carrier",)

    def __init__(self, carrier: Any) -> None:
        self.carrier = carrier


class Reshape:
    """How instances of one former Python type come to the present shape of their class.

    Attributes:
        behavior: Their class.
        names: The variable names of the former shape, in slot order.
        renames_known: How many renames of the class's variables had happened when they had those names.
    """

    __slots__ = ("behavior", "names", "renames_known", "targets")

    def __init__(self, behavior: ClassObject, names: tuple[str, ...]) -> None:
        self.behavior = behavior
        self.names = names
        self.renames_known = len(behavior.renames)
        #: Present Python type -> type for the instances that have the former layout.
        self.targets: dict[type[Object], type[Object]] = {}

    def settle(self, instance: Any) -> None:
        """Give the instance the present shape of its class."""
        names = self.behavior.present_names(self.names, self.renames_known)
        values = {name: getattr(instance, f"i{k}") for k, name in enumerate(names)}
        present = self.behavior.instance_type()
        target = self.targets.get(present)
        if target is None:
            target = self.targets[present] = adapted_type(self.behavior, type(instance).__base__)
        object.__setattr__(instance, "__class__", target)
        spill: Spill | None = getattr(target, "spill", None)
        if spill is not None:
            spill.prepare(instance)
        for k, name in enumerate(self.behavior.all_variables()):
            setattr(instance, f"i{k}", values.get(name))


def adapted_type(behavior: ClassObject, layout: Any) -> type[Object]:
    """The Python type that shows the class's present shape on that layout."""
    present = behavior.instance_type()
    if layout is present.__base__:
        return present
    slots: tuple[str, ...] = layout.__slots__
    needed = [f"i{k}" for k in range(len(behavior.all_variables()))]
    payload = behavior.payload_slot()
    if payload is not None:
        needed.append(payload)
    missing = [name for name in needed if name not in slots]
    body: dict[str, Any] = {"__slots__": (), "behavior": behavior}
    body |= {name: HIDDEN for name in _PAYLOAD_SLOTS if name in slots and name not in needed}
    if missing:
        carrier = slots[-1]
        names = [carrier, *missing] if carrier in needed else missing
        spill = Spill(layout.__dict__[carrier], names, payload, behavior.kind)
        body |= {"spill": spill} | {name: SpilledSlot(spill.slot, k) for k, name in enumerate(names)}
    adapted = type(behavior.name, (layout,), body)
    behavior.add_type(adapted)
    return adapted


class HiddenSlot:
    """A slot of the layout that the class does not have: primitives know arguments by their payload slots."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type) -> Any:
        raise AttributeError("the class has no such slot")


class Spill:
    """The slots that do not fit a layout, kept as a list in its last slot."""

    __slots__ = ("kind", "names", "payload", "slot")

    def __init__(self, slot: Any, names: list[str], payload: str | None, kind: str) -> None:
        self.slot = slot
        self.names = names
        self.payload = payload
        self.kind = kind

    def prepare(self, instance: Any) -> None:
        """Give the instance an empty list of spilled slots."""
        empty = [_EMPTY_PAYLOADS[self.kind]() if name == self.payload else None for name in self.names]
        self.slot.__set__(instance, empty)


HIDDEN: Final = HiddenSlot()


class SpilledSlot:
    """One slot beyond the layout."""

    __slots__ = ("_index", "_slot")

    def __init__(self, slot: Any, index: int) -> None:
        self._slot = slot
        self._index = index

    def __get__(self, instance: Any, owner: type) -> Any:
        return self._slot.__get__(instance, owner)[self._index]

    def __set__(self, instance: Any, value: Any) -> None:
        self._slot.__get__(instance, type(instance))[self._index] = value
