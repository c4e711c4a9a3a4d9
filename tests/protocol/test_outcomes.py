"""Stored outcomes: the same reply again, whatever dialect or codec asks for it, and damage is noticed."""

import json
import math

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import (
    Codec,
    Dialect,
    Failure,
    Outcome,
    OutcomeError,
    ReplyForm,
    encode_failure,
    encode_outcome,
    encode_result,
    pack_outcome,
    unpack_outcome,
)

STAMP = "2025-01-02T10:30:00.000+00:00"
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**300), 2**300) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
RESULTS = st.dictionaries(st.text(), PLAIN, max_size=5)
FAILURES = st.builds(Failure, st.text(), st.text(), st.none() | RESULTS, st.none() | st.text())


@given(RESULTS | FAILURES)
def test_an_outcome_is_kept_exactly(answer: dict[str, object] | Failure) -> None:
    assert unpack_outcome(pack_outcome("evaluate", answer, STAMP)) == Outcome("evaluate", answer, STAMP)


def test_text_of_any_code_point_and_numbers_of_any_kind_are_kept() -> None:
    answer = {"a\ud800": "\udfff", "n": [2**63, -(2**63) - 1, 2**64, -(2**9000), math.inf]}
    assert unpack_outcome(pack_outcome("ping", answer, STAMP)).answer == answer


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize("dialect", list(Dialect))
def test_a_stored_reply_is_the_first_one_in_the_form_of_the_repeat(dialect: Dialect, codec: Codec) -> None:
    form = ReplyForm(dialect, codec, "550e8400-e29b-41d4-a716-446655440000")
    result = {"result": "2", "execution_time": 1, "n": 2**70}
    stored = unpack_outcome(pack_outcome("evaluate", result, STAMP))
    assert encode_outcome(form, stored) == encode_result(form, "evaluate", result, STAMP)
    failure = Failure("SyntaxError", "argument expected", {"line": 1}, "trace")
    stored = unpack_outcome(pack_outcome("evaluate", failure, STAMP))
    assert encode_outcome(form, stored) == encode_failure(form, failure, STAMP)


def test_a_small_outcome_takes_little_room() -> None:
    result = {"result": "7", "result_type": "SmallInteger", "execution_time": 0, "has_error": False}
    assert len(pack_outcome("evaluate", result, STAMP)) < len(json.dumps(result)) + 50


@pytest.mark.parametrize("depth", [900, 1_100, 50_000])
def test_a_result_too_deep_to_keep_is_cut_where_a_reply_is_cut(depth: int) -> None:
    value: object = 1
    for _ in range(depth):
        value = [value]
    assert unpack_outcome(pack_outcome("ping", {"message": value}, STAMP)).operation == "ping"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b"\x01",
        b"\x90",
        bytes(msgpack.packb([2, "ping", STAMP, {}])),
        bytes(msgpack.packb([1, "ping", STAMP])),
        bytes(msgpack.packb([1, "ping", STAMP, 1, 2, 3])),
        bytes(msgpack.packb([1, "ping", STAMP, msgpack.ExtType(9, b"x")])),
        pack_outcome("ping", {}, STAMP)[:-1],
        pack_outcome("ping", {}, STAMP) + b"x",
    ],
)
def test_bytes_that_are_no_outcome_are_reported(data: bytes) -> None:
    with pytest.raises(OutcomeError):
        unpack_outcome(data)
