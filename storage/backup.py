"""Backup of a store in use: a copy of its files as of one commit, taken in steps while others go on committing.

After a checkpoint that empties the write-ahead log, and until the next one, SQLite only appends to the log. So the
database file stands still and is copied in steps; then follows the log, up to the end of a commit. The copy is what a
power loss at that moment would have left, and opens like it. It is written beside its place under another name,
synced, and renamed when it is whole.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from .acknowledged import Acknowledged
from .database import AUTOCHECKPOINT_PAGES, Database
from .errors import DiskFailed, StoreError, UnusableData
from .files import DIRECTORY_MODE, DataDirectory, remove_directory, sync_directory

STEP_BYTES = 262_144
"""Copied and synced in one step: some milliseconds, so that requests in between do not wait for the disk."""


class Backup:
    """One backup under way.

    Args:
        db: the store's database.
        data: its directory.
        target: directory of the backup, not there yet.

    Raises:
        UnusableData: the target is there already, cannot be made, or is in the way of the data directory.
    """

    def __init__(self, db: Database, data: DataDirectory, target: Path) -> None:
        self._db = db
        self._data = data
        self._target, self._partial = backup_places(data.path, target)
        try:
            remove_directory(self._partial)
            self._partial.mkdir(mode=DIRECTORY_MODE, parents=True)
        except OSError as error:
            raise UnusableData(f"The backup {target} cannot be written ({error.strerror}).") from error

    def steps(self) -> Iterator[int]:
        """Copy, yielding the bytes copied so far; the first commit after the end is not part of the backup.

        Raises:
            DiskFailed: the copy cannot be written or read.
        """
        self._db.all("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.run("PRAGMA wal_autocheckpoint = 0")
        try:
            yield from self._copied()
            self._finish()
        except OSError as error:
            with suppress(OSError):  # on a full disk, what is there of the copy is in everybody's way
                remove_directory(self._partial)
            raise DiskFailed(f"The backup {self._target} cannot be written ({error.strerror}).") from error
        finally:
            with suppress(StoreError):  # the store may be closed by now
                self._db.run(f"PRAGMA wal_autocheckpoint = {AUTOCHECKPOINT_PAGES}")

    def _copied(self) -> Iterator[int]:
        """Copy the database, then its log; the last step copies the log's end, so nothing is committed after it.

        The log's pieces become larger and larger, so that it is caught up with however fast it grows.
        """
        database, log = self._partial / self._data.store.name, self._partial / self._data.log.name
        size_bytes = 0
        while count := _copy_piece(self._data.store, database, size_bytes, STEP_BYTES):
            size_bytes += count
            yield size_bytes
        log_bytes = 0
        piece_bytes = STEP_BYTES
        while True:
            count = _copy_piece(self._data.log, log, log_bytes, piece_bytes)
            log_bytes += count
            if count < piece_bytes:
                return
            piece_bytes *= 2
            yield size_bytes + log_bytes

    def _finish(self) -> None:
        """Note how many commits the copy holds, and give it its name."""
        number = Acknowledged(self._partial / self._data.acknowledged.name)
        has_room = number.write(self._db.newest.number)
        number.close()
        if not has_room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync_directory(self._partial)
        self._partial.rename(self._target)
        sync_directory(self._target.parent)


def backup_places(directory: Path, target: Path) -> tuple[Path, Path]:
    """Return where a backup will stand, and where it is written until it is whole; symbolic links are followed.

    Args:
        directory: the data directory.
        target: what the operator calls the backup, any text.

    Raises:
        UnusableData: the target is there already, is no path, or is in the way of the data directory.
    """
    try:
        place = Path(os.path.realpath(target))
        is_taken = place.exists()
    except (OSError, ValueError) as error:  # a ValueError: characters that no path has
        reason = error.strerror if isinstance(error, OSError) else "it is no path"
        raise UnusableData(f"The backup {target} cannot be written ({reason}).") from error
    if is_taken:
        raise UnusableData(f"{target} is there already; choose a new name for the backup.")
    partial = place.with_name(place.name + ".partial")
    data = Path(os.path.realpath(directory))
    # What stands at `partial` is removed as the rest of an earlier backup.
    if place.is_relative_to(data) or data.is_relative_to(partial):
        raise UnusableData(
            f"The backup {target} must lie outside the data directory {directory}; choose another place."
        )
    return place, partial


def _copy_piece(source: Path, copy: Path, offset: int, size_bytes: int) -> int:
    """Copy the next piece of a file durably; return how long it was, 0 at the end or if there is no such file."""
    if not source.exists():
        return 0
    with source.open("rb") as file:
        file.seek(offset)
        piece = file.read(size_bytes)
    if piece:
        with copy.open("ab") as file:
            file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    return len(piece)
