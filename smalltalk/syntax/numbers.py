"""Number literals: decimal, radix, exponent, scaled decimal, as Pharo reads them.

    [-] digits [r [-] radix digits] [. digits] [(e | d | q) [-] digits  |  s [digits]]

A letter that is not followed by what it needs is no part of the number: `1e` is `1 e`, `3squared` is `3 squared`.
Digits of a radix may be of either case and may be grouped by `_`. An integer with a negative exponent is a
Float unless it comes out whole. Source of the rules: Pharo's NumberParser and its tests.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

#: 36 digits exist: 0-9 and A-Z.
RADIX_MAX = 36
#: Pharo's own limit; beyond it a short literal would make a number of megabytes.
EXPONENT_MAX = 10_000
#: About the 256k bits to which arithmetic is bounded; reading digits takes quadratic time.
DIGITS_MAX = 80_000
#: Python refuses to convert longer texts in one piece (its default limit is 4300 digits).
PIECE_DIGITS = 4_000

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_DECIMAL = re.compile(r"[0-9_]++")
_EXPONENT = re.compile(r"[edq](-?[0-9_]*[0-9][0-9_]*)")
_SCALE = re.compile(r"s([0-9_]*[0-9][0-9_]*|(?![^\W\d_]))")


@cache
def _radix_digits(radix: int) -> re.Pattern[str]:
    """The pattern of a radix's digits; made when a number first has it, all take a hundredth of a start."""
    return re.compile(f"[_{re.escape(_DIGITS[:radix])}{re.escape(_DIGITS[:radix].upper())}]*+")


@dataclass(frozen=True, slots=True)
class ScaledDecimal:
    """The value of `3.14s2`: an exact fraction and the number of digits shown after the point."""

    fraction: Fraction
    scale: int


class NumberFault(Exception):  # noqa: N818 - a fault of the source; the lexer turns it into a token, it never escapes
    """A number that cannot be read. `stop` is one past the last character taken."""

    def __init__(self, message: str, stop: int) -> None:
        super().__init__(message)
        self.message = message
        self.stop = stop


def read_number(source: str, start: int) -> tuple[int | float | ScaledDecimal, int]:
    """Read the number that begins at `start`, where a digit or a minus sign followed by one stands.

    Returns:
        The value, and the position one past its last character.

    Raises:
        NumberFault: If it has no valid radix, no digits after the radix, or is too large.
    """
    is_negative = source[start] == "-"
    digits, stop = _read_digits(source, start + is_negative, 10)
    radix = 10
    if source.startswith("r", stop):
        radix = _radix(digits, stop)
        is_minus_inside = source.startswith("-", stop + 1)
        is_negative ^= is_minus_inside
        digits, stop = _read_digits(source, stop + 1 + is_minus_inside, radix)
    fraction = ""
    if source.startswith(".", stop):
        fraction, after = _read_digits(source, stop + 1, radix, is_optional=True)
        stop = after if fraction else stop
        if not fraction:
            value = integer_of(digits, radix)
            return (-value if is_negative else value), stop
    return _finish(source, stop, digits, fraction, radix, is_negative=is_negative)


def integer_of(digits: str, radix: int = 10) -> int:
    """Answer the integer that a text of digits stands for, whatever its length."""
    if len(digits) <= PIECE_DIGITS:
        return int(digits, radix)
    low_count = len(digits) // 2
    shift: int = radix**low_count
    return integer_of(digits[:-low_count], radix) * shift + integer_of(digits[-low_count:], radix)


def _radix(digits: str, stop: int) -> int:
    """Answer the radix written in decimal digits before the `r` at `stop`."""
    radix = int(digits) if len(digits) <= PIECE_DIGITS else RADIX_MAX + 1
    if radix < 2:  # noqa: PLR2004 - the message says it
        raise NumberFault("an integer greater than 1 as valid radix expected", stop)
    if radix > RADIX_MAX:
        raise NumberFault(f"an integer not greater than {RADIX_MAX} as valid radix expected", stop)
    return radix


def _read_digits(source: str, start: int, radix: int, *, is_optional: bool = False) -> tuple[str, int]:
    """Take the digits of a radix, without their `_`, and the position after them."""
    match = (_DECIMAL if radix == 10 else _radix_digits(radix)).match(source, start)  # noqa: PLR2004 - decimal
    digits = match[0].replace("_", "") if match else ""
    stop = match.end() if match else start
    if not digits and not is_optional:
        raise NumberFault(f"a digit between 0 and {_DIGITS[radix - 1].upper()} expected", start)
    if len(digits) > DIGITS_MAX:
        raise NumberFault(f"a number of at most {DIGITS_MAX} digits expected", stop)
    return digits, stop


def _finish(
    source: str, stop: int, digits: str, fraction: str, radix: int, *, is_negative: bool
) -> tuple[int | float | ScaledDecimal, int]:
    """Read what may follow the digits, an exponent or a scale, and make the number."""
    sign = -1 if is_negative else 1
    if match := _EXPONENT.match(source, stop):
        exponent = int(match[1].replace("_", "")) if len(match[1]) <= PIECE_DIGITS else EXPONENT_MAX + 1
        if abs(exponent) > EXPONENT_MAX:
            raise NumberFault(f"Exponent is larger than {EXPONENT_MAX} (Check Settings) expected", match.end())
        return _with_exponent(digits, fraction, radix, exponent, sign), match.end()
    if match := _SCALE.match(source, stop):
        scale = integer_of(match[1].replace("_", "") or str(len(fraction)))
        if scale > EXPONENT_MAX:
            raise NumberFault(f"Scale is larger than {EXPONENT_MAX} expected", match.end())
        from fractions import Fraction  # noqa: PLC0415 - rare literals, and it takes a hundredth of a start

        exact = Fraction(sign * integer_of(digits + fraction, radix), radix ** len(fraction))
        return ScaledDecimal(exact, scale), match.end()
    if fraction:
        return _with_exponent(digits, fraction, radix, 0, sign), stop
    return sign * integer_of(digits, radix), stop


def _with_exponent(digits: str, fraction: str, radix: int, exponent: int, sign: int) -> int | float:
    """Answer digits.fraction * radix ** exponent: an integer when written without a point and whole, else a Float."""
    mantissa = integer_of(digits + fraction, radix)
    power = exponent - len(fraction)
    scale: int = radix ** abs(power)
    if not fraction and power >= 0:
        return sign * mantissa * scale
    if not fraction and mantissa % scale == 0:
        return sign * (mantissa // scale)
    try:
        return sign * (float(mantissa * scale) if power >= 0 else mantissa / scale)
    except OverflowError:
        return sign * math.inf
