"""Tree -> IR: the sends that are control structures (see `inlining`).

Their meaning is exactly that of the messages: a loop's variable and the temporaries of its block are new at each turn,
a branch not taken answers nil, `to:do:` answers its receiver, a receiver that is no Boolean is an error;
what that is resumed with is taken for true, unless it is false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..syntax.nodes import Block, Return, Send, Variable
from . import ir
from .fusion import COMPARISONS
from .inlining import BRANCHES, COUNTS, LOGIC, LOOPS, NIL_BRANCHES
from .messages import share

if TYPE_CHECKING:
    from .lower import Lowering


def lower_control(lowering: Lowering, node: Send, out: list[Any], dst: str | None) -> None:
    """Lower an inlined send; its value goes into `dst` unless nobody wants it."""
    saved = lowering.temporary
    selector = node.selector
    if selector in BRANCHES:
        _branch(lowering, node, out, dst)
    elif selector in LOGIC:
        _logic(lowering, node, out, dst or lowering.fresh().text)
    elif selector in NIL_BRANCHES:
        _nil_branch(lowering, node, out, dst)
    elif selector in LOOPS:
        _loop(lowering, node, out, dst)
    else:
        assert selector in COUNTS
        _count(lowering, node, out, dst)
    lowering.temporary = saved


def lower_arm(lowering: Lowering, block: Block, dst: str | None) -> list[Any]:
    """Lower a block in place as one arm; its value goes into `dst` unless nobody wants it."""
    out: list[Any] = []
    saved = lowering.temporary
    lowering.indent(block, 1)
    lowering.declare(block, out)
    value = lowering.statements(block.statements, out, wants_last=dst is not None, dst=dst)
    lowering.indent(block, -1)
    if dst is not None and value is not None and value.text != dst:
        out.append(ir.Move(lowering.index(block.start), dst, value))
    lowering.temporary = saved
    return out


def _constant_arm(lowering: Lowering, offset: int, dst: str | None, value: ir.Operand) -> list[Any]:
    if dst is None or value.text == dst:
        return []
    return [ir.Move(lowering.index(offset), dst, value)]


def _non_boolean(lowering: Lowering, node: Send, dst: str | None, test: ir.Test) -> ir.NonBoolean | None:
    """The third arm of a test, None where an identity is tested."""
    if isinstance(test, (ir.Same, ir.Takes)):
        return None
    value = test.value if isinstance(test, ir.Truth) else ir.Local(test.dst)
    name = dst or lowering.fresh().text
    return ir.NonBoolean(lowering.index(node.selector_start), name, value, node.selector)


def _test(lowering: Lowering, node: Any, out: list[Any]) -> tuple[ir.Test, bool]:
    """Lower a condition; answer the test and whether its outcome is to be inverted."""
    inverted = False
    while _is_negation(lowering, node):
        inverted = not inverted
        node = node.receiver
    selector = _test_selector(lowering, node)
    if selector in COMPARISONS:
        left, right = lowering.operands([node.receiver, *node.arguments], out)
        name = lowering.fresh().text
        return ir.Compare(lowering.index(node.selector_start), name, selector, left, right), inverted
    if selector in ("==", "~~"):
        left, right = lowering.operands([node.receiver, *node.arguments], out)
        return ir.Same(lowering.index(node.selector_start), left, right, selector == "~~"), inverted
    if selector in ("isNil", "notNil"):
        value = lowering.value(node.receiver, out)
        return ir.Same(lowering.index(node.selector_start), value, ir.NIL, selector == "notNil"), inverted
    value = lowering.value(node, out)
    if isinstance(value, ir.Constant):
        value = lowering.named(value, node.start, out)  # Python warns of `7 is TRUE`
    return ir.Truth(lowering.index(node.start), value), inverted


def _test_selector(lowering: Lowering, node: Any) -> str:
    """Selector of a plain send that may be fused into a test, else an empty text."""
    if not isinstance(node, Send) or id(node) in lowering.scopes.inlined:
        return ""
    if isinstance(node.receiver, Variable) and node.receiver.name == "super":
        return ""
    return node.selector


def _is_negation(lowering: Lowering, node: Any) -> bool:
    """Whether it is `not` sent to something that answers a Boolean for certain or ends in an error."""
    if _test_selector(lowering, node) != "not":
        return False
    inner = _test_selector(lowering, node.receiver)
    return inner in ("==", "~~", "isNil", "notNil") or (inner == "not" and _is_negation(lowering, node.receiver))


def _branch(lowering: Lowering, node: Send, out: list[Any], dst: str | None) -> None:
    test, inverted = _test(lowering, node.receiver, out)
    arms: dict[bool, list[Any]] = {}
    for block, when in zip(node.arguments, BRANCHES[node.selector], strict=True):
        assert isinstance(block, Block)
        arms[when] = lower_arm(lowering, block, dst)
    for when in (True, False):
        if when not in arms:
            arms[when] = _constant_arm(lowering, node.start, dst, ir.NIL)
    neither = _non_boolean(lowering, node, dst, test)
    out.append(ir.If(test, arms[not inverted], arms[inverted], neither))


def _logic(lowering: Lowering, node: Send, out: list[Any], dst: str) -> None:
    """`a and: [b] and: [c]` is `a and: [b and: [c]]`."""
    conjunction = LOGIC[node.selector]
    short = ir.FALSE if conjunction else ir.TRUE
    test, inverted = _test(lowering, node.receiver, out)
    for block in node.arguments:
        assert isinstance(block, Block)
        go_on = lower_arm(lowering, block, dst)
        stop = _constant_arm(lowering, node.start, dst, short)
        neither = _non_boolean(lowering, node, dst, test)
        then, otherwise = (go_on, stop) if conjunction is not inverted else (stop, go_on)
        out.append(ir.If(test, then, otherwise, neither))
        out = go_on
        if block.statements and isinstance(block.statements[-1], Return):
            return
        if block is not node.arguments[-1]:
            test, inverted = ir.Truth(lowering.index(block.start), ir.Local(dst)), False


def _nil_branch(lowering: Lowering, node: Send, out: list[Any], dst: str | None) -> None:
    value = lowering.value(node.receiver, out)
    share(value, out)
    test = ir.Same(lowering.index(node.selector_start), value, ir.NIL, negated=False)
    arms: dict[bool, list[Any]] = {}
    for block, for_nil in zip(node.arguments, NIL_BRANCHES[node.selector], strict=True):
        assert isinstance(block, Block)
        bind: list[Any] = []
        if block.parameters:
            parameter = lowering.scopes.declared[id(block)][0]
            bind.append(ir.Move(lowering.index(block.start), parameter.local, value))
        arms[for_nil] = bind + lower_arm(lowering, block, dst)
    for for_nil in (True, False):
        if for_nil not in arms:
            arms[for_nil] = _constant_arm(lowering, node.start, dst, ir.NIL if for_nil else value)
    out.append(ir.If(test, arms[True], arms[False], None))


def _loop(lowering: Lowering, node: Send, out: list[Any], dst: str | None) -> None:
    expected = LOOPS[node.selector]
    receiver = node.receiver
    assert isinstance(receiver, Block)
    _enter_loop(lowering)
    condition: list[Any] = []
    test: ir.Test | None = None
    inverted = False
    if expected is not None:
        lowering.declare(receiver, condition)
        test, inverted = _loop_test(lowering, receiver, condition)
    body: list[Any] = [ir.Poll(lowering.index(node.selector_start))]
    for block in (receiver,) if expected is None else node.arguments:
        assert isinstance(block, Block)
        body += lower_arm(lowering, block, None)
    lowering.loop_depth -= 1
    neither = None if test is None else _non_boolean(lowering, node, None, test)
    out.append(ir.While(condition, test, bool(expected) is not inverted, body, neither))
    out += _constant_arm(lowering, node.start, dst, ir.NIL)


def _loop_test(lowering: Lowering, block: Block, out: list[Any]) -> tuple[ir.Test, bool]:
    if not block.statements or isinstance(block.statements[-1], Return):
        lowering.statements(block.statements, out, wants_last=False)
        return ir.Truth(lowering.index(block.start), ir.NIL), False
    lowering.statements(block.statements[:-1], out, wants_last=False)
    return _test(lowering, block.statements[-1], out)


def _enter_loop(lowering: Lowering) -> None:
    lowering.loop_depth += 1
    lowering.has_loops = True


def _count(lowering: Lowering, node: Send, out: list[Any], dst: str | None) -> None:
    block = node.arguments[-1]
    assert isinstance(block, Block)
    index = lowering.index(node.selector_start)
    step = getattr(node.arguments[1], "value", 1) if len(node.arguments) == 3 else 1  # noqa: PLR2004 - to:by:do:
    if block.parameters:
        start, stop = lowering.operands([node.receiver, node.arguments[0]], out)
        start = start if dst is None else _steady(lowering, start, node.start, out)
        variable = lowering.scopes.declared[id(block)][0].local
    else:
        start, stop = ir.Constant(1), lowering.value(node.receiver, out)
        variable = lowering.fresh().text
    stop = _steady(lowering, stop, node.start, out)
    answer = start if block.parameters else stop
    enter = ir.Move(lowering.index(node.start), variable, start)
    operator = "<=" if step > 0 else ">="
    here = ir.Local(variable)
    test = ir.Compare(lowering.index(node.selector_start), lowering.fresh().text, operator, here, stop)
    _enter_loop(lowering)
    body = [ir.Poll(lowering.index(node.selector_start)), *lower_arm(lowering, block, None)]
    lowering.loop_depth -= 1
    advance = ir.Arithmetic(lowering.index(node.selector_start), variable, "+", here, ir.Constant(step))
    neither = _non_boolean(lowering, node, None, test)
    assert neither is not None
    out.append(ir.ToDo(index, variable, start, stop, step, body, enter, test, advance, neither))
    out += _constant_arm(lowering, node.start, dst, answer)


def _steady(lowering: Lowering, value: ir.Operand, offset: int, out: list[Any]) -> ir.Operand:
    """The operand, copied unless no code in a loop can store into it: arguments, intermediates, literals."""
    if isinstance(value, ir.Constant) or (isinstance(value, ir.Local) and not value.text.startswith("v_")):
        return value
    return lowering.named(value, offset, out)
