"""Tree -> IR: `at:ifAbsent:` and `at:ifAbsentPut:` with a block in place, without it for Dictionaries.

    if the receiver Takes the key and holds it   its class is Dictionary, and means what the kernel's does
      then       result := receiver at: key
      otherwise  if the receiver Takes the key
                   then       result := ...body...        (for ifAbsentPut:, result := receiver at: key put: ...body...)
                   otherwise  result := receiver at: key ifAbsent: [...body...]

The key must be one that the dictionary need not ask for its hash: an integer, a string or a symbol. The block is
lowered twice, as that of a `do:`; see `enumeration`. Code that guesses nothing only sends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..syntax.nodes import Block, Send, Variable
from . import ir
from .shortcuts import TABLE_PLACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from .lower import Lowering

#: The message that only looks, and the one that also stores.
LOOKS: Final = "at:ifAbsent:"
STORES: Final = "at:ifAbsentPut:"


def is_lookup(node: Send) -> bool:
    """Whether the send is one of the messages with a block written in place."""
    if node.selector not in (LOOKS, STORES) or (isinstance(node.receiver, Variable) and node.receiver.name == "super"):
        return False
    block = node.arguments[1]
    return isinstance(block, Block) and not block.parameters


def lower_lookup(
    lowering: Lowering,
    node: Send,
    out: list[Any],
    dst: str | None,
    arm: Callable[[Lowering, Block, str | None], list[Any]],
) -> ir.Operand:
    """Lower one of the messages; answer its value.

    Args:
        lowering: the unit's.
        node: the send.
        out: where to.
        dst: the proposed name of the value.
        arm: lowers a block in place.
    """
    block = node.arguments[1]
    assert isinstance(block, Block)
    receiver, key = (
        _steady(lowering, operand, node, out) for operand in lowering.operands([node.receiver, node.arguments[0]], out)
    )
    name = dst or lowering.fresh().text
    place = node.selector_start
    finds = ir.Takes(lowering.index(place), receiver, node.selector, key, finds=True)
    found = ir.Send(lowering.index(place), name, "at:", receiver, [key], is_proven=True, proven_place=TABLE_PLACE)
    misses = ir.Takes(lowering.index(place), receiver, node.selector, key)
    lowering.indent(node, 2)
    if node.selector == STORES:
        value = lowering.fresh().text
        missing = arm(lowering, block, value)
        missing.append(ir.Send(lowering.index(place), name, "at:put:", receiver, [key, ir.Local(value)]))
    else:
        missing = arm(lowering, block, name)
    lowering.is_copying = True
    otherwise: list[Any] = []
    closure = lowering.value(block, otherwise)
    otherwise[-1].copies = True
    lowering.is_copying = False
    lowering.indent(node, -2)
    otherwise.append(ir.Send(lowering.index(place), name, node.selector, receiver, [key, closure]))
    lowering.activations[-1].sends = True
    out.append(ir.If(finds, [found], [ir.If(misses, missing, otherwise, None)], None))
    return ir.Local(name)


def _steady(lowering: Lowering, operand: ir.Operand, node: Send, out: list[Any]) -> ir.Operand:
    """The operand with a value of its own: several operations read it, and the block may store into variables."""
    if isinstance(operand, ir.Named) or (isinstance(operand, ir.Constant) and type(operand.value) is int):
        return operand
    if isinstance(operand, ir.Local) and not operand.text.startswith("v_"):
        return operand
    return lowering.named(operand, node.start, out)
