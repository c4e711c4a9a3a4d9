"""Contexts in the language: what `thisContext` answers, and where exceptions were signalled.

A context shows values of the language only: of a primitive's context neither receiver nor state.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from ..compiler.names import local_names
from ..compiler.origins import Position
from ..runtime import current, exceptions
from ..runtime.classes import Method
from ..runtime.objects import FALSE, TRUE, Box
from ..runtime.resumables import BY_NAME
from ..runtime.resumption import UnresumableError
from ..runtime.running import sender_of, settle, signaller_of
from ..syntax.parser import parse_method
from .reflection import text_of_block

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..compiler.origins import Origin
    from ..runtime.classes import Behavior
    from ..runtime.contexts import Context

#: Selector of a do-it's context.
_DOIT: Final = "DoIt"

#: Contexts among which a block's home is looked for: a hundredth of a second, while nobody else runs.
_HOME_SEARCH_MAX: Final = 1_000


#: Why code that a tool runs by the way is not left for another place.
_NO_KEEPER: Final = "only an evaluation or a process can go on elsewhere in its stack"


def sender(context: Context) -> Any:
    """`sender`."""
    return sender_of(context, current.evaluation)


def receiver(context: Context) -> Any:
    """`receiver`: of a block that of its method's activation, which it need not know itself."""
    settle(context)
    if "self" in context.values or not context.function:
        return context.values.get("self")
    method_context = _home(context)
    return None if method_context is None else method_context.values.get("self")


def home(context: Context) -> Any:
    """`home`."""
    settle(context)
    return _home(context)


def _home(context: Context) -> Context | None:
    """The context of a block's method: the nearest one outwards that is an activation of it, and of the same home."""
    if not context.function:
        return context
    own = context.values.get("home")
    each = sender_of(context, current.evaluation)
    for _ in range(_HOME_SEARCH_MAX):
        if each is None:
            return None
        if each.origin is context.origin and not each.function and own in (None, each.values.get("home")):
            return each
        each = sender_of(each, current.evaluation)
    return None


def method(context: Context) -> Any:
    """`method`: the class's own as long as that has the source which runs, else one of that source."""
    settle(context)
    world = current.world
    if context.primitive is not None:
        class_name, _, selector = BY_NAME[context.primitive].title.partition(">>")
        return world.lookup(world.behavior_named(class_name), selector)
    origin = context.origin
    if origin is None:
        return None
    if origin.resolutions.is_doit:
        return Method(world.kernel.classes["UndefinedObject"], _DOIT, origin.source, "")
    owner = _owner(context, origin)
    selector = parse_method(origin.source).selector
    present = world.lookup(owner, selector)
    if present is not None and present.owner is owner and present.source == origin.source:
        return present
    return Method(owner, selector, origin.source, "")


def _owner(context: Context, origin: Origin) -> Behavior:
    """The class of a method that runs; that of the receiver when it is gone."""
    world = current.world
    try:
        return world.behavior_named(origin.resolutions.class_key)
    except KeyError:
        return world.class_of(context.values.get("self"))


def line(context: Context) -> Any:
    """`line`."""
    settle(context)
    return None if context.origin is None else Position(context.origin, context.function, context.index).line


def _names(context: Context) -> list[str]:
    """Python names of the arguments and temporaries that an activation's function uses, arguments first."""
    settle(context)
    if context.origin is None:
        return []
    lowered = context.origin.lowered()
    function = lowered.functions[context.function]
    used = local_names(function.code)
    parameters = [name for name in function.parameters if name in lowered.variables]
    return parameters + [name for name in lowered.variables if name in used and name not in parameters]


def _value(context: Context, name: str) -> Any:
    """The value of a variable; nil before it has one."""
    value = context.values.get(name)
    return value.v if isinstance(value, Box) else value


def arguments(context: Context) -> Any:
    """`arguments`."""
    names = _names(context)
    parameters = context.origin.lowered().functions[context.function].parameters if context.origin else ()
    return current.world.new_array([_value(context, name) for name in names if name in parameters])


def temp_names(context: Context) -> Any:
    """`tempNames`."""
    names = _names(context)
    variables = context.origin.lowered().variables if context.origin else {}
    return current.world.new_array([current.world.new_text(variables[name]) for name in names])


def temps(context: Context) -> Any:
    """`temps`."""
    return current.world.new_array([_value(context, name) for name in _names(context)])


def is_block(context: Context) -> Any:
    """`isBlockContext`."""
    return TRUE if context.function else FALSE


def is_dead(context: Context) -> Any:
    """`isDead`."""
    settle(context)
    return TRUE if context.is_over else FALSE


def block_source(context: Context) -> Any:
    """The text of the block that runs."""
    settle(context)
    assert context.origin is not None, "only activations of the language have blocks"
    start = context.origin.lowered().functions[context.function].start
    return current.world.new_text(text_of_block(context.origin, start))


def signaler_context(exception: Any) -> Any:
    """`signalerContext`."""
    if exceptions.active_signal(exception) is None:
        return None
    return signaller_of(exception, current.evaluation, sys._getframe())  # noqa: SLF001 - the stack is what is asked for


def return_value(context: Context, value: Any) -> Any:
    """`return:`."""
    evaluation = current.evaluation
    try:
        if evaluation.keeper is not None:
            evaluation.keeper.return_from(evaluation, sys._getframe(), context, value)  # noqa: SLF001 - the stack is moved
        gap = _NO_KEEPER
    except UnresumableError as refused:
        gap = str(refused)
    return current.world.signal("BlockCannotReturn", gap)


def restart(context: Context) -> Any:
    """`restart`."""
    evaluation = current.evaluation
    try:
        if evaluation.keeper is not None:
            evaluation.keeper.begin_anew(evaluation, sys._getframe(), context)  # noqa: SLF001 - the stack is moved
        gap = _NO_KEEPER
    except UnresumableError as refused:
        gap = str(refused)
    return current.world.signal("BlockCannotReturn", gap)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "contextSender": sender,
    "contextReceiver": receiver,
    "contextHome": home,
    "contextMethod": method,
    "contextLine": line,
    "contextArguments": arguments,
    "contextTempNames": temp_names,
    "contextTemps": temps,
    "contextIsBlock": is_block,
    "contextIsDead": is_dead,
    "contextBlockSource": block_source,
    "contextReturn": return_value,
    "contextRestart": restart,
    "exceptionSignalerContext": signaler_context,
}
