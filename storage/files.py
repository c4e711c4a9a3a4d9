"""The data directory: made private, checked to be writable, locked against a second server.

| file | what it is |
|---|---|
| store.db, store.db-wal | the SQLite database and its write-ahead log |
| store.ack | the number of the last acknowledged commit (`acknowledged.py`) |
| store.lock | locked while a server uses the directory; holds its process id |
| store.running | which session runs; the server's own (`actors/durability/running_mark.py`) |
| store.damage | why the store was found damaged at opening; as long as it stands, opening is refused |
| store.db-wal.damaged | the log as it was then |
| restore.partial | a store on its way into its place (`restoring.py`) |
| replaced-N | what the store was before the N-th restore |
"""

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from .errors import DataInUse, UnusableData

if sys.platform != "win32":
    import fcntl

DIRECTORY_MODE = 0o700
"""Sessions are their user's private work."""

STORE_FILES = ("store.db", "store.db-wal", "store.ack")
"""The files that are the store; the database comes first."""

DAMAGE_FILE = "store.damage"
"""Why the store was found damaged at opening."""

LOCK_TEXT_BYTES_MAX = 32
"""How much of a foreign lock file is shown: more than any process id."""


class DataDirectory:
    """A data directory in use by this process.

    Attributes:
        path: the directory.
        store: the database.
        log: its write-ahead log.
        acknowledged: the number of the last acknowledged commit.
        damage: the report of damage found at opening.

    Raises:
        UnusableData: it cannot be made, is not writable, or another server uses it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.store, self.log, self.acknowledged = (path / name for name in STORE_FILES)
        self.damage = path / DAMAGE_FILE
        try:
            make_directory(path)
            self._lock_file = _open_lock(path / "store.lock")
        except OSError as error:
            raise UnusableData(
                f"The data directory {path} cannot be used ({error.strerror}); make it writable or choose another."
            ) from error

    def keep_damage(self, report: str) -> None:
        """Write down damage found at opening and keep the log beside it, so that later starts are refused too."""
        if self.log.exists():
            import shutil  # noqa: PLC0415 - it loads compressors, which no start of a store needs

            shutil.copyfile(self.log, self.path / "store.db-wal.damaged")
        self.write_damage(report)

    def write_damage(self, report: str) -> None:
        """Write down, durably, why the store must not be opened."""
        with self.damage.open("w", encoding="utf-8") as file:
            file.write(report)
            file.flush()
            os.fsync(file.fileno())
        sync_directory(self.path)

    def release(self) -> None:
        """Let another server use the directory; releasing twice is harmless."""
        self._lock_file.close()


def holds_store(directory: Path) -> bool:
    """Tell whether a directory holds a store, or the mark of one that is on its way into its place."""
    return (directory / STORE_FILES[0]).exists() or (directory / DAMAGE_FILE).exists()


def make_directory(path: Path) -> None:
    """Make a directory durably, with those above it, closed to other users; one that exists keeps its mode."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make what was made, renamed and removed in a directory durable, where the platform can."""
    if sys.platform != "win32":
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


def remove_directory(path: Path) -> None:
    """Remove a directory of ours that was left half made; one that is not there is fine."""
    if path.exists():
        import shutil  # noqa: PLC0415 - it loads compressors, which no start of a store needs

        shutil.rmtree(path)


def _open_lock(path: Path) -> BinaryIO:
    """Open and lock the lock file; the caller closes it.

    On a platform without `flock`, SQLite's own exclusive lock refuses the second server.
    """
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b", buffering=0)
    try:
        if sys.platform != "win32":
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = file.read(LOCK_TEXT_BYTES_MAX).decode("ascii", "replace").strip()
        file.close()
        raise DataInUse(
            f"The data directory {path.parent} is in use by another server (process {owner}); "
            "stop that one or choose another directory."
        ) from error
    with suppress(OSError):  # the number is a courtesy, the lock counts
        file.truncate(0)
        file.write(f"{os.getpid()}\n".encode("ascii"))
    return file
