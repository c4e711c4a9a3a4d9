"""Bytes of a client -> `Request`, or the precise reason why not, with the form in which to say so."""

from _blake2 import blake2b  # what `hashlib` gives, without its OpenSSL: a hundredth of a start
from contextlib import suppress
from typing import Any, Final

from .dialects.detection import read_call, read_form
from .errors import ProtocolError, RequestError, limit_exceeded
from .jsontext import canonical_json, decode_json, skim_json
from .limits import LIMITS
from .messages import Codec, ReplyForm, Request
from .msgpackbytes import decode_messagepack, skim_messagepack
from .operations.model import OP_ID
from .operations.table import find_operation
from .validation import validate

_BYTES_MAX: Final = LIMITS["message_bytes_max"].value
_BYTE_ORDER_MARK: Final = 0xEF  # begins text of an editor that marks UTF-8; no MessagePack object begins so
_FIRST_HIGH_BYTE: Final = 0x80  # JSON begins with ASCII, an object of MessagePack with 0x80-0x8F, 0xDE or 0xDF

_DIGEST_BYTES: Final = 16

SKIMMED_BYTES_MAX: Final = 1024 * 1024
"""Of a refused message that is read a second time: hostile ones of 10 MB would hold the loop up for seconds."""

_new: Final = tuple.__new__  # half the time of calling the NamedTuple; there is one for every request
# Members of an Enum are slow to look up: bound once.
_JSON: Final = Codec.JSON
_MESSAGEPACK: Final = Codec.MESSAGEPACK
# How to answer a frame that no message was recognised in.
_UNREAD: Final = (ReplyForm(codec=_MESSAGEPACK), ReplyForm(codec=_JSON))


def decode(data: bytes, bytes_max: int = _BYTES_MAX) -> Request:
    """Return the request that one frame holds.

    Args:
        data: The body frame, of any length and content.
        bytes_max: How long it may be.

    Raises:
        RequestError: Whatever is wrong with it; nothing else is ever raised.
    """
    codec = codec_of(data)
    form = None
    try:
        if len(data) > bytes_max:
            raise limit_exceeded("message_bytes_max", maximum=bytes_max)
        message = decode_json(data) if codec is _JSON else decode_messagepack(data)
        form = read_form(message, codec, data)
        name, field, raw, beside, key = read_call(message, form)
        operation = find_operation(name, field)
        parameters = validate(operation, raw)
        op_id = _take_op_id(parameters, beside, key) if operation.mutates else None
        if op_id is not None and parameters.get("operation") in operation.reading:
            op_id = None
    except ProtocolError as error:
        form = form or _form_of_unread(data, codec)
        raise RequestError(error.error_type, error.message, error.details, form) from None
    digest = b"" if op_id is None else _digest(operation.name, parameters)
    return _new(Request, (operation.name, parameters, op_id, digest, form))


def _form_of_unread(data: bytes, codec: Codec) -> ReplyForm:
    """Return how to answer a message that was refused before its dialect was known.

    One bad text or number does not hide the dialect and the id of a message that parses; only what is no message,
    too large to be read twice, or under an id that cannot be sent back is answered in dialect B without one.
    """
    skim = skim_json if codec is _JSON else skim_messagepack
    if len(data) <= SKIMMED_BYTES_MAX:
        with suppress(ProtocolError):
            return read_form(skim(data), codec, data)
    return _UNREAD[codec is _JSON]


def _take_op_id(parameters: dict[str, Any], beside: Any, key: str | None) -> str | None:
    """Return the key of exactly-once: what is named ``op_id``, wherever it stands, else the envelope's id.

    Raises:
        ProtocolError: InvalidRequest when the one beside the parameters is no key, or another than among them.
    """
    op_id: str | None = parameters.pop("op_id", None)
    if beside is None:
        return op_id or key
    outer: str = OP_ID.kind.check(beside, "op_id")
    if op_id is None or op_id == outer:
        return outer
    details = {"field": "op_id", "expected": "the same in both places", "got": "two different keys"}
    raise ProtocolError("InvalidRequest", "op_id stands among the parameters and beside them, and differs", details)


def codec_of(data: bytes) -> Codec:
    """Return the codec of a frame, garbage included, by its first byte; an empty frame counts as JSON."""
    if not data or data[0] < _FIRST_HIGH_BYTE or data[0] == _BYTE_ORDER_MARK:
        return _JSON
    return _MESSAGEPACK


def _digest(operation: str, parameters: dict[str, Any]) -> bytes:
    """Return what tells one content from another under the same op_id."""
    return blake2b(canonical_json((operation, parameters)), digest_size=_DIGEST_BYTES).digest()
