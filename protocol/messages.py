"""The events of the wire as plain immutable values: what was asked, what came of it, and how to answer.

Nothing here knows bytes. `Request` goes in, `Failure`, a result (a plain ``dict``) or `Event` comes out; a
`ReplyForm` remembers how the client spoke, so that it is answered in kind.
"""

from enum import Enum
from typing import Any, Final, NamedTuple

ABSENT: Final = object()
"""Stands for an ``id`` that the client did not send (``None`` would be a value it may have sent)."""


class Codec(Enum):
    """How a message is written down."""

    JSON = "json"
    MESSAGEPACK = "messagepack"


class Dialect(Enum):
    """Which of the documented message shapes a client uses; the names are those of the reference page."""

    RUST = "A"
    RUST_DEMO = "A'"
    PHARO = "B"
    PHARO_SEED = "B0"
    PHARO_FLAT = "B'"


class ReplyForm(NamedTuple):
    """How to answer one request. Other rooms pass it through unread.

    Attributes:
        dialect: Shape of the reply.
        codec: Encoding of the reply.
        reply_id: The ``id`` to send back, or `ABSENT`.
        client_id: The client's name, repeated at top level by dialect B'.
    """

    dialect: Dialect = Dialect.PHARO_SEED
    codec: Codec = Codec.JSON
    reply_id: Any = ABSENT
    client_id: str | None = None

    @property
    def told_id(self) -> Any:
        """The ``id`` that the client sent, for a log; ``None`` if it sent none."""
        return None if self.reply_id is ABSENT else self.reply_id


class Request(NamedTuple):
    """One valid request.

    Attributes:
        operation: The operation's B name, ``"evaluate"``.
        parameters: Checked plain values by canonical name; no ``op_id``, no ``None``, defaults not filled in.
        op_id: Key of the exactly-once contract: the explicit ``op_id`` parameter, else the envelope id of
            dialect A; ``None`` where there is none and for operations that change nothing.
        digest: 16 bytes that tell other content under the same key, equal across dialects and codecs; empty
            when `op_id` is ``None``.
        form: How to answer.
    """

    operation: str
    parameters: dict[str, Any]
    op_id: str | None
    digest: bytes
    form: ReplyForm


class Failure(NamedTuple):
    """Why a request was not fulfilled.

    Attributes:
        error_type: A name from `ERROR_TYPES`.
        message: One sentence for a person.
        details: Plain values by name: field, line, column, suggestion, context_id, stack ...
        stack_trace: The Smalltalk stack as text, one frame a line.
    """

    error_type: str
    message: str
    details: dict[str, Any] | None = None
    stack_trace: str | None = None


class Event(NamedTuple):
    """One notice for a subscriber: ``name`` is one of `EVENTS`; ``seq`` rises by one a session."""

    name: str
    session_id: str
    seq: int
    data: dict[str, Any]
    timestamp: str


class Outcome(NamedTuple):
    """What came of an operation, in no dialect: what is stored for a repeated request."""

    operation: str
    answer: dict[str, Any] | Failure
    timestamp: str


class Reply(NamedTuple):
    """One reply as a client reads it: the echoed id and the result or the failure."""

    reply_id: Any
    answer: dict[str, Any] | Failure
    timestamp: str
