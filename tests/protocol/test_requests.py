"""Bytes -> request: dialects told apart, parameters checked, and every refusal in the form of its client."""

import json
from typing import Any
from uuid import UUID

import msgpack
import pytest

from protocol import Codec, Dialect, RequestError, decode, encode_failure
from protocol.requests import SKIMMED_BYTES_MAX

SESSION = "3f9c1d0a5b7e4f2286d1c0ffee123456"
ENVELOPE_ID = "550E8400-e29b-41d4-a716-446655440000"


def refused(message: Any) -> RequestError:
    """The refusal of a message, or of bytes as they are."""
    data = message if isinstance(message, bytes) else json.dumps(message).encode()
    with pytest.raises(RequestError) as caught:
        decode(data)
    return caught.value


def enveloped(name: str, params: Any, **more: Any) -> bytes:
    """A request of dialect A."""
    message = {"id": ENVELOPE_ID, "version": "1.0.0", "timestamp": "2025-01-02T10:30:00Z"}
    payload = {"type": "Request", "data": {"request_type": name, "params": params}}
    return json.dumps({**message, "payload": payload, **more}).encode()


# --- dialects -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "dialect"),
    [
        ({"id": 1, "command": "ping", "parameters": {}}, "B"),
        ({"id": 1, "command": "ping"}, "B"),
        ({"command": "ping", "parameters": None}, "B0"),
        ({"command": "ping"}, "B0"),
        ({"command": "ping", "message": "hi"}, "B'"),
        ({"request_type": "Ping"}, "A'"),
        ({"request_type": "Ping", "params": None, "id": 3}, "A'"),
        ({"payload": {"type": "Request", "data": {"request_type": "Ping"}}}, "A"),
        ({"payload": {"data": {"request_type": "Ping", "params": {}}}, "command": "ping"}, "A"),
    ],
)
def test_the_dialect_is_told_by_its_own_fields(message: dict[str, Any], dialect: str) -> None:
    assert decode(json.dumps(message).encode()).form.dialect is Dialect(dialect)


@pytest.mark.parametrize("name", ["create_session", "CreateSession"])
def test_either_spelling_of_a_name_is_good_in_every_dialect(name: str) -> None:
    flat = {"command": name, "client_id": "c"}
    for data in (json.dumps(flat).encode(), enveloped(name, {"client_id": "c"})):
        assert decode(data).operation == "create_session"


@pytest.mark.parametrize("reply_id", [0, -7, "seven", "", None, True, 1.5, [1, {"a": None}], {"k": "v"}, 2**70])
def test_an_id_of_dialect_b_may_be_any_value_and_comes_back(reply_id: Any) -> None:
    request = decode(json.dumps({"id": reply_id, "command": "evaluate", "parameters": {"code": "1"}}).encode())
    assert request.form.reply_id == reply_id
    assert request.op_id is None  # it may repeat, so it is no key


@pytest.mark.parametrize("reply_id", ["x" * 1_025, 10**1_025, [0] * 600, {"k": "ä" * 300}])
def test_an_id_too_long_to_be_sent_back_is_refused(reply_id: Any) -> None:
    error = refused({"id": reply_id, "command": "ping"})
    assert (error.error_type, error.details["limit"]) == ("LimitExceeded", "reply_id_bytes_max")


@pytest.mark.parametrize("version", ["1", "1.0", "1.0.0", "1.7.2", None])
def test_every_version_of_the_major_number_spoken_here_is_good(version: str | None) -> None:
    assert decode(enveloped("Ping", {}, version=version)).operation == "ping"


@pytest.mark.parametrize("version", ["2.0.0", "0.9", "1.0.0.0", "", "one", "11.0"])
def test_another_version_is_unsupported(version: str) -> None:
    error = refused(enveloped("Ping", {}, version=version))
    assert error.error_type == "UnsupportedVersion"
    reply = json.loads(encode_failure(error.form, error.failure, "t"))
    assert reply["payload"]["data"]["data"]["code"] == "UnsupportedOperation"


def test_an_envelope_without_a_uuid_gets_one_from_its_bytes() -> None:
    data = enveloped("Evaluate", {"code": "1"}, id="17")
    request = decode(data)
    assert UUID(request.form.reply_id)
    assert decode(data).form.reply_id == request.form.reply_id
    assert decode(data + b" ").form.reply_id != request.form.reply_id
    assert request.op_id is None  # made here, so it promises nothing about repeats


