"""Variables that a source names and that are gone: its class lost them after it was compiled.

Only sources of blocks and waiting activations are compiled again that name such; whoever reads or stores one gets an
error of the language there, and everything else of the source goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from . import ir

if TYPE_CHECKING:
    from .lower import Lowering

#: What the receiver is sent, with a text.
_SELECTOR: Final = "error:"


def absence(lowering: Lowering, name: str, place: int, out: list[Any]) -> ir.Operand:
    """Lower a read of a variable that is gone, or a store into it: the error that says so."""
    lowering.use("self")
    lowering.activations[-1].sends = True
    text, answer = lowering.fresh().text, lowering.fresh().text
    message = f"{lowering.resolutions.class_key} has no variable '{name}' any more"
    out.append(ir.MakeText(lowering.index(place), text, ir.Constant(message)))
    out.append(ir.Send(lowering.index(place), answer, _SELECTOR, ir.SELF, [ir.Local(text)]))
    return ir.Local(answer)
