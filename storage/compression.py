"""Compression of what is stored, with a bound on what a few bytes may stand for.

zlib's fastest level: entries of a history resemble each other, as do records of objects made together and those of one
object over time, so even this leaves a quarter to a third of them.

What is compressed where that pays only (`packed`) is told by its first byte from what is not.
"""

from collections.abc import Generator
from zlib import compress, compressobj, decompressobj
from zlib import error as zlib_error

from .errors import DamagedRecord

_LEVEL = 1

_STEP_BYTES = 262_144
"""Bytes compressed in one step, some 3 milliseconds."""

PACKED_BYTES_MAX = 32_768
"""What is larger is not compressed, because that would hold everybody up for more than half a millisecond; and nothing
stored that says it stands for more is read."""

_MARK = b"\x78"
"""What zlib begins with, and no list or map in MessagePack does."""


def packed(content: bytes) -> bytes:
    """Return a list or map in MessagePack as it is stored: compressed, if it is not too large and gets shorter."""
    if len(content) > PACKED_BYTES_MAX:
        return content
    shorter = compressed(content)
    return shorter if len(shorter) < len(content) else content


def unpacked(stored: bytes, damaged: tuple[int, str, int | str]) -> bytes:
    """Return what `packed` stored, or what was stored before anything was compressed; see `decompressed`."""
    return decompressed(stored, PACKED_BYTES_MAX, damaged) if stored.startswith(_MARK) else stored


def compressed(content: bytes) -> bytes:
    """Compress bytes."""
    return compress(content, _LEVEL)


def compressing(content: bytes) -> Generator[None, None, bytes]:
    """Compress bytes in steps."""
    compression = compressobj(_LEVEL)
    pieces = [compression.compress(content[:_STEP_BYTES])]
    for start in range(_STEP_BYTES, len(content), _STEP_BYTES):
        yield
        pieces.append(compression.compress(content[start : start + _STEP_BYTES]))
    pieces.append(compression.flush())
    return b"".join(pieces)


def decompressed(stored: bytes, bytes_max: int, damaged: tuple[int, str, int | str]) -> bytes:
    """Return what compressed bytes stand for.

    Args:
        stored: checked bytes.
        bytes_max: how many they may stand for.
        damaged: session, kind of record and key, for the report.

    Raises:
        DamagedRecord: they stand for more, or for nothing.
    """
    sid, kind, key = damaged
    decompression = decompressobj()
    try:
        content = decompression.decompress(stored, bytes_max)
    except zlib_error as error:
        raise DamagedRecord(sid, kind, str(key), "it cannot be decompressed") from error
    if not decompression.eof:
        raise DamagedRecord(sid, kind, str(key), f"it stands for more than {bytes_max} bytes")
    return content