# --- refusals -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (b"", Codec.JSON),
        (b"\x00\x01", Codec.JSON),
        (b"hello", Codec.JSON),
        (b"{", Codec.JSON),
        (b'{"command":"ping"} x', Codec.JSON),
        (b"\xef\xbb\xbf{}", Codec.JSON),
        (b"\xef\xbb\xbf", Codec.JSON),
        (b'{"request_type":"Ping","params":"\\ud800"', Codec.JSON),
        (b"[1,2]", Codec.JSON),
        (b"3", Codec.JSON),
        (b"\xff\xfe", Codec.MESSAGEPACK),
        (b"\xc1", Codec.MESSAGEPACK),
        (b"\x81\xa1a", Codec.MESSAGEPACK),
        (b"\x80\x80", Codec.MESSAGEPACK),
        (b"\x81\xacrequest_type\xa1\xff\x80", Codec.MESSAGEPACK),
        (b"\x93\x01\x02\x03", Codec.MESSAGEPACK),
    ],
)
def test_garbage_is_answered_in_dialect_b_and_its_own_codec(data: bytes, codec: Codec) -> None:
    error = refused(data)
    assert (error.error_type, error.form.codec, error.form.dialect) == ("InvalidRequest", codec, Dialect.PHARO_SEED)
    reply = encode_failure(error.form, error.failure, "t")
    answer = json.loads(reply) if codec is Codec.JSON else msgpack.unpackb(reply)
    assert (answer["status"], answer["error_type"]) == ("error", "InvalidRequest")


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({}, "command"),
        ({"id": 1}, "command"),
        ({"command": 3}, "command"),
        ({"command": None, "parameters": {}}, "command"),
        ({"command": "ping", "parameters": []}, "parameters"),
        ({"command": "evaluate", "parameters": {}}, "code"),
        ({"command": "evaluate", "parameters": {"code": None}}, "code"),
        ({"command": "evaluate", "parameters": {"code": 3}}, "code"),
        ({"command": "evaluate", "parameters": {"code": "1", "timeout_ms": 0}}, "timeout_ms"),
        ({"command": "evaluate", "parameters": {"code": "1", "timeout_ms": True}}, "timeout_ms"),
        ({"command": "evaluate", "parameters": {"code": "1", "timeout_ms": 5.0}}, "timeout_ms"),
        ({"command": "evaluate", "parameters": {"code": "1", "return_string": 1}}, "return_string"),
        ({"command": "evaluate", "parameters": {"code": "1", "evaluation_mode": "Debug"}}, "evaluation_mode"),
        ({"command": "evaluate", "parameters": {"code": "1", "evaluation_mode": []}}, "evaluation_mode"),
        ({"command": "evaluate", "parameters": {"code": "1", "session_id": ""}}, "session_id"),
        ({"command": "evaluate", "parameters": {"code": "1", "session_id": "x" * 257}}, "session_id"),
        ({"command": "evaluate", "parameters": {"code": "1", "op_id": ""}}, "op_id"),
        ({"command": "evaluate", "parameters": {"code": "1", "tool_id": -1}}, "tool_id"),
        ({"command": "inspect", "parameters": {}}, "target"),
        ({"command": "inspect", "parameters": {"target": "1", "object_id": "2"}}, "target"),
        ({"command": "navigate", "back": True, "to": 0}, "into"),
        ({"command": "subscribe", "session_id": "s", "events": "transcript"}, "events"),
        ({"command": "subscribe", "session_id": "s", "events": ["transcript", 4]}, "events[1]"),
        ({"command": "subscribe", "session_id": "s", "events": ["session"] * 5}, "events"),
        ({"command": "create_session", "client_id": "c", "client_info": "linux"}, "client_info"),
        ({"request_type": 4}, "request_type"),
        ({"payload": 1}, "payload"),
        ({"payload": {}}, "payload.data"),
        ({"payload": {"data": []}}, "payload.data"),
        ({"payload": {"data": {}}}, "payload.data.request_type"),
        ({"payload": {"type": "Response", "data": {}}}, "payload.type"),
        ({"version": 1, "payload": {"data": {"request_type": "Ping"}}}, "version"),
    ],
)
def test_a_refusal_names_the_field(message: dict[str, Any], field: str) -> None:
    error = refused(message)
    assert (error.error_type, error.details["field"]) == ("InvalidRequest", field)
    assert error.details["expected"]


def test_an_error_keeps_the_form_of_its_request() -> None:
    error = refused({"id": "r-1", "command": "evaluate", "client_id": "c-1"})
    reply = json.loads(encode_failure(error.form, error.failure, "2025-01-02T10:30:00Z"))
    assert (reply["id"], reply["client_id"], reply["status"]) == ("r-1", "c-1", "error")
    error = refused(enveloped("Evaluate", {"code": 1}))
    reply = json.loads(encode_failure(error.form, error.failure, "2025-01-02T10:30:00Z"))
    assert reply["id"] == ENVELOPE_ID
    assert reply["payload"]["data"]["response_type"] == "Error"


