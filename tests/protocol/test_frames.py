"""Envelope and body: every layout of REQ and DEALER, and hostile ones answered to the right address."""

import pytest

from protocol import LIMITS, Codec, RequestError, join_envelope, split_envelope

FRAMES_MAX = LIMITS["envelope_frames_max"].value
ENVELOPE_MAX = LIMITS["envelope_bytes_max"].value


@pytest.mark.parametrize(
    ("frames", "envelope", "body"),
    [
        ([b"id", b"", b"body"], [b"id", b""], b"body"),
        ([b"id", b"\x00\x00\x00\x07", b"", b"body"], [b"id", b"\x00\x00\x00\x07", b""], b"body"),
        ([b"id", b"hop", b"hop", b"", b"body"], [b"id", b"hop", b"hop", b""], b"body"),
        ([b"id", b"body"], [b"id"], b"body"),
        ([b"id", b""], [b"id"], b""),
        ([b"id", b"", b""], [b"id", b""], b""),
        ([b"id", *[b"hop"] * (FRAMES_MAX - 2), b"", b"body"], [b"id", *[b"hop"] * (FRAMES_MAX - 2), b""], b"body"),
        ([b"id", bytes(ENVELOPE_MAX - 2), b"", b"body"], [b"id", bytes(ENVELOPE_MAX - 2), b""], b"body"),
    ],
)
def test_the_envelope_ends_with_the_empty_frame(frames: list[bytes], envelope: list[bytes], body: bytes) -> None:
    assert split_envelope(frames) == (envelope, body)
    assert join_envelope(envelope, b"reply") == [*envelope, b"reply"]


@pytest.mark.parametrize(
    ("frames", "error_type", "envelope"),
    [
        ([b"id"], "InvalidRequest", [b"id"]),
        ([b"id", b"", b"one", b"two"], "InvalidRequest", [b"id", b""]),
        ([b"id", b"one", b"two"], "InvalidRequest", [b"id"]),
        ([b"id", b"one", b""], "InvalidRequest", [b"id"]),
        ([b"id", *[b""] * 200_000], "LimitExceeded", [b"id", b""]),
        ([b"id", *[b"hop"] * FRAMES_MAX, b"", b"body"], "LimitExceeded", [b"id"]),
        ([b"id", bytes(ENVELOPE_MAX), b"", b"body"], "LimitExceeded", [b"id"]),
    ],
)
def test_a_refused_message_tells_whom_to_answer(frames: list[bytes], error_type: str, envelope: list[bytes]) -> None:
    with pytest.raises(RequestError) as caught:
        split_envelope(frames)
    assert (caught.value.error_type, caught.value.envelope) == (error_type, envelope)


def test_a_refused_message_is_answered_in_the_codec_of_its_first_body() -> None:
    with pytest.raises(RequestError) as caught:
        split_envelope([b"id", b"", b"\x81", b"more"])
    assert caught.value.form.codec is Codec.MESSAGEPACK
