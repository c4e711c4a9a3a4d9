"""The fine-grained error types, the code each has in dialect A, and the exceptions of this room.

Dialect B sends the type itself as ``error_type``; dialect A knows nine codes only and carries the type in
``details.error_type``.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from .limits import LIMITS
from .messages import Failure, ReplyForm


class ErrorType(NamedTuple):
    """The dialect A code of an error type and when it is used."""

    code: str
    doc: str


ERROR_TYPES: Final[Mapping[str, ErrorType]] = MappingProxyType(
    {
        "InvalidRequest": ErrorType(
            "InvalidRequest", "not a message, or a parameter is missing, mistyped or out of bounds"
        ),
        "UnsupportedOperation": ErrorType("UnsupportedOperation", "an unknown operation, or one of a later version"),
        "UnsupportedVersion": ErrorType(
            "UnsupportedOperation", "the envelope names a protocol version not spoken here"
        ),
        "LimitExceeded": ErrorType("PermissionDenied", "a limit of the wire, of a session or of a client is reached"),
        "PermissionDenied": ErrorType("PermissionDenied", "a foreign session, a blocked client"),
        "SessionNotFound": ErrorType("ObjectNotFound", "no such session, or it is past its retention"),
        "SessionError": ErrorType("InternalError", "the session cannot be used: quarantined, damaged or closing"),
        "ObjectNotFound": ErrorType("ObjectNotFound", "no object has this id in the session, or it is gone"),
        "ContextNotFound": ErrorType("ObjectNotFound", "no savepoint or suspended computation has this name"),
        "NotResumable": ErrorType("EvaluationError", "the computation that waits cannot go on so; it can be looked at"),
        "ClassNotFound": ErrorType("ClassNotFound", "the session knows no such class"),
        "MethodNotFound": ErrorType("MethodNotFound", "the class has no such method"),
        "EvaluationError": ErrorType("EvaluationError", "the code signalled an error that nothing handled"),
        "SyntaxError": ErrorType("EvaluationError", "the code does not parse; details name line and column"),
        "Interrupted": ErrorType("EvaluationError", "it was stopped by interrupt, or by the end of the server"),
        "Timeout": ErrorType("Timeout", "the evaluation used up its time"),
        "Overloaded": ErrorType("Timeout", "too much work is waiting; try again"),
        "StorageError": ErrorType(
            "InternalError", "the change could not be stored and was taken back, or the store cannot be read"
        ),
        "InternalError": ErrorType("InternalError", "a fault of the server; it is logged"),
    }
)


class ProtocolError(Exception):
    """A message that breaks the protocol.

    Attributes:
        error_type: A name from `ERROR_TYPES`.
        message: One sentence for a person.
        details: What names the place: ``field``, ``expected``, ``got``, ``limit``, ``suggestion``.
    """

    def __init__(self, error_type: str, message: str, details: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.details = details or {}

    @property
    def failure(self) -> Failure:
        """The same as a value, ready for `encode_failure`."""
        return Failure(self.error_type, self.message, self.details)


class RequestError(ProtocolError):
    """A refused request, with everything needed to answer it.

    Attributes:
        form: How to answer; by the first byte and in dialect B when not even a message was recognised.
        envelope: The frames to put before the answer, when the frames themselves were refused.
    """

    def __init__(
        self,
        error_type: str,
        message: str,
        details: dict[str, Any] | None = None,
        form: ReplyForm | None = None,
        envelope: list[bytes] | None = None,
    ) -> None:
        super().__init__(error_type, message, details)
        self.form = form or ReplyForm()
        self.envelope = envelope or []


class OutcomeError(ProtocolError):
    """Stored bytes that are no outcome of a version this room reads."""


def limit_exceeded(name: str, field: str = "message", maximum: int | None = None) -> ProtocolError:
    """Return the error for a broken wire limit, naming the limit and the field.

    Args:
        name: The limit.
        field: What breaks it.
        maximum: The largest value allowed, where the operator set another.
    """
    limit = LIMITS[name]
    if maximum is None:
        maximum = limit.value
    details = {"field": field, "limit": name, "maximum": maximum}
    return ProtocolError("LimitExceeded", f"{field} is over the limit of {maximum} {limit.unit} ({name})", details)
