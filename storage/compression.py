"""Compression of what is stored, with a bound on what a few bytes may stand for.

zlib's fastest level: entries of a history resemble each other, and records of one object follow each other, so even
this leaves a quarter to a third of them.
"""

from zlib import compress, decompressobj
from zlib import error as zlib_error

from .errors import DamagedRecord

_LEVEL = 1


def compressed(content: bytes) -> bytes:
    """Compress bytes."""
    return compress(content, _LEVEL)


def decompressed(stored: bytes, bytes_max: int, damaged: tuple[int, str, int]) -> bytes:
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
