"""The breakpoints of a session, for who sets them: methods by name, plain data as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..compiler.breaks import places_by_line
from ..compiler.errors import SemanticFailure
from ..runtime.breakpoints import Breakpoint, BreakpointError, own_method, stopping_line
from ..runtime.methods import unit_of
from ..syntax.errors import SyntaxFailure
from ..tools.browse import ClassBrowser
from .errors import RefusedBreakpointError

if TYPE_CHECKING:
    from ..runtime.world import World


class BreakpointRow(NamedTuple):
    """A breakpoint.

    Attributes:
        method: `Class>>selector` or `Class class>>selector`.
        line: the 1-based line it was set on, None for the method's beginning.
        stops_at: the line where it stops: that one or, where it has no code, the next one that has; None for the
            method's beginning, or if it is not active.
        is_active: the method is there and compiles.
    """

    method: str
    line: int | None
    stops_at: int | None
    is_active: bool


def set_breakpoint(world: World, method: str, line: int | None) -> BreakpointRow:
    """Let a method stop at its beginning or on a line, from its next activation on.

    Raises:
        ClassNotFoundError: there is no such class.
        MethodNotFoundError: it has no such method.
        RefusedBreakpointError: the method has no such line, it is a primitive, or there are too many.
    """
    class_name, selector = _parts(method)
    found = ClassBrowser(world).method(class_name, selector, is_class_side=False)
    try:
        return _row(world, world.breakpoints.set(world, found, line))
    except BreakpointError as refusal:
        raise RefusedBreakpointError(str(refusal)) from None


def remove_breakpoint(world: World, method: str, line: int | None) -> bool:
    """Let a method stop no longer on that line, or nowhere if none is given; answer whether it did.

    Raises:
        ClassNotFoundError: there is no such class.
        RefusedBreakpointError: that names no method.
    """
    class_name, selector = _parts(method)
    return world.breakpoints.remove(world, ClassBrowser(world).behavior(class_name), selector, line)


def breakpoints(world: World) -> list[BreakpointRow]:
    """List the breakpoints of a session."""
    return [_row(world, each) for each in world.breakpoints.all()]


def _row(world: World, breakpoint_: Breakpoint) -> BreakpointRow:
    method = own_method(world, breakpoint_.subject, breakpoint_.selector)
    name = f"{breakpoint_.subject.name}>>{breakpoint_.selector}"
    try:
        origin = None if method is None else unit_of(world, method).origin
    except (SyntaxFailure, SemanticFailure):  # its class has changed since: the method cannot run
        origin = None
    stops_at = None if origin is None else stopping_line(breakpoint_, places_by_line(origin))
    return BreakpointRow(name, breakpoint_.line, stops_at, is_active=origin is not None)


def _parts(method: str) -> tuple[str, str]:
    """Name of the class or metaclass, and selector, of `Class>>selector`; a `#` before the selector is allowed.

    Raises:
        RefusedBreakpointError: it is no such text.
    """
    class_name, arrow, selector = (part.strip() for part in method.partition(">>"))
    if not arrow or not selector:
        raise RefusedBreakpointError(f"'{method}' is no method: write Class>>selector or Class class>>selector")
    return class_name, selector.removeprefix("#")
