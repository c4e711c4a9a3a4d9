"""The other end of the wire: requests of a native client, which speaks dialect B, and the replies it reads.

{"id": 7, "command": "evaluate", "parameters": {"code": "3 + 4", "op_id": "..."}}
"""

from typing import Any, Final

from .errors import ProtocolError, limit_exceeded
from .jsontext import decode_json, encode_json
from .limits import LIMITS
from .messages import Codec, Event, Failure, Reply
from .msgpackbytes import decode_messagepack, encode_messagepack
from .requests import codec_of

_BYTES_MAX: Final = LIMITS["message_bytes_max"].value


def encode_request(operation: str, parameters: dict[str, Any], request_id: Any, codec: Codec = Codec.JSON) -> bytes:
    """Return a request.

    Args:
        operation: The operation's B name.
        parameters: Plain values by name.
        request_id: Comes back as the reply's id; any plain value.
        codec: In which the request is written, and answered.

    Raises:
        ProtocolError: LimitExceeded; the server would say the same, or close the connection.
    """
    message = {"id": request_id, "command": operation, "parameters": parameters}
    data = encode_json(message) if codec is Codec.JSON else encode_messagepack(message)
    if len(data) > _BYTES_MAX:
        raise limit_exceeded("message_bytes_max")
    return data


def decode_reply(data: bytes) -> Reply | Event:
    """Return what a server sent: a reply, or an event for a subscriber.

    Raises:
        ProtocolError: It is neither.
    """
    message = decode_json(data) if codec_of(data) is Codec.JSON else decode_messagepack(data)
    try:
        return _event(message) if "event" in message else _reply(message)
    except (KeyError, TypeError, AttributeError):
        raise ProtocolError("InvalidRequest", "neither a reply nor an event of dialect B") from None


def _event(message: dict[str, Any]) -> Event:
    """Return the event of a decoded message."""
    return Event(message["event"], message["session_id"], message["seq"], message["data"], message["timestamp"])


def _reply(message: dict[str, Any]) -> Reply:
    """Return the reply of a decoded message."""
    answer: dict[str, Any] | Failure
    if message["status"] == "success":
        answer = message["result"]
    else:
        details, stack = message.get("details"), message.get("stack_trace")
        answer = Failure(message["error_type"], message["error"], details, stack)
    return Reply(message.get("id"), answer, message["timestamp"])
