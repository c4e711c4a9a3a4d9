"""Which sessions have long journals and should be folded."""

from collections.abc import Mapping
from itertools import islice

from .changes import Sid
from .database import Database
from .journal import ROW_WEIGHT_BYTES

FOLD_DUE_BYTES = 16_384
"""Journal a session may gather before folding is due: it is read at each restore (16 KB in some 0.2 ms)."""


class Backlog:
    """Journal bytes by session, counted from the file at first use and kept up with each commit."""

    def __init__(self, db: Database) -> None:
        query = f"SELECT sid, sum(length(b) + {ROW_WEIGHT_BYTES}) FROM journal GROUP BY sid"  # noqa: S608 -- a constant
        self._bytes: dict[Sid, int] = dict(db.all(query))
        for sid, size_bytes in db.newest.row_sizes():
            self._bytes[Sid(sid)] = self._bytes.get(Sid(sid), 0) + size_bytes + ROW_WEIGHT_BYTES
        self._due = {sid for sid, size_bytes in self._bytes.items() if size_bytes >= FOLD_DUE_BYTES}

    def __len__(self) -> int:
        return len(self._due)

    def grow(self, grown: Mapping[Sid, int]) -> None:
        """Count new journal rows by the size of their content."""
        for sid, size_bytes in grown.items():
            self._bytes[sid] = weight = self._bytes.get(sid, 0) + size_bytes + ROW_WEIGHT_BYTES
            if weight >= FOLD_DUE_BYTES:
                self._due.add(sid)

    def pop(self, sessions_max: int) -> list[Sid]:
        """Return up to `sessions_max` sessions that are due and forget their journals."""
        due = list(islice(self._due, sessions_max))
        for sid in due:
            self.forget(sid)
        return due

    def forget(self, sid: Sid) -> None:
        """Forget a session's journal, because it was folded."""
        self._bytes.pop(sid, None)
        self._due.discard(sid)
