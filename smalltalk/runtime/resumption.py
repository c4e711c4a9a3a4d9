"""Resuming: contexts -> a running computation.

Each context becomes a function that waits for the one above it: the rest of an activation is compiled from its place
(`continuations.suspended`), a primitive does what it had left. Called from the outermost, they stand inside each other
as they did when they were captured, so what handles, unwinds or returns finds everything at its place. The innermost
one calls `start` for its answer, which may as well signal an exception of the language there, or raise Termination:
then `ensure:` blocks run and the computation ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler import continuations
from ..compiler.origins import Position
from . import current
from .formersources import bring_up
from .primitivestates import PrimitiveStates
from .resumables import BY_NAME
from .suspension import Moved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType

    from .contexts import Context


class UnresumableError(Exception):
    """A context that nothing can go on from."""


def resume(
    top: Context | None,
    start: Callable[[], Any],
    rest_of: Callable[[Context, Callable[[], Any]], Callable[[], Any]] | None = None,
) -> Any:
    """Run a captured computation to its end and answer its value; called in an evaluation that runs.

    Args:
        top: its innermost context.
        start: answers for what that context waits for.
        rest_of: makes the function that goes on with a context above the rest of another one; by default generated
            code does.

    Raises:
        Moved: it is to go on elsewhere in its stack, and `rest_of` was given.
        UnresumableError: a context has no such place or names no primitive, its source uses a variable that is gone,
            its state is damaged, or they wait in a circle.
    """
    while True:
        inner = _stacked(top, start, rest_of or go_on_with)
        try:
            return inner()
        except Moved as move:
            if rest_of is not None:  # who makes the rests in a way of its own decides how it goes on
                raise
            top, start = move.stack.top, move.start


def _stacked(
    top: Context | None, start: Callable[[], Any], make: Callable[[Context, Callable[[], Any]], Callable[[], Any]]
) -> Callable[[], Any]:
    """Make the function that runs the contexts inside each other, the innermost above `start`.

    Raises:
        UnresumableError: as `resume` does.
    """
    inner = start
    states = PrimitiveStates()
    for context in outwards(top):
        gap = bring_up(current.world, context) or states.gap(context)
        if gap is not None:
            raise UnresumableError(gap)
        inner = make(context, inner)
    return inner


def outwards(top: Context | None) -> Iterator[Context]:
    """Iterate over a context and all that wait for its answer, innermost first.

    Raises:
        UnresumableError: they wait in a circle, which only damaged records do.
    """
    seen: set[int] = set()
    context = top
    while context is not None:
        if id(context) in seen:
            raise UnresumableError("its contexts wait for each other in a circle")
        seen.add(id(context))
        yield context
        context = context.sender


#: The code below which there is no part of a resumed computation.
BOTTOM: Final[CodeType] = resume.__code__


def go_on_with(context: Context, inner: Callable[[], Any]) -> Callable[[], Any]:
    """Make the function that goes on with a context above `inner`, as generated code or in its primitive.

    Raises:
        UnresumableError: it has no such place or names no primitive.
    """
    context.frame = context.inner = None
    if context.primitive is not None:
        resumable = BY_NAME.get(context.primitive)
        if resumable is None:
            raise UnresumableError(f"there is no primitive {context.primitive}")
        return resumable.rest(inner, context.values)
    if context.origin is None:
        raise UnresumableError("the context has no source")
    world = current.world
    position = Position(context.origin, context.function, context.index, is_before=context.is_before)
    try:
        continuation = continuations.suspended(position, world.breakpoints.places_in(world, context.origin))
    except (KeyError, IndexError):
        raise UnresumableError(f"there is no operation {context.index}") from None
    world.link(continuation.names)
    revive(context)
    values = map(context.values.get, continuation.parameters[:-2])
    return continuation.bound(world.g, [*values, inner, context])


def gap_of(context: Context) -> str | None:
    """Why nothing can go on from a context, as far as that is known before it is tried; None if it can."""
    if context.primitive is not None:
        return None if context.primitive in BY_NAME else f"there is no primitive {context.primitive}"
    if context.origin is None:
        return "one of its contexts has no source"
    if context.is_lost:
        return "a newer server compiles one of its methods otherwise"
    try:
        continuations.stand(context.origin, context.function, context.index, is_before=context.is_before)
    except (KeyError, IndexError):
        return f"there is no operation {context.index} where it stands"
    return None


def revive(context: Context) -> None:
    """Let blocks return from a method that goes on: giving up the Python frames it was captured from has ended it."""
    home = context.values.get("home")
    if context.function == 0 and home is not None and not home.active:
        home.active = True
        if not home.dirty:
            current.world.mark(home)
