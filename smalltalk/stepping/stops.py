"""Where activations that are stepped stop: before messages, as they are written in the source, and before returns.

What the compiler has put there itself (the counting of a loop, the positions of `do:`) is no stop, nor are assignments
and tests of identity: nothing else can happen at those.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler import ir
from ..compiler.continuations import CONTEXT
from ..compiler.mangle import dispatch_name
from ..engines import engine
from ..runtime.calls import call
from ..stepper import NUMBERS, RUNNERS, ask_non_boolean, run_test
from .calls import entered

if TYPE_CHECKING:
    from collections.abc import Callable

    from .activation import SteppedActivation


def _is_written(activation: SteppedActivation, index: int, operator: str) -> bool:
    """Whether an operator stands in the source where the operation comes from."""
    return activation.origin.source.startswith(operator, activation.origin.lowered().offsets[index])


def _called(function: Callable[..., Any], arguments: list[Any], *, enters: bool) -> Any:
    """The answer of a call, which is stepped or runs at full speed."""
    return entered(function, arguments, run_to_stop) if enters else call(function, arguments)


def _send(activation: SteppedActivation, op: ir.Send) -> None:
    enters = not op.is_proven and activation.comes_to(op.index)
    activation.index = op.index
    operands = [activation.read(each) for each in (*op.arguments, op.receiver)]
    receiver = operands.pop()
    function = activation.named(dispatch_name(op.selector))[type(receiver)]
    activation.values[op.dst] = _called(function, [receiver, *operands], enters=enters)


def _super_send(activation: SteppedActivation, op: ir.SuperSend) -> None:
    enters = activation.comes_to(op.index)
    activation.index = op.index
    arguments = [activation.values["self"], *(activation.read(each) for each in op.arguments)]
    activation.values[op.dst] = _called(activation.named(op.name), arguments, enters=enters)


def _operator(activation: SteppedActivation, op: ir.Arithmetic | ir.Compare) -> bool:
    """Stop before an operator; answer whether it was a message that was stepped."""
    if not _is_written(activation, op.index, op.operator) or not activation.comes_to(op.index):
        return False
    left, right = activation.read(op.left), activation.read(op.right)
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return False
    activation.index = op.index
    function = activation.named(dispatch_name(op.operator))[type(left)]
    activation.values[op.dst] = entered(function, [left, right], run_to_stop)
    return True


def _arithmetic(activation: SteppedActivation, op: ir.Arithmetic) -> None:
    if not _operator(activation, op):
        RUNNERS[ir.Arithmetic](activation, op)


def _tested(activation: SteppedActivation, test: ir.Test) -> Any:
    """The value of a test."""
    if isinstance(test, ir.Compare) and _operator(activation, test):
        return activation.values[test.dst]
    return run_test(activation, test)


def _return(activation: SteppedActivation, op: ir.Return) -> bool | None:
    activation.comes_to(op.index)
    context = activation.values.get(CONTEXT)
    if context is not None:
        context.end()
    return RUNNERS[ir.Return](activation, op)


def _non_local_return(activation: SteppedActivation, op: ir.NonLocalReturn) -> None:
    activation.comes_to(op.index)
    RUNNERS[ir.NonLocalReturn](activation, op)


_STOPPING: Final[dict[type, Callable[[Any, Any], bool | None]]] = {
    **RUNNERS,
    ir.Send: _send,
    ir.SuperSend: _super_send,
    ir.Arithmetic: _arithmetic,
    ir.Return: _return,
    ir.NonLocalReturn: _non_local_return,
}

#: Runs operations up to the next stop.
run_to_stop: Final = engine(_STOPPING, _tested, ask_non_boolean)
