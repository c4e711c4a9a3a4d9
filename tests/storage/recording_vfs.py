"""A layer between SQLite and the disk that writes down every write, truncation and sync, in order.

It is an SQLite VFS made with ctypes: the default one, whose `open` puts our method table in place of the file's own.
Ours notes the call and passes it on.

Source: https://www.sqlite.org/c3ref/vfs.html, https://www.sqlite.org/c3ref/io_methods.html
"""

import ctypes
import ctypes.util
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import NamedTuple


class Write(NamedTuple):
    file: str
    offset: int
    content: bytes


class Truncate(NamedTuple):
    file: str
    size: int


class Delete(NamedTuple):
    file: str


class Sync(NamedTuple):
    file: str


CLOSE = CFUNCTYPE(c_int, c_void_p)
WRITE = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
TRUNCATE = CFUNCTYPE(c_int, c_void_p, c_int64)
SYNC = CFUNCTYPE(c_int, c_void_p, c_int)
DELETE = CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
OPEN = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))


class Methods(Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = [
        ("version", c_int), ("close", c_void_p), ("read", c_void_p), ("write", c_void_p), ("truncate", c_void_p),
        ("sync", c_void_p), ("rest", c_void_p * 13),
    ]  # fmt: skip


class Vfs(Structure):
    """`sqlite3_vfs`, version 3."""

    _fields_ = [
        ("version", c_int), ("size_file", c_int), ("path_max", c_int), ("next", c_void_p), ("name", c_char_p),
        ("data", c_void_p), ("open", c_void_p), ("delete", c_void_p), ("rest", c_void_p * 14),
    ]  # fmt: skip


class File(Structure):
    """The head of `sqlite3_file`."""

    _fields_ = [("methods", POINTER(Methods))]


class Recorder:
    """The VFS and its log. Everything handed to SQLite is kept alive here.

    Attributes:
        log: every call that was passed on.
        failure: what answers for the disk: SQLite's code for a kind of call ("write", "sync") on a file, 0 to pass it
            on.
    """

    def __init__(self, sqlite: ctypes.CDLL) -> None:
        self.log: list[Write | Truncate | Delete | Sync] = []
        self.failure: Callable[[str, str], int] = lambda _kind, _file: 0
        self._names: dict[int, str] = {}
        self._methods: dict[int, tuple] = {}
        plain = Vfs.from_address(sqlite.sqlite3_vfs_find(None))
        self.vfs = Vfs.from_buffer_copy(plain)
        self.vfs.name = b"recording"
        self._plain_open = OPEN(plain.open)
        self._open = OPEN(self._open_file)
        self.vfs.open = ctypes.cast(self._open, c_void_p)
        self._plain_delete = DELETE(plain.delete)
        self._delete = DELETE(self._delete_file)
        self.vfs.delete = ctypes.cast(self._delete, c_void_p)

    def _open_file(self, vfs, name, file, flags, flags_out):
        code = self._plain_open(vfs, name, file, flags, flags_out)
        head = File.from_address(file)
        if code == 0 and head.methods and name:
            self._names[file] = ctypes.string_at(name).decode().rpartition("/")[2]
            head.methods = ctypes.pointer(self._recording(head.methods.contents))
        return code

    def _delete_file(self, vfs, name, has_to_sync):
        """Pass a deletion on; SQLite syncs the directory with it where it matters, so it counts as durable."""
        self.log.append(Delete(name.decode().rpartition("/")[2]))
        return self._plain_delete(vfs, name, has_to_sync)

    def _recording(self, plain: Methods) -> Methods:
        """Return a method table that notes what changes the file, one for each plain table."""
        key = ctypes.addressof(plain)
        if key not in self._methods:
            write, truncate, sync = WRITE(plain.write), TRUNCATE(plain.truncate), SYNC(plain.sync)

            def noted_write(file, content, size, offset):
                if code := self.failure("write", self._names[file]):
                    return code
                self.log.append(Write(self._names[file], offset, ctypes.string_at(content, size)))
                return write(file, content, size, offset)

            def noted_truncate(file, size):
                self.log.append(Truncate(self._names[file], size))
                return truncate(file, size)

            def noted_sync(file, flags):
                if code := self.failure("sync", self._names[file]):
                    return code
                code = sync(file, flags)
                self.log.append(Sync(self._names[file]))
                return code

            mine = Methods.from_buffer_copy(plain)
            calls = WRITE(noted_write), TRUNCATE(noted_truncate), SYNC(noted_sync)
            mine.write, mine.truncate, mine.sync = (ctypes.cast(call, c_void_p) for call in calls)
            self._methods[key] = (mine, calls)
        return self._methods[key][0]


def is_available() -> bool:
    """Tell whether Python's SQLite is a shared library that ctypes finds too."""
    if ctypes.util.find_library("sqlite3") is None:
        return False
    with recording() as recorder, tempfile.TemporaryDirectory() as folder:
        db = sqlite3.connect(f"{folder}/probe.db")
        db.execute("CREATE TABLE probe(a)")
        db.close()
    return bool(recorder.log)


@contextmanager
def recording() -> Iterator[Recorder]:
    """Record all files SQLite opens inside the block; they must be closed inside it. Blocks may not nest."""
    sqlite = ctypes.CDLL(ctypes.util.find_library("sqlite3"))
    sqlite.sqlite3_vfs_find.restype = c_void_p
    recorder = Recorder(sqlite)
    sqlite.sqlite3_vfs_register(ctypes.byref(recorder.vfs), 1)
    try:
        yield recorder
    finally:
        sqlite.sqlite3_vfs_unregister(ctypes.byref(recorder.vfs))
