"""The types whose instances take the short ways of generated code (`compiler.shortcuts`), as one world sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..compiler.mangle import demangle
from ..compiler.shortcuts import ways_of
from . import dispatch

if TYPE_CHECKING:
    from .world import World


def type_for(world: World, name: str, dependents: dict[str, list[str]]) -> type | None:
    """The Python type that `T_<Class>__<m>` stands for; None while a message of that way means another thing.

    Args:
        world: Whose methods count.
        name: The name.
        dependents: Message -> names that are bound again when its methods change; this one is entered.
    """
    class_name, _, part = name[2:].partition("__")
    holder = world.kernel.classes.get(class_name)
    if holder is None:
        return None
    way = next(way for way in ways_of(demangle(part)) if class_name in way.classes)
    means_the_kernels = True
    for selector in way.depends:
        names = dependents.setdefault(selector, [])
        if name not in names:
            names.append(name)
        method = dispatch.lookup(world, holder, selector)
        if method is None or not method.is_kernel or (way.primitive and method.primitive != way.primitive):
            means_the_kernels = False
    return world.kernel.python_type_of(holder) if means_the_kernels else None
