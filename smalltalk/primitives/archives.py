"""Compressed bytes in gzip's format (RFC 1952): `zipped` and `unzipped` of ByteArray."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.limits import ALLOCATION_ELEMENTS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable

#: Magic, deflate, no flags, no time, no hints: equal bytes give equal archives.
_HEADER: Final = bytes((31, 139, 8, 0, 0, 0, 0, 0, 0, 0))
#: What zlib is told for raw deflate data and for data with gzip's header.
_RAW: Final = -15
_GZIP: Final = 31
#: Input that is compressed at once: longer than anybody waits for without a safe point.
INPUT_BYTES_MAX: Final = 16 * 1024 * 1024


def zipped(self: Any) -> Any:
    """The bytes compressed, with checksum and size behind."""
    data = bytes(self.data)
    if len(data) > INPUT_BYTES_MAX:
        return current.world.send(self, "errorTooLarge")
    compressor = zlib.compressobj(wbits=_RAW)
    body = compressor.compress(data) + compressor.flush()
    trailer = zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")
    return current.world.new_bytes(_HEADER + body + trailer)


def unzipped(self: Any) -> Any:
    """The bytes that were compressed; data that unfolds past the allocation limit is refused."""
    decompressor = zlib.decompressobj(wbits=_GZIP)
    try:
        data = decompressor.decompress(bytes(self.data), ALLOCATION_ELEMENTS_MAX)
    except zlib.error:
        data = b""
    if not decompressor.eof:
        return current.world.send(self, "errorInvalidArchive")
    return current.world.new_bytes(data)


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"bytesZipped": zipped, "bytesUnzipped": unzipped}
