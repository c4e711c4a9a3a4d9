"""Exactly once: recognising an operation that was asked before, while it runs and after, across reconnects and crashes.

Keys are scoped by client. Whose a request is follows from what it says, not from where it came from, because its
repeat may come over another connection:

| the request names | scope |
|---|---|
| `client_id` | that client |
| `session_id` | the owner of that session |
| neither | "unnamed", looked up before any session is chosen |

Many clients share "unnamed", so it is split into buckets by key, each with the store's full window, and an answer
found there counts for a connection only if the connection spoke for no client yet (it may be anybody's reconnect) or
for the very client that the answer was given to; otherwise the key is looked up, and kept, in the scope of the
connection's own client.

A stored answer is eight bytes, the number of the session it came from (0 for none), and what `protocol.pack_outcome`
made of it. Thread: the loop.
"""

from collections.abc import Callable
from typing import Final, NamedTuple
from zlib import crc32

from protocol import Failure, Outcome, Request, unpack_outcome
from storage import Sid, StoredReply

from .call import Call, Key
from .connections import Connection
from .keeper import Keeper

#: Parts of the unnamed scope; 256 windows of 1,000 replies are some 50 MB at worst.
_BUCKETS: Final = 256
#: Length of the session number before a stored answer.
SID_BYTES: Final = 8


class Recognised(NamedTuple):
    """A repeat. `outcome` is what to answer, None if it joined the first, which still runs; `sid` is its session."""

    outcome: Outcome | None
    sid: Sid


class ExactlyOnce:
    """Which operations run, and what became of those that ran."""

    def __init__(
        self, keeper: Keeper, owner_of_token: Callable[[str], str | None], owner_of_sid: Callable[[Sid], str | None]
    ) -> None:
        self._keeper = keeper
        self._owner_of_token = owner_of_token
        self._owner_of_sid = owner_of_sid
        self._running: dict[Key, Call] = {}

    def admit(self, call: Call, connection: Connection | None) -> Recognised | None:
        """Tell whether a call is a repeat; one that is not is remembered as running until `forget`.

        Raises:
            StoreError: a stored reply cannot be read.
        """
        op_id = call.request.op_id
        if op_id is None:
            return None
        scope = self._named_scope(call.request)
        if scope is None:
            return self._admit_unnamed(op_id, call, connection)
        if not scope:
            # It names a session that nobody knows, which is what it will be told.
            return None
        return self._look_up(Key(scope, op_id), call)

    def forget(self, call: Call) -> None:
        """The call was answered; from now on the store knows it, or it had no effect."""
        if call.key is not None:
            self._running.pop(call.key, None)

    def _named_scope(self, request: Request) -> str | None:
        """Return the scope a request names, empty for a session that does not exist, None if it names none."""
        client_id = request.parameters.get("client_id")
        if client_id is None:
            token = request.parameters.get("session_id")
            if token is None:
                return None
            client_id = self._owner_of_token(token)
        return "" if client_id is None else client_scope(client_id)

    def _admit_unnamed(self, op_id: str, call: Call, connection: Connection | None) -> Recognised | None:
        key = Key(f"unnamed:{crc32(op_id.encode()) % _BUCKETS}", op_id)
        if connection is None or connection.client_id is None:
            return self._look_up(key, call)
        owner = self._owner_of_answer(key)
        if owner is None or owner in connection.tokens:
            return self._look_up(key, call)
        return self._look_up(Key(client_scope(connection.client_id), op_id), call)

    def _owner_of_answer(self, key: Key) -> str | None:
        """Return the client that an operation was or is done for, None if there was no such operation."""
        running = self._running.get(key)
        if running is not None:
            return running.client_id
        stored = self._keeper.store.reply(*key)
        return None if stored is None else self._owner_of_sid(_sid_of(stored))

    def _look_up(self, key: Key, call: Call) -> Recognised | None:
        first = self._running.get(key)
        if first is not None:
            if first.request.digest != call.request.digest:
                return Recognised(_other_content(call), first.sid)
            first.askers += call.askers
            return Recognised(None, first.sid)
        stored = self._keeper.store.reply(*key)
        if stored is None:
            call.key = key
            self._running[key] = call
            return None
        if stored.digest != call.request.digest:
            return Recognised(_other_content(call), _sid_of(stored))
        return Recognised(unpack_outcome(stored.outcome[SID_BYTES:]), _sid_of(stored))


def client_scope(client_id: str) -> str:
    """Return the scope of a client's own keys."""
    return f"client:{client_id}"


def _sid_of(stored: StoredReply) -> Sid:
    return Sid(int.from_bytes(stored.outcome[:SID_BYTES], "big"))


def _other_content(call: Call) -> Outcome:
    message = "this op_id was used before for a request with other content; use a new one"
    return Outcome(call.request.operation, Failure("InvalidRequest", message, {"field": "op_id"}), "")
