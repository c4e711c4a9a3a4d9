"""Results, failures and events -> bytes: strict for dialect A, total for every plain value, never over the limit."""

import json
import math
import random
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    ERROR_TYPES,
    LIMITS,
    Codec,
    Dialect,
    Event,
    Failure,
    ReplyForm,
    encode_event,
    encode_failure,
    encode_result,
)

STAMP = "2025-01-02T10:30:00.000+00:00"
UUID = "550e8400-e29b-41d4-a716-446655440000"
FORMS = [ReplyForm(dialect, codec, UUID) for dialect in Dialect for codec in Codec]
ANY_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=10,
)
READERS = {Codec.JSON: json.loads, Codec.MESSAGEPACK: msgpack.unpackb}


def read(form: ReplyForm, data: bytes) -> dict[str, Any]:
    """A reply as a client decodes it."""
    message: dict[str, Any] = READERS[form.codec](data)
    return message


def rust_data(message: dict[str, Any]) -> dict[str, Any]:
    """The data of a reply in dialect A."""
    data: dict[str, Any] = message["payload"]["data"]["data"]
    return data


def rust_result(operation: str, result: dict[str, Any]) -> dict[str, Any]:
    """A result as the Rust client gets it."""
    form = ReplyForm(Dialect.RUST, Codec.JSON, UUID)
    return rust_data(read(form, encode_result(form, operation, result, STAMP)))


def native_result(codec: Codec, value: Any) -> Any:
    """A value as a native client gets it."""
    form = ReplyForm(Dialect.PHARO, codec, 1)
    return read(form, encode_result(form, "ping", {"message": value}, STAMP))["result"]["message"]


@pytest.mark.parametrize(("given", "got"), [(0, 0), (1.9, 1), (-3, 0), (math.nan, 0), (None, None), ("x", 0)])
def test_in_a_a_count_is_an_integer_from_0(given: Any, got: Any) -> None:
    assert rust_result("evaluate", {"execution_time": given})["execution_time"] == got


@pytest.mark.parametrize(("given", "got"), [("2", "2"), (2, "2"), (True, "true"), ([1], "[1]"), (2**80, str(2**80))])
def test_in_a_a_result_is_text(given: Any, got: str) -> None:
    assert rust_result("evaluate", {"result": given})["result"] == got


def test_in_a_fields_have_their_rust_names_and_the_result_is_left_alone() -> None:
    result = {"session_state": {"pane": 1}, "object_registry": {"1": 2}}
    assert rust_result("restore_session", result) == {"state": {"pane": 1}, "object_registry": {"1": "2"}}
    assert result == {"session_state": {"pane": 1}, "object_registry": {"1": 2}}


def test_in_a_an_operation_of_a_later_version_would_have_its_camel_case_name() -> None:
    form = ReplyForm(Dialect.RUST_DEMO)
    assert read(form, encode_result(form, "run_tests", {}, STAMP)) == {"response_type": "RunTests", "data": {}}


@pytest.mark.parametrize("error_type", [*ERROR_TYPES, "NeverHeardOf"])
def test_in_a_every_error_has_one_of_the_nine_codes_and_texts_only(error_type: str) -> None:
    codes = (
        "InvalidRequest EvaluationError ObjectNotFound ClassNotFound MethodNotFound PermissionDenied "
        "InternalError Timeout UnsupportedOperation"
    )
    details = {"line": 1, "column": 15, "none": None, "is": True, "stack": ["Foo>>bar", "DoIt"], "ratio": 0.5}
    form = ReplyForm(Dialect.RUST, Codec.JSON, UUID)
    data = rust_data(read(form, encode_failure(form, Failure(error_type, "m", details), STAMP)))
    assert data["code"] in codes.split()
    assert data["stack_trace"] == "Foo>>bar\nDoIt"
    assert data["details"]["error_type"] == error_type
    assert (data["details"]["line"], data["details"]["is"]) == ("1", "true")
    assert "none" not in data["details"]
    assert all(isinstance(value, str) for value in data["details"].values())


