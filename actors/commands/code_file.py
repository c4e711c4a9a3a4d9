"""The compiled library in a file of the user's own: for commands that read session files and open no store.

    file = crc32 of the code (4 bytes, little endian) + the code

It is code, so it is only taken from a file that belongs to whoever runs the command and that nobody else may write.
What the code was made of it says itself; a file that is missing, damaged, foreign or of another version is no obstacle,
and neither is a place where nothing can be written: then the command compiles the library, which takes seconds.
"""

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final
from zlib import crc32

from ..limits import SERVER_LIMITS

_DIRECTORY: Final = "stui-server"
_CRC_BYTES: Final = 4
_OF_THE_USER_ALONE: Final = 0o700


def cache_directory() -> Path:
    """Return where the user's caches are: `$XDG_CACHE_HOME`, else `.cache` in the home directory.

    Of a user who has no home directory it is a place that can hold nothing.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if named.is_absolute():
        return named / _DIRECTORY
    try:
        return Path.home() / ".cache" / _DIRECTORY
    except RuntimeError:
        return Path(os.devnull) / _DIRECTORY


class CodeFile:
    """Keeps code as a store does, each key in a file.

    Args:
        directory: where.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def code(self, key: bytes) -> bytes | None:
        """Return the code of a key, None if it is not there or not to be trusted."""
        try:
            with self._place(key).open("rb") as file:
                if not _is_ours(os.fstat(file.fileno())):
                    return None
                crc, code = file.read(_CRC_BYTES), file.read(SERVER_LIMITS["code_file_bytes_max"].value)
        except OSError:
            return None
        return code if crc == _crc(code) else None

    def put_code(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep code under its keys, as far as that can be done."""
        with suppress(OSError):
            self._directory.mkdir(mode=_OF_THE_USER_ALONE, parents=True, exist_ok=True)
            for key, code in entries:
                draft = self._place(key).with_suffix(f".{os.getpid()}")
                draft.unlink(missing_ok=True)
                with open(draft, "xb", opener=_private) as file:
                    file.write(_crc(code))
                    file.write(code)
                draft.replace(self._place(key))

    def _place(self, key: bytes) -> Path:
        return self._directory / f"{key.decode()}.code"


def _crc(code: bytes) -> bytes:
    return crc32(code).to_bytes(_CRC_BYTES, "little")


def _private(path: str, flags: int) -> int:
    """Open a file that only its owner may read and write."""
    return os.open(path, flags, 0o600)


def _is_ours(status: os.stat_result) -> bool:
    """Tell whether only this user can have written a file."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
