"""Dialects A and A': the shape of the Rust client and of its demo.

    {"id": uuid, "version": "1.0.0", "timestamp": iso,
     "payload": {"type": "Request", "data": {"request_type": "Evaluate", "params": {...}}}}         A
    {"request_type": "Evaluate", "params": {...}}                                                 A', bare

    the same wrapping, "type": "Response", {"response_type": "Evaluate", "data": {...}}
    the same wrapping, {"response_type": "Error", "data": {"code", "message", "details", "stack_trace"?}}

The client reads replies into strict structs, so what it relies on is enforced here: the id is a UUID, results are
text where it expects text, counts are integers from 0, every value in an error's details is text.
"""

import re
from _blake2 import blake2b  # what `hashlib` gives, without its OpenSSL: a hundredth of a start
from collections.abc import Callable
from math import isfinite
from typing import Any, Final
from uuid import UUID

from ..errors import ERROR_TYPES, ProtocolError
from ..jsontext import encode_json
from ..messages import Codec, Dialect, Failure, ReplyForm
from ..operations.model import Field, Operation, camel_case
from ..operations.table import OPERATIONS
from ..plain import mismatch
from .call import Call

PROTOCOL_VERSION: Final = "1.0.0"

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_VERSION: Final = re.compile(r"1(?:\.[0-9]{1,9}){0,2}", re.ASCII)  # any version of the major number spoken here


def read_form(message: dict[str, Any], codec: Codec, data: bytes) -> ReplyForm:
    """Return how to answer an enveloped request; without a UUID of its own it gets one made from its bytes."""
    reply_id = message.get("id")
    if not _is_uuid(reply_id):
        reply_id = str(UUID(bytes=blake2b(data, digest_size=16).digest(), version=5))
    return ReplyForm(Dialect.RUST, codec, reply_id)


def _is_uuid(value: Any) -> bool:
    """Tell whether a value is a UUID as text."""
    return type(value) is str and _UUID.fullmatch(value) is not None


def read_call(message: dict[str, Any]) -> Call:
    """Return what an enveloped request asks.

    Raises:
        ProtocolError: UnsupportedVersion, or InvalidRequest for a broken envelope.
    """
    _check_version(message.get("version"))
    payload = _object(message["payload"], "payload")
    kind = payload.get("type", "Request")
    if kind != "Request":
        raise mismatch("payload.type", "Request", kind)
    data = _object(payload.get("data"), "payload.data")
    key = message.get("id")
    key = key.lower() if isinstance(key, str) and _is_uuid(key) else None
    return data.get("request_type"), "payload.data.request_type", data.get("params"), message.get("op_id"), key


def _check_version(version: Any) -> None:
    """Refuse an envelope of another major version; one without is taken as ours."""
    if version is None:
        return
    if type(version) is not str:
        raise mismatch("version", f"text such as {PROTOCOL_VERSION}", version)
    if not _VERSION.fullmatch(version):
        details = {"field": "version", "expected": PROTOCOL_VERSION, "got": version[:20]}
        raise ProtocolError("UnsupportedVersion", f"protocol {version[:20]!r} is not spoken here, only 1.x", details)


def _object(value: Any, field: str) -> dict[str, Any]:
    """Return a value that must be an object."""
    if type(value) is not dict:
        raise mismatch(field, "object", value)
    return value


def read_bare_call(message: dict[str, Any]) -> Call:
    """Return what a bare request asks."""
    return message["request_type"], "request_type", message.get("params"), message.get("op_id"), None


def write_result(form: ReplyForm, operation: str, result: dict[str, Any], timestamp: str) -> dict[str, Any]:
    """Return the success reply."""
    known = OPERATIONS.get(operation)
    name = known.rust_name if known else camel_case(operation)
    return _wrapped(form, name, _strict(operation, result), timestamp)


def write_failure(form: ReplyForm, failure: Failure, timestamp: str) -> dict[str, Any]:
    """Return the error reply."""
    known = ERROR_TYPES.get(failure.error_type) or ERROR_TYPES["InternalError"]
    details = {name: _as_text(value) for name, value in (failure.details or {}).items() if value is not None}
    stack = failure.stack_trace
    if stack is None:
        stack = _joined((failure.details or {}).get("stack"))
    details["error_type"] = failure.error_type
    data: dict[str, Any] = {"code": known.code, "message": failure.message, "details": details}
    if stack is not None:
        data["stack_trace"] = stack
    return _wrapped(form, "Error", data, timestamp)


def _joined(stack: Any) -> str | None:
    """Return the lines of a stack as one text."""
    return "\n".join(_as_text(line) for line in stack) if isinstance(stack, list | tuple) else None


def _wrapped(form: ReplyForm, response_type: str, data: dict[str, Any], timestamp: str) -> dict[str, Any]:
    """Return a reply in the envelope it is owed."""
    response = {"response_type": response_type, "data": data}
    if form.dialect is Dialect.RUST_DEMO:
        return response
    return {
        "id": form.reply_id,
        "version": PROTOCOL_VERSION,
        "timestamp": timestamp,
        "payload": {"type": "Response", "data": response},
    }


def _strict(operation: str, result: dict[str, Any]) -> dict[str, Any]:
    """Return a result as the client's structs want it; the result itself is left alone."""
    rules = _RULES.get(operation)
    if not rules:
        return result
    strict = dict(result)
    for name, rust_name, convert in rules:
        if name in strict:
            value = strict.pop(name)
            strict[rust_name] = convert(value) if convert and value is not None else value
    return strict


def _as_text(value: Any) -> str:
    """Return a value as text: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else encode_json(value).decode()


def _as_count(value: Any) -> int:
    """Return a figure as an integer from 0; what is no figure counts nothing."""
    if not isinstance(value, int | float) or not isfinite(value):
        return 0
    return max(0, int(value))


def _as_texts(value: Any) -> Any:
    """Return an object with all its values as text."""
    return {name: _as_text(each) for name, each in value.items()} if isinstance(value, dict) else value


_CONVERSIONS: Final[dict[str, Callable[[Any], Any]]] = {"text": _as_text, "count": _as_count, "texts": _as_texts}


def _rules_of(operation: Operation) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Return the fields of an operation's result that dialect A wants renamed or converted."""
    return [_rule_of(field) for field in operation.returns if field.rust_name or field.type in _CONVERSIONS]


def _rule_of(field: Field) -> tuple[str, str, Callable[[Any], Any] | None]:
    """Return one field's name, its name in dialect A, and its conversion."""
    return field.name, field.rust_name or field.name, _CONVERSIONS.get(field.type)


_RULES: Final = {operation.name: _rules_of(operation) for operation in OPERATIONS.values()}
