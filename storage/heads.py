"""A session's counters, and the laws of `contract.py` about what may come next."""

from dataclasses import dataclass

from .changes import HistoryAppended, ObjectsChanged, SavepointLoaded, StateUndone
from .errors import ChangeRefused


@dataclass(slots=True)
class Head:
    """Where a session stands.

    Attributes:
        n: number of its last journal row.
        seq: number of its last step that changed objects.
        next_oid: the smallest object id not given yet.
        entry_seq: number of its last history entry.
    """

    n: int = 0
    seq: int = 0
    next_oid: int = 0
    entry_seq: int = 0

    def change_objects(self, change: ObjectsChanged, bounds: tuple[int, int] | None) -> None:
        """Advance over new records; `ChangeRefused` if the sequence or an object id is wrong.

        Args:
            change: what is changed.
            bounds: the lowest and the highest of the records' ids, None without any.
        """
        self._advance_seq(change.sid, change.seq)
        if change.next_oid < self.next_oid:
            raise ChangeRefused(
                f"Session number {change.sid} gave object ids up to {self.next_oid}; {change.next_oid} goes back."
            )
        if bounds is not None and not (bounds[0] >= 0 and bounds[1] < change.next_oid):
            raise ChangeRefused(
                f"Object ids {bounds[0]} to {bounds[1]} are not all from 0 to below the next one, {change.next_oid}."
            )
        self.next_oid = change.next_oid

    def append_history(self, change: HistoryAppended) -> None:
        """Advance over a history entry; `ChangeRefused` if its number is not the next."""
        if change.entry_seq != self.entry_seq + 1:
            raise ChangeRefused(
                f"Session number {change.sid} expects history entry {self.entry_seq + 1}, not {change.entry_seq}."
            )
        self.entry_seq = change.entry_seq

    def go_back(self, change: SavepointLoaded | StateUndone) -> None:
        """Advance over the return to a former state; `ChangeRefused` if the sequence is wrong."""
        self._advance_seq(change.sid, change.seq)

    def _advance_seq(self, sid: int, seq: int) -> None:
        if seq != self.seq + 1:
            raise ChangeRefused(f"Session number {sid} expects step {self.seq + 1}, not {seq}; load it anew.")
        self.seq = seq
