"""The wire room: bytes of a client <-> messages, in every documented dialect and both codecs.

Sans-I/O: no socket, clock, randomness or thread. Bytes come in and a `Request` or a precise `RequestError` comes
out; a result, a failure or an event goes in and the bytes to send come out. One table of operations
(`OPERATIONS`) validates, answers `describe` and generates ``docs/protocol.md``.

Other rooms import from here and from nowhere below.
"""

from .client import decode_reply, encode_request
from .description import describe
from .dialects.rust import PROTOCOL_VERSION
from .errors import ERROR_TYPES, OutcomeError, ProtocolError, RequestError
from .frames import join_envelope, split_envelope
from .limits import LIMITS, Limit
from .messages import Codec, Dialect, Event, Failure, Outcome, Reply, ReplyForm, Request
from .operations.model import Operation, Scope
from .operations.table import OPERATIONS
from .outcomes import pack_outcome, unpack_outcome
from .replies import encode_event, encode_failure, encode_outcome, encode_result
from .requests import decode

__all__ = [
    "ERROR_TYPES",
    "LIMITS",
    "OPERATIONS",
    "PROTOCOL_VERSION",
    "Codec",
    "Dialect",
    "Event",
    "Failure",
    "Limit",
    "Operation",
    "Outcome",
    "OutcomeError",
    "ProtocolError",
    "Reply",
    "ReplyForm",
    "Request",
    "RequestError",
    "Scope",
    "decode",
    "decode_reply",
    "describe",
    "encode_event",
    "encode_failure",
    "encode_outcome",
    "encode_request",
    "encode_result",
    "join_envelope",
    "pack_outcome",
    "split_envelope",
    "unpack_outcome",
]
