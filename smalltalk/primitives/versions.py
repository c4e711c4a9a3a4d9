"""Former definitions as the language sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.classes import Behavior
from ..runtime.objects import Symbol
from ..runtime.versions import side_name
from .control import selector_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.versions import Version


def versions_of(_self: Any, subject: Any, owner: Any, selector: Any) -> Any:
    """The versions of a definition, newest first, each as an Array.

    Args:
        _self: The receiver.
        subject: `method`, `class` or `comment`.
        owner: A class, or the name of one that may be gone.
        selector: The method's; empty for other subjects.
    """
    world = current.world
    named = selector_of(owner)
    name = side_name(owner) if isinstance(owner, Behavior) else named or ""
    found = world.versions.of(selector_of(subject), name, selector_of(selector) or "")  # type: ignore[arg-type]  # of another subject there are none
    return world.new_array([_parts(each) for each in found])


def _parts(version: Version) -> Any:
    """What is known about a version: number, subject, class, selector, text, protocol, change, time in nanoseconds."""
    world = current.world
    return world.new_array(
        [
            version.number,
            Symbol.intern(version.subject),
            world.new_text(version.class_name),
            Symbol.intern(version.selector),
            world.new_text(version.source),
            Symbol.intern(version.category),
            Symbol.intern(version.change),
            version.time_ns,
        ]
    )


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"versionsOf": versions_of}
