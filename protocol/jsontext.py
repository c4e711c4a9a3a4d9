"""JSON by ujson: bytes <-> plain values.

ujson is lenient where JSON is not. Harmless leniencies stay (pinned by tests): leading zeros (``007`` is 7), a bare
``-`` is 0, ``1.`` is 1.0, control characters inside strings, and of duplicate keys the last one counts. What would do
harm is found here or in `plain`: surrogates, containers and digits without end here, before or after decoding;
non-finite numbers where a value is checked.
"""

import re
from typing import Any, Final

import ujson

from .errors import ProtocolError, limit_exceeded
from .limits import LIMITS
from .messages import Codec
from .plain import refuse_surrogates
from .scrub import scrubbed

_CONTAINERS_MAX: Final = LIMITS["containers_max"].value
_DIGITS_MAX: Final = LIMITS["integer_digits_max"].value

# ujson's options by position, which takes a quarter less time than by name: ensure_ascii, encode_html_chars,
# escape_forward_slashes, sort_keys, indent, allow_nan. A test pins what they do. Nothing is escaped in replies that
# need not be.
_REPLY_OPTIONS: Final = (False, False, False, False, False, False)
_CANONICAL_OPTIONS: Final = (True, False, False, True)

_BACKSLASH: Final = 0x5C  # every escape begins with one; a byte is found far faster than a pattern
# An escaped surrogate or the three bytes of a raw one; a proper pair matches too and is sorted out by the walk.
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
# Possessive, and the closing quote optional: linear on every input, unbalanced quotes included.
_STRING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
# Starts at the first digit of a run only: linear.
_LONG_INTEGER: Final = re.compile(rb"(?<![0-9])[0-9]{%d}" % (_DIGITS_MAX + 1))
# Looking at one byte of so many is enough to rule a long run out, at a hundredth of the cost; a prime, because what
# repeats itself in a message does so by other lengths.
_STRIDE: Final = 61
_SAMPLED_LONG_INTEGER: Final = re.compile(rb"[0-9]{%d}" % ((_DIGITS_MAX + 1) // _STRIDE))
# What is too much of a long run of digits; inside of strings too, where it does no harm to a message only skimmed.
_EXCESS_DIGITS: Final = re.compile(rb"((?<![0-9])[0-9]{%d})[0-9]+" % _DIGITS_MAX)

_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"  # RFC 8259, section 8.1: a sender must not add one


def decode_json(data: bytes) -> Any:
    """Return the value a JSON text stands for.

    Raises:
        ProtocolError: InvalidRequest when it is not JSON or holds lone surrogates, LimitExceeded.
    """
    if len(data) > _DIGITS_MAX:
        _check_extent(data)
    try:
        value = ujson.loads(data)
    except (ValueError, OverflowError, RecursionError) as error:
        raise _not_json(data, error) from None
    if (_BACKSLASH in data or not data.isascii()) and _SURROGATE.search(data):
        refuse_surrogates(value)
    return value


def _not_json(data: bytes, error: Exception) -> ProtocolError:
    """Return the error for what the reader refused; a byte-order mark is invisible, so it is named."""
    reason = str(error)
    if data.startswith(_BYTE_ORDER_MARK):
        reason = "it begins with a byte-order mark (EF BB BF); send UTF-8 without one"
    return ProtocolError("InvalidRequest", f"not valid JSON: {reason}", {"field": "message"})


def skim_json(data: bytes) -> Any:
    """Return what a text that `decode_json` refused would say, good only to find out how to answer it.

    Digits beyond the limit are left out, bytes that are not UTF-8 become surrogates, a byte-order mark is skipped.

    Raises:
        ProtocolError: Even so it is not JSON, or holds too many containers to be read.
    """
    short = _EXCESS_DIGITS.sub(rb"\1", data.removeprefix(_BYTE_ORDER_MARK))
    _check_extent(short)
    try:
        return ujson.loads(short.decode(errors="surrogateescape"))
    except (ValueError, OverflowError, RecursionError) as error:
        raise _not_json(data, error) from None


def _check_extent(data: bytes) -> None:
    """Refuse what would decode slowly or blow up in memory; exact, because strings are cut out on suspicion."""
    if data.count(b"[") + data.count(b"{") <= _CONTAINERS_MAX and not _has_long_integer(data):
        return
    bare = _STRING.sub(b"", data)
    if bare.count(b"[") + bare.count(b"{") > _CONTAINERS_MAX:
        raise limit_exceeded("containers_max")
    if _has_long_integer(bare):
        raise limit_exceeded("integer_digits_max", "a number of the message")


def _has_long_integer(data: bytes) -> bool:
    """Tell whether there is a run of more digits than a number may have."""
    return bool(_SAMPLED_LONG_INTEGER.search(data[::_STRIDE]) and _LONG_INTEGER.search(data))


def encode_json(value: Any) -> bytes:
    """Return any plain value as JSON; what JSON cannot say is scrubbed."""
    try:
        return ujson.dumps(value, *_REPLY_OPTIONS).encode()
    except (ValueError, OverflowError, TypeError):
        return ujson.dumps(scrubbed(value, Codec.JSON), *_REPLY_OPTIONS).encode()


def canonical_json(value: Any) -> bytes:
    """Return the one JSON text of a checked value, equal whatever codec and order of keys it came in."""
    return ujson.dumps(value, *_CANONICAL_OPTIONS).encode()
