"""Control: evaluating blocks, performing messages, handling exceptions, unwinding.

These call back into the language, always by a plain Python call, so a deep recursion costs no C stack. Together with
`runtime.exceptions` they are the frames a suspended computation may contain between those of generated code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler.mangle import dispatch_name
from ..runtime import current, exceptions, failures
from ..runtime.calls import call
from ..runtime.limits import ARGUMENTS_MAX
from ..runtime.objects import FALSE, TRUE, Symbol
from ..runtime.stubs import not_understood

if TYPE_CHECKING:
    from collections.abc import Callable


def arity(block: Any) -> int:
    """How many arguments a block takes."""
    count: int = block.__code__.co_argcount
    return count


def _wrong_count(block: Any, count: int) -> Any:
    """Let the block signal that it takes another number of arguments."""
    return current.world.send(block, "numArgsError:", count)


def value_0(block: Any) -> Any:
    """`value`."""
    return block() if block.__code__.co_argcount == 0 else _wrong_count(block, 0)


def value_1(block: Any, a: Any) -> Any:
    """`value:`."""
    return block(a) if block.__code__.co_argcount == 1 else _wrong_count(block, 1)


def value_2(block: Any, a: Any, b: Any) -> Any:
    """`value:value:`."""
    return block(a, b) if block.__code__.co_argcount == 2 else _wrong_count(block, 2)  # noqa: PLR2004 - its arity


def value_3(block: Any, a: Any, b: Any, c: Any) -> Any:
    """`value:value:value:`."""
    return block(a, b, c) if block.__code__.co_argcount == 3 else _wrong_count(block, 3)  # noqa: PLR2004 - its arity


def value_4(block: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """`value:value:value:value:`."""
    return block(a, b, c, d) if block.__code__.co_argcount == 4 else _wrong_count(block, 4)  # noqa: PLR2004 - its arity


def value_with_arguments(block: Any, arguments: Any) -> Any:
    """`valueWithArguments:`."""
    items = getattr(arguments, "items", None)
    if items is None:
        return current.world.send(block, "errorNotAnArray:", arguments)
    return call(block, items) if len(items) == arity(block) else _wrong_count(block, len(items))


def cull_1(block: Any, a: Any) -> Any:
    """`cull:`."""
    return block(a) if arity(block) == 1 else _cull(block, [a])


def cull_2(block: Any, a: Any, b: Any) -> Any:
    """`cull:cull:`."""
    return block(a, b) if arity(block) == 2 else _cull(block, [a, b])  # noqa: PLR2004 - its arity


def cull_3(block: Any, a: Any, b: Any, c: Any) -> Any:
    """`cull:cull:cull:`."""
    return _cull(block, [a, b, c])


def cull_4(block: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """`cull:cull:cull:cull:`."""
    return _cull(block, [a, b, c, d])


def _cull(block: Any, items: list[Any]) -> Any:
    """Evaluate with as many of the arguments as the block takes."""
    count = arity(block)
    return call(block, items[:count]) if count <= len(items) else _wrong_count(block, len(items))


def on_do(block: Any, selector: Any, action: Any) -> Any:
    """`on:do:`."""
    return exceptions.on_do(block, selector, action) if arity(block) == 0 else _wrong_count(block, 0)


def ensure(block: Any, final: Any) -> Any:
    """`ensure:`."""
    return exceptions.ensure(block, final) if arity(block) == 0 else _wrong_count(block, 0)


def if_curtailed(block: Any, final: Any) -> Any:
    """`ifCurtailed:`."""
    return exceptions.if_curtailed(block, final) if arity(block) == 0 else _wrong_count(block, 0)


def _no_signal(exception: Any) -> Any:
    """Signal that an exception's handler is asked for although none runs."""
    return current.world.send(exception, "errorNotActive")


def is_active(exception: Any) -> Any:
    """Whether a handler or the default action of the exception runs."""
    return FALSE if exceptions.active_signal(exception) is None else TRUE


def is_nested(exception: Any) -> Any:
    """Whether a handler outside the running one would handle the exception."""
    record = exceptions.active_signal(exception)
    return FALSE if record is None else exceptions.has_outer_handler(record)


def return_value(exception: Any, value: Any) -> Any:
    """`return:`."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.return_value(record, value)


def retry(exception: Any) -> Any:
    """`retry`."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.retry_using(record, None)


