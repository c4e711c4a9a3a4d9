"""`becomeForward:`: an object gives way to another one, to which every reference to it now refers.

References are not searched for. The object that gave way stays where it is as a *forwarder*: it has a Python type of
its own, whose slots are those of its target and whose dispatch sends everything on to it; the identity of two objects
is that of what they forward to. A forwarder is never written: what refers to it is written as referring to its target,
and the heap knows which former ids now mean another object (`Heap.forward`), so that after a restore none is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .become import must_stay
from .reshape import HIDDEN, Forward, settle

if TYPE_CHECKING:
    from .world import World

#: Filled when the first object of the process gives way: until then nobody asks about forwarders.
forwarders_made: list[bool] = []


def forward(world: World, one: Any, other: Any, *, keeps_hash: bool) -> bool:
    """Let one object give way to another; False when one of them must stay what it is.

    Args:
        world: Theirs.
        one: What gives way.
        other: What takes its place.
        keeps_hash: Whether the other takes the identity hash of the first, so that collections still find it there.
    """
    if must_stay(one) or must_stay(other):
        return False
    one, other = settle(one), settle(other)
    if one is other:
        return True
    getattr(other, _layout_of(type(other)).__slots__[0])  # touching a slot loads a ghost, which needs its own id for it
    world.heap.forward(one, other, keeps_id=keeps_hash)
    layout = _layout_of(type(one))
    target_type = _type_for(layout, type(other))
    is_dirty = one.dirty
    object.__setattr__(one, "__class__", target_type)
    object.__setattr__(one, "dirty", is_dirty)  # the class of a ghost said it
    target_type.reshape.carrier.__set__(one, other)
    return True


def _layout_of(python_type: type) -> Any:
    """The layout of a type, which may be a ghost's."""
    return next(each for each in python_type.__mro__ if "makers" in vars(each))


def _type_for(layout: Any, target_type: Any) -> Any:
    """The type of forwarders of a layout to instances of a type, which keeps it: they go together."""
    known: dict[Any, Any] | None = vars(target_type).get("forwarders")
    if known is None:
        known = target_type.forwarders = {}
    if layout not in known:
        carrier = layout.__dict__[layout.__slots__[-1]]
        behavior = target_type.behavior
        body: dict[str, Any] = {"__slots__": (), "behavior": behavior, "reshape": Forward(carrier)}
        body |= dict.fromkeys(layout.__slots__, HIDDEN)
        body |= {name: ForwardedSlot(carrier, name) for name in (*_layout_of(target_type).__slots__, "oid")}
        body["dirty"] = AlwaysDirty()
        known[layout] = type(behavior.name, (layout,), body)
        forwarders_made[:] = [True]
    return known[layout]


class ForwardedSlot:
    """A slot of the target."""

    __slots__ = ("_carrier", "_name")

    def __init__(self, carrier: Any, name: str) -> None:
        self._carrier = carrier
        self._name = name

    def __get__(self, instance: Any, owner: type) -> Any:
        return self if instance is None else getattr(self._carrier.__get__(instance), self._name)

    def __set__(self, instance: Any, value: Any) -> None:
        target = self._carrier.__get__(instance)
        setattr(target, self._name, value)
        if not target.dirty:
            current.world.mark(target)


class AlwaysDirty:
    """The flag of a forwarder: stores into it mark its target themselves."""

    __slots__ = ()

    def __get__(self, instance: Any, owner: type) -> bool:
        return True

    def __set__(self, instance: Any, value: bool) -> None:  # noqa: FBT001 - the protocol of descriptors
        """A forwarder has no flag to set."""
