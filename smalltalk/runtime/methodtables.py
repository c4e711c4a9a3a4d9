"""The tables of methods that a world may change: a class's own, or its overlay's table for a kernel class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .classes import Metaclass

if TYPE_CHECKING:
    from .classes import Behavior, Method
    from .world import World


def put_method(world: World, method: Method) -> None:
    """Let a class have a method in the place of the one of that selector."""
    methods = own_table(world, method.owner)
    world.functions.pop(methods.get(method.selector), None)  # type: ignore[arg-type]  # there is nothing under None
    methods[method.selector] = method
    if not method.owner.is_kernel:
        world.attributes.note(method)
    note_methods(world, method.owner)
    world.forget_selector(method.selector)


def set_category(world: World, method: Method, category: str) -> None:
    """Move a method of the session to another protocol."""
    method.category = category
    if not method.dirty:
        world.mark(method)


def own_table(world: World, behavior: Behavior) -> dict[str, Any]:
    """The table that takes this world's methods of a class: its own, or the overlay's of a kernel class."""
    return world.overlay(behavior).methods if behavior.is_kernel else behavior.methods


def note_methods(world: World, behavior: Behavior) -> None:
    """Note that a class's set of methods changed."""
    if behavior.is_kernel:
        world.heap.note("overlays", behavior)
    else:
        changed(world, behavior)


def changed(world: World, behavior: Behavior) -> None:
    """Note that a class of the world changed."""
    holder = behavior.sole if isinstance(behavior, Metaclass) else behavior
    if not holder.dirty:
        world.mark(holder)


def forget_method(world: World, behavior: Behavior, selector: str, *, is_hidden: bool = False) -> None:
    """Take a method out of a class's table; `is_hidden`: the kernel's below it must not show."""
    methods = own_table(world, behavior)
    if is_hidden:
        methods[selector] = None
    else:
        del methods[selector]
    note_methods(world, behavior)
    world.forget_selector(selector)
