"""The frames of a ZeroMQ message as a ROUTER socket hands them over: envelope and body.

    [identity, b"", body]               REQ, or a DEALER that plays one
    [identity, number, b"", body]       REQ with CORRELATE
    [identity, hop, ..., b"", body]     through proxies
    [identity, body]                    plain DEALER

The envelope is everything up to the first empty frame and goes back unread in front of the reply.
"""

from typing import Final

from .errors import RequestError, limit_exceeded
from .limits import LIMITS
from .messages import ReplyForm
from .requests import codec_of

_FRAMES_MAX: Final = LIMITS["envelope_frames_max"].value
_BYTES_MAX: Final = LIMITS["envelope_bytes_max"].value
_FRAMES_OF_REQ: Final = 2  # the identity, which ZeroMQ bounds, and the empty frame


def split_envelope(frames: list[bytes], frames_max: int = _FRAMES_MAX) -> tuple[list[bytes], bytes]:
    """Return a message's envelope and its body.

    Args:
        frames: All frames of one message, the sender's identity first.
        frames_max: Frames allowed before the body.

    Raises:
        RequestError: Too many frames or bytes, or not exactly one body; its ``envelope`` is the one to answer with.
    """
    if len(frames) == _FRAMES_OF_REQ + 1 and not frames[1]:  # nearly all are so
        return frames[:2], frames[2]
    end = _envelope_end(frames, frames_max)
    envelope, bodies = frames[:end], frames[end:]
    if end > _FRAMES_OF_REQ and sum(map(len, envelope)) > _BYTES_MAX:
        refused = limit_exceeded("envelope_bytes_max", "the envelope")
        form = ReplyForm(codec=codec_of(bodies[0] if bodies else b""))
        raise RequestError(refused.error_type, refused.message, refused.details, form, envelope[:1])
    if len(bodies) == 1:
        return envelope, bodies[0]
    form = ReplyForm(codec=codec_of(bodies[0] if bodies else b""))
    if len(frames) > frames_max + 1:
        details = {"field": "message", "limit": "envelope_frames_max", "maximum": frames_max}
        message = f"message of {len(frames)} frames is over the limit of {frames_max} before the body"
        raise RequestError("LimitExceeded", message, details, form, envelope)
    details = {"field": "message", "expected": "one frame", "got": f"{len(bodies)} frames"}
    raise RequestError("InvalidRequest", f"a message is one frame, not {len(bodies)}", details, form, envelope)


def _envelope_end(frames: list[bytes], frames_max: int) -> int:
    """Return the index of the first body frame: behind the delimiter, or behind the identity when there is none."""
    last = min(len(frames) - 1, frames_max)
    for index in range(1, last):
        if not frames[index]:
            return index + 1
    return 1


def join_envelope(envelope: list[bytes], body: bytes) -> list[bytes]:
    """Return the frames of an answer."""
    return [*envelope, body]
