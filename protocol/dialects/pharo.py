"""Dialects B, B0 and B': the shape of the Pharo server.

    {"id": any, "command": "evaluate", "parameters": {...}}                             B
    {"command": "evaluate", "parameters": {...}}                                        B0, the seed: no id
    {"command": "create_session", "client_id": ..., "client_info": {...}}               B', parameters at top level

    {"id": same, "status": "success", "result": {...}, "timestamp": iso}
    {"id": same, "status": "error", "error": text, "error_type": type, "details": {...}, "timestamp": iso}

The ``id`` is echoed, of any type and only if one was sent; it is no key of exactly-once. B' also repeats
``client_id`` at top level.
"""

from typing import Any, Final

from ..errors import limit_exceeded
from ..jsontext import canonical_json
from ..limits import LIMITS
from ..messages import ABSENT, Codec, Dialect, Failure, ReplyForm
from ..plain import check_plain, refuse_surrogates
from .call import Call

_new: Final = tuple.__new__  # half the time of calling the NamedTuple; there is one for every request
# Members of an Enum are slow to look up: bound once.
_PHARO: Final = Dialect.PHARO
_SEED: Final = Dialect.PHARO_SEED
_FLAT: Final = Dialect.PHARO_FLAT

_WRAPPING: Final = frozenset({"id", "command"})
_ID_BYTES_MAX: Final = LIMITS["reply_id_bytes_max"].value
# What is short enough beyond doubt: most ids, which are then not written out to be measured.
_WORD_BITS: Final = 64
_ID_CHARS_SHORT: Final = _ID_BYTES_MAX // 6  # one ASCII character is at most one escape of 6 bytes
_NAME_CHARS_MAX: Final = LIMITS["name_chars_max"].value


def read_form(message: dict[str, Any], codec: Codec) -> ReplyForm:
    """Return how to answer.

    Raises:
        ProtocolError: The id is not plain or too long to be sent back.
    """
    reply_id = message.get("id", ABSENT)
    if reply_id is not ABSENT and (type(reply_id) is not int or reply_id.bit_length() > _WORD_BITS):
        _check_id(reply_id)
    if "parameters" in message or message.keys() <= _WRAPPING:
        return _new(ReplyForm, (_SEED if reply_id is ABSENT else _PHARO, codec, reply_id, None))
    client_id = message.get("client_id")
    if type(client_id) is not str or len(client_id) > _NAME_CHARS_MAX:
        client_id = None  # echoed only when it is one; its check follows with the other parameters
    return ReplyForm(_FLAT, codec, reply_id, client_id)


def _check_id(reply_id: Any) -> None:
    """Refuse an id, no small integer, that could not be sent back."""
    if type(reply_id) is str and len(reply_id) <= _ID_CHARS_SHORT and reply_id.isascii():
        return
    check_plain(reply_id, "id")
    refuse_surrogates(reply_id)  # of a message that was only skimmed: it would go back as another id
    if len(canonical_json(reply_id)) > _ID_BYTES_MAX:
        raise limit_exceeded("reply_id_bytes_max", "id")


def read_call(message: dict[str, Any], dialect: Dialect) -> Call:
    """Return what is asked."""
    if dialect is not _FLAT:
        return message.get("command"), "command", message.get("parameters"), message.get("op_id"), None
    flat = {name: value for name, value in message.items() if name not in _WRAPPING}
    return message.get("command"), "command", flat, None, None


def write_result(form: ReplyForm, result: dict[str, Any], timestamp: str) -> dict[str, Any]:
    """Return the success reply."""
    if form.dialect is _PHARO:
        return {"id": form.reply_id, "status": "success", "result": result, "timestamp": timestamp}
    return _wrapped(form, {"status": "success", "result": result, "timestamp": timestamp})


def write_failure(form: ReplyForm, failure: Failure, timestamp: str) -> dict[str, Any]:
    """Return the error reply."""
    reply = {
        "status": "error",
        "error": failure.message,
        "error_type": failure.error_type,
        "details": failure.details or {},
        "timestamp": timestamp,
    }
    if failure.stack_trace is not None:
        reply["stack_trace"] = failure.stack_trace
    return _wrapped(form, reply)


def _wrapped(form: ReplyForm, reply: dict[str, Any]) -> dict[str, Any]:
    """Return a reply with the id and the client's name it is owed."""
    if form.reply_id is not ABSENT:
        reply = {"id": form.reply_id, **reply}
    if form.client_id is not None:
        reply["client_id"] = form.client_id
    return reply