# Parts of a message that cannot be read, though the text around them can.
UNREADABLE_JSON = [b'"\\ud800"', b"9" * 5_000, b'["\\\\\\"", -' + b"9" * 5_000 + b"]", b"0." + b"3" * 5_000, b'"\xff"']
UNREADABLE_MESSAGEPACK = [b"\xa3\xed\xa0\x80", b"\xa1\xff", b"\x81\xa1\xff\x01", b"\x81\x07\x01", b"\x81\x90\x01"]


def ping(dialect: Dialect, value: Any) -> dict[str, Any]:
    """A request with a parameter, as a client of the dialect writes it."""
    call = {"request_type": "Ping", "params": {"message": value}}
    shapes: dict[Dialect, dict[str, Any]] = {
        Dialect.RUST: {"id": ENVELOPE_ID, "payload": {"type": "Request", "data": call}},
        Dialect.RUST_DEMO: call,
        Dialect.PHARO: {"id": 17, "command": "ping", "parameters": {"message": value}},
        Dialect.PHARO_SEED: {"command": "ping", "parameters": {"message": value}},
        Dialect.PHARO_FLAT: {"id": 17, "command": "ping", "client_id": "c-1", "message": value},
    }
    return shapes[dialect]


@pytest.mark.parametrize("dialect", Dialect)
def test_what_cannot_be_read_of_a_message_hides_neither_its_dialect_nor_its_id(dialect: Dialect) -> None:
    expected = decode(json.dumps(ping(dialect, "good")).encode()).form
    for value in UNREADABLE_JSON:
        form = refused(json.dumps(ping(dialect, "HERE")).encode().replace(b'"HERE"', value)).form
        assert form == expected
    for value in UNREADABLE_MESSAGEPACK:
        form = refused(msgpack.packb(ping(dialect, "HERE")).replace(b"\xa4HERE", value)).form
        assert form == expected._replace(codec=Codec.MESSAGEPACK)


@pytest.mark.parametrize(
    "data",
    [
        *(b'{"id":' + value + b',"command":"ping"}' for value in UNREADABLE_JSON if b"0." not in value),
        *(b"\x82\xa2id" + value + b"\xa7command\xa4ping" for value in (b"\xa1\xff", b"\x81\xa1\xff\x01")),
    ],
)
def test_an_id_that_cannot_be_read_is_not_sent_back_as_another(data: bytes) -> None:
    error = refused(data)
    read = json.loads if error.form.codec is Codec.JSON else msgpack.unpackb
    assert "id" not in read(encode_failure(error.form, error.failure, "t"))


def test_a_message_too_large_to_be_read_twice_is_answered_in_dialect_b() -> None:
    wide = json.dumps({"request_type": "Ping", "params": [[]] * 100_001}).encode()
    for data in (wide, msgpack.packb(json.loads(wide)), wide + b" " * 10 * 2**20):
        error = refused(data)
        assert (error.error_type, error.form.dialect) == ("LimitExceeded", Dialect.PHARO_SEED)
    for padding, dialect in ((b"", Dialect.RUST_DEMO), (b" " * SKIMMED_BYTES_MAX, Dialect.PHARO_SEED)):
        assert refused(b'{"request_type":"\\ud800"}' + padding).form.dialect is dialect


def test_a_byte_order_mark_is_named_in_the_form_of_its_message() -> None:
    error = refused(b"\xef\xbb\xbf" + enveloped("Ping", {}))
    assert error.error_type == "InvalidRequest"
    assert "byte-order mark" in error.message
    assert (error.form.dialect, error.form.reply_id) == (Dialect.RUST, ENVELOPE_ID)


@pytest.mark.parametrize(("typed", "meant"), [("evalute", "evaluate"), ("Evalute", "Evaluate"), ("pingg", "ping")])
def test_an_unknown_operation_is_unsupported_with_the_nearest_name(typed: str, meant: str) -> None:
    error = refused({"command": typed, "parameters": {}})
    assert (error.error_type, error.details["suggestion"]) == ("UnsupportedOperation", meant)


def test_a_name_like_no_other_gets_no_suggestion_and_is_cut() -> None:
    error = refused({"command": "0" * 5_000, "parameters": {}})
    assert error.error_type == "UnsupportedOperation"
    assert "suggestion" not in error.details
    assert len(error.message) < 200


@pytest.mark.parametrize("name", ["list_image_sessions", "ListImageSessions"])
def test_an_operation_of_a_later_version_says_so(name: str) -> None:
    error = refused({"command": name, "parameters": {"anything": 1}})
    assert error.error_type == "UnsupportedOperation"
    assert "later version" in error.message


