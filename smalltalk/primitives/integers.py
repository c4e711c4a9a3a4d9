"""Integers of any size: bits, divisors, roots, powers, digits."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import INTEGER_BITS_MAX
from .numbers import as_float, refuse_size
from .values import character, string, truth

if TYPE_CHECKING:
    from collections.abc import Callable

_BASE_MIN: Final = 2
_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Below this many bits Python's own decimal conversion is quick; it refuses longer ones (quadratic time).
_DIRECT_BITS_MAX: Final = 14_000
#: Bit operations one modular power may take in Python, exponent times square of the modulus: some 20 ms. Longer ones
#: are taken a square at a time in Smalltalk, where they can be interrupted.
_POWER_WORK_MAX: Final = 1 << 31
#: Bits of an integer whose thirteen rounds of the prime test stay below 100 ms together.
_PRIME_BITS_MAX: Final = 1_024
#: Bases of the Miller-Rabin test: exact below 3.3e24 (Sorenson and Webster 2015), a strong probable prime above.
_WITNESSES: Final = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41)


def bit_and(self: int, other: Any) -> Any:
    """`self bitAnd: other`, two's complement of unlimited width."""
    return self & other if type(other) is int else not_an_integer(self, other)


def bit_or(self: int, other: Any) -> Any:
    """`self bitOr: other`."""
    return self | other if type(other) is int else not_an_integer(self, other)


def bit_xor(self: int, other: Any) -> Any:
    """`self bitXor: other`."""
    return self ^ other if type(other) is int else not_an_integer(self, other)


def bit_shift(self: int, distance: Any) -> Any:
    """Shift left by `distance`, right when it is negative; bounded."""
    if type(distance) is not int:
        return not_an_integer(self, distance)
    if distance < 0:
        return self >> -distance if -distance <= INTEGER_BITS_MAX else (-1 if self < 0 else 0)
    if self and self.bit_length() + distance > INTEGER_BITS_MAX:
        return refuse_size(self)
    return self << distance if self else 0


def is_oversized(*numbers: int) -> bool:
    """Whether one is longer than the limit: products that generated code made can be, and take too long from there."""
    return any(number.bit_length() > INTEGER_BITS_MAX for number in numbers)


def not_an_integer(receiver: Any, argument: Any) -> Any:
    """Signal that an integer was needed."""
    return current.world.send(receiver, "errorNotAnInteger:", argument)


def bit_length(self: int) -> int:
    """The position of the highest set bit, 0 for zero."""
    return abs(self).bit_length()


def bit_count(self: int) -> int:
    """How many bits are set."""
    return abs(self).bit_count()


def gcd(self: int, other: Any) -> Any:
    """Greatest common divisor, bounded."""
    if type(other) is not int:
        return not_an_integer(self, other)
    return refuse_size(self) if is_oversized(self, other) else math.gcd(self, other)


def power(self: int, exponent: Any) -> Any:
    """`self` to a natural power, bounded before it is computed and again when its length is known."""
    if type(exponent) is not int or exponent < 0:
        return not_an_integer(self, exponent)
    if self in {0, 1, -1}:
        return self**exponent if exponent < INTEGER_BITS_MAX else self ** (exponent & 1 or 2)
    if (self.bit_length() - 1) * exponent > INTEGER_BITS_MAX:  # not even the smallest number of that length fits
        return refuse_size(self)
    answer = self**exponent
    return refuse_size(self) if is_oversized(answer) else answer


def power_modulo(self: int, exponent: Any, modulus: Any) -> Any:
    r"""`(self raisedTo: exponent) \\ modulus` without the large intermediate."""
    if type(exponent) is not int or type(modulus) is not int or exponent < 0:
        return not_an_integer(self, exponent)
    if modulus == 0:
        return current.world.send(self, "errorZeroDivide")
    if is_oversized(self, exponent, modulus):
        return refuse_size(self)
    if exponent.bit_length() * modulus.bit_length() ** 2 > _POWER_WORK_MAX:
        return current.world.send(self, "squaringRaisedTo:modulo:", exponent, modulus)
    return pow(self, exponent, modulus)


