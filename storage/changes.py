"""What may be changed in a store: the changes a commit is made of, and the plain values they carry.

The laws of a commit and the grammar of records stand in `contract.py`.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, NewType, TypeAlias

if TYPE_CHECKING:
    from .records import EncodedRecords

Sid = NewType("Sid", int)
"""Internal number of a session, from 1, never given twice; what clients see is the session's token."""

Oid: TypeAlias = int
"""Number of an object within its session, from 0, never given twice."""

ClassRef: TypeAlias = str | int
Value: TypeAlias = Any
Record: TypeAlias = tuple[ClassRef, tuple[Value, ...], Value]
Meta: TypeAlias = Mapping[str, Any]
"""Plain data of the caller (None, bool, int, float, str, bytes, lists, maps); tuples come back as lists."""


class SessionCreated(NamedTuple):
    """A new session, empty: no objects, `seq` 0, `next_oid` 0, no history. `sid` comes from `Store.next_sid`."""

    sid: Sid
    token: str
    client_id: str
    created_at_ms: int
    expires_at_ms: int
    meta: Meta


class SessionForked(NamedTuple):
    """A new session with the objects another has at this moment, or had at a savepoint of it.

    Its `seq` and `next_oid` are the other's. It begins without history and savepoints, and is independent from then on.
    """

    sid: Sid
    token: str
    client_id: str
    created_at_ms: int
    expires_at_ms: int
    meta: Meta
    from_sid: Sid
    savepoint: str | None = None


class ObjectsChanged(NamedTuple):
    """The new and changed objects of one step of a session.

    `seq` is the session's last `seq` plus one. `next_oid` never shrinks and is above every oid stored. Of two records
    with the same oid the last one counts. They may be encoded already. A `HistoryAppended` that directly follows names
    this step: it is what that evaluation did, and `StateUndone` can put the session back to before it.
    """

    sid: Sid
    seq: int
    next_oid: int
    records: "Sequence[tuple[Oid, Record]] | EncodedRecords"


class SessionTouched(NamedTuple):
    """A session was used. It rewrites the session's row: send it now and then, not with each evaluation."""

    sid: Sid
    last_modified_ms: int
    expires_at_ms: int


class SessionMetaChanged(NamedTuple):
    """The caller's plain data of a session, replaced as a whole."""

    sid: Sid
    meta: Meta


class SessionClosed(NamedTuple):
    """A session is closed: marked, with all its data kept. Closing twice is harmless."""

    sid: Sid


class SessionPurged(NamedTuple):
    """A session is deleted with all it has: objects, history, savepoints. Its number and its replies stay taken."""

    sid: Sid


class HistoryAppended(NamedTuple):
    """One more entry of a session's history. `entry_seq` counts from 1 without gaps."""

    sid: Sid
    entry_seq: int
    entry: Meta


class ReplyStored(NamedTuple):
    """The outcome of an operation that must run only once.

    `digest` tells whether a repeat of `op_id` has the same content. The last `REPLIES_PER_SCOPE_MIN` of a scope are
    kept, older ones may be forgotten. Under the same key the newer reply counts.
    """

    scope: str
    op_id: str
    digest: bytes
    outcome: bytes
    at_ms: int


class SavepointSaved(NamedTuple):
    """Pin the whole object state of this moment under a name; a name used before now means the new state."""

    sid: Sid
    name: str
    at_ms: int
    meta: Meta


class SavepointDropped(NamedTuple):
    """Forget a savepoint and what only it kept. Dropping an unknown name is refused."""

    sid: Sid
    name: str


class SavepointLoaded(NamedTuple):
    """Make a savepoint's objects the session's current state.

    `seq` is the session's last `seq` plus one; `next_oid` stays, because object ids are never given twice. A
    `HistoryAppended` that directly follows names it, so that it can be undone; what differs by more than a store
    remembers only if `before` is kept.

    Attributes:
        before: a savepoint that keeps the state it replaces, None if none does.
    """

    sid: Sid
    name: str
    seq: int
    before: str | None = None


class StateUndone(NamedTuple):
    """Put a session back to the state before one of its evaluations, named by the number of its history entry.

    Refused for a number that `Store.undo_points` does not answer. History stays: a `HistoryAppended` that directly
    follows names the undoing itself, which can be undone as well. For `before`, `seq` and `next_oid` see
    `SavepointLoaded`.

    Attributes:
        before: a savepoint that keeps the state it replaces, None if none does.
    """

    sid: Sid
    entry_seq: int
    seq: int
    before: str | None = None


class PastForgotten(NamedTuple):
    """Forget the states before a session's evaluations so far: none of them can be undone from now on."""

    sid: Sid


Change: TypeAlias = (
    SessionCreated
    | SessionForked
    | ObjectsChanged
    | SessionTouched
    | SessionMetaChanged
    | SessionClosed
    | SessionPurged
    | HistoryAppended
    | ReplyStored
    | SavepointSaved
    | SavepointDropped
    | SavepointLoaded
    | StateUndone
    | PastForgotten
)
