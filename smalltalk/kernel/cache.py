"""The compiled class library as bytes, so that a start need not compile it.

    cache = key (32 bytes) + length of the index (4) + index + method tables
    index = marshal of (classes, (class name, is class side, length of the table) of each method table)

The tables are used where they lie: a class's methods are not even copied before the class is first asked for one.
The key is a hash of everything the content depends on: lengths and checksums of the library's sources and of the
compiler's own (so nobody has to remember to raise a version), and Python's bytecode magic. A checksum is enough,
because it meets edits and not attacks, and it is three times as fast as hashing the texts. A cache with another key is
simply made again. The bytes are our own and stay on this machine; they are code, so they are never taken from anywhere
else. That they are undamaged is for whoever keeps them to know: the store checks each entry it reads, and a second look
at seven megabytes would be a quarter of the loading.
"""

from __future__ import annotations

import importlib.util
import marshal
import zlib
from _blake2 import blake2b  # what `hashlib` gives, without its OpenSSL: a hundredth of a start
from typing import TYPE_CHECKING, Final

from .definitions import ClassPlan, KernelPlan, MethodTable

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Raised when the plain form itself changes.
FORMAT_VERSION: Final = 4

_KEY_BYTES: Final = 32
_LENGTH_BYTES: Final = 4


def key_for(sources: Mapping[str, bytes]) -> bytes:
    """What a cache must begin with.

    Args:
        sources: File name -> content, of the library and the compiler.
    """
    digest = blake2b(str(FORMAT_VERSION).encode(), digest_size=_KEY_BYTES)
    digest.update(importlib.util.MAGIC_NUMBER)
    for name, content in sorted(sources.items()):
        digest.update(f"{name}\0{len(content)}\0{zlib.crc32(content)}\0".encode())
    return digest.digest()


def dump(plan: KernelPlan, key: bytes) -> bytes:
    """Bytes of a compiled library."""
    tables = tuple((name, is_class_side, len(packed)) for name, is_class_side, packed in plan.methods)
    index = marshal.dumps((tuple(map(tuple, plan.classes)), tables))
    body = b"".join((len(index).to_bytes(_LENGTH_BYTES, "big"), index, *(packed for _, _, packed in plan.methods)))
    return key + body


def is_of(cached: bytes, key: bytes) -> bool:
    """Whether a cache is of that key."""
    return cached[:_KEY_BYTES] == key


def load(cached: bytes, key: bytes) -> KernelPlan | None:
    """The library in a cache, None when it is not of that key.

    Args:
        cached: What `dump` answered, undamaged, or of an older server.
        key: What it must begin with.
    """
    if not is_of(cached, key):
        return None
    body = memoryview(cached)[_KEY_BYTES:]
    at = _LENGTH_BYTES + int.from_bytes(body[:_LENGTH_BYTES], "big")
    classes, tables = marshal.loads(body[_LENGTH_BYTES:at])  # noqa: S302 - our own bytes, of this very code
    methods = []
    for name, is_class_side, length in tables:
        methods.append(MethodTable(name, is_class_side, body[at : at + length]))
        at += length
    return KernelPlan(tuple(map(ClassPlan._make, classes)), tuple(methods))
