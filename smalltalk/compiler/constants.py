"""Constants of the language as Python source."""

from __future__ import annotations

from typing import Final

#: Integers of more digits are written in hexadecimal: Python limits the decimal digits it reads.
_DECIMAL_MAX: Final = 10**30


def constant_text(value: int | float | str | None) -> str:  # noqa: PYI041 - they are written differently
    """Python source of a constant; exact for floats, any size for integers, infinity included."""
    if isinstance(value, int):
        text = repr(value) if -_DECIMAL_MAX < value < _DECIMAL_MAX else hex(value)
    elif value is None or isinstance(value, str):
        return ascii(value)
    else:
        text = repr(value).replace("inf", "1e999")
    return f"({text})" if text.startswith("-") else text
