"""Global variables and classes by name: what `Smalltalk` does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.objects import FALSE, TRUE, Symbol
from .control import selector_of

if TYPE_CHECKING:
    from collections.abc import Callable


def includes(_self: Any, name: Any) -> Any:
    """Whether a name means something everywhere."""
    return TRUE if current.world.has_global(selector_of(name) or "") else FALSE


def value_at(_self: Any, name: Any) -> Any:
    """The value of a global, nil for an unknown one."""
    return current.world.global_value(selector_of(name) or "")


def put(self: Any, name: Any, value: Any) -> Any:
    """`at:put:`."""
    world, text = current.world, selector_of(name)
    if text is None or not text.isidentifier() or world.class_named(text) or text in world.kernel.singletons:
        return world.send(self, "errorNotAGlobal:", name)
    world.set_global(text, value)
    return value


def remove(self: Any, name: Any) -> Any:
    """Forget a global variable."""
    world, text = current.world, selector_of(name)
    if text not in world.globals:
        return world.send(self, "errorNotAGlobal:", name)
    world.remove_global(text)
    return self


def class_named(_self: Any, name: Any) -> Any:
    """The class of that name, or nil."""
    return current.world.class_named(selector_of(name) or "")


def names(_self: Any) -> Any:
    """The names of all globals."""
    return current.world.new_array([Symbol.intern(name) for name in current.world.global_names()])


def all_classes(_self: Any) -> Any:
    """Every class: the kernel's, then the world's own."""
    world = current.world
    return world.new_array([*world.kernel.classes.values(), *world.classes.values()])


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "globalIncludes": includes,
    "globalAt": value_at,
    "globalAtPut": put,
    "globalRemove": remove,
    "globalNames": names,
    "classNamed": class_named,
    "allClasses": all_classes,
}
