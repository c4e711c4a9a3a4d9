"""Object ids: the numbers by which records name each other.

An id belongs to one session, is given once and never again, also not after a savepoint was loaded. An object gets its
id when it is first written, or earlier when somebody asks for its identity hash.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, Final

#: The object everything durable hangs from.
ROOT_OID: Final = 1
#: Ids below this are the same Python integers in all sessions, which is a third of what a loaded small object takes.
#: Sessions of up to half a megabyte mostly have no others; together the integers take 0.6 MB, once.
SHARED_MAX: Final = 16_384
SHARED_IDS: Final = tuple(range(SHARED_MAX))


class Oids:
    """The ids of one session; `next` is the smallest not given yet."""

    __slots__ = ("next",)

    def __init__(self, next_oid: int = ROOT_OID + 1) -> None:
        self.next = next_oid

    def of(self, thing: Any) -> int:
        """Return the id of a heap object or block, giving it one if it has none."""
        oid: int = thing.__dict__.get("oid", 0) if type(thing) is FunctionType else thing.oid
        if not oid:
            oid = self.next
            if oid < SHARED_MAX:
                oid = SHARED_IDS[oid]
            thing.oid = oid
            self.next = oid + 1
        return oid
