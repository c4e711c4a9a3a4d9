"""The law of the room, on generated input: any bytes are a request or a refusal that can be answered, never else.

Hypothesis prints the example and the seed that reproduces it.
"""

import json
from typing import Any

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import (
    OPERATIONS,
    Codec,
    Dialect,
    Operation,
    Request,
    RequestError,
    decode,
    encode_failure,
    encode_result,
    split_envelope,
)
from protocol.kinds import Anything, Boolean, Choice, Identifier, Integer, Kind, ListOf, Object, Text

STAMP = "2025-01-02T10:30:00.000+00:00"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4), max_leaves=10
)
FINITE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=10,
)
NAMES = st.sampled_from([name for each in OPERATIONS.values() for name in (each.name, each.rust_name)])
FIELDS = st.sampled_from(
    ["id", "command", "parameters", "payload", "request_type", "params", "type", "data", "version", "client_id", "code"]
)
MESSAGES = st.recursive(
    SCALARS | NAMES | st.binary(max_size=5) | st.sampled_from(["Request", "1.0.0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=15,
)
#: What a word of `debug` may need; what stands for one, so not beside another; what names a method as `file` does.
DEBUG_NEEDED = {"name", "expression", "source", "file"}
DEBUG_NAMING = {"proceed_with", "restart_frame", "return_value", "abandon"}
DEBUG_METHOD = {"class_name", "method_name", "is_class_method"}
READERS = {Codec.JSON: json.loads, Codec.MESSAGEPACK: msgpack.unpackb}


def answerable(data: bytes) -> None:
    """Hold bytes to the law: read or refused, and in both cases there is a reply to send."""
    try:
        request = decode(data)
    except RequestError as error:
        form, reply = error.form, encode_failure(error.form, error.failure, STAMP)
    else:
        assert isinstance(request, Request)
        form, reply = request.form, encode_result(request.form, request.operation, {}, STAMP)
    assert isinstance(READERS[form.codec](reply), dict)


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    answerable(data)


@given(MESSAGES)
def test_any_message_is_answered_in_both_codecs(message: Any) -> None:
    answerable(bytes(msgpack.packb(message)))
    answerable(json.dumps(message, default=lambda value: value.hex()).encode())


@given(st.dictionaries(FIELDS, MESSAGES, max_size=6), st.data())
def test_a_damaged_message_is_answered(message: dict[str, Any], data: st.DataObject) -> None:
    for encoded in (json.dumps(message, default=str).encode(), bytes(msgpack.packb(message))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        byte = data.draw(st.integers(0, 255))
        answerable(encoded[:at] + bytes([byte]) + encoded[at + 1 :])
        answerable(encoded[:at])


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=14))
def test_any_frames_are_split_or_refused(frames: list[bytes]) -> None:
    try:
        envelope, body = split_envelope(frames)
    except RequestError as error:
        address, answered = error.envelope, error.envelope
    else:
        address, answered = envelope, [*envelope, body]
        assert answered == frames
    assert address
    assert frames[: len(answered)] == answered


def value_of(kind: Kind) -> st.SearchStrategy[Any]:
    """Canonical values that a kind accepts."""
    if isinstance(kind, Text):
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=kind.minimum, max_size=min(30, kind.maximum))
    if isinstance(kind, Identifier):
        return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
    if isinstance(kind, Integer):
        return st.integers(kind.minimum, kind.maximum)
    if isinstance(kind, Choice):
        return st.sampled_from(kind.words)
    if isinstance(kind, ListOf):
        return st.lists(value_of(kind.item), max_size=kind.maximum)
    kinds: dict[type, st.SearchStrategy[Any]] = {
        Boolean: st.booleans(),
        Object: st.dictionaries(TEXTS, FINITE, max_size=4),
        Anything: FINITE.filter(lambda value: value is not None),
    }
    return kinds[type(kind)]


@st.composite
def valid_requests(draw: st.DrawFn) -> tuple[Operation, dict[str, Any]]:
    """An operation with parameters it accepts."""
    operation = draw(st.sampled_from(list(OPERATIONS.values())))
    group = draw(st.sampled_from(operation.alternatives)) if operation.alternatives else ()
    exclusive = {name for each in operation.alternatives for name in each} | DEBUG_NAMING
    chosen = {each.name: draw(value_of(each.kind)) for each in operation.required}
    for each in operation.optional:
        if (
            each.name in group
            or (operation.name == "debug" and each.name in DEBUG_NEEDED)
            or (each.name not in exclusive and draw(st.booleans()))
        ):
            chosen[each.name] = draw(value_of(each.kind))
    if operation.name == "debug":
        chosen = {name: value for name, value in chosen.items() if name not in DEBUG_METHOD}
        chosen["expression"] += "self"
    return operation, chosen


def in_dialect(dialect: Dialect, operation: Operation, parameters: dict[str, Any]) -> dict[str, Any]:
    """A request as a client of the dialect writes it."""
    call = {"request_type": operation.rust_name, "params": parameters}
    shapes: dict[Dialect, dict[str, Any]] = {
        Dialect.RUST: {"id": "550e8400-e29b-41d4-a716-446655440000", "payload": {"type": "Request", "data": call}},
        Dialect.RUST_DEMO: call,
        Dialect.PHARO: {"id": 1, "command": operation.name, "parameters": parameters},
        Dialect.PHARO_SEED: {"command": operation.name, "parameters": parameters},
        Dialect.PHARO_FLAT: {"command": operation.name, **parameters},
    }
    return shapes[dialect]


@settings(max_examples=60)
@given(valid_requests())
def test_any_valid_request_is_read_the_same_in_every_dialect_and_codec(valid: tuple[Operation, dict[str, Any]]) -> None:
    operation, parameters = valid
    expected = {name: value for name, value in parameters.items() if name != "op_id"}
    for dialect in Dialect:
        message = in_dialect(dialect, operation, parameters)
        for data in (json.dumps(message).encode(), bytes(msgpack.packb(message))):
            request = decode(data)
            assert (request.operation, request.parameters) == (operation.name, expected)
            if "op_id" in parameters and operation.mutates and parameters.get("operation") not in operation.reading:
                assert request.op_id == parameters["op_id"]