def test_a_stack_trace_of_its_own_is_sent_in_both_families() -> None:
    failure = Failure("EvaluationError", "m", None, "Foo>>bar")
    for form in (ReplyForm(Dialect.RUST_DEMO), ReplyForm(Dialect.PHARO, Codec.JSON, 1)):
        message = read(form, encode_failure(form, failure, STAMP))
        assert message.get("data", message)["stack_trace"] == "Foo>>bar"


def test_json_is_written_compact_unescaped_and_in_order() -> None:
    form = ReplyForm(Dialect.PHARO, Codec.JSON, "ä/<&>\u2028")
    data = encode_result(form, "ping", {"z": [1, 1.5, None], "a": {}}, STAMP)
    text = '{"id":"ä/<&>\u2028","status":"success","result":{"z":[1,1.5,null],"a":{}},"timestamp":"' + STAMP + '"}'
    assert data.decode() == text


@pytest.mark.parametrize("bits", [63, 64, 65, 200, 14_284, 14_285, 300_000])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_large_integer_survives_both_codecs(bits: int, sign: int) -> None:
    number = sign * (random.Random(bits).getrandbits(bits) | 1 << (bits - 1))
    for codec in Codec:
        got = native_result(codec, [number])[0]
        if codec is Codec.MESSAGEPACK:
            assert ("16r" in str(got)) is (bits > LIMITS["integer_bits_max"].value)
        if isinstance(got, str) and "16r" in got:
            got = int(got.replace("16r", ""), 16)
        assert int(got) == number


@given(ANY_PLAIN)
def test_any_plain_value_can_be_sent_in_every_form(value: Any) -> None:
    for form in FORMS:
        assert read(form, encode_result(form, "ping", {"message": value}, STAMP))


def test_a_number_that_is_not_finite_becomes_null_in_json_only() -> None:
    assert native_result(Codec.JSON, [math.nan, math.inf, 1.5]) == [None, None, 1.5]
    packed = native_result(Codec.MESSAGEPACK, [math.nan, -math.inf])
    assert math.isnan(packed[0])
    assert packed[1] == -math.inf


@pytest.mark.parametrize("codec", list(Codec))
def test_text_that_utf8_cannot_carry_is_replaced(codec: Codec) -> None:
    assert native_result(codec, {"a\ud800b": "x\udfff🦀"}) == {"a\ufffdb": "x\ufffd🦀"}


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("depth", [900, 1_030, 100_000])
def test_a_value_too_deep_for_a_codec_is_cut(codec: Codec, depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    assert isinstance(native_result(codec, value), list)


@pytest.mark.parametrize("codec", list(Codec))
def test_what_is_not_plain_is_named(codec: Codec) -> None:
    assert native_result(codec, [2**70, {1, 2}, (1, 2)])[1:] == ["<set>", [1, 2]]
    assert native_result(codec, {1: object()}) == {"1": "<object>"}


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_result_over_the_largest_message_becomes_a_refusal_that_fits(form: ReplyForm) -> None:
    size = LIMITS["message_bytes_max"].value
    data = encode_result(form, "evaluate", {"result": "x" * size}, STAMP)
    assert len(data) < 1_000
    assert b"LimitExceeded" in data
    data = encode_failure(form, Failure("EvaluationError", "m" * size, {"stack": ["y"]}), STAMP)
    assert len(data) < 2_000
    assert b"EvaluationError" in data


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_an_event_has_one_shape_in_every_dialect(form: ReplyForm) -> None:
    event = Event("transcript", "s-1", 4, {"text": "hello"}, STAMP)
    message = {"event": "transcript", "session_id": "s-1", "seq": 4, "data": {"text": "hello"}, "timestamp": STAMP}
    assert read(form, encode_event(form, event)) == message
    giant = event._replace(data={"text": "x" * LIMITS["message_bytes_max"].value})
    assert read(form, encode_event(form, giant))["data"] == {"limit": "message_bytes_max"}
