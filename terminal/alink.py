"""One connection of the asyncio client: many requests in flight, replies matched by id, events passed on.

Thread: the event loop's.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import zmq.asyncio
from zmq.utils.monitor import parse_monitor_message

from protocol import Event, Reply

from .errors import BadReplyError
from .link import read_message
from .sockets import FAILED, WENT_DOWN, LinkError, close_dealer, open_dealer


class AsyncLink:
    """A socket, from its connecting to its failure.

    Args:
        context: Where the socket is made.
        url: Address of the server.
        on_event: Called with each event.
        on_lost: Called once when the connection is lost, never after `close`.
        on_failed: Called with each attempt to connect that failed.
    """

    def __init__(
        self,
        context: zmq.asyncio.Context,
        url: str,
        on_event: Callable[[Event], None],
        on_lost: Callable[["AsyncLink"], None],
        on_failed: Callable[[], None],
    ) -> None:
        self._socket, self._monitor = open_dealer(context, url)
        self._on_event = on_event
        self._on_lost = on_lost
        self._on_failed = on_failed
        self._waiting: dict[int, asyncio.Future[Reply | Exception]] = {}
        self._up: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch())]

    async def ask(self, request_id: int, body: bytes, connect_s: float, wait_s: float | None) -> Reply:
        """Send a request and return its reply; the arguments are those of `Link.ask`.

        Raises:
            LinkError: The server was not reached, was silent, or the connection was lost; the link is of no use then.
            BadReplyError: The peer speaks something else.
        """
        answer: asyncio.Future[Reply | Exception] = asyncio.get_running_loop().create_future()
        self._waiting[request_id] = answer
        try:
            await self._socket.send(body)
            either: set[asyncio.Future[Any]] = {answer, self._up}
            await asyncio.wait(either, timeout=connect_s, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done() and not self._up.done():
                raise LinkError("it could not be reached")
            await asyncio.wait({answer}, timeout=wait_s)
        finally:
            self._waiting.pop(request_id, None)
        if not answer.done():
            raise LinkError(f"it was silent for {wait_s:g} s")
        reply = answer.result()
        if isinstance(reply, Exception):
            raise reply
        return reply

    async def _read(self) -> None:
        """Hand out what the server sends."""
        while True:
            frames = await self._socket.recv_multipart()
            try:
                message = read_message(frames)
            except BadReplyError as error:
                self._end(BadReplyError, error.message)
                self._on_lost(self)
                return
            if isinstance(message, Event):
                self._on_event(message)
            else:
                answer = self._waiting.get(message.reply_id)
                if answer is not None and not answer.done():
                    answer.set_result(message)

    async def _watch(self) -> None:
        """Notice when the connection comes up and when it is lost."""
        while True:
            event = parse_monitor_message(await self._monitor.recv_multipart())["event"]
            if event == WENT_DOWN:
                self._end(LinkError, "the connection was lost")
                self._on_lost(self)
                return
            if event == FAILED:
                self._on_failed()
            elif not self._up.done():
                self._up.set_result(None)

    def _end(self, error: Callable[[str], Exception], message: str) -> None:
        """Let everything that waits fail, each with an exception of its own."""
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_result(error(message))

    def close(self, linger_s: float = 0.0) -> None:
        """Close the socket; what waits for an answer is told so."""
        for task in self._tasks:
            task.cancel()
        self._end(LinkError, "the connection was closed")
        close_dealer(self._socket, self._monitor, linger_s)
