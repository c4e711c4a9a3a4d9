"""The link: a worker's door when a front carries its messages; the frames are those of `letters.py`.

A worker's envelope is the number the front gave the request, and the empty delimiter if the client's had one; the
client's own stays with the front.

Thread: the worker's loop.
"""

import json
import os
import select
from collections.abc import Callable, Iterator
from typing import Final

import zmq

from ..backlog import Frames
from ..connections import Connection, Connections
from ..door import Incoming
from ..limits import SERVER_LIMITS
from .letters import BYE, CLAIM, ELSEWHERE, GONE, HELLO, LOAN, STOP, Batch, pairs_of, parts_of_head

_MESSAGES_PER_TICK: Final = SERVER_LIMITS["messages_per_tick_max"].value
#: How long closing waits for the last replies to reach the front.
_LINGER_MS: Final = 1_000
#: Ticks without sleep between two looks whether the nursery lives; a sleep looks as well.
_TICKS_PER_LOOK: Final = 256
_EXIT_ORPHANED: Final = 1
_NOBLOCK: Final = int(zmq.NOBLOCK)


class SharedConnection(Connection):
    """A connection whose claims the front is told of."""

    __slots__ = ("tell",)

    def __init__(self, key: bytes, tell: Callable[[bytes, str, str], None]) -> None:
        super().__init__(key)
        self.tell = tell

    def claim(self, client_id: str, token: str) -> None:
        """Remember it, and tell the front before the reply goes there."""
        super().claim(client_id, token)
        self.tell(self.key, client_id, token)


class Link:
    """The socket to the front; see `Door`.

    Attributes:
        on_stop: called when the front wants the worker to end.
        on_letter: called with the kind and the other frames of a letter about lending.
    """

    def __init__(
        self,
        context: "zmq.Context[zmq.Socket[bytes]]",
        endpoint: str,
        name: bytes,
        *,
        has_anonymous: bool,
        beat: Callable[[], None],
        sleep_ms_max: int,
        lifeline: int,
    ) -> None:
        """Connect to the front.

        Args:
            context: of this process.
            endpoint: where the front waits for its workers.
            name: the name the front knows this worker by.
            has_anonymous: whether the anonymous session is in a shard of this worker.
            beat: called in each tick.
            sleep_ms_max: how long an idle worker may sleep, so that it is not taken for one that stands still.
            lifeline: a descriptor that can be read when the nursery is dead; nobody would replace this worker then.
        """
        self.address = endpoint
        self.connections = Connections(lambda key: SharedConnection(key, self._claim))
        self.on_gone: Callable[[bytes], None] = self.connections.forget
        self.on_dropped: Callable[[str], None] = lambda _limit: None
        self.on_stop: Callable[[], None] = lambda: None
        self.on_letter: Callable[[bytes, Frames], None] = lambda _kind, _rest: None
        self._has_anonymous = has_anonymous
        self._beat = beat
        self._sleep_ms_max = sleep_ms_max
        self._lifeline = lifeline
        self._ticks = 0
        #: Replies and events of this tick.
        self._batch = Batch()
        self._socket = context.socket(zmq.DEALER)
        options = ((zmq.LINGER, _LINGER_MS), (zmq.SNDHWM, 0), (zmq.RCVHWM, 0), (zmq.ROUTING_ID, name))
        for option, value in options:
            self._socket.setsockopt(option, value)
        self._socket.connect(endpoint)
        # As in the gateway: the methods beneath pyzmq's convenience layer, with flags as plain integers.
        self._receive_frame = super(zmq.Socket, self._socket).recv
        self._send_frame = super(zmq.Socket, self._socket).send
        self._poller = zmq.Poller()
        self._poller.register(self._socket, zmq.POLLIN)
        self._poller.register(lifeline, zmq.POLLIN)

    def hello(self, clients: list[str]) -> None:
        """Tell the front that this worker serves, and which clients it would look for elsewhere."""
        self._tell(HELLO, json.dumps(clients).encode())

    def bye(self) -> None:
        """Tell the front that nothing comes any more."""
        self._tell(BYE)

    def register(self, descriptor: int) -> None:
        """Let `wait` also end when this descriptor can be read."""
        self._poller.register(descriptor, zmq.POLLIN)

    def wait(self, timeout_ms: int) -> None:
        """Sleep until something arrives, a registered descriptor is readable, or the time is over."""
        for readable, _ in self._poller.poll(min(timeout_ms, self._sleep_ms_max)):
            if readable == self._lifeline:
                os._exit(_EXIT_ORPHANED)

    def receive(self) -> Iterator[Incoming]:
        """Yield the requests that are there, up to one tick's share; do what else the front wants."""
        self._beat()
        self._look_for_nursery()
        taken = 0
        while taken < _MESSAGES_PER_TICK:
            try:
                batch = self._receive_frame(_NOBLOCK)
            except zmq.Again:
                return
            if not batch:
                taken += 1
                self._obey(self._socket.recv_multipart(_NOBLOCK))
            for head, body in pairs_of(batch):
                taken += 1
                envelope, key = parts_of_head(head)
                yield Incoming(key, envelope, body, None)

    def _look_for_nursery(self) -> None:
        self._ticks += 1
        if self._ticks % _TICKS_PER_LOOK == 0 and select.select([self._lifeline], [], [], 0)[0]:
            os._exit(_EXIT_ORPHANED)

    def _obey(self, letter: Frames) -> None:
        kind, *rest = letter
        if kind == GONE:
            self.on_gone(rest[0])
        elif kind == CLAIM:
            key, client_id, token = rest
            # The front knows of it: the plain claim, without telling.
            Connection.claim(self.connections.remember(key), client_id.decode(), token.decode())
        elif kind == STOP:
            self.on_stop()
        else:
            self.on_letter(kind, rest)

    def write_of_loan(self, *frames: bytes) -> None:
        """Send a letter about a lent session; see `lending/letters.py`."""
        self._tell(LOAN, *frames)

    def _claim(self, key: bytes, client_id: str, token: str) -> None:
        self._tell(CLAIM, key, client_id.encode(), token.encode())

    def _tell(self, *letter: bytes) -> None:
        """Send the front a letter, after what was said before."""
        self._send_batch()
        self._socket.send_multipart([b"", *letter])

    def _send_batch(self) -> None:
        if self._batch:
            self._send_frame(self._batch.take(), _NOBLOCK)

    def send(self, envelope: Frames, body: bytes) -> None:
        """Give a reply or an event to the front, which bounds what may wait, with the others of this tick."""
        if self._batch.add(envelope[0], body):
            self._send_batch()

    def hand_on(self, envelope: Frames) -> bool:
        """Tell the front that a request means the anonymous session, unless that is here."""
        if not self._has_anonymous:
            self._tell(ELSEWHERE, envelope[0])
        return not self._has_anonymous

    def flush(self) -> None:
        """Send the replies and events that wait; none waits longer, because the front has the slow peers."""
        self._send_batch()
        self._beat()

    @property
    def dropped(self) -> int:
        """None; the front has the slow peers."""
        return 0

    def close(self) -> None:
        """Leave the front; what was sent still goes out."""
        self._send_batch()
        self._socket.close()
