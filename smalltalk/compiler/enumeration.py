"""Tree -> IR: `do:` with a block written in place, as a loop for receivers that the kernel's `do:` walks by position.

    if the receiver Takes asArray  its class is Set: what its do: walks is an Array of the elements
      then       walked := receiver asArray
      otherwise  walked := receiver
    if walked Takes do:            its class is Array or OrderedCollection, and means what the kernel's does
      then       j := 1.  [j <= walked size] whileTrue: [each := walked at: j.  ...body...  j := j + 1]
      otherwise  receiver do: [:each | ...body...]

The loop asks for the size at each turn, so that it meets what is added meanwhile, as the kernel's methods do. The block
is lowered twice; inside the real block `do:` is a message like any other, so nested ones grow the code by their depth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..syntax.nodes import Block, Send, Variable
from . import ir

if TYPE_CHECKING:
    from collections.abc import Callable

    from .lower import Lowering

#: The message.
SELECTOR: Final = "do:"

#: What `do:` of a set sends first.
COPIED: Final = "asArray"

#: Indentation from which on nothing is lowered twice: the copies stand a little deeper than a block alone would.
_INDENT_MAX: Final = 40


def is_enumeration(node: Send) -> bool:
    """Whether the send is a `do:` with a block written in place."""
    if node.selector != SELECTOR or (isinstance(node.receiver, Variable) and node.receiver.name == "super"):
        return False
    block = node.arguments[0]
    return isinstance(block, Block) and len(block.parameters) == 1


def may_enumerate(lowering: Lowering, node: Send) -> bool:
    """Whether the send is lowered as a loop here."""
    is_loop = id(node) in lowering.scopes.enumerations
    return is_loop and not lowering.is_copying and lowering.indentation < _INDENT_MAX


def lower_enumeration(
    lowering: Lowering, node: Send, out: list[Any], arm: Callable[[Lowering, Block, str | None], list[Any]]
) -> ir.Operand:
    """Lower a `do:`; answer its value, the receiver.

    Args:
        lowering: the unit's.
        node: the send.
        out: where to.
        arm: lowers a block in place.
    """
    block = node.arguments[0]
    assert isinstance(block, Block)
    receiver = lowering.value(node.receiver, out)
    if not isinstance(receiver, ir.Local) or receiver.text.startswith("v_"):
        receiver = lowering.named(receiver, node.start, out)
    walked = _walked(lowering, node, receiver, out)
    test = ir.Takes(lowering.index(node.selector_start), walked, SELECTOR)
    lowering.indent(node, 2)
    loop = _loop(lowering, node, block, walked, arm)
    lowering.is_copying = True
    otherwise: list[Any] = []
    closure = lowering.value(block, otherwise)
    otherwise[-1].copies = True
    lowering.is_copying = False
    lowering.indent(node, -2)
    index = lowering.index(node.selector_start)
    otherwise.append(ir.Send(index, lowering.fresh().text, SELECTOR, receiver, [closure]))
    lowering.activations[-1].sends = True
    out.append(ir.If(test, loop, otherwise, None))
    return receiver


def _walked(lowering: Lowering, node: Send, receiver: ir.Operand, out: list[Any]) -> ir.Operand:
    """What is walked by position in place of the receiver."""
    place = node.selector_start
    walked = lowering.fresh().text
    test = ir.Takes(lowering.index(place), receiver, COPIED)
    copied = ir.Send(lowering.index(place), walked, COPIED, receiver, [], is_proven=True)
    out.append(ir.If(test, [copied], [ir.Move(lowering.index(place), walked, receiver)], None))
    return ir.Local(walked)


def _loop(
    lowering: Lowering,
    node: Send,
    block: Block,
    receiver: ir.Operand,
    arm: Callable[[Lowering, Block, str | None], list[Any]],
) -> list[Any]:
    """The loop over positions."""
    place = node.selector_start
    position, size, outcome = (lowering.fresh().text for _ in range(3))
    here = ir.Local(position)
    enter = ir.Move(lowering.index(node.start), position, ir.Constant(1))
    lowering.loop_depth += 1
    lowering.has_loops = True
    count = ir.Send(lowering.index(place), size, "size", receiver, [], is_proven=True)
    test = ir.Compare(lowering.index(place), outcome, "<=", here, ir.Local(size))
    each = lowering.scopes.declared[id(block)][0].local
    body: list[Any] = [
        ir.Poll(lowering.index(place)),
        ir.Send(lowering.index(place), each, "at:", receiver, [here], is_proven=True),
        *arm(lowering, block, None),
    ]
    lowering.loop_depth -= 1
    body.append(ir.Arithmetic(lowering.index(place), position, "+", here, ir.Constant(1)))
    neither = ir.NonBoolean(lowering.index(place), lowering.fresh().text, ir.Local(outcome), node.selector)
    loop = ir.While([count], test, True, body, neither, (position, receiver.text))  # noqa: FBT003 - named by its field
    return [enter, loop]
