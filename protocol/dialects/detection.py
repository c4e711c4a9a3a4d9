"""Tells which dialect a message speaks, by the fields that only one family has."""

from typing import Any, Final

from ..errors import ProtocolError
from ..messages import Codec, Dialect, ReplyForm
from ..plain import mismatch
from . import pharo, rust
from .call import Call

# Members of an Enum are slow to look up: bound once.
_RUST: Final = Dialect.RUST
_RUST_DEMO: Final = Dialect.RUST_DEMO

DIALECT_DOCS: Final[dict[Dialect, str]] = {
    Dialect.RUST: "Rust client: has `payload`",
    Dialect.RUST_DEMO: "demo client: has `request_type` at top level",
    Dialect.PHARO: "Pharo server: has `command`, parameters in `parameters`, an `id`",
    Dialect.PHARO_SEED: "the seed: as B, without `id`",
    Dialect.PHARO_FLAT: "multi-client: has `command`, parameters at top level",
}


def read_form(message: Any, codec: Codec, data: bytes) -> ReplyForm:
    """Return how a message is to be answered, its dialect first of all.

    Args:
        message: Any decoded value.
        codec: How it was encoded.
        data: The bytes it was decoded from.

    Raises:
        ProtocolError: InvalidRequest when the message is not an object, or its id cannot be sent back.
    """
    if type(message) is not dict:
        raise mismatch("message", "object", message)
    if "payload" in message:
        return rust.read_form(message, codec, data)
    if "request_type" in message:
        return ReplyForm(Dialect.RUST_DEMO, codec)
    return pharo.read_form(message, codec)


def read_call(message: dict[str, Any], form: ReplyForm) -> Call:
    """Return what a message of a known dialect asks.

    Raises:
        ProtocolError: InvalidRequest when it asks for nothing, or its envelope is broken.
    """
    dialect = form.dialect
    if dialect is _RUST:
        return rust.read_call(message)
    if dialect is _RUST_DEMO:
        return rust.read_bare_call(message)
    if "command" not in message:
        details = {"field": "command", "expected": "command, request_type or payload", "got": "nothing"}
        raise ProtocolError("InvalidRequest", "the message names no operation: it has no command", details)
    return pharo.read_call(message, dialect)
