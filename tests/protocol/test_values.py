"""What the codecs let through: what is refused with its field, what is kept, and what is merely lenient."""

import json
from typing import Any

import msgpack
import pytest

from protocol import LIMITS, RequestError, decode


def state(value: bytes) -> bytes:
    """A request that carries a raw JSON value in the client's own state."""
    head = b'{"command":"update_session_state","parameters":{"session_id":"s","state_data":{"at":['
    return head + value + b"]}}}"


def state_of(value: bytes) -> Any:
    """What such a value is read as."""
    return decode(state(value)).parameters["state_data"]["at"][0]


def refused(data: bytes) -> RequestError:
    """The refusal of a frame."""
    with pytest.raises(RequestError) as caught:
        decode(data)
    return caught.value


@pytest.mark.parametrize("value", [b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1E400", b"1" * 400 + b".5"])
def test_a_number_that_is_not_finite_is_refused_with_its_field(value: bytes) -> None:
    error = refused(state(value))
    assert (error.error_type, error.details["field"]) == ("InvalidRequest", "state_data.at[0]")
    assert "finite" in error.message


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b'{"id":NaN,"command":"ping"}', "id"),
        (b'{"command":"ping","parameters":{"message":Infinity}}', "message"),
        (b'{"command":"ping","parameters":{"unknown":[1e999]}}', "unknown[0]"),
        (b'{"command":"evaluate","code":"1","timeout_ms":NaN}', "timeout_ms"),
        (b'{"request_type":"Ping","params":{"message":{"a":NaN}}}', "message.a"),
    ],
)
def test_a_number_that_is_not_finite_is_refused_wherever_it_stands(data: bytes, field: str) -> None:
    assert refused(data).details["field"] == field


@pytest.mark.parametrize("text", [b"\\ud800", b"a\\udfff", b"\\udc00\\ud800", b"\xed\xa0\x80", b"\\ud83dx"])
def test_a_lone_surrogate_is_refused_with_its_field(text: bytes) -> None:
    error = refused(state(b'"' + text + b'"'))
    assert error.details["field"] == "message.parameters.state_data.at[0]"
    assert "surrogate" in error.message


@pytest.mark.parametrize("field", ["command", "id", "code", "colour"])
def test_a_lone_surrogate_is_refused_in_every_field(field: str) -> None:
    message = {"id": 1, "command": "evaluate", "code": "1", field: "\ud800"}
    error = refused(json.dumps(message).encode())
    assert error.details["field"] == f"message.{field}"


def test_a_lone_surrogate_in_a_key_is_refused() -> None:
    assert "surrogate" in refused(state(b'{"\\ud800":1}')).message


@pytest.mark.parametrize("text", ["🦀", "\ufffd", "\\ud800 written out", "é/\u2028"])
def test_proper_text_is_kept_in_every_way_of_writing_it(text: str) -> None:
    assert state_of(json.dumps(text).encode()) == text
    assert state_of(json.dumps(text, ensure_ascii=False).encode()) == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (b"007", 7),
        (b"-", 0),
        (b"1.", 1.0),
        (b'"a\tb\nc"', "a\tb\nc"),
        (b'{"k":1,"k":2}', {"k": 2}),
        (b"-0.0", 0.0),
        (b"0.1e-999", 0.0),
    ],
)
def test_harmless_leniencies_of_the_json_reader_are_pinned(written: bytes, read: Any) -> None:
    assert state_of(written) == read


@pytest.mark.parametrize(
    "written", [b"[1,]", b"'a'", b"nan", b".5", b"+1", b"1e", b'"\\x"', b'"\xff"', b"tru", b"{1:2}", b'"\xc0\x80"']
)
def test_what_the_json_reader_refuses_is_pinned(written: bytes) -> None:
    assert refused(state(written)).message.startswith("not valid JSON")


@pytest.mark.parametrize("digits", [20, 1_000, 4_300])
def test_a_large_integer_is_read_exactly(digits: int) -> None:
    assert state_of(b"-" + b"9" * digits) == -(10**digits - 1)


@pytest.mark.parametrize("before", [0, 1, 30, 60, 61, 62])
def test_an_integer_with_one_digit_too_many_is_found_wherever_it_stands(before: int) -> None:
    error = refused(state(b" " * before + b"9" * 4_301))
    assert error.details["limit"] == "integer_digits_max"


def test_an_integer_with_too_many_digits_is_refused_unless_it_is_text() -> None:
    error = refused(state(b"9" * 4_301))
    assert (error.error_type, error.details["limit"]) == ("LimitExceeded", "integer_digits_max")
    assert state_of(b'"' + b"9" * 9_000 + b'"') == "9" * 9_000
    assert state_of(b'"\\"' + b"9" * 9_000 + b'"') == '"' + "9" * 9_000


def packed_state(value: Any) -> bytes:
    """A MessagePack request that carries a value in the client's own state."""
    parameters = {"session_id": "s", "state_data": {"at": [value]}}
    return bytes(msgpack.packb({"command": "update_session_state", "parameters": parameters}))


