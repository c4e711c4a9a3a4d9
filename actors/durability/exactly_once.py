"""Exactly once: recognising an operation that was asked before, while it runs and after, across reconnects and crashes.

Keys are scoped by client, whatever way the request tells whose it is:

| the request | scope |
|---|---|
| names a session | the session's owner |
| names a client | that client |
| names neither, over a connection that spoke for a client | the client it spoke for last |
| names neither, over a connection that spoke for none | the anonymous client |

The last row would lose the repeat of a client whose connection broke and that names nothing, as the documented one
does. So a request of the third row with a key that nobody guesses leaves a pointer under the key alone, which leads a
connection of the last row to the client's answer. A short key leaves none: it is likely to be a stranger's as well.

Many share the anonymous client, so its keys, and the pointers, are split into buckets by key, each with the store's
full window of replies.

A stored answer is eight bytes, the number of the session it came from (0 for none), and what `protocol.pack_outcome`
made of it; a pointer is the eight bytes alone. Under the key of an operation they say that the server's end stopped it
in its middle: it goes on when its session is in memory, and whoever repeats it joins. Thread: the loop.
"""

from collections.abc import Callable
from typing import Final, NamedTuple
from zlib import crc32

from protocol import Failure, Outcome, unpack_outcome
from storage import Sid, StoredReply

from ..limits import SERVER_LIMITS
from ..traffic.admission import ANONYMOUS, is_owner
from ..traffic.call import Call, Key, overloaded
from ..traffic.connections import Connection
from .keeper import Keeper

ASKERS_MAX: Final = SERVER_LIMITS["askers_max"].value
#: Parts of the scopes that many share; 256 windows of 1,000 replies are some 50 MB at worst.
_BUCKETS: Final = 256
#: Characters from which a key counts as one that nobody guesses; a UUID has 32 or 36.
_UNGUESSABLE_LENGTH: Final = 16
#: Length of the session number before a stored answer.
SID_BYTES: Final = 8


class Recognised(NamedTuple):
    """A repeat. `outcome` is what to answer, None if it joined the first, which still runs; `sid` is its session."""

    outcome: Outcome | None
    sid: Sid


class ExactlyOnce:
    """Which operations run, and what became of those that ran."""

    def __init__(
        self,
        keeper: Keeper,
        owner_of_token: Callable[[str], str | None],
        owner_of_sid: Callable[[Sid], str | None],
        let_go_on: Callable[[Sid], None],
    ) -> None:
        """Make it.

        Args:
            keeper: where answers are stored.
            owner_of_token: the client of a session, None if there is no such session.
            owner_of_sid: the same, by its number.
            let_go_on: lets the stopped operation of a session go on, so that it is `resume`d here; may raise
                RefusedError.
        """
        self._keeper = keeper
        self._owner_of_token = owner_of_token
        self._owner_of_sid = owner_of_sid
        self._let_go_on = let_go_on
        self._running: dict[Key, Call] = {}

    def admit(self, call: Call, connection: Connection | None) -> Recognised | None:
        """Tell whether a call is a repeat; one that is not is remembered as running until `forget`.

        Raises:
            StoreError: a stored reply cannot be read.
            RefusedError: it was stopped in its middle in a session that cannot be used.
        """
        op_id = call.request.op_id
        if op_id is None:
            return None
        named, token = call.request.parameters.get("client_id"), call.request.parameters.get("session_id")
        if token is not None:
            owner = self._owner_of_token(token)
            # A session that is unknown or another's is refused; nobody is told what was answered there.
            may_see = owner is not None and is_owner(owner, named, connection)
            return self._look_up(_key(owner or ANONYMOUS, op_id), call) if may_see else None
        if named is not None:
            return self._look_up(_key(named, op_id), call)
        return self._admit_unnamed(op_id, call, connection)

    def resume(self, call: Call) -> None:
        """A call goes on that was admitted by a former server."""
        for key in (call.key, call.pointer):
            if key is not None:
                self._running[key] = call

    def forget(self, call: Call) -> None:
        """The call was answered; from now on the store knows it, or it had no effect."""
        for key in (call.key, call.pointer):
            if key is not None:
                self._running.pop(key, None)

    def _admit_unnamed(self, op_id: str, call: Call, connection: Connection | None) -> Recognised | None:
        """Look up a request that names neither client nor session."""
        spoken_for = None if connection is None else connection.client_id
        is_guessable = len(op_id) < _UNGUESSABLE_LENGTH
        pointer = Key(_bucket("pointer", op_id), op_id)
        if spoken_for is None:
            pointed = None if is_guessable else self._pointed(pointer)
            return self._look_up(pointed or _key(ANONYMOUS, op_id), call)
        recognised = self._look_up(_key(spoken_for, op_id), call)
        if recognised is None and not is_guessable:
            call.pointer = pointer
            self._running[pointer] = call
        return recognised

    def _pointed(self, pointer: Key) -> Key | None:
        """Return the key that a pointer leads to, None if there is none."""
        running = self._running.get(pointer)
        if running is not None:
            return running.key
        stored = self._keeper.store.reply(*pointer)
        owner = None if stored is None else self._owner_of_sid(_sid_of(stored))
        return None if owner is None else _key(owner, pointer.op_id)

    def _look_up(self, key: Key, call: Call) -> Recognised | None:
        first = self._running.get(key)
        if first is not None:
            return _joined(first, call)
        stored = self._keeper.store.reply(*key)
        if stored is not None and len(stored.outcome) == SID_BYTES:
            self._let_go_on(_sid_of(stored))
            first = self._running.get(key)
            if first is not None:
                return _joined(first, call)
            stored = None
        if stored is None:
            call.key = key
            self._running[key] = call
            return None
        if stored.digest != call.request.digest:
            return Recognised(_other_content(call), _sid_of(stored))
        return Recognised(unpack_outcome(stored.outcome[SID_BYTES:]), _sid_of(stored))


def _joined(first: Call, call: Call) -> Recognised:
    """Let a repeat wait for the answer of the first, if it asks the same."""
    if first.request.digest != call.request.digest:
        return Recognised(_other_content(call), first.sid)
    if len(first.askers) >= ASKERS_MAX:
        text = "Too many repeats of this request wait for its answer; try again."
        failure = overloaded(text, "askers_max", ASKERS_MAX)
        return Recognised(Outcome(call.request.operation, failure, ""), first.sid)
    first.askers += call.askers
    return Recognised(None, first.sid)


def _key(client_id: str, op_id: str) -> Key:
    """Return the key of a client's operation."""
    return Key(_bucket("anonymous", op_id) if client_id == ANONYMOUS else f"client:{client_id}", op_id)


def _bucket(name: str, op_id: str) -> str:
    """Return the part of a shared scope that a key belongs to."""
    return f"{name}:{crc32(op_id.encode()) % _BUCKETS}"


def _sid_of(stored: StoredReply) -> Sid:
    return Sid(int.from_bytes(stored.outcome[:SID_BYTES], "big"))


def _other_content(call: Call) -> Outcome:
    message = "this op_id was used before for a request with other content; use a new one"
    return Outcome(call.request.operation, Failure("InvalidRequest", message, {"field": "op_id"}), "")
