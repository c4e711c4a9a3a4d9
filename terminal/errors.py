"""What a client raises: one tree, each error with its type, its message and what names the place.

ClientError
├── NoAnswerError        the server was not reached, or was silent through all attempts
├── BadReplyError        what came back is no reply of this protocol
└── ServerError          the server answered with an error; one class for each way to react to it
    ├── RefusedRequestError   the request itself is wrong, or asks for what this server does not do
    ├── DeniedError           not allowed, or over a limit
    ├── NotFoundError         no such session, object, savepoint, class or method
    │   └── SessionNotFoundError
    ├── CodeError             the Smalltalk code failed; `place` says where
    │   ├── CodeSyntaxError
    │   └── StoppedError      interrupted, or out of its time
    └── TroubleError          a fault or an overload of the server; the same request may succeed later
"""

from typing import Any, Final, NamedTuple

from protocol import Failure

from .results import Whole


class Place(NamedTuple):
    """A position in code; line and column count from 1, the column is None where only the line is known."""

    line: int
    column: int | None


class ClientError(Exception):
    """Something asked of a server did not come about.

    Attributes:
        error_type: Fine-grained name: one of the server's own, or ``NoAnswer`` and ``BadReply``.
        message: One sentence for a person.
        details: Plain values by name.
    """

    def __init__(self, error_type: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.details = details or {}


class NoAnswerError(ClientError):
    """No attempt was answered. What was asked may have been done: ask again with ``details["op_id"]`` to find out."""

    def __init__(self, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__("NoAnswer", message, details)


class BadReplyError(ClientError):
    """The peer sent what is no reply of this protocol; another program may listen there."""

    def __init__(self, message: str) -> None:
        super().__init__("BadReply", message)


class ServerError(ClientError):
    """The server answered with an error.

    Attributes:
        stack: The Smalltalk stack, innermost first; empty where there is none.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.error_type, failure.message, failure.details)
        self.stack = tuple((failure.stack_trace or "").splitlines())


class RefusedRequestError(ServerError):
    """The request is malformed, or of an operation or version that is not served."""


class DeniedError(ServerError):
    """A foreign session, a blocked client, a missing capability, or a limit that is reached."""


class NotFoundError(ServerError):
    """What the request names does not exist."""


class SessionNotFoundError(NotFoundError):
    """The session does not exist, was closed or is past its retention."""


class CodeError(ServerError):
    """The code signalled an error that nothing handled."""

    @property
    def place(self) -> Place | None:
        """Where in the code, if the server told."""
        line, column = self.details.get("line"), self.details.get("column")
        if not isinstance(line, int):
            return None
        return Place(line, column if isinstance(column, int) else None)

    @property
    def suggestion(self) -> str:
        """What to do about it; empty where nothing is known."""
        return str(self.details.get("suggestion") or "")

    @property
    def context_id(self) -> str | None:
        """The computation that failed and waits, if it does."""
        context_id = self.details.get("context_id")
        return context_id if isinstance(context_id, str) else None

    @property
    def transcript(self) -> str:
        """What the code wrote before it failed."""
        return str(self.details.get("transcript") or "")

    @property
    def whole(self) -> dict[str, Whole]:
        """Where all of the transcript is, if it was cut."""
        return Whole.read_all(self.details)


class CodeSyntaxError(CodeError):
    """The code does not parse or compile; nothing of it ran."""


class StoppedError(CodeError):
    """The evaluation was stopped by `interrupt`, or used up its time; it waits and may go on."""


class TroubleError(ServerError):
    """The server could not do it now: a fault, a full disk, too much work."""


_CLASSES: Final[dict[str, type[ServerError]]] = {
    "InvalidRequest": RefusedRequestError,
    "UnsupportedOperation": RefusedRequestError,
    "UnsupportedVersion": RefusedRequestError,
    "LimitExceeded": DeniedError,
    "PermissionDenied": DeniedError,
    "SessionNotFound": SessionNotFoundError,
    "ObjectNotFound": NotFoundError,
    "ContextNotFound": NotFoundError,
    "NotResumable": RefusedRequestError,
    "ClassNotFound": NotFoundError,
    "MethodNotFound": NotFoundError,
    "EvaluationError": CodeError,
    "SyntaxError": CodeSyntaxError,
    "Interrupted": StoppedError,
    "Timeout": StoppedError,
}


def server_error(failure: Failure) -> ServerError:
    """Return the exception for a failure; types that are not listed are trouble of the server."""
    return _CLASSES.get(failure.error_type, TroubleError)(failure)
