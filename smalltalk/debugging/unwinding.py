"""Leaving frames of a waiting computation, and beginning one anew. In an evaluation that runs."""

from __future__ import annotations

from functools import partial
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, NoReturn

from ..compiler.unit import Unit
from ..runtime import current
from ..runtime.resumption import UnresumableError, go_on_with, outwards
from ..runtime.unwinding import Termination
from ..syntax.parser import parse_method
from ..syntax.shape import shape
from .frames import receiver_of
from .sources import is_own_doit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from ..compiler.origins import Origin
    from ..memory.workspaces import Workspaces
    from ..runtime.contexts import Context
    from ..runtime.evaluation import Evaluation
    from ..runtime.suspension import Suspension
    from ..runtime.world import World
    from .keeping import Doing


def unwind(top: Context | None, last: Context | None) -> None:
    """Leave the frames from `top` outwards to `last` (None: all): their `ensure:` blocks are evaluated.

    Nothing else of these frames is: where a `^` or a handler in one of these blocks ends in one of the frames, that is
    left as well. What a block signals and nobody handles is noted on the Transcript, and the other blocks have their
    turn. An order to stop ends it all.

    Raises:
        Unwinding: one of the blocks has taken a way out to a frame further out.
        Termination: the evaluation was told to stop, or has used up its budget.
    """
    evaluation = current.evaluation
    rest: Callable[[], Any] = _leave
    for context in outwards(top):
        rest = _left(go_on_with(context, rest))
        if context is last:
            break
    outside = evaluation.handler, evaluation.signal
    try:
        rest()
    except Termination:
        pass
    finally:
        evaluation.handler, evaluation.signal = outside
        _note_failure(evaluation)


def _note_failure(evaluation: Evaluation) -> None:
    """Note on the Transcript what failed in an unwinding block.

    Raises:
        Termination: the evaluation was told to stop, or has used up its budget.
    """
    failure = evaluation.failure
    if failure is not None and failure.kind != "error":
        raise Termination
    if failure is not None:
        note = f"{failure.title} (in an unwinding block)\n"
        evaluation.world.transcript.append(note)
        evaluation.failure = None


def _left(rest: Callable[[], Any]) -> Callable[[], Any]:
    """Make the function that leaves a frame, and its sender as well: whatever it answers, nobody goes on with that."""

    def left() -> NoReturn:
        rest()
        raise Termination

    return left


def _leave() -> NoReturn:
    """Leave the innermost frame.

    Raises:
        Termination: always.
    """
    raise Termination


def beginning(world: World, workspaces: Workspaces, doing: Doing | Suspension, context: Context) -> Callable[[], Any]:
    """Return what runs the activation of a frame from its beginning: of a method the present one.

    Args:
        world: where it runs.
        workspaces: whose variables do-its take.
        doing: the computation.
        context: the activation.

    Raises:
        UnresumableError: something that it began with is not known any more.
    """
    origin = context.origin
    if origin is None:
        raise UnresumableError("a primitive cannot begin anew")
    if not origin.resolutions.is_doit:
        return _block(world, origin, context, {}) if context.function else _method(world, origin, context)
    outer = _outer_values(workspaces, doing, origin)
    if context.function:
        return _block(world, origin, context, outer)
    function = world.function(_unit_of(origin))
    names = origin.lowered().functions[0].parameters[1:]
    _refuse_missing(names, outer)
    return partial(function, context.values.get("self"), *map(outer.get, names))


def _outer_values(workspaces: Workspaces, doing: Doing | Suspension, origin: Origin) -> dict[str, Any]:
    """What a do-it takes, by Python name: the variables of the workspace, and the literals if it is the own one."""
    unit = _unit_of(origin)
    names = origin.lowered().functions[0].parameters[1:]
    values: list[Any] = [workspaces.declare(doing.tool_id, name) for name in unit.bindings]
    if is_own_doit(doing.code, origin):
        found = shape(doing.code) if origin.is_parametrised else None
        values += () if found is None else found[1]
    return dict(zip(names, values, strict=False))


def _refuse_missing(names: Iterable[str], values: Mapping[str, Any]) -> None:
    """Refuse to begin something anew with less than it began with.

    Raises:
        UnresumableError: one of those values is not known any more.
    """
    if any(name not in values for name in names):
        raise UnresumableError("what it began with is not known any more")


def _method(world: World, origin: Origin, context: Context) -> Callable[[], Any]:
    """What sends a method's message again; without such a method any more, what runs the former one."""
    tree = parse_method(origin.source)
    values = context.values
    receiver = values.get("self")
    arguments = [values.get(name) for name in origin.lowered().functions[0].parameters[1:]]
    try:
        method = world.lookup(world.behavior_named(origin.resolutions.class_key), tree.selector)
    except KeyError:
        method = world.lookup(world.class_of(receiver), tree.selector)
    function = world.function(_unit_of(origin)) if method is None else world.function_of(method)
    return partial(function, receiver, *arguments)


def _block(world: World, origin: Origin, context: Context, outer: Mapping[str, Any]) -> Callable[[], Any]:
    """What evaluates a block again, with the variables that it captured."""
    unit = _unit_of(origin)
    code = unit.block(context.function)
    values = {"self": receiver_of(context), **outer, **_captured(world, context), **context.values}
    _refuse_missing(code.co_freevars, values)
    world.link(unit.names)
    cells = tuple(CellType(values[name]) for name in code.co_freevars)
    block = FunctionType(code, world.g, code.co_name, None, cells)
    arguments = [values.get(name) for name in origin.lowered().functions[context.function].parameters]
    return partial(block, *arguments)


def _captured(world: World, context: Context) -> Mapping[str, Any]:
    """What a block that runs has captured: what it does not touch any more stands in no context."""
    frame = context.frame
    return frame.f_locals if frame is not None and frame.f_globals is world.g else {}


def _unit_of(origin: Origin) -> Unit:
    """The compiled form of a source, made again if it is gone."""
    if origin.unit is not None:
        return origin.unit
    lowered = origin.lowered()
    is_doit = origin.resolutions.is_doit
    literals = shape(origin.source) if origin.is_parametrised else None
    return Unit(
        kind="doit" if is_doit else "method",
        selector="doIt" if is_doit else parse_method(origin.source).selector,
        source=origin.source,
        parameters=(),
        scope=origin.resolutions,
        bindings=lowered.bindings,
        literal_count=0 if literals is None else len(literals[1]),
        lowered=lowered,
    )
