"""The probe: asks the server for its health over the wire, as any client does, and notices when no answer comes.

It is a client because its answer should say what clients meet: whether the loop (with workers the front's, and each
worker's) takes requests and answers them. So one process and many are watched in the same way.

Thread: one other than the loop; `close` when that one has ended.
"""

from typing import Any, Final

import zmq

from protocol import Failure, ProtocolError, Reply, decode_reply, encode_request

from ..clock import Clock

#: How long an answer is waited for: a loop that is well answers within some slices, and a monitor asks again anyway.
_PATIENCE_MS: Final = 1_000
#: A server that has answered nobody for so long hangs: the longest step of a primitive that does not return, and more.
_HANGING_NS: Final = 30_000_000_000
#: How an address of IPv6 begins.
_IPV6_PREFIX: Final = "tcp://["


class Probe:
    """Questions to one server, one at a time."""

    def __init__(self, address: str, clock: Clock) -> None:
        """Make it; nothing is asked yet.

        Args:
            address: where the server listens.
            clock: time.
        """
        self._clock = clock
        self._context = zmq.Context()
        self._socket = self._context.socket(zmq.REQ)
        # An answer that never comes must not keep the next question back, and a late one must not be taken for it.
        for option, value in ((zmq.LINGER, 0), (zmq.REQ_RELAXED, 1), (zmq.REQ_CORRELATE, 1)):
            self._socket.setsockopt(option, value)
        if address.startswith(_IPV6_PREFIX):
            self._socket.setsockopt(zmq.IPV6, 1)
        self._socket.connect(address)
        self._silent_since_ns: int | None = None

    def health(self) -> dict[str, Any] | None:
        """Return what the operation `health` answers now; None if no answer comes in time."""
        asked_ns = self._clock.monotonic_ns()
        self._socket.send(encode_request("health", {}, 1))
        if not self._socket.poll(_PATIENCE_MS):
            if self._silent_since_ns is None:
                self._silent_since_ns = asked_ns
            return None
        self._silent_since_ns = None
        return _health_of(self._socket.recv())

    def is_hanging(self) -> bool:
        """Whether the server has not answered for long."""
        since_ns = self._silent_since_ns
        return since_ns is not None and self._clock.monotonic_ns() - since_ns > _HANGING_NS

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()
        self._context.term()


def _health_of(body: bytes) -> dict[str, Any] | None:
    """Return the answer of a reply; None if it is a refusal."""
    try:
        reply = decode_reply(body)
    except ProtocolError:
        return None
    if not isinstance(reply, Reply) or isinstance(reply.answer, Failure):
        return None
    return reply.answer
