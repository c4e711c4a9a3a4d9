"""The types whose instances take the short ways of generated code (`compiler.shortcuts`), as one world sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..compiler.mangle import demangle
from ..compiler.shortcuts import ALIASED, ALIASES, ALLOWED, WORD, Way, ways_of
from . import dispatch
from .objects import Symbol

if TYPE_CHECKING:
    from .classes import ClassObject
    from .world import World


def place_aliases(classes: dict[str, ClassObject]) -> None:
    """Give the types of the kernel's collections the attributes by which generated code knows them."""
    for names, alias in ALIASES.items():
        for name in names:
            if name in classes:
                python_type: Any = classes[name].instance_type()
                setattr(python_type, alias, python_type.items)
    if "ByteString" in classes:
        strings: Any = classes["ByteString"].instance_type()
        setattr(strings, WORD, strings.text)
        setattr(Symbol, WORD, vars(Symbol)["name"])


def value_for(world: World, name: str, dependents: dict[str, list[str]]) -> type | bool | None:
    """What a name of short ways stands for; the arguments are those of `type_for`."""
    if not name.startswith(ALLOWED):
        return type_for(world, name, dependents)
    way = ALIASED[demangle(name[len(ALLOWED) :])]
    found = [_means_the_kernels(world, each, way, name, dependents) for each in way.classes]
    return all(found)  # of every class, so that each one's messages are noted


def type_for(world: World, name: str, dependents: dict[str, list[str]]) -> type | None:
    """The Python type that `T_<Class>__<m>` stands for; None while a message of that way means another thing.

    Args:
        world: Whose methods count.
        name: The name.
        dependents: Message -> names that are bound again when its methods change; this one is entered.
    """
    class_name, _, part = name[2:].partition("__")
    way = next(way for way in ways_of(demangle(part)) if class_name in way.classes)
    if not _means_the_kernels(world, class_name, way, name, dependents):
        return None
    return world.kernel.python_type_of(world.kernel.classes[class_name])


def _means_the_kernels(world: World, class_name: str, way: Way, name: str, dependents: dict[str, list[str]]) -> bool:
    """Whether a class understands the messages of a way with the kernel's methods."""
    holder = world.kernel.classes.get(class_name)
    means_the_kernels = holder is not None
    for selector in way.depends if holder is not None else ():
        names = dependents.setdefault(selector, [])
        if name not in names:
            names.append(name)
        method = dispatch.lookup(world, holder, selector)
        is_kernels = method is not None and method.is_kernel and not world.breakpoints.has(method)
        if method is None or not is_kernels or (way.primitive and method.primitive != way.primitive):
            means_the_kernels = False
    return means_the_kernels
