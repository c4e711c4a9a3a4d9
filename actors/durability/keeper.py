"""The keeper: the only writer of the store. It collects the changes of a tick and commits them in one transaction.

A failed commit is never acknowledged and never tried again with the same changes: nobody knows what the disk did. Its
changes are forgotten, the sessions concerned drop their live state and are read back from the store, and every reply
that reports any of it becomes a StorageError. When the store itself refuses to go on, it is opened anew.

Thread: the loop.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Final, NamedTuple

from storage import Change, DiskFailed, ReplyStored, Sid, Store, StoreError, StoreRefuses

from ..clock import Clock
from ..logs import new_logger
from ..monitoring.counters import Counters
from ..monitoring.measures import Measures
from .shards import shard_of_sid

#: Pause between two attempts to open a store that refuses to go on.
_REOPEN_NS: Final = 1_000_000_000
_log = new_logger("keeper")


class CommitFailure(NamedTuple):
    """A commit that did not happen.

    Attributes:
        reason: one sentence.
        sessions: the sessions that had changes in it; None for all, because the store was opened anew.
        shards: the shards that it failed in, None for all; what the tick changed in others is durable.
    """

    reason: str
    sessions: frozenset[Sid] | None
    shards: frozenset[int] | None = None

    def has_lost(self, shard: int) -> bool:
        """Tell whether what the tick changed in a shard is not durable."""
        return self.shards is None or shard in self.shards


class PartlyFailedError(StoreError):
    """A commit failed in some shards and stands in the others.

    Attributes:
        shards: those that it failed in.
        causes: why, one for each of them.
    """

    def __init__(self, causes: Mapping[int, StoreError]) -> None:
        super().__init__(str(next(iter(causes.values()))))
        self.shards = frozenset(causes)
        self.causes = tuple(causes.values())


class Keeper:
    """Changes on their way to the store.

    Attributes:
        store: for reading; only the keeper writes.
        generation: number of the commit that the changes staged now will be part of.
    """

    def __init__(self, open_store: Callable[[], Store], clock: Clock, counters: Counters, measures: Measures) -> None:
        self._open_store = open_store
        self._clock = clock
        self._counters = counters
        self._measures = measures
        self._changes: list[Change] = []
        self._reopen_at_ns: int | None = None
        self.generation = 0
        self.store = open_store()

    @property
    def has_changes(self) -> bool:
        """Whether something waits for the commit."""
        return bool(self._changes)

    @property
    def is_lost(self) -> bool:
        """Whether the store refused to go on and could not be opened again yet."""
        return self._reopen_at_ns is not None

    def stage(self, *changes: Change) -> None:
        """Let these changes be part of the next commit, in this order."""
        self._changes.extend(changes)

    def staged(self, sid: Sid) -> list[Change]:
        """Return what the next commit changes of a session so far."""
        return [change for change in self._changes if not isinstance(change, ReplyStored) and change.sid == sid]

    def preparing(self, changes: list[Change]) -> Generator[None, None, Sequence[Change]]:
        """Prepare a session's next step for the commit, in steps; return what to stage in its place.

        What cannot be prepared is staged as it is: the commit will tell what is the matter.
        """
        try:
            return (yield from self.store.prepare(changes))
        except StoreError:
            return changes

    def commit(self) -> CommitFailure | None:
        """Make the tick's changes durable; answer why that failed, None if it did not or there were none."""
        changes = self._changes
        if not changes:
            return None
        self._changes = []
        self.generation += 1
        try:
            self.store.commit(changes)
        except StoreError as error:
            return self._failed(error, changes)
        self._counters.commits += 1
        self._measures.batches.add(len(changes))
        return None

    def _failed(self, error: StoreError, changes: Sequence[Change]) -> CommitFailure:
        self._counters.commits_failed += 1
        _log.error("commit failed", reason=str(error))
        shards, causes = (error.shards, error.causes) if isinstance(error, PartlyFailedError) else (None, (error,))
        if any(isinstance(cause, (DiskFailed, StoreRefuses)) for cause in causes):
            self.store.close()
            self._reopen_at_ns = self._clock.monotonic_ns()
            self.reopen_if_lost()
            return CommitFailure(str(error), None, shards)
        touched = (change.sid for change in changes if not isinstance(change, ReplyStored))
        lost = frozenset(sid for sid in touched if shards is None or shard_of_sid(sid) in shards)
        return CommitFailure(str(error), lost, shards)

    def reopen_if_lost(self) -> None:
        """Open the store anew if it refused to go on; tried again after a pause as long as that fails."""
        now_ns = self._clock.monotonic_ns()
        if self._reopen_at_ns is None or now_ns < self._reopen_at_ns:
            return
        try:
            self.store = self._open_store()
        except StoreError as error:
            _log.error("the store cannot be opened again", reason=str(error))
            self._reopen_at_ns = now_ns + _REOPEN_NS
        else:
            self._reopen_at_ns = None

    def fold_due(self, steps_max: int) -> int:
        """Do some steps of folding journals; answer about how many are left.

        Raises:
            StoreError: it could not be done now; nothing is lost by that.
        """
        return self.store.fold_due(steps_max)

    def close(self) -> None:
        """Close the store; what was not committed is forgotten."""
        self.store.close()