@pytest.mark.parametrize(
    "value", [b"binary", msgpack.ExtType(5, b"x"), msgpack.Timestamp(1), float("nan"), float("-inf"), {b"k": 1}]
)
def test_a_messagepack_value_that_json_cannot_say_is_refused(value: Any) -> None:
    error = refused(packed_state(value))
    assert error.error_type == "InvalidRequest"
    assert "state_data.at[0]" in error.details["field"]


@pytest.mark.parametrize("value", [b"\xa1\xff", b"\xa3\xed\xa0\x80"])
def test_messagepack_text_is_strict_utf8(value: bytes) -> None:
    assert refused(b"\x81\xa7command" + value).message.startswith("not valid MessagePack")


def test_a_binary_name_is_refused() -> None:
    assert refused(bytes(msgpack.packb({"command": b"ping", "parameters": {}}))).details["field"] == "command"
    parameters = {b"message": "hi"}
    error = refused(bytes(msgpack.packb({"command": "ping", "parameters": parameters})))
    assert (error.details["expected"], error.details["got"]) == ("text", "binary")


# --- extent ---------------------------------------------------------------------------------------------------

DEPTH = LIMITS["nesting_depth_max"].value
ITEMS = LIMITS["list_items_max"].value
KEYS = LIMITS["object_keys_max"].value
CONTAINERS = LIMITS["containers_max"].value
CHARS = LIMITS["string_chars_max"].value


def nested(depth: int) -> Any:
    """A value of so many levels."""
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"k": value}
    return value


@pytest.mark.parametrize("write", [lambda value: json.dumps(value).encode(), msgpack.packb])
def test_every_extent_is_bounded_in_both_codecs(write: Any) -> None:
    fits = [nested(DEPTH), [0] * ITEMS, {str(n): 0 for n in range(KEYS)}, "x" * CHARS]
    for value in fits:
        assert decode(write({"command": "ping", "parameters": {"message": value}})).parameters["message"] == value
    for name, value in {
        "nesting_depth_max": nested(DEPTH + 1),
        "string_chars_max": "x" * (CHARS + 1),
        "containers_max": [[[]] * 1_000] * (CONTAINERS // 1_000),
    }.items():
        error = refused(write({"command": "ping", "parameters": {"message": value}}))
        assert (error.error_type, error.details["limit"]) == ("LimitExceeded", name)


def test_wide_values_are_refused_in_both_codecs() -> None:
    for limit, value in (
        ("list_items_max", [0] * (ITEMS + 1)),
        ("object_keys_max", {str(n): 0 for n in range(KEYS + 1)}),
    ):
        message = {"command": "ping", "parameters": {"message": value}}
        for data in (json.dumps(message).encode(), bytes(msgpack.packb(message))):
            assert (refused(data).error_type, refused(data).details["limit"]) == ("LimitExceeded", limit)


@pytest.mark.parametrize("head", [b"\xdd\xff\xff\xff\xff", b"\xdf\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"])
def test_a_messagepack_length_beyond_the_frame_is_refused_unread(head: bytes) -> None:
    assert refused(b"\x81\xa7command" + head).message.startswith("not valid MessagePack")


@pytest.mark.parametrize("levels", [1_000, 1_025, 200_000])
def test_bottomless_nesting_is_refused_without_recursion(levels: int) -> None:
    assert refused(state(b"[" * levels + b"]" * levels)).error_type in {"InvalidRequest", "LimitExceeded"}
    assert refused(b"\x81\xa7command" + b"\x91" * levels + b"\xc0").error_type == "InvalidRequest"


def test_a_surrogate_at_the_bottom_is_found_without_recursion() -> None:
    error = refused(state(b"[" * 900 + b'"\\ud800"' + b"]" * 900))
    assert "surrogate" in error.message
    assert len(error.details["field"]) < 300


def test_brackets_inside_text_are_not_counted() -> None:
    code = "[" * (CONTAINERS + 5)
    message = {"command": "evaluate", "parameters": {"code": f'"\\{code}'}}
    assert decode(json.dumps(message).encode()).parameters["code"].endswith(code)


@pytest.mark.parametrize("data", [b'"' + b'\\"' * 3_000_000, b'{"a":"' + b"\\" * 3_000_000, b"4299 " * 1_000_000])
def test_hostile_text_is_refused_in_linear_time(data: bytes) -> None:
    assert refused(b"[[" * (CONTAINERS // 2 + 1) + data).error_type in {"InvalidRequest", "LimitExceeded"}


@pytest.mark.parametrize("first", [b"{", b"\x81"])
def test_a_message_over_the_largest_is_refused_unread(first: bytes) -> None:
    error = refused(first + b" " * LIMITS["message_bytes_max"].value)
    assert (error.error_type, error.details["limit"]) == ("LimitExceeded", "message_bytes_max")
