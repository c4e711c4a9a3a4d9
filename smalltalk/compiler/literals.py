"""Tree -> IR: literals and brace arrays. Mutable literals are made anew at each evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..syntax.nodes import ArrayLiteral, BraceArray, CharacterLiteral, Literal, SymbolLiteral
from . import ir
from .errors import SemanticFailure
from .limits import LITERALS_NESTED_MAX
from .mangle import mangle

if TYPE_CHECKING:
    from .lower import Lowering


def lower_literal(lowering: Lowering, node: Literal, out: list[Any], dst: str | None) -> ir.Operand:
    """A number, a string (new at each evaluation), nil, true or false."""
    operand: ir.Operand
    if node.parameter is not None:
        operand = ir.Local(f"k{node.parameter}")
        lowering.use(operand.text)
    elif isinstance(node.value, bool):
        return ir.TRUE if node.value else ir.FALSE
    else:
        operand = ir.Constant(node.value)
    if not isinstance(node.value, str):
        return operand
    name = dst or lowering.fresh().text
    out.append(ir.MakeText(lowering.index(node.start), name, operand))
    return ir.Local(name)


def lower_symbol(_lowering: Lowering, node: SymbolLiteral, _out: list[Any], _dst: str | None) -> ir.Operand:
    """A symbol."""
    return ir.Named(f"Y_{mangle(node.name)}")


def lower_character(_lowering: Lowering, node: CharacterLiteral, _out: list[Any], _dst: str | None) -> ir.Operand:
    """A character."""
    return ir.Named(f"C_{node.code}")


def lower_compound(lowering: Lowering, node: Any, out: list[Any], dst: str | None) -> ir.Operand:
    """A literal array, byte array or scaled decimal: new at each evaluation."""
    if _literal_depth(node) > LITERALS_NESTED_MAX:
        message = f"Literal arrays nested too deeply (at most {LITERALS_NESTED_MAX})"
        raise SemanticFailure(message, lowering.source, node.start, node.stop, "build the array with messages")
    name = dst or lowering.fresh().text
    out.append(ir.MakeLiteral(lowering.index(node.start), name, node))
    return ir.Local(name)


def lower_brace(lowering: Lowering, node: BraceArray, out: list[Any], dst: str | None) -> ir.Operand:
    """An Array of values."""
    elements = lowering.operands(node.elements, out)
    name = dst or lowering.fresh().text
    out.append(ir.MakeArray(lowering.index(node.start), name, elements))
    return ir.Local(name)


def _literal_depth(node: Any) -> int:
    """Literal arrays inside each other, found without recursion."""
    depth = 0
    level = [node]
    while level:
        depth += 1
        level = [element for each in level if isinstance(each, ArrayLiteral) for element in each.elements]
    return depth
