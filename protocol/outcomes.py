"""Outcomes as bytes to keep beside their effect, so that a repeated request gets the first reply in its own form.

Format, version 1: a MessagePack list ``[1, operation, timestamp, result]`` for a success and ``[1, operation,
timestamp, error_type, message, details, stack_trace]`` for a failure; integers over 64 bits as in `msgpackbytes`.
A later version writes another first number and goes on reading this one.
"""

from typing import Any, Final

from .errors import OutcomeError
from .messages import Failure, Outcome
from .msgpackbytes import pack_stored, unpack_stored

_VERSION: Final = 1


def pack_outcome(operation: str, answer: dict[str, Any] | Failure, timestamp: str) -> bytes:
    """Return an outcome as bytes.

    Args:
        operation: The operation's B name.
        answer: The result as plain values, or the failure.
        timestamp: When it was answered, with zone.
    """
    if isinstance(answer, Failure):
        return pack_stored((_VERSION, operation, timestamp, *answer))
    return pack_stored((_VERSION, operation, timestamp, answer))


def unpack_outcome(data: bytes) -> Outcome:
    """Return the outcome that bytes keep.

    Raises:
        OutcomeError: The bytes are damaged or of an unknown version.
    """
    try:
        version, operation, timestamp, *answer = unpack_stored(data)
    except (ValueError, TypeError) as error:
        raise OutcomeError("InternalError", f"not a stored outcome: {error}") from None
    if version != _VERSION:
        raise OutcomeError("InternalError", f"a stored outcome of version {version!r}, not {_VERSION}")
    if len(answer) == 1:
        return Outcome(operation, answer[0], timestamp)
    if len(answer) != len(Failure._fields):
        raise OutcomeError("InternalError", f"a stored outcome with {len(answer)} parts")
    return Outcome(operation, Failure(*answer), timestamp)
