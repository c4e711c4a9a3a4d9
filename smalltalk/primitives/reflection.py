"""Reflection on objects: class, identity, instance variables by number, becoming another object.

Everything goes by instance variables the language knows: no primitive reaches the attributes of classes, methods or
other runtime objects.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final

from ..compiler.origins import owner
from ..runtime import current
from ..runtime.become import exchange
from ..runtime.classes import Behavior, Metaclass, Method
from ..runtime.dispatch import lookup
from ..runtime.entry_points import ident
from ..runtime.forwarding import forward
from ..runtime.objects import FALSE, TRUE, Character, Object, Symbol
from ..runtime.reshape import settle
from ..syntax.nodes import Block, Node
from ..syntax.parser import parse_doit, parse_method
from .control import selector_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FunctionType

    from ..compiler.origins import Origin

#: Identity hashes of objects with an id are spread, so that neighbours do not share low bits. Source: Knuth, TAOCP 6.4.
_SPREAD: Final = 0x9E3779B1

#: Identity hashes have as many bits as Pharo's basicIdentityHash shifted: they stay small integers.
_HASH_MASK: Final = 0x3FFFFFFF


def class_of(value: Any) -> Any:
    """`class`."""
    return current.world.kernel.class_of(value)


def identical(a: Any, b: Any) -> Any:
    """`==`."""
    return TRUE if a is b or ident(a, b) else FALSE


def identity_hash(value: Any) -> int:
    """`identityHash`: of the value of an immediate, of the id of an object; both survive a restore."""
    kind = type(value)
    if kind is int:
        return hash(value) & _HASH_MASK
    if kind is float:
        return hash(value) & _HASH_MASK
    if kind is Character:
        return int(value.code)
    if kind is Symbol:
        return text_hash(value.name)
    if value is None or value is TRUE or value is FALSE:
        return (None, TRUE, FALSE).index(value) + 1
    if isinstance(value, (Behavior, Method)) and value.is_kernel:
        return text_hash(repr(value))
    if isinstance(value, Metaclass):
        # Records name it by its class, so an id of its own would be lost.
        return ~identity_hash(value.sole) & _HASH_MASK
    return current.world.heap.identify(value) * _SPREAD & _HASH_MASK


def text_hash(text: str) -> int:
    """A hash of text that is the same in every process; Python's own is salted. Source: FNV-1a."""
    value = 0x811C9DC5
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value & _HASH_MASK


def is_kind_of(value: Any, behavior: Any) -> Any:
    """`isKindOf:`."""
    return TRUE if current.world.kernel.class_of(value).inherits_from(behavior) else FALSE


def responds_to(value: Any, selector: Any) -> Any:
    """`respondsTo:`."""
    world = current.world
    name = selector_of(selector)
    found = name is not None and lookup(world, world.kernel.behavior_of_type(type(value)), name)
    return TRUE if found else FALSE


def _slot(value: Any, index: Any) -> str | None:
    """The slot of an instance variable by its 1-based index, None when there is none."""
    if type(index) is not int or not isinstance(value, Object):
        return None
    count = len(current.world.class_of(value).all_variables())
    return f"i{index - 1}" if 1 <= index <= count else None


def instance_variable_at(value: Any, index: Any) -> Any:
    """`instVarAt:`."""
    slot = _slot(value, index)
    return current.world.send(value, "errorSubscriptBounds:", index) if slot is None else getattr(value, slot)


def instance_variable_at_put(value: Any, index: Any, new: Any) -> Any:
    """`instVarAt:put:`."""
    slot = _slot(value, index)
    if slot is None:
        return current.world.send(value, "errorSubscriptBounds:", index)
    setattr(value, slot, new)
    if not value.dirty:
        current.world.mark(value)
    return new


def become(value: Any, other: Any) -> Any:
    """`become:`."""
    world = current.world
    if not exchange(value, other):
        return world.send(value, "errorCannotBecome:", other)
    for each in (settle(value), settle(other)):
        world.heap.note("moved", each)
        if not each.dirty:
            world.mark(each)
    return value


def become_forward(value: Any, other: Any, keeps_hash: Any) -> Any:
    """`becomeForward:copyHash:`."""
    world = current.world
    if not forward(world, value, other, keeps_hash=keeps_hash is TRUE):
        return world.send(value, "errorCannotBecome:", other)
    return other


def block_source(block: FunctionType) -> Any:
    """The text of a block."""
    place = owner(block.__code__)
    if place is None:
        return current.world.new_text("[ ... ]")
    origin, number = place
    start = origin.lowered().functions[number].start
    return current.world.new_text(text_of_block(origin, start))


def block_argument_names(block: FunctionType) -> Any:
    """`argumentNames` of a block."""
    place = owner(block.__code__)
    node = None if place is None else _block_node(place[0], place[0].lowered().functions[place[1]].start)
    names = [] if node is None else [Symbol.intern(each.name) for each in node.parameters]
    return current.world.new_array(names)


def text_of_block(origin: Origin, start: int) -> str:
    """The source of the block that begins there."""
    node = _block_node(origin, start)
    return "[ ... ]" if node is None else origin.source[node.start : node.stop]


def _block_node(origin: Origin, start: int) -> Block | None:
    """The block that begins there, None if none does."""
    is_doit = origin.resolutions.is_doit
    pending: list[object] = [parse_doit(origin.source) if is_doit else parse_method(origin.source)]
    while pending:
        node = pending.pop()
        if isinstance(node, Block) and node.start == start:
            return node
        if isinstance(node, list):
            pending += node
        elif isinstance(node, Node):
            pending += [getattr(node, field.name) for field in fields(node)]
    return None


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "class": class_of,
    "identical": identical,
    "identityHash": identity_hash,
    "isKindOf": is_kind_of,
    "respondsTo": responds_to,
    "instVarAt": instance_variable_at,
    "instVarAtPut": instance_variable_at_put,
    "become": become,
    "becomeForward": become_forward,
    "blockSource": block_source,
    "blockArgumentNames": block_argument_names,
}
