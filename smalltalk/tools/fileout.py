"""Filing out: what a session defined, as definitions that a file holds. Runs no code of the language.

Of a class of the kernel only what the session added or changed is filed out, as an extension.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..runtime.classes import ClassObject, Metaclass
from ..runtime.definitiontexts import composition_text
from ..runtime.traits import class_sides
from .chunks import write_chunks
from .filed import FiledClass, FiledMethod
from .ordering import needed_first
from .tonelfiles import write_tonel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..runtime.classes import Behavior, Method
    from ..runtime.world import World
    from .filed import Filed


def write_definitions(definitions: list[Filed], file_format: str, poll: Callable[[], None]) -> str:
    """Write definitions in a format: `chunk` or `tonel`; `poll` is called now and then."""
    return write_tonel(definitions, poll) if file_format == "tonel" else write_chunks(definitions)


def class_definitions(world: World, holder: ClassObject) -> list[Filed]:
    """A class with its methods."""
    head = [] if holder.is_kernel else [_head(world, holder)]
    return [*head, *_methods(world, holder)]


def all_definitions(world: World) -> list[Filed]:
    """Everything the session defined."""
    classes = session_classes(world)
    extended = [each for each in _extended(world) if each not in classes]
    return [filed for each in (*classes, *extended) for filed in class_definitions(world, each)]


def package_definitions(world: World, package: str) -> list[Filed]:
    """The classes of a package and the methods by which it extends other classes (protocols like `*Package`)."""
    classes = [each for each in session_classes(world) if is_in_package(each.category, package)]
    found = [filed for each in classes for filed in class_definitions(world, each)]
    others = dict.fromkeys([*session_classes(world), *_extended(world)])
    for holder in others:
        if holder not in classes:
            found += [
                each
                for each in _methods(world, holder)
                if (each.category or "").startswith("*") and is_in_package((each.category or "")[1:], package)
            ]
    return found


def is_in_package(category: str, package: str) -> bool:
    """Whether a category is a package's or, after a `-`, one of its tags."""
    return category.lower() == package.lower() or category.lower().startswith(f"{package.lower()}-")


def session_classes(world: World) -> list[ClassObject]:
    """The classes of the session, by name, but first those that others inherit from or are composed of."""
    by_name = sorted(world.classes.values(), key=lambda each: each.name)
    return needed_first(by_name, lambda each: each.name, _needs)


def _needs(holder: ClassObject) -> set[str]:
    """The names of the classes that must be there before a class."""
    above = {holder.superclass.name} if holder.superclass is not None else set()
    return above | {pool.name for pool in holder.pools} | {use.trait.name for use in holder.uses}


def _extended(world: World) -> list[ClassObject]:
    """The kernel classes that the session added methods to, by name."""
    holders = {
        each.sole if isinstance(each, Metaclass) else each
        for each, overlay in world.overlays.items()
        if any(method is not None for method in overlay.methods.values())
    }
    return sorted((each for each in holders if isinstance(each, ClassObject)), key=lambda each: each.name)


def _head(world: World, holder: ClassObject) -> FiledClass:
    """The definition of a class."""
    above, sides = holder.superclass, holder.metaclass.uses
    return FiledClass(
        holder.name,
        None if above is None else above.name,
        holder.local_variables,
        tuple(world.class_variable_names(holder)),
        holder.metaclass.local_variables,
        holder.category,
        holder.comment,
        None if above is None or holder.kind == above.kind else holder.kind,
        pools=tuple(pool.name for pool in holder.pools),
        uses=composition_text(holder.uses) if holder.uses else "",
        class_uses=None if sides == class_sides(holder.uses) else composition_text(sides),
    )


def _methods(world: World, holder: ClassObject) -> Iterator[FiledMethod]:
    """The session's methods of a class, class side first, by selector."""
    for behavior in (holder.metaclass, holder):
        for method in sorted(_own(world, behavior), key=lambda each: each.selector):
            yield FiledMethod(holder.name, behavior is not holder, method.source, method.category)


def _own(world: World, behavior: Behavior) -> list[Method]:
    """The methods the session gave a class or metaclass itself."""
    if not behavior.is_kernel:
        return [method for method in behavior.methods.values() if method.origin is None]
    overlay = world.overlays.get(behavior)
    return [] if overlay is None else [method for method in overlay.methods.values() if method is not None]
