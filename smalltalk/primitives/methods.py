"""Methods as objects: what `Foo >> #bar` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.calls import call
from ..runtime.objects import Symbol
from ..syntax.parser import parse_method
from .control import argument_count, selector_of
from .defining import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.classes import Method


def method_selector(method: Method) -> Any:
    """`selector`."""
    return Symbol.intern(method.selector)


def method_source(method: Method) -> Any:
    """`sourceCode`."""
    return current.world.new_text(method.source)


def method_class(method: Method) -> Any:
    """`methodClass`."""
    return method.owner


def method_origin(method: Method) -> Any:
    """`origin`: the trait it was copied from, else its class."""
    return method.origin or method.owner


def method_protocol(method: Method) -> Any:
    """`protocol`."""
    return Symbol.intern(method.category)


def set_method_protocol(method: Method, protocol: Any) -> Any:
    """`protocol:`."""
    text = selector_of(protocol)
    if text is None or method.is_kernel:
        return refused(method.owner, "the protocol of a method of this session is set to a String")
    method.category = text
    if not method.dirty:
        current.world.mark(method)
    return method


def method_comment(method: Method) -> Any:
    """`comment`."""
    text = parse_method(method.source).comment
    return None if text is None else current.world.new_text(text)


def method_value(method: Method, receiver: Any, arguments: Any) -> Any:
    """`valueWithReceiver:arguments:`."""
    world = current.world
    items = getattr(arguments, "items", None)
    if items is None or argument_count(method.selector) != len(items):
        return world.send(method, "errorPerform:with:", Symbol.intern(method.selector), arguments)
    if not world.kernel.class_of(receiver).inherits_from(method.owner) and not _runs_on_anything(method):
        return world.send(method, "errorReceiver:", receiver)
    return call(world.function_of(method), [receiver, *items])


def _runs_on_anything(method: Method) -> bool:
    """Whether the method reads no slot of its receiver: neither a primitive's nor an instance variable's."""
    return method.primitive is None and not method.owner.all_variables()


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "methodSelector": method_selector,
    "methodSource": method_source,
    "methodClass": method_class,
    "methodOrigin": method_origin,
    "methodProtocol": method_protocol,
    "methodSetProtocol": set_method_protocol,
    "methodComment": method_comment,
    "methodValue": method_value,
}
