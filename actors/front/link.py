"""The link: a worker's door when a front carries its messages; what they write is in `letters.py`.

A worker's envelope is the number the front gave the request, and the empty delimiter if the client's had one; the
client's own stays with the front.

Thread: the worker's loop.
"""

import json
import os
import select
import socket
from collections.abc import Callable, Iterator
from typing import Any, Final

from ..limits import SERVER_LIMITS
from ..traffic.backlog import Frames
from ..traffic.connections import Connection, Connections
from ..traffic.door import Incoming
from .letters import BYE, CLAIM, ELSEWHERE, FIGURES, GONE, HELLO, LOAN, STOP, frames_of, letter, parts_of_head
from .stream import Pair, Stream
from .turns import Turns

_MESSAGES_PER_TICK: Final = SERVER_LIMITS["messages_per_tick_max"].value
#: Ticks without sleep between two looks whether the nursery lives; a sleep looks as well.
_TICKS_PER_LOOK: Final = 256
_EXIT_ORPHANED: Final = 1


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
        path: str,
        name: bytes,
        *,
        has_anonymous: bool,
        beat: Callable[[], None],
        sleep_ms_max: int,
        lifeline: int,
    ) -> None:
        """Connect to the front.

        Args:
            path: where the front waits for its workers.
            name: the name the front knows this worker by.
            has_anonymous: whether the anonymous session is in a shard of this worker.
            beat: called in each tick.
            sleep_ms_max: how long an idle worker may sleep, so that it is not taken for one that stands still.
            lifeline: a descriptor that can be read when the nursery is dead; nobody would replace this worker then.
        """
        self.address = path
        self.connections = Connections(lambda key: SharedConnection(key, self._claim))
        self.on_gone: Callable[[bytes], None] = self.connections.forget
        self.on_dropped: Callable[[str], None] = lambda _limit: None
        self.on_stop: Callable[[], None] = lambda: None
        self.on_letter: Callable[[bytes, tuple[bytes, ...]], None] = lambda _kind, _rest: None
        self._has_anonymous = has_anonymous
        self._beat = beat
        self._sleep_ms_max = sleep_ms_max
        self._lifeline = lifeline
        self._ticks = 0
        self._name = name
        end = socket.socket(socket.AF_UNIX)
        end.connect(path)
        self._stream = Stream(end)
        self._poller = select.poll()
        self.register(self._stream.fileno())
        self.register(lifeline)
        #: Requests that were not taken yet, and letters about connections, which must not overtake these.
        self._turns: Turns[Incoming | tuple[bytes, ...]] = Turns()
        self._is_to_stop = False

    def hello(self, clients: list[str]) -> None:
        """Tell the front that this worker serves, and which clients it would look for elsewhere."""
        self._tell(HELLO, self._name, json.dumps(clients).encode())
        self.flush()

    def bye(self) -> None:
        """Tell the front that nothing comes any more."""
        self._tell(BYE)
        self.flush()

    def register(self, descriptor: int) -> None:
        """Let `wait` also end when this descriptor can be read."""
        self._poller.register(descriptor, select.POLLIN)

    def wait(self, timeout_ms: int) -> None:
        """Sleep until something arrives, a registered descriptor is readable, or the time is over."""
        for readable, _ in self._poller.poll(0 if self._has_kept else min(timeout_ms, self._sleep_ms_max)):
            if readable == self._lifeline:
                os._exit(_EXIT_ORPHANED)

    def has_come(self) -> bool:
        """Tell whether there is a message, or something else to receive."""
        return self._has_kept or bool(self._poller.poll(0))

    @property
    def _has_kept(self) -> bool:
        """Whether something was read that waits for its turn."""
        return bool(self._turns) or self._is_to_stop

    def receive(self) -> Iterator[Incoming]:
        """Yield the requests that are there, up to one tick's share; do what else the front wants.

        Who takes fewer gets the rest the next time.
        """
        self._beat()
        self._look_for_nursery()
        self._hear()
        for _ in range(_MESSAGES_PER_TICK):
            if not self._turns:
                break
            taken = self._turns.take()
            if isinstance(taken, Incoming):
                yield taken
            else:
                self._obey(*taken)
        if self._is_to_stop and not self._turns:
            self._is_to_stop = False
            self.on_stop()

    def _hear(self) -> None:
        """Let all that is there wait for its turn; letters about no connection do not wait."""
        while pairs := self._received():
            for head, body in pairs:
                if head:
                    envelope, key = parts_of_head(head)
                    self._turns.add(key, Incoming(key, envelope, body, None))
                else:
                    self._sort(*frames_of(body))

    def _received(self) -> list[Pair]:
        """Return what is there, some of it if it is much."""
        pairs = self._stream.receive()
        if pairs is None:
            os._exit(_EXIT_ORPHANED)
        return pairs

    def _sort(self, kind: bytes, *rest: bytes) -> None:
        """Let a letter about a connection wait behind its requests, the end behind all, and do what another says."""
        if kind == STOP:
            self._is_to_stop = True
        elif kind in (GONE, CLAIM):
            self._turns.add(rest[0], (kind, *rest))
        else:
            self.on_letter(kind, rest)

    def _look_for_nursery(self) -> None:
        self._ticks += 1
        if self._ticks % _TICKS_PER_LOOK == 0 and select.select([self._lifeline], [], [], 0)[0]:
            os._exit(_EXIT_ORPHANED)

    def _obey(self, kind: bytes, *rest: bytes) -> None:
        """Do what a letter about a connection says."""
        if kind == GONE:
            self.on_gone(rest[0])
        elif kind == CLAIM:
            key, client_id, token = rest
            # The front knows of it: the plain claim, without telling.
            Connection.claim(self.connections.remember(key), client_id.decode(), token.decode())

    def write_of_loan(self, *frames: bytes) -> None:
        """Send a letter about a lent session; see `lending/letters.py`."""
        self._tell(LOAN, *frames)

    def tell_figures(self, figures: dict[str, Any]) -> None:
        """Tell the front how the quarantine worker is."""
        self._tell(FIGURES, json.dumps(figures).encode())

    def _claim(self, key: bytes, client_id: str, token: str) -> None:
        self._tell(CLAIM, key, client_id.encode(), token.encode())

    def _tell(self, *frames: bytes) -> None:
        """Let the front have a letter with the next flush, after what was said before."""
        self.send([b""], letter(*frames))

    def send(self, envelope: Frames, body: bytes) -> None:
        """Give a reply or an event to the front, which bounds what may wait, with the others of this tick."""
        if self._stream.add(envelope[0], body):
            self._send_all()

    def _send_all(self) -> None:
        """Send what waits, when the front has room for it: it always reads, and waits for no worker."""
        try:
            self._stream.send_all()
        except OSError:
            os._exit(_EXIT_ORPHANED)

    def is_open(self, _key: bytes) -> bool:
        """Answer True: the front tells who is gone, after all that he asked was answered that is kept for him."""
        return True

    def hand_on(self, envelope: Frames) -> bool:
        """Tell the front that a request means the anonymous session, unless that is here."""
        if not self._has_anonymous:
            self._tell(ELSEWHERE, envelope[0])
        return not self._has_anonymous

    def flush(self) -> None:
        """Send the replies and events that wait; none waits longer, because the front has the slow peers."""
        self._send_all()
        self._beat()

    @property
    def dropped(self) -> int:
        """None; the front has the slow peers."""
        return 0

    def close(self) -> None:
        """Leave the front, which reads what was sent all the same."""
        self._send_all()
        self._stream.close()
