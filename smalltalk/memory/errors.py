"""What can go wrong between live objects and records."""

from __future__ import annotations

from typing import Final

from ..compiler.errors import SemanticFailure
from ..syntax.errors import SyntaxFailure

#: What decoding a record raises that is not what its kind needs.
MISFITS: Final = (
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
    AssertionError,
    SyntaxFailure,
    SemanticFailure,
)


class MemoryRoomError(Exception):
    """Root of this room's errors; each message is one sentence."""


class UnstorableValueError(MemoryRoomError):
    """A value that has no record: a bug in a primitive, because the language itself cannot make one."""


class BrokenImageError(MemoryRoomError):
    """The records do not make an image: one is missing, or is not what its reference says.

    Attributes:
        oid: id of the object whose record that is, None if it is not known.
    """

    def __init__(self, text: str, oid: int | None = None) -> None:
        super().__init__(text)
        self.oid = oid


class UnknownObjectIdError(MemoryRoomError):
    """An object id that is malformed, of another session, or of an object that is gone."""


class TooManyVariablesError(MemoryRoomError):
    """A session declared more workspace variables than it may."""
