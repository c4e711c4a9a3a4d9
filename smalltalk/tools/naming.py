"""Classes by the names that requests give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import UnknownClassError

if TYPE_CHECKING:
    from ..runtime.classes import ClassObject
    from ..runtime.world import World


def named_class(world: World, name: str) -> ClassObject:
    """Return the class of that name.

    Raises:
        UnknownClassError: there is none.
    """
    found = world.class_named(name)
    if found is None:
        raise UnknownClassError(f"there is no class {name}")
    return found
