"""The few things a session may ask of its host: the Transcript, the clock, entropy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from .values import fail_with, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

#: Random bytes one request may take: a seed of any generator we have.
ENTROPY_BYTES_MAX: Final = 1_024


def show(self: Any, text: Any) -> Any:
    """Append text to the world's transcript."""
    content = text_of(text)
    if content is None:
        return fail_with(self, text)
    current.world.transcript.append(content)
    return self


def now_ns(_self: Any) -> int:
    """Nanoseconds since 1970 began, UTC."""
    return current.world.host.now_ns()


def timezone_offset_s(_self: Any) -> int:
    """Seconds that local time is ahead of UTC."""
    return current.world.host.timezone_offset_s()


def cpu_ns(_self: Any) -> int:
    """Nanoseconds of processor time, for measuring."""
    return current.world.host.cpu_ns()


def entropy(_self: Any, count: Any) -> Any:
    """A natural number of `count` random bytes."""
    if type(count) is not int or not 0 < count <= ENTROPY_BYTES_MAX:
        return fail_with(_self, count)
    return int.from_bytes(current.world.host.random_bytes(count), "big")


PRIMITIVES: Final[dict[str, Callable[..., Any]]] = {
    "transcriptShow": show,
    "hostNow": now_ns,
    "hostTimezoneOffset": timezone_offset_s,
    "hostCpu": cpu_ns,
    "hostEntropy": entropy,
}
