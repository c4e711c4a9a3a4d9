"""Restoring a backup: a data directory gets the store of another directory; what it had is moved aside.

The order makes a kill at any point harmless: the copy is made and checked first, in a directory of its own; then
`store.damage` forbids every opening; then the old files move to `replaced-N`, the new ones to their places, and the
mark goes. After a kill in between the next start says so, and restoring again ends it.
"""

import os
import shutil
from pathlib import Path

from .contract import Report
from .errors import DamagedStore, DiskFailed, UnusableData
from .files import STORE_FILES, DataDirectory, remove_directory, sync_directory
from .sqlite import SqliteStore

_PARTIAL = "restore.partial"
_INTERRUPTED = "A restore was interrupted; run it again"


def restore(backup: Path, directory: Path) -> Report:
    """Give a data directory the store of a backup; return what checking the backup found.

    Args:
        backup: a directory that `Store.back_up` made, or any data directory that no server uses.
        directory: the data directory, made if it is not there; no server may use it.

    Raises:
        UnusableData: there is no backup, or the data directory is in use.
        DamagedStore: the backup is damaged; nothing was changed.
        DiskFailed: it could not be copied; nothing was changed.
    """
    if not (backup / STORE_FILES[0]).is_file():
        raise UnusableData(f"{backup} holds no store; name a directory that a backup was written to.")
    if backup.resolve() == directory.resolve():
        raise UnusableData(f"{backup} is the data directory itself; name the backup.")
    data = DataDirectory(directory)
    try:
        report = _checked_copy(backup, directory / _PARTIAL)
        data.write_damage(_INTERRUPTED)
        _replace(data)
        data.damage.unlink()
        sync_directory(directory)
    except OSError as error:
        raise DiskFailed(f"{backup} cannot be restored to {directory} ({error.strerror}).") from error
    finally:
        data.release()
    return report


def _checked_copy(backup: Path, partial: Path) -> Report:
    """Copy a backup durably and check the copy: the backup itself is never written."""
    remove_directory(partial)
    partial.mkdir(mode=0o700)
    for name in STORE_FILES:
        if (backup / name).exists():
            shutil.copyfile(backup / name, partial / name)
    store = SqliteStore(partial)
    try:
        report = store.verify()
    finally:
        store.close()
    if report.damages:
        raise DamagedStore(f"The backup {backup} is damaged ({report.damages[0]}); choose another one.")
    for path in partial.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_directory(partial)
    return report


def _replace(data: DataDirectory) -> None:
    """Move the present files aside and the checked ones to their places."""
    present = [data.path / name for name in STORE_FILES if (data.path / name).exists()]
    if present:
        aside = _free_name(data.path)
        aside.mkdir(mode=0o700)
        for path in present:
            path.rename(aside / path.name)
        sync_directory(aside)
    partial = data.path / _PARTIAL
    for name in STORE_FILES:
        if (partial / name).exists():
            (partial / name).rename(data.path / name)
    remove_directory(partial)
    sync_directory(data.path)


def _free_name(directory: Path) -> Path:
    """Return the first name `replaced-N` that is free."""
    number = 1
    while (directory / f"replaced-{number}").exists():
        number += 1
    return directory / f"replaced-{number}"
