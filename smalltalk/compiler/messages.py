"""Tree -> IR: one message, once its receiver and arguments are operands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..syntax.nodes import Cascade, Variable
from . import ir
from .fusion import BLOCK_SENDS
from .mangle import super_name
from .operands import Local

if TYPE_CHECKING:
    from .lower import Lowering

#: Operators whose operands are guessed to be numbers.
ARITHMETIC: Final = frozenset(("+", "-", "*", "<", "<=", ">", ">="))

#: Messages that have operations of their own.
_IN_PLACE: Final = ARITHMETIC | {"==", "~~", "isNil", "notNil"}


def lower_message(
    lowering: Lowering,
    node: Any,
    target: Any,
    receiver: ir.Operand,
    arguments: list[ir.Operand],
    out: list[Any],
    dst: str | None,
) -> ir.Operand:
    """Lower one message; `target` is the receiver's node, `node` the send or the cascade's message."""
    selector = node.selector
    answer = lowering.fresh() if dst is None else Local(dst)
    index = lowering.index(node.selector_start)
    if type(target) is Variable and target.name == "super" and id(target) not in lowering.scopes.temporaries:
        function = super_name(selector, lowering.resolutions.class_key)
        out.append(ir.SuperSend(index, answer.text, selector, function, arguments))
        lowering.activations[-1].sends = True
    elif selector in _IN_PLACE:
        out.append(_in_place(index, answer.text, selector, receiver, arguments))
        if selector == "*":
            lowering.multiplied(node.selector_start, out)
    else:
        if selector in BLOCK_SENDS and isinstance(receiver, (ir.BoxValue, ir.Field, ir.ClassVariable)):
            receiver = lowering.named(receiver, node.selector_start, out)
        out.append(ir.Send(index, answer.text, selector, receiver, arguments))
        lowering.activations[-1].sends = True
    return answer


def _in_place(
    index: int, dst: str, selector: str, receiver: ir.Operand, arguments: list[ir.Operand]
) -> ir.Arithmetic | ir.Identical:
    """The operation that does without sending what a message of `_IN_PLACE` asks for."""
    if selector in ARITHMETIC:
        return ir.Arithmetic(index, dst, selector, receiver, arguments[0])
    if selector in ("==", "~~"):
        return ir.Identical(index, dst, receiver, arguments[0], selector == "~~")
    return ir.Identical(index, dst, receiver, ir.NIL, selector == "notNil")


def lower_cascade(lowering: Lowering, node: Cascade, out: list[Any], dst: str | None) -> ir.Operand:
    """Lower the messages of a cascade; answer the value of the last one."""
    receiver = lowering.kept(lowering.value(node.receiver, out), node.receiver, out)
    share(receiver, out)
    value: ir.Operand = receiver
    for message in node.messages:
        arguments = lowering.operands(message.arguments, out)
        is_last = message is node.messages[-1]
        value = lower_message(lowering, message, node.receiver, receiver, arguments, out, dst if is_last else None)
        if not is_last:
            drop_answer(out)
    return value


def drop_answer(out: list[Any]) -> None:
    """Note that nobody wants what the last operation answers, if it is a send."""
    if out and isinstance(out[-1], ir.Send):
        out[-1].is_wanted = False


def share(value: ir.Operand, out: list[Any]) -> None:
    """Note that more than one operation reads the value, which the last one may have computed."""
    if out and isinstance(out[-1], (ir.Move, ir.Arithmetic, ir.Send)) and out[-1].dst == value.text:
        out[-1].is_shared = True
