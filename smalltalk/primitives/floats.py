"""Floats: rounding, functions, parts, and the shortest text that reads back as the same float."""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import INTEGER_BITS_MAX
from ..runtime.objects import Symbol
from .numbers import as_float, is_number, whole
from .values import string

if TYPE_CHECKING:
    from collections.abc import Callable

#: The decimal point stands among the digits while their first one has a place value in this range, else an exponent
#: is printed: 0.0001 and 100000.0 are plain, 1.0e-5 and 1.0e6 are not.
_PLAIN_POINTS: Final = range(-3, 7)


def shortest(value: float) -> str:
    """Print a float as Pharo does: the fewest digits that read back the same."""
    if value != value:  # noqa: PLR0124 - the one value that differs from itself is nan
        return "Float nan"
    if math.isinf(value):
        return "Float infinity" if value > 0 else "Float infinity negated"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    integer, _, fraction = mantissa.partition(".")
    raw = integer + fraction
    significant = raw.lstrip("0")
    point = len(integer) + int(exponent or 0) - (len(raw) - len(significant))
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    return sign + (_layout(significant.rstrip("0"), point) if significant else "0.0")


def _layout(figures: str, point: int) -> str:
    """Place the point after `point` figures, or write an exponent."""
    if point not in _PLAIN_POINTS:
        return f"{figures[0]}.{figures[1:] or '0'}e{point - 1}"
    if point <= 0:
        return "0." + "0" * -point + figures
    if len(figures) <= point:
        return figures.ljust(point, "0") + ".0"
    return f"{figures[:point]}.{figures[point:]}"


def print_shortest(self: float) -> Any:
    """The float's text."""
    return string(shortest(self))


def truncated(self: float) -> Any:
    """The integer nearest to the float between it and zero."""
    return whole(self, math.trunc, self)


def floor(self: float) -> Any:
    """The largest integer not above the float."""
    return whole(self, math.floor, self)


def ceiling(self: float) -> Any:
    """The smallest integer not below the float."""
    return whole(self, math.ceil, self)


def rounded(self: float) -> Any:
    """The nearest integer, halves away from zero."""
    if not math.isfinite(self):
        return whole(self, math.floor, self)
    base = math.floor(abs(self))
    if abs(self) - base >= 0.5:  # noqa: PLR2004 - one half
        base += 1
    return base if self >= 0 else -base


def fraction_part(self: float) -> float:
    """What truncation leaves."""
    return math.modf(self)[0] if math.isfinite(self) else math.nan


def numerator(self: float) -> Any:
    """The numerator of the exact value in lowest terms."""
    return self.as_integer_ratio()[0] if math.isfinite(self) else whole(self, math.floor, self)


def denominator(self: float) -> Any:
    """The denominator of the exact value in lowest terms: a power of two."""
    return self.as_integer_ratio()[1] if math.isfinite(self) else whole(self, math.floor, self)


def exponent(self: float) -> Any:
    """The power of two of the leading bit; -1 for zero, as Pharo answers."""
    if not math.isfinite(self):
        return 1024
    return math.frexp(self)[1] - 1 if self else -1


def times_two_power(self: float, power: Any) -> Any:
    """`self * (2 raisedTo: power)` without intermediate overflow."""
    if type(power) is not int:
        return current.world.send(self, "errorNotAnInteger:", power)
    try:
        return math.ldexp(self, max(-5000, min(5000, power)))
    except OverflowError:
        return math.copysign(math.inf, self)


def bits(self: float) -> int:
    """The 64 bits of the IEEE 754 representation as a natural number."""
    result: int = struct.unpack(">Q", struct.pack(">d", self))[0]
    return result


def from_bits(_self: Any, pattern: Any) -> Any:
    """The float with these 64 bits."""
    if type(pattern) is not int or not 0 <= pattern < 1 << 64:
        return current.world.send(_self, "errorImproperStore:", pattern)
    return struct.unpack(">d", struct.pack(">Q", pattern))[0]


def successor(self: float) -> float:
    """The next larger float."""
    return math.nextafter(self, math.inf)


def predecessor(self: float) -> float:
    """The next smaller float."""
    return math.nextafter(self, -math.inf)


def power(self: float, exponent: Any) -> Any:
    """`self ** exponent` for any plain number; nan where the result is not real, infinite where it overflows."""
    if not is_number(exponent):
        return current.world.send(exponent, "adaptToFloat:andSend:", self, None)
    try:
        result = self ** as_float(exponent)
    except OverflowError:
        return -math.inf if self < 0 and exponent % 2 == 1 else math.inf
    except ZeroDivisionError:
        return current.world.send(self, "errorZeroDivide")
    return result if type(result) is float else math.nan


def arc_tangent(self: float, other: Any) -> Any:
    """The angle of the point (`other`, `self`)."""
    if not is_number(other):
        return current.world.send(self, "errorNotANumber:", other)
    return math.atan2(self, as_float(other))


def _function(compute: Callable[[float], float], outside: float = math.nan) -> Callable[..., Any]:
    """A primitive for a real function; outside its domain it answers nan, past the largest float an infinity."""

    def primitive(self: float) -> float:
        try:
            return compute(self)
        except ValueError:
            return outside
        except OverflowError:
            return math.inf

    return primitive


def natural_log(self: float) -> float:
    """The natural logarithm, -infinity for zero, nan below it."""
    return math.log(self) if self > 0 else (-math.inf if self == 0 else math.nan)


def common_log(self: float) -> float:
    """The logarithm to base ten, exact for powers of ten."""
    return math.log10(self) if self > 0 else (-math.inf if self == 0 else math.nan)


def integer_log(self: int, base: Any) -> Any:
    """The largest power of `base` not above self, exactly; both above their smallest sensible values."""
    if type(base) is not int or base < 2 or self < 1:  # noqa: PLR2004
        return current.world.send(self, "errorNoLogarithm:", Symbol.intern("log"))
    if self.bit_length() > INTEGER_BITS_MAX:
        return current.world.send(self, "errorTooLarge")
    low = int((self.bit_length() - 1) / math.log2(base))
    while base ** (low + 1) <= self:
        low += 1
    while base**low > self:
        low -= 1
    return low


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "floatPrint": print_shortest,
    "floatTruncated": truncated,
    "floatFloor": floor,
    "floatCeiling": ceiling,
    "floatRounded": rounded,
    "floatFractionPart": fraction_part,
    "floatNumerator": numerator,
    "floatDenominator": denominator,
    "floatExponent": exponent,
    "floatTimesTwoPower": times_two_power,
    "floatBits": bits,
    "floatFromBits": from_bits,
    "floatSuccessor": successor,
    "floatPredecessor": predecessor,
    "floatPower": power,
    "floatArcTangent": arc_tangent,
    "floatSqrt": _function(math.sqrt),
    "floatSin": _function(math.sin),
    "floatCos": _function(math.cos),
    "floatTan": _function(math.tan),
    "floatArcSin": _function(math.asin),
    "floatArcCos": _function(math.acos),
    "floatArcTan": _function(math.atan),
    "floatSinh": _function(math.sinh),
    "floatCosh": _function(math.cosh),
    "floatTanh": _function(math.tanh),
    "floatArSinh": _function(math.asinh),
    "floatArCosh": _function(math.acosh),
    "floatArTanh": _function(math.atanh),
    "floatExp": _function(math.exp),
    "floatLn": natural_log,
    "floatLog": common_log,
    "integerLogFloor": integer_log,
}
