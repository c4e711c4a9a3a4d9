"""The HTTP port: a few small pages for monitors, on a thread of its own.

A thread and not the loop's poller, because it must also say that the loop hangs, and because writing a page of metrics
takes milliseconds that no request should wait for. It serves one connection at a time, reads a request within a bound
of time and bytes, answers and closes; whoever is slow is cut off, whoever comes meanwhile waits in the system's queue.
It speaks as much of HTTP/1.0 (RFC 1945) as a GET needs.
"""

import selectors
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Final, NamedTuple

from ..clock import Clock
from ..errors import BindError, ConfigError
from ..limits import SERVER_LIMITS
from ..logs import new_logger
from ..traffic.address import is_port

_REQUEST_BYTES_MAX: Final = SERVER_LIMITS["http_request_bytes_max"].value
_REQUEST_NS_MAX: Final = SERVER_LIMITS["http_request_ns_max"].value
_NS_PER_S: Final = 1_000_000_000
_HEADERS_END: Final = b"\r\n\r\n"
#: Connections that wait while one is served.
_QUEUE: Final = 16
#: Pause after a connection that could not be taken: without descriptors it stays there to be taken, and asking for it
#: again at once would keep a processor from the loop.
_PAUSE_S: Final = 0.1
_log = new_logger("http")


class Response(NamedTuple):
    """One page."""

    status: int
    text: str
    content_type: str = "text/plain; charset=utf-8"


class HttpPort:
    """The port and its thread.

    Attributes:
        address: where it listens, `HOST:PORT` with the real port.
    """

    def __init__(self, address: str, answer: Callable[[str], Response], clock: Clock) -> None:
        """Listen and serve from now on.

        Args:
            address: `HOST:PORT`; port 0 takes a free one.
            answer: makes the page of a path; called by the port's thread.
            clock: time.

        Raises:
            ConfigError: the address is none.
            BindError: it is in use or cannot be bound.
        """
        self._answer = answer
        self._clock = clock
        self._listener = _listen(address)
        host, port = self._listener.getsockname()[:2]
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._end_here, self._end_there = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening. Thread: any but the port's; waits for it, a request's time at most."""
        self._end_there.close()
        self._thread.join()
        self._end_here.close()
        self._listener.close()

    def _serve(self) -> None:
        """Serve one connection after the other until `close`. Thread: the port's."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._end_here, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._end_here in ready:
                    return
                self._serve_one()

    def _serve_one(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            self._pause()
            return
        # A peer that went away or was cut off is its own affair.
        with suppress(OSError), connection:
            self._reply(connection)

    def _pause(self) -> None:
        """Wait a little, or until `close`."""
        self._end_here.settimeout(_PAUSE_S)
        with suppress(TimeoutError):
            self._end_here.recv(1)

    def _reply(self, connection: socket.socket) -> None:
        response = self._respond(self._read(connection))
        content = response.text.encode()
        head = (
            f"HTTP/1.0 {response.status} {HTTPStatus(response.status).phrase}\r\n"
            f"Content-Type: {response.content_type}\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        )
        connection.settimeout(_REQUEST_NS_MAX / _NS_PER_S)
        connection.sendall(head.encode() + content)

    def _respond(self, request: bytes) -> Response:
        words = request.split(b"\r\n", 1)[0].split(b" ")
        if len(words) != 3 or _HEADERS_END not in request:  # noqa: PLR2004 - method, path and version
            return Response(HTTPStatus.BAD_REQUEST, "this is no HTTP request\n")
        if words[0] != b"GET":
            return Response(HTTPStatus.METHOD_NOT_ALLOWED, "pages are read with GET\n")
        try:
            return self._answer(words[1].split(b"?", 1)[0].decode("ascii", "replace"))
        except Exception:  # noqa: BLE001 - a page that fails must not end the port
            _log.exception("a page failed")
            return Response(HTTPStatus.INTERNAL_SERVER_ERROR, "the page failed; the log says why\n")

    def _read(self, connection: socket.socket) -> bytes:
        """Return what a peer sends until its headers end, or its bytes or its time are used up."""
        ends_ns = self._clock.monotonic_ns() + _REQUEST_NS_MAX
        request = b""
        while _HEADERS_END not in request and len(request) < _REQUEST_BYTES_MAX:
            left_ns = ends_ns - self._clock.monotonic_ns()
            if left_ns <= 0:
                raise TimeoutError("the request took too long")
            connection.settimeout(left_ns / _NS_PER_S)
            piece = connection.recv(_REQUEST_BYTES_MAX)
            if not piece:
                break
            request += piece
        return request


def _listen(address: str) -> socket.socket:
    host, colon, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not is_port(port):
        raise ConfigError(f"--http must be HOST:PORT, not '{address}'.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family, backlog=_QUEUE)
    except OSError as error:
        # Python names the address again behind the reason; the number tells less, because names have their own.
        reason = (error.strerror or str(error)).partition(" (while ")[0]
        raise BindError(f"Cannot listen on {address} for HTTP: {reason}; choose another with --http.") from error
