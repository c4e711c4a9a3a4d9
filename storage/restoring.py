"""Restoring a backup: a data directory gets the store of another directory; what it had is moved aside.

The order makes a kill at any point harmless: the copy is made and checked first, in a directory of its own; then
`store.damage` forbids every opening; then the old files move to `replaced-N`, the new ones to their places, and the
mark goes. After a kill in between the next start says so, and restoring again begins by moving everything back.
"""

import os
import shutil
from pathlib import Path

from .contract import Report
from .errors import DamagedStore, DiskFailed, UnusableData
from .files import STORE_FILES, DataDirectory, remove_directory, sync_directory
from .sqlite import SqliteStore

PARTIAL = "restore.partial"
"""The store that is being put together, by a restore or a repair."""

_INTERRUPTED = "A restore or repair was interrupted; run it again: what was there is in "


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
    check_backup(backup, directory)
    data = DataDirectory(directory)
    try:
        bring_back(data, directory / PARTIAL)
        report = checked_copy(backup, directory / PARTIAL)
        put_in_place(data, directory / PARTIAL)
    except OSError as error:
        raise DiskFailed(f"{backup} cannot be restored to {directory} ({error.strerror}).") from error
    finally:
        data.release()
    return report


def check_backup(backup: Path, directory: Path) -> None:
    """Check that there is a backup.

    Raises:
        UnusableData: there is none, nobody may look, or it is the data directory itself.
    """
    try:
        is_there = (backup / STORE_FILES[0]).is_file()
    except OSError as error:
        raise UnusableData(f"The backup {backup} cannot be read ({error.strerror}).") from error
    if not is_there:
        raise UnusableData(f"{backup} holds no store; name a directory that a backup was written to.")
    if backup.resolve() == directory.resolve():
        raise UnusableData(f"{backup} is the data directory itself; name the backup.")


def checked_copy(backup: Path, partial: Path) -> Report:
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


def put_in_place(data: DataDirectory, partial: Path) -> None:
    """Move the present files of a store aside and those of `partial`, which are whole and durable, to their places."""
    aside = _free_name(data.path)
    aside.mkdir(mode=0o700)
    sync_directory(data.path)
    data.write_damage(f"{_INTERRUPTED}{aside.name}")
    _move(data.path, aside)
    _move(partial, data.path)
    remove_directory(partial)
    if not any(aside.iterdir()):
        aside.rmdir()
    sync_directory(data.path)
    data.damage.unlink()
    sync_directory(data.path)


def bring_back(data: DataDirectory, partial: Path) -> None:
    """Undo a moving that was killed half-way, so that it can begin anew; the mark stays until that is done.

    Whether the database of `partial` is still there tells whether old files were being moved away or new ones in.
    """
    mark = data.damage.read_text(encoding="utf-8", errors="replace") if data.damage.exists() else ""
    aside = data.path / mark.removeprefix(_INTERRUPTED)
    if not mark.startswith(_INTERRUPTED) or not aside.is_dir():
        return
    if not (partial / STORE_FILES[0]).exists():
        for name in STORE_FILES:
            (data.path / name).unlink(missing_ok=True)
        partial.mkdir(mode=0o700, exist_ok=True)
        (partial / STORE_FILES[0]).touch()  # from here on, a kill finds old files being moved, which is right
    _move(aside, data.path)
    remove_directory(aside)


def _move(source: Path, target: Path) -> None:
    """Move the files of a store from one directory to another, durably."""
    for name in STORE_FILES:
        if (source / name).exists():
            (source / name).rename(target / name)
    sync_directory(target)
    sync_directory(source)


def _free_name(directory: Path) -> Path:
    """Return the first name `replaced-N` that is free."""
    number = 1
    while (directory / f"replaced-{number}").exists():
        number += 1
    return directory / f"replaced-{number}"
