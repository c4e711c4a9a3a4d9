"""The two ends of the wire, joined: what a native client writes the server reads, and back."""

import pytest

from protocol import (
    LIMITS,
    Codec,
    Event,
    Failure,
    ProtocolError,
    decode,
    decode_reply,
    encode_event,
    encode_failure,
    encode_request,
    encode_result,
)

STAMP = "2025-01-02T10:30:00.000+00:00"
both = pytest.mark.parametrize("codec", list(Codec))


@both
def test_a_request_and_its_replies_come_across(codec: Codec) -> None:
    request = decode(encode_request("evaluate", {"code": "3 + 4", "op_id": "k"}, 17, codec))
    assert (request.operation, request.parameters, request.op_id) == ("evaluate", {"code": "3 + 4"}, "k")
    reply = decode_reply(encode_result(request.form, "evaluate", {"result": "7"}, STAMP))
    assert reply == (17, {"result": "7"}, STAMP)
    failure = Failure("SyntaxError", "argument expected", {"line": 1, "column": 15}, "trace")
    assert decode_reply(encode_failure(request.form, failure, STAMP)) == (17, failure, STAMP)
    event = Event("session", "s", 9, {"state": "hibernated"}, STAMP)
    assert decode_reply(encode_event(request.form, event)) == event


@both
def test_a_reply_to_garbage_can_be_read_too(codec: Codec) -> None:
    form = decode(encode_request("ping", {}, None, codec)).form
    assert decode_reply(encode_failure(form, Failure("InvalidRequest", "m"), STAMP)).answer.details == {}


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"3", b'{"status":"success"}', b'{"event":"x"}', b"\x80", b"\xc1", b'{"status":1}']
)
def test_what_no_server_sends_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_reply(data)


@both
def test_a_request_over_the_size_of_a_message_is_not_written(codec: Codec) -> None:
    parameters = {"message": "x" * LIMITS["message_bytes_max"].value}
    with pytest.raises(ProtocolError, match="message_bytes_max") as caught:
        encode_request("ping", parameters, 1, codec)
    assert caught.value.error_type == "LimitExceeded"
