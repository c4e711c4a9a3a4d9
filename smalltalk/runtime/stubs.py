"""Functions that stand in dispatch tables where no method does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .objects import Symbol
from .reshape import settle

if TYPE_CHECKING:
    from collections.abc import Callable

    from .world import World


def not_understood(world: World, selector: str) -> Callable[..., Any]:
    """Make the function that answers a message nobody understands: it sends `doesNotUnderstand:`."""
    table = world.table("doesNotUnderstand:")
    if selector == "doesNotUnderstand:":
        return _end_of_understanding

    def does_not_understand(receiver: Any, *arguments: Any) -> Any:
        message: Any = world.kernel.classes["Message"].instance_type().make()
        message.i0 = Symbol.intern(selector)
        message.i1 = world.new_array(list(arguments))
        return table[type(receiver)](receiver, message)

    return does_not_understand


def _end_of_understanding(receiver: Any, message: Any) -> Any:
    """Answer `doesNotUnderstand:` where not even that is understood: an image without its root class's method."""
    raise TypeError(f"{type(receiver).__name__} does not understand doesNotUnderstand: {message!r}")


def settle_first(world: World, selector: str) -> Callable[..., Any]:
    """Make the function for instances of an older shape, or that became others: send again to what they are now."""

    def settle_and_send(receiver: Any, *arguments: Any) -> Any:
        return world.send(settle(receiver), selector, *arguments)

    return settle_and_send
