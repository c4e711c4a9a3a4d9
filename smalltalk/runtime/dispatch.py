"""Dispatch: one dictionary per selector and world, keyed by the Python type of the receiver.

`S_x[type(r)](r, ...)` is a send. A missing key looks the method up in the receiver's class and its superclasses, the
world's overlays first, and keeps the function. A change of any method of that selector empties the selector's table in
this world; nothing is shared between worlds. A super send has no table: its function is bound to the name
`U_<selector>__<Class>` and bound again when a method of that selector changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import creation, stubs

if TYPE_CHECKING:
    from collections.abc import Callable

    from .classes import Behavior, Method
    from .world import World


#: Function of a primitive -> what stands in the tables in its place for receivers that are not loaded.
OF_GHOSTS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}


class SelectorTable(dict[type, "Callable[..., Any]"]):
    """Python type of the receiver -> function, for one selector of one world."""

    __slots__ = ("selector", "world")

    def __init__(self, world: World, selector: str) -> None:
        super().__init__()
        self.world = world
        self.selector = selector

    def __missing__(self, python_type: type) -> Callable[..., Any]:
        function = self[python_type] = find_function(self.world, python_type, self.selector)
        return function


def find_function(world: World, python_type: type, selector: str) -> Callable[..., Any]:
    """The function that answers that message for receivers of that Python type."""
    if getattr(python_type, "reshape", None) is not None:
        return stubs.settle_first(world, selector)
    behavior = world.kernel.behavior_of_type(python_type)
    method = lookup(world, behavior, selector)
    function = creation.short_function(world, behavior, selector, method) or function_or_stub(world, method, selector)
    return function if getattr(python_type, "live", None) is None else OF_GHOSTS.get(function, function)


def function_or_stub(world: World, method: Method | None, selector: str) -> Callable[..., Any]:
    """The method's function, or the one that sends `doesNotUnderstand:`."""
    return stubs.not_understood(world, selector) if method is None else world.function_of(method)


def lookup(world: World, behavior: Behavior | None, selector: str) -> Method | None:
    """The method that class understands the message with, None if it does not."""
    overlays = world.overlays
    while behavior is not None:
        overlay = overlays.get(behavior)
        if overlay is not None and selector in overlay.methods:
            method = overlay.methods[selector]
        else:
            method = behavior.methods.get(selector)
        if method is not None:
            return method
        behavior = behavior.superclass
    return None


def own_methods(world: World, behavior: Behavior) -> dict[str, Method]:
    """The methods of that class itself, as this world sees them."""
    overlay = world.overlays.get(behavior)
    if overlay is None:
        return behavior.methods
    merged: dict[str, Method | None] = {**behavior.methods, **overlay.methods}
    return {selector: method for selector, method in merged.items() if method is not None}
