"""Digests of bytes: MD5 (RFC 1321), SHA-1 and SHA-256 (FIPS 180-4), what HashFunction's subclasses answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from .values import fail_with

if TYPE_CHECKING:
    from collections.abc import Callable

#: The functions' names, as the library gives them: the only ones that are called.
_NAMES: Final = frozenset({"md5", "sha1", "sha256"})


def digest(self: Any, name: Any) -> Any:
    """The digest of the bytes by the function that the symbol names."""
    import hashlib  # noqa: PLC0415 - OpenSSL takes 6 ms of a start, and few sessions make digests

    function = getattr(name, "name", None)
    if function not in _NAMES:
        return fail_with(self, name)
    # They guard nothing of the server's, so that a system that forbids weak ones for that has no objection.
    return current.world.new_bytes(hashlib.new(function, self.data, usedforsecurity=False).digest())


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {"bytesDigest": digest}