def test_a_misspelt_parameter_is_pointed_at_when_one_is_missing() -> None:
    error = refused({"command": "evaluate", "parameters": {"cod": "3 + 4"}})
    assert error.details["suggestion"] == "code"
    assert "'cod'" in error.message


def test_unknown_parameters_are_dropped_and_null_counts_as_absent() -> None:
    message = {"command": "evaluate", "parameters": {"code": "1", "colour": [1], "tool_id": None}}
    assert decode(json.dumps(message).encode()).parameters == {"code": "1"}


# --- exactly once ---------------------------------------------------------------------------------------------


def test_an_explicit_op_id_goes_before_the_envelopes() -> None:
    assert decode(enveloped("Evaluate", {"code": "1", "op_id": 81})).op_id == "81"
    assert decode(enveloped("Evaluate", {"code": "1"})).op_id == ENVELOPE_ID.lower()


@pytest.mark.parametrize("dialect", [Dialect.RUST, Dialect.RUST_DEMO, Dialect.PHARO, Dialect.PHARO_SEED])
def test_an_op_id_beside_the_parameters_is_as_good_as_one_among_them(dialect: Dialect) -> None:
    beside, among, both = (evaluation(dialect, *places) for places in ((7, None), (None, "7"), ("7", 7)))
    assert decode(beside).op_id == decode(among).op_id == decode(both).op_id == "7"
    assert decode(beside).digest == decode(among).digest == decode(both).digest


@pytest.mark.parametrize(("beside", "among"), [("7", "8"), ("", "8"), ([], None), (True, None), ("", None)])
def test_an_op_id_beside_the_parameters_that_differs_or_is_none_is_refused(beside: Any, among: str | None) -> None:
    for dialect in (Dialect.RUST, Dialect.RUST_DEMO, Dialect.PHARO, Dialect.PHARO_SEED):
        error = refused(evaluation(dialect, beside, among))
        assert (error.error_type, error.details["field"]) == ("InvalidRequest", "op_id")
        assert error.form.dialect is dialect


def evaluation(dialect: Dialect, beside: Any, among: Any) -> bytes:
    """An evaluate request with an op_id at top level, among its parameters, or both."""
    parameters = {"code": "1", "op_id": among}
    call = {"request_type": "Evaluate", "params": parameters}
    shapes: dict[Dialect, dict[str, Any]] = {
        Dialect.RUST: {"id": ENVELOPE_ID, "payload": {"data": call}},
        Dialect.RUST_DEMO: call,
        Dialect.PHARO: {"id": 17, "command": "evaluate", "parameters": parameters},
        Dialect.PHARO_SEED: {"command": "evaluate", "parameters": parameters},
    }
    return json.dumps({**shapes[dialect], "op_id": beside}).encode()


def test_an_operation_that_changes_nothing_has_no_key() -> None:
    request = decode(enveloped("GetSessionInfo", {"session_id": "s", "op_id": "x"}))
    assert (request.op_id, request.digest) == (None, b"")


def test_the_digest_is_the_contents_in_every_dialect_codec_and_order_of_keys() -> None:
    params = {"code": "1 + 1", "session_id": SESSION, "evaluation_mode": "Display"}
    shuffled = {"evaluation_mode": "display", "session_id": SESSION, "op_id": "k", "code": "1 + 1", "context": None}
    messages: list[dict[str, Any]] = [
        {"id": 1, "command": "evaluate", "parameters": {**params, "op_id": "k"}},
        {"command": "Evaluate", **shuffled},
        {"request_type": "Evaluate", "params": shuffled},
        json.loads(enveloped("Evaluate", params)),
    ]
    encoded = [json.dumps(each).encode() for each in messages] + [msgpack.packb(each) for each in messages]
    digests = {decode(data).digest for data in encoded}
    assert len(digests) == 1
    assert len(digests.pop()) == 16


def test_another_operation_with_the_same_parameters_has_another_digest() -> None:
    saved, loaded = (
        decode(json.dumps({"command": name, "name": "n", "op_id": "k"}).encode())
        for name in ("save_context", "load_context")
    )
    assert saved.parameters == loaded.parameters
    assert saved.digest != loaded.digest


@pytest.mark.parametrize(
    "other",
    [
        {"command": "evaluate", "code": "1 + 2", "op_id": "k"},
        {"command": "evaluate", "code": "1 + 1", "op_id": "k", "tool_id": "t"},
        {"command": "define_view", "class": "A", "name": "n", "code": "1 + 1", "op_id": "k"},
    ],
)
def test_other_content_under_the_same_key_has_another_digest(other: dict[str, Any]) -> None:
    first = decode(json.dumps({"command": "evaluate", "code": "1 + 1", "op_id": "k"}).encode())
    second = decode(json.dumps(other).encode())
    assert first.op_id == second.op_id == "k"
    assert first.digest != second.digest
