"""Makes any result writable, when a codec refused it as it stands.

Replies must never fail to be written: the effect they report has happened. The codecs refuse a few plain values;
only then this slower copy is made.

| value | JSON | MessagePack |
|---|---|---|
| integer over 64 bits | itself | decimal text |
| integer over ``integer_bits_max`` that Python refuses to print | text in radix 16, ``16rFF...`` | the same |
| NaN, Infinity | ``null`` | itself |
| lone surrogate in text | U+FFFD | U+FFFD |
| deeper than `DEPTH_MAX` | ``"..."`` | ``"..."`` |
| anything that is not plain | its type's name in ``<>`` | the same |
"""

from math import isfinite
from typing import Any, Final

from .limits import LIMITS
from .messages import Codec

DEPTH_MAX: Final = 200  # both codecs and common clients read this much; no result of ours nests 50 deep

_BITS_MAX: Final = LIMITS["integer_bits_max"].value
_WORD_BITS: Final = 63  # within 64 bits whatever the sign; larger ones MessagePack may not hold


def scrubbed(value: Any, codec: Codec, depth: int = 0) -> Any:
    """Return a copy of a result that the codec can write.

    Args:
        value: A plain value, possibly with parts the codec refuses.
        codec: Which codec is to write it.
        depth: The value's level, from 0.
    """
    if depth > DEPTH_MAX:
        return "..."
    if isinstance(value, dict):
        return {_text(str(key)): scrubbed(member, codec, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [scrubbed(item, codec, depth + 1) for item in value]
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return value if codec is Codec.MESSAGEPACK or isfinite(value) else None
    if isinstance(value, int):
        return value if isinstance(value, bool) else _integer(value, codec)
    return None if value is None else f"<{type(value).__name__}>"


def _text(value: str) -> str:
    """Return text that UTF-8 can carry."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _integer(value: int, codec: Codec) -> int | str:
    """Return an integer the codec can write, or its text."""
    bits = value.bit_length()
    if bits > _BITS_MAX:
        return f"{'-' if value < 0 else ''}16r{abs(value):X}"
    if bits > _WORD_BITS and codec is Codec.MESSAGEPACK:
        return str(value)
    return value
