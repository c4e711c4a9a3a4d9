"""Which activations made the blocks that run in a stack: whose variables and receiver those see.

A block takes along the variables that it uses and nothing else, so its activation need not know who made it. The stack
tells, where it can be told for certain: who evaluates a block holds it, and so does who made it, as long as that waits
in the message that it gave the block to, or has it in a temporary that holds nothing else.
"""

from __future__ import annotations

from functools import lru_cache
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from ..compiler import ir
from ..compiler.continuations import operation_at
from ..compiler.origins import owner
from ..runtime.objects import Box

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..compiler.origins import Origin
    from ..runtime.contexts import Context

#: Primitives that evaluate a block which their sender holds.
_UNWINDING: Final = frozenset({"ensure:", "ifCurtailed:"})

#: Activations further out among which the maker of a block is looked for: a page of a thousand lines of a deep stack
#: holds up everybody else for as long as that takes, half a second.
_NEAREST_MAX: Final = 500

#: Blocks whose makers' names for them stay known: those of a stack or two.
_NAMES_MAX: Final = 256


def surroundings_of(context: Context) -> list[Context]:
    """The activations around a block's, as far as they wait in the stack and are known: the one that made it first."""
    found: list[Context] = []
    maker: Context | None = context
    while maker is not None and maker.function:
        maker = _maker_of(maker)
        if maker is not None:
            found.append(maker)
    if not found or found[-1].function:
        home = _home_of(context)
        found += [] if home is None else [home]
    return found


def _maker_of(context: Context) -> Context | None:
    """The activation that made the block that runs in a context; None if nothing tells."""
    assert context.origin is not None
    block = _block_of(context)
    if block is None:
        return None
    names = _names_of(context.origin, context.function)
    number = context.origin.lowered().functions[context.function].outer
    for each in _further_out(context):
        is_activation = each.origin is context.origin and each.function == number
        if is_activation and any(each.values.get(name) is block for name in names):
            return each
    return None


def _further_out(context: Context) -> Iterator[Context]:
    """Iterate over the nearest contexts that wait for a context, innermost first."""
    each = context.sender
    for _ in range(_NEAREST_MAX):
        if each is None:
            return
        yield each
        each = each.sender


def _block_of(context: Context) -> Any:
    """The block that runs in a context, as whoever evaluates it holds it; None if nobody does."""
    sender = context.sender
    if sender is None:
        return None
    held: list[Any] = []
    if sender.primitive == "attend":
        held.append(getattr(getattr(sender.values.get("record"), "handler", None), "action", None))
    elif sender.primitive == "on:do:":
        held.append(getattr(sender.values.get("handler"), "protected", None))
    elif sender.primitive in _UNWINDING and sender.sender is not None:
        held += sent_by(sender.sender)
    elif sender.primitive is None:
        held += sent_by(sender)
    place = context.origin, context.function
    return next((each for each in held if type(each) is FunctionType and owner(each.__code__) == place), None)


def sent_by(context: Context) -> Iterator[Any]:
    """What a context sends in the message whose answer it waits for: the arguments and the receiver."""
    if context.origin is None:
        return
    op = operation_at(context.origin, context.function, context.index)
    if isinstance(op, (ir.Send, ir.SuperSend)):
        for operand in (*op.arguments, *([op.receiver] if isinstance(op, ir.Send) else ())):
            if isinstance(operand, ir.Local):
                yield context.values.get(operand.text)
            elif isinstance(operand, ir.BoxValue):
                yield getattr(context.values.get(operand.name), "v", None)
            elif isinstance(operand, ir.Field):
                yield getattr(context.values.get("self"), f"i{operand.slot}", None)


@lru_cache(maxsize=_NAMES_MAX)
def _names_of(origin: Origin, number: int) -> frozenset[str]:
    """Names of the variables that hold that block, or nil, in the activation that makes it: never anything else."""
    functions = origin.lowered().functions
    block = functions[number].name
    sources: dict[str, set[str | None]] = {}
    for op in _operations(functions[functions[number].outer].code):
        dst = getattr(op, "dst", None)
        if dst is not None:
            value = op.value if isinstance(op, ir.Move) else None
            is_nil = isinstance(value, ir.Constant) and value.value is None
            sources.setdefault(dst, set()).update(() if is_nil else {getattr(value, "text", None)})
    return frozenset({block, *(name for name, found in sources.items() if found == {block})})


def _operations(code: Sequence[ir.Operation]) -> Iterator[ir.Operation]:
    """All operations of an activation, those inside others included."""
    for op in code:
        yield op
        for name in ("then", "otherwise", "condition", "body"):
            yield from _operations(getattr(op, name, ()))


def _home_of(context: Context) -> Context | None:
    """The context of a block's method, if that waits further out in the stack and is known to be that of the block.

    Any other activation of that method would show other variables, so it has to share what no other one has: the place
    that a `^` returns from, or a variable that the block may assign.
    """
    for each in _further_out(context):
        if each.origin is context.origin and not each.function and _share_own(context.values, each.values):
            return each
    return None


def _share_own(block: Mapping[str, Any], method: Mapping[str, Any]) -> bool:
    """Whether the values of a block's activation hold something that belongs to one activation of its method only."""
    return any(
        (name == "home" or isinstance(value, Box)) and method.get(name) is value for name, value in block.items()
    )
