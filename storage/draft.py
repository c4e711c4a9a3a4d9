"""A journal row while its commit is put together."""

from .checksums import Table, row_crc
from .heads import Head
from .journal import JUMP
from .newest import KeptRow
from .preparing import PreparedRecords
from .records import EncodedRecords, pack


class JournalDraft:
    """A journal row while its commit is put together.

    Attributes:
        head: the session's counters, advanced with each change.
        records: oid and encoded record in turns.
        entries: encoded history entries.
        starts: for each entry where the records begin that its evaluation changed; `JUMP` for a return.
        start: where those of the step begin that the next entry names; None if it names nothing.
        prepared: all its records, if they were prepared as one step; then they are not in `records`.
    """

    __slots__ = ("entries", "head", "prepared", "records", "start", "starts")

    def __init__(self, head: Head) -> None:
        self.head = head
        self.records: list[int | bytes] = []
        self.entries: list[bytes] = []
        self.starts: list[int] = []
        self.start: int | None = None
        self.prepared: PreparedRecords | None = None

    def add_records(self, records: EncodedRecords) -> None:
        """Add the records of one step."""
        if isinstance(records, PreparedRecords) and self.is_empty and self.start is None:
            self.prepared, self.start = records, 0
            return
        self._take_prepared()
        self.start = len(self.records)
        self.records += records.flat

    def add_entry(self, entry: bytes) -> None:
        """Add a history entry, which names the step just added, if one was."""
        if self.entries:
            self._take_prepared()
        self.starts.append(len(self.records) if self.start is None else self.start)
        self.start = None
        self.entries.append(entry)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to store."""
        return self.prepared is None and not self.records and not self.entries and self.start in (None, JUMP)

    def _take_prepared(self) -> None:
        """Take prepared records like others, because the row holds more than they say."""
        if self.prepared is not None:
            self.records += self.prepared.flat
            self.prepared = None

    def close(self, sid: int) -> KeptRow:
        """Number the row and return it as `(sid, n, crc, b)`."""
        self._take_prepared()
        head = self.head
        head.n += 1
        # The rule is one evaluation a commit, whose records are all there are: then nothing has to be said about it.
        starts = (self.starts,) if self.starts and self.starts != [0] else ()
        content = pack((head.seq, head.next_oid, head.entry_seq, self.records, self.entries, *starts))
        return sid, head.n, row_crc(Table.JOURNAL, sid, head.n, content), content