def sqrt_floor(self: int) -> Any:
    """The largest integer whose square is at most self, bounded; negative receivers fail."""
    if is_oversized(self):
        return refuse_size(self)
    return math.isqrt(self) if self >= 0 else current.world.send(self, "errorNegativeRoot")


def to_float(self: int) -> float:
    """The nearest float."""
    return as_float(self)


def is_prime(self: int) -> Any:
    """Whether the integer has exactly two divisors (a strong probable prime above 3.3e24)."""
    if self < _WITNESSES[-1] + 1:
        return truth(self in _WITNESSES)
    if is_oversized(self):
        return refuse_size(self)
    if any(self % prime == 0 for prime in _WITNESSES):
        return truth(condition=False)
    if self.bit_length() > _PRIME_BITS_MAX:
        return current.world.send(self, "passesAllPrimeRounds")
    shift = ((self - 1) & -(self - 1)).bit_length() - 1
    return truth(all(_passes(self, witness, shift) for witness in _WITNESSES))


def _passes(number: int, witness: int, shift: int) -> bool:
    """One round of Miller-Rabin; `number - 1` is odd times two to the `shift`."""
    value = pow(witness, (number - 1) >> shift, number)
    if value in {1, number - 1}:
        return True
    for _ in range(shift - 1):
        value = value * value % number
        if value == number - 1:
            return True
    return False


def digits(number: int, base: int) -> str:
    """The digits of a natural number; halves long numbers so that the time stays far below quadratic."""
    if base == 10 and number.bit_length() <= _DIRECT_BITS_MAX:  # noqa: PLR2004 - ten is the decimal base
        return str(number)
    if base & (base - 1) == 0 and base in {2, 8, 16}:
        return format(number, {2: "b", 8: "o", 16: "X"}[base])
    if number.bit_length() <= 256:  # noqa: PLR2004 - below it a digit loop is as fast as halving
        return _few_digits(number, base)
    half = max(1, int(number.bit_length() / math.log2(base) / 2))
    high, low = divmod(number, base**half)
    return digits(high, base) + digits(low, base).rjust(half, "0")


def _few_digits(number: int, base: int) -> str:
    text: list[str] = []
    while number:
        number, digit = divmod(number, base)
        text.append(_DIGITS[digit])
    return "".join(reversed(text)) or "0"


def print_base(self: int, base: Any) -> Any:
    """The number's text in a base from 2 to 36, bounded."""
    if type(base) is not int or not _BASE_MIN <= base <= len(_DIGITS):
        return not_an_integer(self, base)
    if is_oversized(self):
        return refuse_size(self)
    return string("-" + digits(-self, base) if self < 0 else digits(self, base))


#: Python writes numbers below this at once; longer ones go through `digits`.
_SHORT_MAX: Final = 2**60


def print_decimal(self: int) -> Any:
    """The number's decimal text, bounded."""
    if -_SHORT_MAX < self < _SHORT_MAX:
        return string(str(self))
    if is_oversized(self):
        return refuse_size(self)
    return string("-" + digits(-self, 10) if self < 0 else digits(self, 10))


def as_character(self: int) -> Any:
    """The character of this code point."""
    if 0 <= self <= sys.maxunicode:
        return character(chr(self))
    return current.world.send(self, "errorNotACodePoint")


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "integerBitAnd": bit_and,
    "integerBitOr": bit_or,
    "integerBitXor": bit_xor,
    "integerBitShift": bit_shift,
    "integerBitLength": bit_length,
    "integerBitCount": bit_count,
    "integerGcd": gcd,
    "integerPower": power,
    "integerPowerModulo": power_modulo,
    "integerSqrtFloor": sqrt_floor,
    "integerAsFloat": to_float,
    "integerIsPrime": is_prime,
    "integerPrintBase": print_base,
    "integerPrint": print_decimal,
    "integerAsCharacter": as_character,
}
