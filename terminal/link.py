"""One connection of the synchronous client: a request goes out, the reply with its id is waited for, like REQ.

Unlike REQ it is not stuck after a silent server, and it notices at once when the connection is lost.
"""

from math import ceil
from time import monotonic

import zmq
from zmq.utils.monitor import recv_monitor_message

from protocol import Event, ProtocolError, Reply, decode_reply

from .errors import BadReplyError
from .sockets import CAME_UP, WENT_DOWN, LinkError, close_dealer, open_dealer


class Link:
    """A socket, from its connecting to its failure.

    Thread: the one that made it.
    """

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", url: str) -> None:
        self._socket, self._monitor = open_dealer(context, url)
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(self._monitor, zmq.POLLIN)
        self._is_up = False
        self._is_lost = False

    def ask(self, request_id: int, body: bytes, connect_s: float, wait_s: float | None) -> Reply:
        """Send a request and return its reply.

        Args:
            request_id: Id of the reply; replies with others are left overs of requests given up.
            body: The request.
            connect_s: Seconds to reach the server.
            wait_s: Seconds to wait for the reply of a server that was reached; None without end.

        Raises:
            LinkError: The server was not reached, was silent, or the connection was lost; the link is of no use then.
            BadReplyError: The peer speaks something else.
        """
        began_s = monotonic()
        self._socket.send(body)
        while True:
            reply = self._receive(request_id)
            if reply is not None:
                return reply
            if self.is_lost():
                raise LinkError("the connection was lost")
            self._wait(began_s, connect_s, wait_s)

    def _wait(self, began_s: float, connect_s: float, wait_s: float | None) -> None:
        """Wait until something arrives."""
        limit_s = wait_s if self._is_up else connect_s
        left_s = None if limit_s is None else began_s + limit_s - monotonic()
        if left_s is not None and left_s <= 0:
            raise LinkError(f"it was silent for {limit_s:g} s" if self._is_up else "it could not be reached")
        self._poller.poll(None if left_s is None else ceil(left_s * 1000))

    def _receive(self, request_id: int) -> Reply | None:
        """Return the reply if it is there."""
        while self._socket.poll(0):
            message = read_message(self._socket.recv_multipart())
            if isinstance(message, Reply) and message.reply_id == request_id:
                return message
        return None

    def is_lost(self) -> bool:
        """Tell whether the connection was lost since it came up."""
        while self._monitor.poll(0):
            event = recv_monitor_message(self._monitor)["event"]
            self._is_up = self._is_up or event == CAME_UP
            self._is_lost = self._is_lost or event == WENT_DOWN
        return self._is_lost

    def close(self, linger_s: float = 0.0) -> None:
        """Close the socket; what is still to be sent has some seconds."""
        close_dealer(self._socket, self._monitor, linger_s)


def read_message(frames: list[bytes]) -> Reply | Event:
    """Return what a server sent: a body, with no empty frame before it because the requests had none.

    Raises:
        BadReplyError: It is not of this protocol.
    """
    try:
        return decode_reply(frames[-1])
    except ProtocolError as error:
        raise BadReplyError(f"the server sent what is no reply: {error.message}") from error
