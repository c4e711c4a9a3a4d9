"""Calls that are stepped: what is called becomes an activation that stops.

A method or block of the language is run by the interpreter. A primitive that evaluates a block as its last act, or
under handlers and unwinding blocks, does the same with the block stepped; any other primitive just runs.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..compiler.origins import owner
from ..runtime import current, exceptions
from ..runtime.calls import call
from ..runtime.handlers import Handler
from ..runtime.methods import unit_of
from ..runtime.objects import Symbol
from ..stepper import complete
from .activation import SteppedActivation, Values

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..compiler.origins import Origin
    from ..engines import Runner


def entered(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """Call a function as an activation that is stepped.

    Args:
        function: of a method, or a block.
        arguments: the receiver of a method first.
        run: runs operations up to the next stop.
    """
    found = owner(function.__code__) if type(function) is FunctionType else None
    if found is not None and type(function) is FunctionType:
        return complete(_activation(function, *found, arguments), found[0].lowered().functions[found[1]].code, run)
    primitives = current.world.kernel.primitives
    way = next((_WAYS[name] for name in _WAYS if primitives.get(name) is function), None)
    return call(function, arguments) if way is None else way(function, arguments, run)


def _activation(block: FunctionType, origin: Origin, number: int, arguments: list[Any]) -> SteppedActivation:
    """The activation that a call of generated code begins."""
    function = origin.lowered().functions[number]
    values = Values(zip(function.parameters, arguments, strict=True))
    for name, cell in zip(block.__code__.co_freevars, block.__closure__ or (), strict=True):
        values[name] = cell.cell_contents
    activation = SteppedActivation(origin, number, current.world, values)
    if function.has_home:
        values["home"] = activation.entry_point("Home")()
    return activation


def _takes(block: Any, count: int) -> bool:
    """Whether a value is a block with so many arguments."""
    return type(block) is FunctionType and block.__code__.co_argcount == count


def _value(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`value` and its kin."""
    block, *values = arguments
    return entered(block, values, run) if _takes(block, len(values)) else call(function, arguments)


def _cull(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`cull:` and its kin."""
    block, *values = arguments
    values = values[: block.__code__.co_argcount]
    return entered(block, values, run) if _takes(block, len(values)) else call(function, arguments)


def _value_with_arguments(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`valueWithArguments:`."""
    block, values = arguments
    items = getattr(values, "items", None)
    if items is not None and _takes(block, len(items)):
        return entered(block, list(items), run)
    return call(function, arguments)


def _stepped(block: FunctionType, run: Runner) -> Callable[[], Any]:
    """A function without arguments that evaluates a block as an activation that is stepped."""
    return lambda: entered(block, [], run)


def _on_do(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`on:do:`: the protected block is stepped."""
    block, selector, action = arguments
    if not _takes(block, 0):
        return call(function, arguments)
    evaluation = current.evaluation
    evaluation.take_back_room()
    handler = Handler(block, selector, action, evaluation.handler)
    return exceptions.protect(handler, evaluation.signal, _stepped(block, run))


def _ensure(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`ensure:`: the receiver is stepped."""
    block, final = arguments
    if not _takes(block, 0):
        return call(function, arguments)
    evaluation = current.evaluation
    return exceptions.evaluate_ensured(_stepped(block, run), final, evaluation.handler, evaluation.signal)


def _if_curtailed(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`ifCurtailed:`: the receiver is stepped."""
    block, final = arguments
    if not _takes(block, 0):
        return call(function, arguments)
    evaluation = current.evaluation
    return exceptions.evaluate_curtailed(_stepped(block, run), final, evaluation.handler, evaluation.signal)


def _perform(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`perform:` and its kin: what is performed is stepped, if the receiver understands that."""
    receiver, selector, *values = arguments
    return _performed(function, arguments, (receiver, selector, values), run)


def _perform_with_arguments(function: Callable[..., Any], arguments: list[Any], run: Runner) -> Any:
    """`perform:withArguments:`."""
    receiver, selector, values = arguments
    items = getattr(values, "items", None)
    if items is None:
        return call(function, arguments)
    return _performed(function, arguments, (receiver, selector, list(items)), run)


def _performed(
    function: Callable[..., Any], arguments: list[Any], message: tuple[Any, Any, list[Any]], run: Runner
) -> Any:
    """Step the method that a message finds; whatever is wrong with the message is left to the primitive."""
    receiver, selector, values = message
    world = current.world
    method = world.lookup(world.class_of(receiver), selector.name) if type(selector) is Symbol else None
    if method is None or method.primitive is not None or len(unit_of(world, method).parameters) != len(values):
        return call(function, arguments)
    return entered(world.table(method.selector)[type(receiver)], [receiver, *values], run)


#: Name of a primitive -> how it is stepped.
_WAYS: Final[dict[str, Callable[[Callable[..., Any], list[Any], Runner], Any]]] = {
    **dict.fromkeys(("blockValue", "blockValue1", "blockValue2", "blockValue3", "blockValue4"), _value),
    **dict.fromkeys(("blockCull1", "blockCull2", "blockCull3", "blockCull4"), _cull),
    "blockValueWithArguments": _value_with_arguments,
    "blockOnDo": _on_do,
    "blockEnsure": _ensure,
    "blockIfCurtailed": _if_curtailed,
    **dict.fromkeys(("perform", "performWith", "performWithWith", "performWithWithWith"), _perform),
    "performWithArguments": _perform_with_arguments,
}
