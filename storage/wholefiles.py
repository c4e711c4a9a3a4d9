"""Files that stand under their name whole and durable, or not at all.

A file is written under another name, synced, and renamed; what stood under the name before is kept beside it, as
`NAME.1`, `NAME.2` and so on. Files and directories made here are closed to other users.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from .errors import DiskFailed, UnusableData
from .files import make_directory, sync_directory

if sys.platform != "win32":
    import fcntl

FILE_MODE = 0o600
"""Sessions are their user's private work."""


def write_whole(path: Path, pieces: Iterable[bytes]) -> Iterator[int]:
    """Write a file, yielding the bytes so far after each piece; when this ends, it is durable.

    A writing that is not stepped to its end must be closed (`close` of the iterator); it leaves nothing behind.

    Raises:
        UnusableData: there can be no such file.
        DiskFailed: it cannot be written; what stood there before still does.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        make_directory(path.parent)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, FILE_MODE)
    except (OSError, ValueError) as error:  # a ValueError: characters that no path has
        raise UnusableData(f"The file {path} cannot be written ({_reason(error)}).") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            size_bytes = 0
            for piece in pieces:
                size_bytes += file.write(piece)
                yield size_bytes
            file.flush()
            os.fsync(file.fileno())
        _keep_former(path)
        partial.rename(path)
        sync_directory(path.parent)
    except OSError as error:
        raise DiskFailed(f"The file {path} cannot be written ({_reason(error)}).") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _keep_former(path: Path) -> None:
    """Give what stands under a name a second one, durably, so that it outlives what is about to replace it."""
    if not path.exists():
        return
    for number in count(1):
        try:
            os.link(path, path.with_name(f"{path.name}.{number}"))
        except FileExistsError:
            continue
        sync_directory(path.parent)
        return


def read_whole(path: Path, size_bytes_max: int) -> bytes:
    """Return what a file holds.

    Raises:
        UnusableData: it cannot be read, or is larger than that.
    """
    try:
        with path.open("rb") as file:
            data = file.read(size_bytes_max + 1)
    except (OSError, ValueError) as error:
        raise UnusableData(f"The file {path} cannot be read ({_reason(error)}).") from error
    if len(data) > size_bytes_max:
        raise UnusableData(f"The file {path} is larger than {size_bytes_max} bytes, which is all that is read.")
    return data


@contextmanager
def alone_in(directory: Path) -> Iterator[None]:
    """Wait until nobody else is alone in a directory, and be it; where the platform has no `flock`, do not wait."""
    if sys.platform == "win32":
        yield
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remove_durably(path: Path) -> None:
    """Remove a file of ours; one that is not there is fine."""
    with suppress(OSError):
        path.unlink(missing_ok=True)
        sync_directory(path.parent)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is no path"
