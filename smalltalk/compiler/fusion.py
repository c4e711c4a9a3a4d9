"""Neighbouring operations that generated code does in one Python expression.

Only pure arithmetic and comparisons on guessed numbers are fused, so an expression that turns out to be a wrong guess
may be begun again from its first operation. Positions stay those of the IR: each fused operation has a line of its own,
or stands at the position of the first one.

| operations                                    | become                       |
|-----------------------------------------------|------------------------------|
| `t := a op b` and `return t`                  | `return a op b`              |
| `t := a op b` and `r := x foo: t`             | `r := x foo: a op b`         |
| an If that computes a Boolean, a test of it  | one test with `and`, `or`   |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from . import ir
from .shortcuts import WAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

COMPARISONS: Final = frozenset(("<", "<=", ">", ">="))

#: Selectors that evaluate a block. Their arguments are never fused: a call with the wrong number of them is a wrong
#: guess of the send itself. Nor are those of the messages that have a short way: it reads its operands twice.
BLOCK_SENDS: Final = frozenset(("value", "value:", "value:value:", "value:value:value:", "value:value:value:value:"))


class Everything:
    """The set of all indices: guards of code that guesses nothing."""

    def __contains__(self, index: object) -> bool:
        return True


Guards: TypeAlias = frozenset[int] | Everything


@dataclass(slots=True, eq=False)
class FusedReturn:
    """`return a op b`."""

    arithmetic: ir.Arithmetic


@dataclass(slots=True, eq=False)
class FusedSend:
    """A send whose last arguments are computed in place."""

    send: ir.Send
    computed: list[ir.Arithmetic]


@dataclass(slots=True, eq=False)
class Joined:
    """A test of two parts: both, or either. `inverted`: the first part counts when it fails."""

    index: int
    first: AnyTest
    inverted: bool
    both: bool
    second: AnyTest


AnyTest: TypeAlias = ir.Test | Joined


def fuse(code: Sequence[ir.Operation], guards: Guards) -> list[Any]:
    """The operations with neighbours fused where `guards` leave them a guess."""
    if len(code) == 1:
        return list(code)
    fused: list[Any] = []
    for op in code:
        previous = fused[-1] if fused else None
        guess = guess_in(previous, guards)
        if isinstance(op, ir.Return) and guess is not None and op.value.text == guess.dst:
            fused[-1] = FusedReturn(guess)
        elif isinstance(op, ir.Send) and guess is not None:
            count = fused_arguments(fused, len(fused), op, guards)
            computed = fused[len(fused) - count :]
            del fused[len(fused) - count :]
            fused.append(FusedSend(op, computed) if count else op)
        elif isinstance(op, ir.If) and isinstance(previous, ir.If):
            test = joined_test(previous, op.test, guards)
            if test is None:
                fused.append(op)
            else:
                fused[-1] = ir.If(test, op.then, op.otherwise, None)  # type: ignore[arg-type]  # only the generator sees it
        else:
            fused.append(op)
    return fused


def guess_in(op: Any, guards: Guards) -> ir.Arithmetic | None:
    """The operation if it is arithmetic on guessed numbers."""
    is_guess = isinstance(op, ir.Arithmetic) and op.operator not in COMPARISONS and op.index not in guards
    return op if is_guess else None


def fused_arguments(code: Sequence[Any], place: int, send: ir.Send, guards: Guards) -> int:
    """How many operations before `place` compute the last arguments of the send that stands there."""
    if send.selector in BLOCK_SENDS or send.selector in WAYS:
        return 0
    count = 0
    for argument in reversed(send.arguments):
        guess = guess_in(code[place - count - 1], guards) if place > count else None
        if guess is None or argument.text != guess.dst or not argument.text.startswith("t"):
            break
        count += 1
    return count


def joined_test(first: ir.Operation, test: ir.Test | None, guards: Guards) -> Joined | None:
    """The test of the Boolean that `first` computes, as one test; None when they cannot be joined."""
    if not isinstance(test, ir.Truth) or not isinstance(test.value, ir.Local) or not test.value.text.startswith("t"):
        return None
    found = _computed_test(first, test.value.text, guards)
    return found if isinstance(found, Joined) else None


def _computed_test(op: ir.Operation, dst: str, guards: Guards) -> AnyTest | None:
    """The test whose outcome the operation stores into `dst`."""
    if isinstance(op, ir.Identical) and op.dst == dst:
        return ir.Same(op.index, op.left, op.right, op.negated)
    if isinstance(op, ir.Arithmetic) and op.dst == dst and op.operator in COMPARISONS and op.index not in guards:
        return ir.Compare(op.index, op.dst, op.operator, op.left, op.right)
    if not isinstance(op, ir.If) or isinstance(op.test, ir.Truth) or op.test.index in guards:
        return None
    for go_on, stop, inverted in ((op.then, op.otherwise, False), (op.otherwise, op.then, True)):
        short = _constant(stop, dst)
        second = _computed_test(go_on[0], dst, guards) if len(go_on) == 1 else None
        if short is None or second is None:
            continue
        is_conjunction = short == "FALSE"
        return Joined(op.test.index, op.test, inverted if is_conjunction else not inverted, is_conjunction, second)
    return None


def _constant(code: Sequence[ir.Operation], dst: str) -> str | None:
    """TRUE or FALSE when that is all the code stores into `dst`."""
    if len(code) != 1 or not isinstance(code[0], ir.Move) or code[0].dst != dst:
        return None
    return code[0].value.text if code[0].value in (ir.TRUE, ir.FALSE) else None
