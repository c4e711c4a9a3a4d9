"""Arithmetic and comparison of integers and floats, and the way out to the other kinds of numbers.

Generated code adds and compares plain numbers by itself; these run for guarded sends, `perform:` and mixed kinds.
An argument that is neither int nor float decides by `adaptToInteger:andSend:` or `adaptToFloat:andSend:`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import INTEGER_BITS_MAX
from ..runtime.objects import FALSE, TRUE, Symbol
from .values import truth

if TYPE_CHECKING:
    from collections.abc import Callable

#: Longest dividend of a division, which takes quadratic time: a product of two of the longest integers, some 200 ms.
_DIVIDEND_BITS_MAX: Final = 2 * INTEGER_BITS_MAX


def as_float(number: float) -> float:
    """The nearest float; an integer beyond all floats becomes an infinity, as in IEEE 754 rounding."""
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def coerce(receiver: Any, argument: Any, selector: str) -> Any:
    """Let the argument decide how to combine with the receiver."""
    adapt = "adaptToInteger:andSend:" if type(receiver) is int else "adaptToFloat:andSend:"
    return current.world.send(argument, adapt, receiver, Symbol.intern(selector))


def zero_divide(receiver: Any) -> Any:
    """Signal a ZeroDivide with the receiver as dividend."""
    return current.world.send(receiver, "errorZeroDivide")


def is_too_long(dividend: int) -> bool:
    """Whether dividing an integer would take too long."""
    return dividend.bit_length() > _DIVIDEND_BITS_MAX


def refuse_size(receiver: int) -> Any:
    """Signal that a result, or the receiver itself, is too long; nothing of it is printed."""
    return current.world.send(receiver, "errorTooLarge")


def is_number(value: Any) -> bool:
    """Whether the value is an int or float."""
    return type(value) is int or type(value) is float


def add(self: Any, other: Any) -> Any:
    """`self + other`."""
    if is_number(other):
        try:
            return self + other
        except OverflowError:
            return as_float(self) + as_float(other)
    return coerce(self, other, "+")


def subtract(self: Any, other: Any) -> Any:
    """`self - other`."""
    if is_number(other):
        try:
            return self - other
        except OverflowError:
            return as_float(self) - as_float(other)
    return coerce(self, other, "-")


def multiply(self: Any, other: Any) -> Any:
    """`self * other`, bounded."""
    if type(other) is int and type(self) is int:
        if self.bit_length() + other.bit_length() > INTEGER_BITS_MAX:
            return refuse_size(self)
        return self * other
    if is_number(other):
        try:
            return self * other
        except OverflowError:
            return as_float(self) * as_float(other)
    return coerce(self, other, "*")


def divide(self: Any, other: Any) -> Any:
    """`self / other`: exact for integers (a Fraction where it must be), IEEE for floats."""
    if not is_number(other):
        return coerce(self, other, "/")
    if other == 0:
        return zero_divide(self)
    if type(self) is int and type(other) is int:
        if is_too_long(self):
            return refuse_size(self)
        quotient, remainder = divmod(self, other)
        return current.world.send(self, "fractionOver:", other) if remainder else quotient
    return as_float(self) / as_float(other)


def floor_divide(self: Any, other: Any) -> Any:
    """`self // other`: the quotient rounded towards negative infinity, an integer."""
    if not is_number(other):
        return coerce(self, other, "//")
    if other == 0:
        return zero_divide(self)
    if type(self) is int and type(other) is int:
        return refuse_size(self) if is_too_long(self) else self // other
    return whole(self, math.floor, as_float(self) / as_float(other))


def modulo(self: Any, other: Any) -> Any:
    r"""`self \\ other`: what the floored quotient leaves; it has the divisor's sign."""
    if not is_number(other):
        return coerce(self, other, "\\\\")
    if other == 0:
        return zero_divide(self)
    if type(self) is int and type(other) is int:
        return refuse_size(self) if is_too_long(self) else self % other
    quotient = as_float(self) / as_float(other)
    if not math.isfinite(quotient):
        return math.nan
    return as_float(self) - math.floor(quotient) * as_float(other)


def quotient(self: Any, other: Any) -> Any:
    """`self quo: other`: the quotient rounded towards zero."""
    if not is_number(other):
        return coerce(self, other, "quo:")
    if other == 0:
        return zero_divide(self)
    if type(self) is int and type(other) is int:
        if is_too_long(self):
            return refuse_size(self)
        magnitude = abs(self) // abs(other)
        return magnitude if (self < 0) == (other < 0) else -magnitude
    return whole(self, math.trunc, as_float(self) / as_float(other))


def whole(receiver: Any, rounding: Callable[[float], int], value: float) -> Any:
    """Round a float to an integer; infinities and nan have none and fail."""
    if math.isfinite(value):
        return rounding(value)
    return current.world.send(receiver, "errorNotFinite")


def less(self: Any, other: Any) -> Any:
    """`self < other`."""
    return truth(self < other) if is_number(other) else compare(self, other, "<")


def greater(self: Any, other: Any) -> Any:
    """`self > other`."""
    return truth(self > other) if is_number(other) else compare(self, other, ">")


def less_equal(self: Any, other: Any) -> Any:
    """`self <= other`."""
    return truth(self <= other) if is_number(other) else compare(self, other, "<=")


def greater_equal(self: Any, other: Any) -> Any:
    """`self >= other`."""
    return truth(self >= other) if is_number(other) else compare(self, other, ">=")


def compare(receiver: Any, argument: Any, selector: str) -> Any:
    """Let the argument decide how to compare with the receiver."""
    adapt = "adaptToInteger:andCompare:" if type(receiver) is int else "adaptToFloat:andCompare:"
    return current.world.send(argument, adapt, receiver, Symbol.intern(selector))


def equal(self: Any, other: Any) -> Any:
    """`self = other`: by exact value across ints and floats; other kinds of numbers are asked."""
    if is_number(other):
        return TRUE if self == other else FALSE
    if hasattr(other, "dirty"):
        return current.world.send(self, "equalsNumber:", other)
    return FALSE


def number_hash(self: Any) -> int:
    """Equal numbers hash alike; small integers hash to themselves."""
    if type(self) is int and -(1 << 60) <= self < 1 << 60:
        return self
    return hash(self)


def negated(self: Any) -> Any:
    """The opposite number."""
    return -self


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "numberAdd": add,
    "numberSubtract": subtract,
    "numberMultiply": multiply,
    "numberDivide": divide,
    "numberFloorDivide": floor_divide,
    "numberModulo": modulo,
    "numberQuotient": quotient,
    "numberLess": less,
    "numberGreater": greater,
    "numberLessEqual": less_equal,
    "numberGreaterEqual": greater_equal,
    "numberEqual": equal,
    "numberHash": number_hash,
    "numberNegated": negated,
}
