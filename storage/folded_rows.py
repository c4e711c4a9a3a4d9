"""Folded journal rows that wait to be deleted: those of several sessions share pages, so they go together.

They are known in memory only. A rollback or a stop leaves rows behind that nobody knows of; the next folding of their
session finds them.
"""

from collections.abc import Iterable

from .journal import RowKey

FOLDED_BYTES_MAX = 1_048_576
"""Folded journal rows that wait, tiny ones counted for more; they are read over when their session is loaded."""

DELETED_ROWS = 256
"""Rows deleted in one step, some 5 microseconds each; those next to each other, so that pages are written once."""


class FoldedRows:
    """The rows of one store that wait."""

    def __init__(self) -> None:
        self._waiting: list[RowKey] = []
        self._waiting_bytes = 0
        self._going: list[RowKey] = []

    def __bool__(self) -> bool:
        return bool(self._going or self._waiting)

    @property
    def are_many(self) -> bool:
        """Whether some should go, though others may join them."""
        return bool(self._going) or self._waiting_bytes >= FOLDED_BYTES_MAX

    def add(self, keys: Iterable[RowKey], size_bytes: int) -> None:
        """Let more rows wait, which take so many bytes."""
        self._waiting += keys
        self._waiting_bytes += size_bytes

    def take(self) -> list[RowKey]:
        """Return rows to be deleted now, which lie together."""
        if not self._going:
            self._going, self._waiting, self._waiting_bytes = sorted(self._waiting, reverse=True), [], 0
        taken = self._going[: -DELETED_ROWS - 1 : -1]
        del self._going[-DELETED_ROWS:]
        return taken
