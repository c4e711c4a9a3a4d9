"""Packing: where the records of a drain go, one after the other, so that a long one need never be there as a whole.

Storage takes bytes, which it makes with a packing of its own; tests and tools take the records as they are.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .records import ClassRef, Record, Value


class Packing(Protocol):
    """Takes records, and is what is handed on of them."""

    def add(self, oid: int, record: Record) -> None:
        """Take the record of an object."""

    def piece(self, values: list[Value]) -> Any:
        """Pack some of the values that follow each other in a long payload."""

    def add_long(self, oid: int, ref: ClassRef, slots: tuple[Value, ...], count: int, pieces: Sequence[Any]) -> None:
        """Take the record of an object whose payload of so many values was packed in pieces."""


class PlainRecords(list["tuple[int, Record]"]):
    """Records as they are, each with the id of its object."""

    __slots__ = ()

    def add(self, oid: int, record: Record) -> None:
        """Take the record of an object."""
        self.append((oid, record))

    def piece(self, values: list[Value]) -> list[Value]:
        """Return the values."""
        return values

    def add_long(
        self, oid: int, ref: ClassRef, slots: tuple[Value, ...], _count: int, pieces: Sequence[list[Value]]
    ) -> None:
        """Take the record of an object whose payload the pieces are."""
        self.append((oid, (ref, slots, tuple(chain.from_iterable(pieces)))))
