"""Which sessions have long journals and should be folded, in the order in which they became long."""

from collections.abc import Mapping

from .changes import Sid
from .database import Database
from .fold import LIGHT_STEPS
from .journal import ROW_WEIGHT_BYTES

FOLD_DUE_BYTES = 16_384
"""Journal a session may gather before folding is due: it is read at each restore (16 KB in some 0.2 ms)."""

FOLDING_BYTES = 32_768
"""What a folding takes of small rows, which count for more than their bytes; of large rows it takes more."""


class Backlog:
    """Journal bytes by session, counted from the file at first use and kept up with each commit."""

    def __init__(self, db: Database) -> None:
        weight = f"coalesce(length(b), 0) + {ROW_WEIGHT_BYTES}"  # damage may leave a row without content
        query = f"SELECT sid, sum({weight}) FROM journal GROUP BY sid"  # noqa: S608 -- a constant
        self._bytes: dict[Sid, int] = {}
        self._due: dict[Sid, None] = {}
        self._due_bytes = 0
        counted: dict[Sid, int] = dict(db.all(query))
        self._unseen = set(counted)
        for sid, size_bytes in counted.items():
            self._put(sid, size_bytes)
        for in_ring, size_bytes in db.newest.row_sizes():
            self.grow({Sid(in_ring): size_bytes})

    def __len__(self) -> int:
        """Count the sessions that are due."""
        return len(self._due)

    @property
    def steps(self) -> int:
        """About how many steps it takes to fold all that is due."""
        return LIGHT_STEPS * max(len(self._due), self._due_bytes // FOLDING_BYTES)

    def weight_bytes(self, sid: Sid) -> int:
        """Return how much of a session's journal is not folded, with what makes tiny rows count."""
        return self._bytes.get(sid, 0)

    def is_due(self, sid: Sid) -> bool:
        """Tell whether a session's journal is long."""
        return sid in self._due

    def grow(self, grown: Mapping[Sid, int]) -> None:
        """Count new journal rows by the size of their content."""
        for sid, size_bytes in grown.items():
            self._put(sid, self.weight_bytes(sid) + size_bytes + ROW_WEIGHT_BYTES)

    def first(self) -> Sid:
        """Return the session that is due for longest."""
        return next(iter(self._due))

    def see(self, sid: Sid) -> bool:
        """Tell whether a session had rows in the table when it was counted, of which nobody knows which are folded."""
        is_unseen = sid in self._unseen
        self._unseen.discard(sid)
        return is_unseen

    def correct(self, sid: Sid, weight_bytes: int) -> None:
        """Note how much of a session's journal is not folded, after all of it was read."""
        self.forget(sid)
        self._put(sid, weight_bytes)

    def shrink(self, sid: Sid, folded_bytes: int) -> None:
        """Take off what was folded; what is left of a long journal comes after those of others."""
        left_bytes = self.weight_bytes(sid) - folded_bytes
        self.forget(sid)
        if left_bytes > 0:
            self._put(sid, left_bytes)

    def forget(self, sid: Sid) -> None:
        """Forget a session's journal, because all of it was folded, or cannot be."""
        weight_bytes = self._bytes.pop(sid, 0)
        if sid in self._due:
            del self._due[sid]
            self._due_bytes -= weight_bytes

    def _put(self, sid: Sid, weight_bytes: int) -> None:
        if sid in self._due:
            self._due_bytes += weight_bytes - self._bytes[sid]
        elif weight_bytes >= FOLD_DUE_BYTES:
            self._due[sid] = None
            self._due_bytes += weight_bytes
        self._bytes[sid] = weight_bytes
