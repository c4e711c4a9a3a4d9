"""Tree -> IR: one message, once its receiver and arguments are operands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..syntax.nodes import Variable
from . import ir
from .fusion import BLOCK_SENDS
from .mangle import super_name

if TYPE_CHECKING:
    from .lower import Lowering

#: Operators whose operands are guessed to be numbers.
ARITHMETIC: Final = frozenset(("+", "-", "*", "<", "<=", ">", ">="))


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
    name = dst or lowering.name_temporary()
    index = lowering.index(node.selector_start)
    if isinstance(target, Variable) and target.name == "super" and id(target) not in lowering.scopes.temporaries:
        function = super_name(selector, lowering.resolutions.class_key)
        out.append(ir.SuperSend(index, name, selector, function, arguments))
        lowering.activations[-1].sends = True
    elif selector in ARITHMETIC:
        out.append(ir.Arithmetic(index, name, selector, receiver, arguments[0]))
        if selector == "*":
            lowering.multiplied(node.selector_start, out)
    elif selector in ("==", "~~"):
        out.append(ir.Identical(index, name, receiver, arguments[0], selector == "~~"))
    elif selector in ("isNil", "notNil"):
        out.append(ir.Identical(index, name, receiver, ir.NIL, selector == "notNil"))
    else:
        if selector in BLOCK_SENDS and isinstance(receiver, (ir.BoxValue, ir.Field, ir.ClassVariable)):
            receiver = lowering.named(receiver, node.selector_start, out)
        out.append(ir.Send(index, name, selector, receiver, arguments))
        lowering.activations[-1].sends = True
    return ir.Local(name)
