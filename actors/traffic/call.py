"""A call: one request on its way through the server, with everything needed to answer it exactly once."""

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from protocol import Failure, ReplyForm, Request
from storage import Sid

if TYPE_CHECKING:
    from collections.abc import Hashable

    from ..state.stopped import Stopped

Answer: TypeAlias = dict[str, Any] | Failure
#: When who met too much that waits should try again: about what it takes to work off some of it, or to start a worker.
_RETRY_AFTER_MS: Final = 200
#: Half the time of calling a NamedTuple; one is made for each request.
_new: Final = tuple.__new__


class Key(NamedTuple):
    """Under what a repeat of an operation is recognised: whose it is, and its `op_id`."""

    scope: str
    op_id: str


class Asker(NamedTuple):
    """Somebody who waits for the answer: where to send it and how to write it."""

    envelope: list[bytes]
    form: ReplyForm


class Call:
    """One request being served.

    Attributes:
        request: what was asked.
        connection: key of the connection it came over.
        askers: who gets the answer; repeats that arrive while the first still runs join here.
        size_bytes: length of the request on the wire.
        key: where its answer is stored for repeats, None if it is not.
        pointer: where a pointer to that answer is stored, None for none; see `durability/exactly_once.py`.
        sid: number of the session it was given to or made; 0 until that is known, and for none.
        client_id: owner of that session.
        has_run: whether it got as far as having effects, so that its failure must be remembered as well.
        stopped: the evaluation it goes on with, None if it begins one.
        stays: whether its evaluation is not lent, because it was lost on loan once.
        began_ns: when it came, monotonic; 0 if nobody waits for it.
        counted_for: whom its being under way is counted for, None for nobody.
    """

    __slots__ = (
        "askers",
        "began_ns",
        "client_id",
        "connection",
        "counted_for",
        "has_run",
        "key",
        "pointer",
        "request",
        "sid",
        "size_bytes",
        "stays",
        "stopped",
    )

    def __init__(
        self, request: Request, envelope: list[bytes], connection: bytes, size_bytes: int, began_ns: int
    ) -> None:
        self.request = request
        self.connection = connection
        self.askers = [_new(Asker, (envelope, request.form))]
        self.size_bytes = size_bytes
        self.key: Key | None = None
        self.pointer: Key | None = None
        self.sid = Sid(0)
        self.client_id: str | None = None
        self.has_run = False
        self.stopped: Stopped | None = None
        self.stays = False
        self.began_ns = began_ns
        self.counted_for: Hashable | None = None

    def names(self) -> dict[str, Any]:
        """Return what a line of the log calls it by: its operation, the request's own id, its session's number."""
        return {"operation": self.request.operation, "request": self.request.form.told_id, "sid": self.sid or None}


def overloaded(message: str, limit: str, maximum: int) -> Failure:
    """Return the failure of a request that finds too much waiting already.

    Args:
        message: one sentence for a person.
        limit: the bound it met.
        maximum: what that is.
    """
    return Failure("Overloaded", message, {"limit": limit, "maximum": maximum, "retry_after_ms": _RETRY_AFTER_MS})


class RefusedError(Exception):
    """An operation cannot be done; the failure is its answer."""

    def __init__(self, error_type: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.failure = Failure(error_type, message, details)
