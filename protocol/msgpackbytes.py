"""MessagePack: bytes <-> plain values, for the wire and, lossless, for stored outcomes.

On the wire an integer over 64 bits travels as decimal text, binary and extension values are refused (by `plain`,
with their field), and text is strict UTF-8. Stored outcomes keep such integers as extension type 1 (two's
complement, big end first) and text with any code point, so that every later reply says exactly the same.
"""

from typing import Any, Final

import msgpack

from .errors import ProtocolError, limit_exceeded
from .limits import LIMITS
from .messages import Codec
from .scrub import DEPTH_MAX, scrubbed

_CONTAINERS_MAX: Final = LIMITS["containers_max"].value
# All that the reader raises for bytes it cannot read; deep nesting ends as RecursionError or StackError.
_UNREADABLE: Final = (ValueError, OverflowError, RecursionError, msgpack.UnpackException)
_BIG_INTEGER: Final = 1  # extension type of stored integers over 64 bits

# Shared and reused, which saves half the time of a small pack: a pack runs to its end under the interpreter's lock.
_packer: Final = msgpack.Packer()
_store_packer: Final = msgpack.Packer(unicode_errors="surrogatepass")


def decode_messagepack(data: bytes) -> Any:
    """Return the value that MessagePack bytes stand for.

    Raises:
        ProtocolError: InvalidRequest when they are not MessagePack, LimitExceeded.
    """
    counted = _ContainerCount() if len(data) > _CONTAINERS_MAX else None
    try:
        return msgpack.unpackb(data, list_hook=counted, object_hook=counted)
    except _UNREADABLE as error:
        raise _not_messagepack(error) from None


def _not_messagepack(error: Exception) -> ProtocolError:
    """Return the error for what the reader refused."""
    reason = str(error) or "malformed or nested too deep"
    return ProtocolError("InvalidRequest", f"not valid MessagePack: {reason}", {"field": "message"})


def skim_messagepack(data: bytes) -> Any:
    """Return what bytes that `decode_messagepack` refused would say, good only to find out how to answer them.

    Bytes that are not UTF-8 become surrogates; members whose key is not text are left out, unhashed: keys of other
    types could be chosen so that they collide.

    Raises:
        ProtocolError: Even so they are not MessagePack, or hold too many containers to be read.
    """
    counted = _ContainerCount()

    def members(pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
        return {key: value for key, value in counted(pairs) if type(key) is str}

    try:
        return msgpack.unpackb(
            data,
            list_hook=counted,
            object_pairs_hook=members,
            strict_map_key=False,
            unicode_errors="surrogateescape",
        )
    except _UNREADABLE as error:
        raise _not_messagepack(error) from None


class _ContainerCount:
    """Hook that counts lists and objects while a large message is decoded, and stops it in time."""

    def __init__(self) -> None:
        self._left = _CONTAINERS_MAX

    def __call__(self, container: Any) -> Any:
        """Return the container unchanged, or raise LimitExceeded."""
        self._left -= 1
        if self._left < 0:
            raise limit_exceeded("containers_max")
        return container


def encode_messagepack(value: Any) -> bytes:
    """Return any plain value as MessagePack; what it cannot say is scrubbed."""
    try:
        packed: bytes = _packer.pack(value)
    except (ValueError, OverflowError, TypeError):
        packed = _packer.pack(scrubbed(value, Codec.MESSAGEPACK))
    return packed


def pack_stored(value: Any) -> bytes:
    """Return a plain value as bytes to keep; reads back equal, integers of any size and any text included."""
    try:
        packed: bytes = _store_packer.pack(value)
    except (ValueError, OverflowError):
        packed = _store_packer.pack(_storable(value, 0))
    return packed


def _storable(value: Any, depth: int) -> Any:
    """Return a copy with every integer over 64 bits as an extension value, cut where a reply is cut too."""
    if depth > DEPTH_MAX:
        return "..."
    if isinstance(value, dict):
        return {key: _storable(member, depth + 1) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(item, depth + 1) for item in value]
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 64:
        return msgpack.ExtType(_BIG_INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))
    return value


def unpack_stored(data: bytes) -> Any:
    """Return what `pack_stored` kept.

    Raises:
        ValueError: The bytes are damaged.
    """
    return msgpack.unpackb(data, ext_hook=_stored_extension, unicode_errors="surrogatepass")


def _stored_extension(code: int, data: bytes) -> int:
    """Return the integer an extension value keeps."""
    if code != _BIG_INTEGER:
        raise ValueError(f"unknown extension type {code}")
    return int.from_bytes(data, "big", signed=True)