def retry_using(exception: Any, block: Any) -> Any:
    """`retryUsing:`."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.retry_using(record, block)


def resume_unchecked(exception: Any, value: Any) -> Any:
    """`resume:` of an exception that may be resumed."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.resume(record, value)


def outer(exception: Any) -> Any:
    """`outer` of an exception that may be resumed."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.outer(record)


def pass_outwards(exception: Any) -> Any:
    """`pass`: a resumption further outwards is the value of the signal."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.pass_outwards(record)


def resignal_as(exception: Any, replacement: Any) -> Any:
    """`resignalAs:`."""
    record = exceptions.active_signal(exception)
    return _no_signal(exception) if record is None else exceptions.resignal_as(record, replacement)


def selector_of(value: Any) -> str | None:
    """The selector that a Symbol or String names, None for anything else."""
    return value.name if type(value) is Symbol else getattr(value, "text", None)


#: Characters of a selector that is looked for among the dispatch tables: longer ones are looked up each time.
SELECTOR_CHARACTERS_MAX: Final = 256


def argument_count(selector: str) -> int:
    """How many arguments a message of that selector has."""
    if selector and (selector[0].isalpha() or selector[0] == "_"):
        return selector.count(":")
    return 1


def _perform(receiver: Any, selector: Any, arguments: list[Any]) -> Any:
    """Send a message whose selector is a value."""
    name = selector_of(selector)
    if not name or argument_count(name) != len(arguments) or len(arguments) > ARGUMENTS_MAX:
        return current.world.send(receiver, "errorPerform:with:", selector, current.world.new_array(arguments))
    return call(_function_for(receiver, name), [receiver, *arguments])


def _function_for(receiver: Any, name: str) -> Callable[..., Any]:
    """The function that answers a message. One nobody implements gets no dispatch table: those stay for ever."""
    world = current.world
    has_table = len(name) <= SELECTOR_CHARACTERS_MAX and dispatch_name(name) in world.g
    if not has_table and world.lookup(world.class_of(receiver), name) is None:
        return not_understood(world, name)
    return world.table(name)[type(receiver)]


def perform_0(receiver: Any, selector: Any) -> Any:
    """`perform:`."""
    return _perform(receiver, selector, [])


def perform_1(receiver: Any, selector: Any, a: Any) -> Any:
    """`perform:with:`."""
    return _perform(receiver, selector, [a])


def perform_2(receiver: Any, selector: Any, a: Any, b: Any) -> Any:
    """`perform:with:with:`."""
    return _perform(receiver, selector, [a, b])


def perform_3(receiver: Any, selector: Any, a: Any, b: Any, c: Any) -> Any:
    """`perform:with:with:with:`."""
    return _perform(receiver, selector, [a, b, c])


def perform_with_arguments(receiver: Any, selector: Any, arguments: Any) -> Any:
    """`perform:withArguments:`."""
    items = getattr(arguments, "items", None)
    if items is None:
        return current.world.send(receiver, "errorPerform:with:", selector, arguments)
    return _perform(receiver, selector, list(items))


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "blockValue": value_0,
    "blockValue1": value_1,
    "blockValue2": value_2,
    "blockValue3": value_3,
    "blockValue4": value_4,
    "blockValueWithArguments": value_with_arguments,
    "blockCull1": cull_1,
    "blockCull2": cull_2,
    "blockCull3": cull_3,
    "blockCull4": cull_4,
    "blockNumArgs": arity,
    "blockOnDo": on_do,
    "blockEnsure": ensure,
    "blockIfCurtailed": if_curtailed,
    "exceptionSignal": exceptions.signal,
    "exceptionIsActive": is_active,
    "exceptionIsNested": is_nested,
    "exceptionReturn": return_value,
    "exceptionRetry": retry,
    "exceptionRetryUsing": retry_using,
    "exceptionResume": resume_unchecked,
    "exceptionOuter": outer,
    "exceptionPass": pass_outwards,
    "exceptionResignalAs": resignal_as,
    "exceptionUnhandled": failures.fail_unhandled,
    "perform": perform_0,
    "performWith": perform_1,
    "performWithWith": perform_2,
    "performWithWithWith": perform_3,
    "performWithArguments": perform_with_arguments,
}
