"""Results, failures and events -> bytes, in the form the request came in.

Writing never fails: what a codec refuses is scrubbed, and a reply over the largest message becomes a
``LimitExceeded`` that fits.
"""

from typing import Any, Final

from .dialects import pharo, rust
from .jsontext import encode_json
from .limits import LIMITS
from .messages import Codec, Dialect, Event, Failure, Outcome, ReplyForm
from .msgpackbytes import encode_messagepack

_BYTES_MAX: Final = LIMITS["message_bytes_max"].value
_MESSAGE_CHARS_KEPT: Final = 1_000  # of an error text that had to be cut
# Members of an Enum are slow to look up and to hash: bound once, compared by identity.
_JSON: Final = Codec.JSON
_RUST: Final = Dialect.RUST
_RUST_DEMO: Final = Dialect.RUST_DEMO


def encode_result(form: ReplyForm, operation: str, result: dict[str, Any], timestamp: str) -> bytes:
    """Return a success reply.

    Args:
        form: How to answer.
        operation: The operation's B name.
        result: Plain values by B name; left unchanged.
        timestamp: Time with zone, ISO 8601.
    """
    if _is_rust(form.dialect):
        reply = rust.write_result(form, operation, result, timestamp)
    else:
        reply = pharo.write_result(form, result, timestamp)
    data = _encode(form.codec, reply)
    if len(data) <= _BYTES_MAX:
        return data
    message = f"the result of {operation} takes {len(data)} bytes, a message at most {_BYTES_MAX}"
    details = {"limit": "message_bytes_max", "maximum": _BYTES_MAX}
    return encode_failure(form, Failure("LimitExceeded", message, details), timestamp)


def encode_failure(form: ReplyForm, failure: Failure, timestamp: str) -> bytes:
    """Return an error reply; one that is too long keeps its type and the beginning of its message."""
    data = _encode(form.codec, _failure_message(form, failure, timestamp))
    if len(data) <= _BYTES_MAX:
        return data
    short = Failure(failure.error_type[:_MESSAGE_CHARS_KEPT], failure.message[:_MESSAGE_CHARS_KEPT])
    return _encode(form.codec, _failure_message(form, short, timestamp))


def _failure_message(form: ReplyForm, failure: Failure, timestamp: str) -> dict[str, Any]:
    """Return an error reply in its dialect."""
    if _is_rust(form.dialect):
        return rust.write_failure(form, failure, timestamp)
    return pharo.write_failure(form, failure, timestamp)


def encode_outcome(form: ReplyForm, outcome: Outcome) -> bytes:
    """Return the reply that tells an outcome, stored or fresh."""
    if isinstance(outcome.answer, Failure):
        return encode_failure(form, outcome.answer, outcome.timestamp)
    return encode_result(form, outcome.operation, outcome.answer, outcome.timestamp)


def encode_event(form: ReplyForm, event: Event) -> bytes:
    """Return an event for a subscriber: one shape in every dialect, in the codec of the subscription."""
    data = _encode(form.codec, _event_message(event, event.data))
    if len(data) <= _BYTES_MAX:
        return data
    return _encode(form.codec, _event_message(event, {"limit": "message_bytes_max"}))


def _event_message(event: Event, data: dict[str, Any]) -> dict[str, Any]:
    """Return an event as it goes over the wire."""
    return {
        "event": event.name,
        "session_id": event.session_id,
        "seq": event.seq,
        "data": data,
        "timestamp": event.timestamp,
    }


def _is_rust(dialect: Dialect) -> bool:
    """Tell whether a dialect is one of the Rust client's."""
    return dialect is _RUST or dialect is _RUST_DEMO


def _encode(codec: Codec, message: dict[str, Any]) -> bytes:
    """Return a message in a codec."""
    return encode_json(message) if codec is _JSON else encode_messagepack(message)
