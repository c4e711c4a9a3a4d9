"""Methods that come and go: compiled into a class or for nobody, removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler.errors import SemanticFailure
from ..runtime import current, methods
from ..runtime.objects import FALSE, TRUE
from ..syntax.errors import SyntaxFailure
from .control import selector_of
from .defining import refused

if TYPE_CHECKING:
    from collections.abc import Callable


def compile_method(behavior: Any, source: Any, protocol: Any) -> Any:
    """`compile:classified:`."""
    world = current.world
    text = selector_of(source)
    if text is None:
        return refused(behavior, "a method is compiled from a String")
    try:
        return world.compile_into(behavior, text, selector_of(protocol) if protocol is not None else None)
    except (SyntaxFailure, SemanticFailure) as failure:
        found = failure
    return code_error(found)


def method_of(behavior: Any, source: Any) -> Any:
    """`methodOf:`: a method that stands in no table of the class."""
    text = selector_of(source)
    if text is None:
        return refused(behavior, "a method is compiled from a String")
    try:
        return methods.compile_apart(current.world, behavior, text)
    except (SyntaxFailure, SemanticFailure) as failure:
        found = failure
    return code_error(found)


def code_error(found: SyntaxFailure | SemanticFailure) -> Any:
    """Signal that a text does not compile."""
    world = current.world
    return world.signal(
        "CodeError",
        found.message,
        line=found.line,
        column=found.column,
        suggestion=world.new_text(found.suggestion or ""),
    )


def remove_selector(behavior: Any, selector: Any) -> Any:
    """Remove a method; answer whether there was one."""
    return TRUE if current.world.remove_selector(behavior, selector_of(selector) or "") else FALSE


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "behaviorCompile": compile_method,
    "behaviorMethodOf": method_of,
    "behaviorRemoveSelector": remove_selector,
}
