"""The number of the last acknowledged commit, in a small file beside the store.

It is written after each commit and never synced: after the death of the process it is exact, because the kernel has
it; after a power loss it may be old, never too new. At opening it tells whether the store still holds all that was
acknowledged, which the database alone cannot tell: a flipped bit in the write-ahead log ends it silently.

Format: commit number (8 bytes), crc32 of them (4 bytes), little endian.
"""

from pathlib import Path
from struct import Struct
from typing import BinaryIO
from zlib import crc32

_NUMBER = Struct("<Q")
_MARK = Struct("<QI")


class Acknowledged:
    """The file with the number; created when it is not there."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("r+b" if path.exists() else "w+b", buffering=0)

    def read(self) -> int:
        """Return the number, 0 if the file is new or garbled (a half-written one proves nothing)."""
        self._file.seek(0)
        content = self._file.read(_MARK.size)
        if len(content) != _MARK.size:
            return 0
        number, crc = _MARK.unpack(content)
        return int(number) if crc == crc32(content[: _NUMBER.size]) else 0

    def write(self, number: int) -> bool:
        """Write the number of a commit that is durable; tell whether that went well.

        A full disk keeps an older number, which does a store no harm.
        """
        try:
            self._file.seek(0)
            self._file.write(_MARK.pack(number, crc32(_NUMBER.pack(number))))
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Close the file; closing twice is harmless."""
        self._file.close()
