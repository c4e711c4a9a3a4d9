"""What is stored of an evaluation that the server's end stopped in its middle, so that it goes on after the start.

Its computation is kept among the session's objects; here is the rest: what was asked and by whom, under which key its
answer is to be stored, and how much it has used. It stands in the session's stored meta until the evaluation has come
to its end, and goes away in the commit that brings its effects and its answer.
"""

from enum import Enum
from typing import Any, Final, NamedTuple

from protocol import ReplyForm, Request
from storage import SessionRow

from ..traffic.call import Call, Key

#: Key in a session's stored meta: an evaluation that goes on as soon as the session is in memory.
STOPPED: Final = "stopped"


class Ending(Enum):
    """What becomes of an operation that the server's end meets in its middle."""

    DROPPED = "nothing of it has happened, and it is done anew for who asks again"
    INTERRUPTED = "the computation stops where it stands and waits there for the client"
    FINISHED = "it goes on after the start"


class Stopped(NamedTuple):
    """An evaluation to go on with.

    Attributes:
        context_id: name of its computation.
        used_ns: time it used before.
        attempts: how often it was begun again without coming to its end, or to the server's in good order.
        operation: what was asked: its name,
        parameters: its parameters,
        op_id: its key, if it has one,
        digest: and what tells other content under the same key.
        scope: whose that key is; None without one.
        pointer_scope: where a pointer to the answer is stored; None for nowhere.
    """

    context_id: str
    used_ns: int
    attempts: int
    operation: str
    parameters: dict[str, Any]
    op_id: str | None
    digest: bytes
    scope: str | None
    pointer_scope: str | None

    @classmethod
    def of(cls, call: Call, context_id: str, used_ns: int) -> "Stopped":
        """Describe a call that is being stopped."""
        request = call.request
        return cls(
            context_id,
            used_ns,
            0,
            request.operation,
            request.parameters,
            request.op_id,
            request.digest,
            call.key and call.key.scope,
            call.pointer and call.pointer.scope,
        )

    def call(self, row: SessionRow) -> Call:
        """Make the call that goes on with it; nobody waits for its answer until somebody repeats the request."""
        request = Request(self.operation, self.parameters, self.op_id, self.digest, ReplyForm())
        call = Call(request, [], b"", 0, 0)
        call.askers.clear()
        call.stopped = self
        call.sid, call.client_id = row.sid, row.client_id
        if self.op_id is not None and self.scope is not None:
            call.key = Key(self.scope, self.op_id)
            if self.pointer_scope is not None:
                call.pointer = Key(self.pointer_scope, self.op_id)
        return call


def stopped_in(meta: dict[str, Any]) -> Stopped | None:
    """Return the evaluation that a session's stored meta says to go on with."""
    stored = meta.get(STOPPED)
    return None if stored is None else Stopped(**stored)


def with_stopped(meta: dict[str, Any], stopped: Stopped | None) -> dict[str, Any]:
    """Return a session's meta with another evaluation to go on with, or with none."""
    others = {name: value for name, value in meta.items() if name != STOPPED}
    return others if stopped is None else {**others, STOPPED: stopped._asdict()}
