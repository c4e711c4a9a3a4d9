"""The DEALER socket of a client, and the monitor that tells when its connection comes up and goes down.

One socket serves one connection's life: when the connection is lost or the server was silent too long, the socket is
closed and another is opened, so that no late reply of an old attempt can be taken for a new one.
"""

from typing import Any, Final, TypeVar

import zmq

from protocol import LIMITS

Socket = TypeVar("Socket", bound=zmq.Socket[Any])

#: Pause before ZeroMQ tries to connect again, and the longest it grows to.
_RECONNECT_MS: Final = 100
_RECONNECT_MS_MAX: Final = 1_000
#: Heartbeats find a peer that died without closing; a busy server answers them too, its I/O has a thread of its own.
_HEARTBEAT_MS: Final = 2_000
_HEARTBEAT_TIMEOUT_MS: Final = 6_000
#: How an address of IPv6 begins; for others the option stays off, or `localhost` might mean only ::1.
_IPV6_PREFIX: Final = "tcp://["
_OPTIONS: Final = (
    (zmq.LINGER, 0),  # what is lost with a connection is sent again over the next
    (zmq.RECONNECT_IVL, _RECONNECT_MS),
    (zmq.RECONNECT_IVL_MAX, _RECONNECT_MS_MAX),
    (zmq.HEARTBEAT_IVL, _HEARTBEAT_MS),
    (zmq.HEARTBEAT_TIMEOUT, _HEARTBEAT_TIMEOUT_MS),
    (zmq.MAXMSGSIZE, LIMITS["message_bytes_max"].value),  # no reply and no event is larger
)
#: What the monitor tells; after a failed attempt to connect ZeroMQ goes on trying by itself.
CAME_UP: Final = int(zmq.EVENT_HANDSHAKE_SUCCEEDED)
WENT_DOWN: Final = int(zmq.EVENT_DISCONNECTED)
FAILED: Final = int(zmq.EVENT_CONNECT_RETRIED)


class LinkError(Exception):
    """A socket is of no use any more; the message says why, for a person."""


def open_dealer(context: zmq.Context[Socket], url: str) -> tuple[Socket, Socket]:
    """Return a socket that connects, and its monitor.

    Raises:
        ValueError: The URL is none that ZeroMQ can connect to.
    """
    socket = context.socket(zmq.DEALER)
    for option, value in _OPTIONS:
        socket.setsockopt(option, value)
    if url.startswith(_IPV6_PREFIX):
        socket.setsockopt(zmq.IPV6, 1)
    monitor: Socket = socket.get_monitor_socket(CAME_UP | WENT_DOWN | FAILED)
    try:
        socket.connect(url)
    except zmq.ZMQError as error:
        close_dealer(socket, monitor, 0)
        reason = zmq.strerror(error.errno or 0)
        raise ValueError(f"cannot connect to {url}: {reason}; an address looks like tcp://127.0.0.1:5555") from error
    return socket, monitor


def close_dealer(socket: Socket, monitor: Socket, linger_s: float) -> None:
    """Close both; what is still to be sent has some seconds."""
    socket.disable_monitor()
    monitor.close(linger=0)
    socket.close(linger=round(linger_s * 1000))
