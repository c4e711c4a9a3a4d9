"""The mark of the session that runs: what a server that starts knows of the one before it, which died.

Before a session's code runs, or its objects are brought back, its number is written into a small mapped file, and
taken out afterwards. That costs no system call, and the file keeps what was written when the process dies, whatever it
dies of. A number found at the start is that of a session in whose midst the last process died: perhaps of it, perhaps
killed by somebody who knew nothing of it. `state/quarantine.py` says what follows from that.

| cell (8 bytes, the machine's order) | content |
|---|---|
| k, from 0 | session that runs in the process whose first shard is k; 0 for none |

The file is never synced: after a power loss it may be old, and blames a session once.
"""

import os
from collections.abc import Sequence
from mmap import mmap
from pathlib import Path
from typing import Final

from storage import Sid

from ..errors import DataError
from .shards import FIRST_SHARD, SHARDS_MAX

#: Name of the file in the data directory.
MARK_FILE: Final = "store.running"
_BYTES: Final = 8 * SHARDS_MAX
_MODE: Final = 0o600


class RunningMark:
    """The cell of this process.

    Attributes:
        found: the sessions in whose midst former processes died.
    """

    def __init__(self, data: Path | None = None, shards: Sequence[int] = (FIRST_SHARD,)) -> None:
        """Open the file, made if it is not there.

        Args:
            data: the data directory; None keeps the mark in memory only.
            shards: those of this process; nobody else uses their cells.

        Raises:
            DataError: the file cannot be used.
        """
        try:
            self._map = mmap(-1, _BYTES) if data is None else _mapped(data / MARK_FILE)
        except OSError as error:
            raise DataError(f"The file {MARK_FILE} in {data} cannot be used ({error.strerror}).") from error
        self._cells = memoryview(self._map).cast("Q")
        self._own = shards[0]
        self.found = [Sid(self._cells[shard]) for shard in shards if self._cells[shard]]
        for shard in shards:
            self._cells[shard] = 0

    def enter(self, sid: Sid) -> None:
        """A session's code, or what brings it back, runs from now on."""
        self._cells[self._own] = sid

    def leave(self) -> None:
        """It does not any more."""
        self._cells[self._own] = 0

    def close(self) -> None:
        """Let go of the file; closing twice is harmless."""
        self._cells.release()
        self._map.close()


def _mapped(path: Path) -> mmap:
    """Map a file of the right length; what it takes is written first: a map cannot tell that the disk is full."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _MODE)
    try:
        if os.fstat(descriptor).st_size != _BYTES:
            os.write(descriptor, bytes(_BYTES))
        return mmap(descriptor, _BYTES)
    finally:
        os.close(descriptor)
