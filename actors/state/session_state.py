"""What a session holds in memory: its image and the numbers of its last step and last history entry.

All of it can be dropped at any time and is read back from the store when it is needed next.
"""

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from smalltalk import BrokenImageError, MemoryRoomError, RecordSource
from storage import Change, EncodedRecords, HistoryAppended, ObjectsChanged, Record, Sid, StoreError, is_large

from ..durability.encoding import Encoding
from ..traffic.call import RefusedError
from . import quarantine

if TYPE_CHECKING:
    from ..parts import Parts
    from ..running.engine import Image

#: Half the time of calling a NamedTuple; two are made for most evaluations.
_new: Final = tuple.__new__
#: Under what a session's stored meta keeps how many names of computations were given before it was set back.
IDS_GIVEN: Final = "context_ids_given"


class SessionState:
    """The live state of one session.

    Attributes:
        damage: the first damage met while reading objects; the image cannot be trusted any more.
    """

    def __init__(self, parts: "Parts", sid: Sid) -> None:
        self._parts = parts
        self._sid = sid
        self._image: Image | None = None
        self._seq = 0
        self._entries: int | None = None
        self.damage: StoreError | None = None

    @property
    def is_loaded(self) -> bool:
        """Whether the objects are in memory."""
        return self._image is not None

    def begin_empty(self) -> None:
        """Give a session that was just made its objects: there is nothing to read back."""
        self._image = self._parts.engine.create()
        self._entries = 0

    def forget(self) -> None:
        """Drop everything; no run of the session stands anywhere."""
        if self._image is not None:
            self._image.close()
        self._image = self._entries = self.damage = None

    def image(self) -> "Image":
        """Return the session's objects, brought back from the store if they are not in memory.

        Raises:
            RefusedError: SessionError, they cannot be read, or the session is in quarantine.
        """
        if self._image is None:
            try:
                self._image = self._restored()
            except (StoreError, MemoryRoomError, BrokenImageError) as error:
                self.forget()
                details = {"savepoints": self._savepoints()}
                raise RefusedError("SessionError", f"The session cannot be read: {error}", details) from error
        return self._image

    def _restored(self) -> "Image":
        engine, store, mark = self._parts.engine, self._parts.keeper.store, self._parts.evaluator.mark
        row = store.session(self._sid)
        meta = {} if row is None else row.meta
        if quarantine.QUARANTINE in meta:
            raise quarantine.refusal(meta, self._savepoints())
        stored = store.load(self._sid)
        self._seq, self._entries = stored.seq, stored.entries
        mark.enter(self._sid)
        try:
            if not stored.seq:
                return engine.create()
            image = engine.restore(_Watched(stored, self._note_damage), is_safe=quarantine.SAFE in meta)
        finally:
            mark.leave()
        image.debugger.pass_over_ids(meta.get(IDS_GIVEN, 0))
        return image

    def _savepoints(self) -> list[str]:
        """Return the names of the states that the session can go back to, as far as they can be read."""
        try:
            return [savepoint.name for savepoint in self._parts.keeper.store.savepoints(self._sid)]
        except StoreError:
            return []

    def _note_damage(self, damage: StoreError) -> None:
        self.damage = self.damage or damage

    @contextmanager
    def damage_aside(self) -> Iterator[None]:
        """Read objects whose damage is for whoever asks to tell, and no reason to distrust the others."""
        before = self.damage
        try:
            yield
        finally:
            self.damage = before

    def entry_count(self) -> int:
        """Return how many history entries the session has, those staged included."""
        if self._entries is None:
            self._entries = self._parts.keeper.store.history(self._sid, 0, 0).total
        return self._entries

    def taking_back(
        self, next_oid: int, records: EncodedRecords, history: dict[str, Any] | None
    ) -> Generator[None, None, Sequence[Change]]:
        """Return what a run on loan changed, for the store, prepared in steps; the objects are read back when needed.

        Args:
            next_oid: the smallest object id not given yet.
            records: what it changed.
            history: its history entry, None if it has none.
        """
        self.forget()
        seq = self._parts.keeper.store.load(self._sid).seq + 1
        changes: list[Change] = [ObjectsChanged(self._sid, seq, next_oid, records)]
        if history is not None:
            self._entries = self.entry_count() + 1
            changes.append(HistoryAppended(self._sid, self._entries, history))
        return (yield from self._prepared(changes, records))

    def _prepared(self, changes: list[Change], records: EncodedRecords) -> Generator[None, None, Sequence[Change]]:
        """Prepare changes for the commit, in steps, if they are many."""
        return (yield from self._parts.keeper.preparing(changes)) if is_large(records) else changes

    def changes(self, history: dict[str, Any] | None) -> Sequence[Change]:
        """Return what was changed, for the store, at once; see `encoding`."""
        return Encoding(self.encoding(history)).finish()

    def encoding(self, history: dict[str, Any] | None) -> Generator[None, None, Sequence[Change]]:
        """Return what was changed, for the store, encoded and prepared in steps; the state counts it as done.

        Between two steps nothing of the session may run. Who gives it up between two forgets the state.

        Args:
            history: the run's history entry, None if it has none.

        Raises:
            UnstorableValueError, RecordRefused: an object has no record; nothing counts as done.
        """
        draining = None if self._image is None else self._image.draining(EncodedRecords)
        delta = None if draining is None else (yield from draining)
        changes: list[Change] = []
        if delta is not None:
            self._seq += 1
            changes.append(_new(ObjectsChanged, (self._sid, self._seq, delta.next_oid, delta.records)))
        if history is not None:
            self._entries = self.entry_count() + 1
            changes.append(_new(HistoryAppended, (self._sid, self._entries, history)))
        return changes if delta is None else (yield from self._prepared(changes, delta.records))


class _Watched:
    """A record source that notes damage, because the code that stumbles over it may handle the error."""

    def __init__(self, source: RecordSource, note: Callable[[StoreError], None]) -> None:
        self._source = source
        self._note = note
        self.next_oid = source.next_oid

    def record(self, oid: int) -> Record | None:
        """Return an object's record, None if there is none."""
        try:
            return self._source.record(oid)
        except StoreError as damage:
            self._note(damage)
            raise
