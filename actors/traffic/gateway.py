"""The gateway: the server's one socket, a ROUTER that never blocks.

Frames come in as `(envelope, body)` and go out the same way; the whole envelope up to the empty delimiter is echoed,
so that REQ clients, REQ with CORRELATE and proxies are served alike. Facts of ZeroMQ behind the options:

* `MAXMSGSIZE` is per frame and off by default; the number of frames of a message is bounded by nobody but us.
* Without `ROUTER_MANDATORY` a reply for a peer that is gone or full is dropped silently; with it we are told.
* `ROUTER_HANDOVER` stays off: it would let a peer take over another's routing id and replies.
* Only a peer that speaks ZMTP 3 has a descriptor to be known by. One of an older version that chose its routing id,
  or garbage that reads as such a greeting, could be taken for another, so it is refused whatever it asks.

Thread: the loop.
"""

import ctypes
import errno
import os
import select
from collections.abc import Callable, Iterator
from struct import Struct
from typing import Final

import zmq

from protocol import LIMITS, RequestError, split_envelope

from ..errors import BindError
from ..limits import SERVER_LIMITS
from ..settings import Settings
from .backlog import Backlog, Frames
from .connections import Connections, is_made_up, key_of_nameless
from .door import Incoming
from .peers import LIMIT, Peers
from .unwritten import LARGE_BYTES, Unwritten

MESSAGES_PER_TICK: Final = SERVER_LIMITS["messages_per_tick_max"].value
PEER_QUEUE_MAX: Final = SERVER_LIMITS["peer_queue_max"].value
UNTAKEN_MAX: Final = SERVER_LIMITS["untaken_max"].value
#: How long closing waits for replies to reach their peers, as the documented client does.
LINGER_MS: Final = 1_000
#: A peer that is gone without a word (a laptop that sleeps, a network that is lost) is asked after a minute of silence,
#: and its connection is closed after another.
_KEEPALIVE: Final = (
    (zmq.TCP_KEEPALIVE, 1),
    (zmq.TCP_KEEPALIVE_IDLE, 60),
    (zmq.TCP_KEEPALIVE_INTVL, 15),
    (zmq.TCP_KEEPALIVE_CNT, 4),
)
#: Pause before a full peer is tried again; ZeroMQ cannot tell when one peer of a ROUTER can be written to.
RETRY_MS: Final = 5
#: Flags as plain integers, which cost less to pass than the enumeration's members.
_NOBLOCK: Final = int(zmq.NOBLOCK)
_NOBLOCK_AND_MORE: Final = int(zmq.NOBLOCK | zmq.SNDMORE)
_EVENTS: Final = int(zmq.EVENTS)
_POLLIN: Final = int(zmq.POLLIN)
#: ZMQ_ZERO_COPY_RECV, which pyzmq has no name for. Source: zmq_ctx_set(3).
_ZERO_COPY_RECV: Final = 10
#: Bytes of what the C library's `srand` takes.
_SEED_BYTES: Final = 4
#: First frame of a monitor's message: the event and its value, here a descriptor. Read by hand, because the module that
#: reads it in pyzmq loads asyncio, which takes longer than all else of pyzmq. Source: zmq_socket_monitor(3).
_MONITOR_EVENT: Final = Struct("=Hi")
#: Why an address cannot be listened at, by the system's error; others are told in the system's words.
_BIND_ERRORS: Final = {
    zmq.EADDRINUSE: "it is in use by another program, perhaps by a server that runs already",
    errno.EADDRNOTAVAIL: "this machine has no such address",
}
#: What a peer is told that chose a routing id in a version of ZMTP whose connections cannot be told apart.
_NAMELESS: Final = (
    "peers that choose a routing id must speak ZMTP 3 (ZeroMQ 4 or later); choose none, or a newer version"
)
#: How an address of IPv6 begins; the socket must be told, and is not for others, whose wildcards would then mean both.
_IPV6_PREFIX: Final = "tcp://["
#: Frames kept of one message behind a full envelope: body, and one more than a good one has, so that excess is noticed.
_FRAMES_BEHIND: Final = 3
#: Bytes kept of one frame: one more than a good one has; the rest of a larger one is let go unread.
_BYTES_KEPT: Final = LIMITS["message_bytes_max"].value + 1


def new_context() -> "zmq.Context[zmq.Socket[bytes]]":
    """Make the context of a server's sockets, which copies what it receives.

    Otherwise each message keeps the 8 KB it was received with, so that requests that wait take 40 times their size.

    ZeroMQ counts the routing ids it makes up from `rand`, which begins with the same number in every process: a peer
    that chose the next one itself would end the process, because ZeroMQ insists on there being none (seen in 4.3.5).
    So chance begins elsewhere.
    """
    ctypes.CDLL(None).srand(int.from_bytes(os.urandom(_SEED_BYTES), "big"))
    context = zmq.Context()
    context.set(_ZERO_COPY_RECV, 0)
    return context


class Gateway:
    """The socket and the peers' connections."""

    def __init__(self, context: "zmq.Context[zmq.Socket[bytes]]", connections: Connections, settings: Settings) -> None:
        """Make the socket.

        Args:
            context: of this process.
            connections: what is remembered of the peers.
            settings: whose bounds hold.
        """
        self.address = ""
        self.connections = connections
        self.on_gone: Callable[[bytes], None] = connections.forget
        self.on_dropped: Callable[[str], None] = lambda _limit: None
        self._backlog = Backlog(settings.unread_mb)
        self._unwritten = Unwritten()
        self._outgoing: list[Frames] = []
        self._peers = Peers(settings.connections_max)
        self._known = self._peers.known
        self._frames_max = settings.envelope_frames_max
        self._frames_kept = settings.envelope_frames_max + _FRAMES_BEHIND
        self._socket = context.socket(zmq.ROUTER)
        for option, value in (
            (zmq.LINGER, LINGER_MS),
            (zmq.SNDHWM, PEER_QUEUE_MAX),
            (zmq.RCVHWM, UNTAKEN_MAX),
            (zmq.MAXMSGSIZE, LIMITS["transport_bytes_max"].value),
            (zmq.ROUTER_MANDATORY, 1),
            *_KEEPALIVE,
        ):
            self._socket.setsockopt(option, value)
        # The methods beneath pyzmq's convenience layer, which costs as much a frame as the frame itself.
        self._receive_frame = super(zmq.Socket, self._socket).recv
        self._send_frame = super(zmq.Socket, self._socket).send
        self._events = super(zmq.Socket, self._socket).get
        self._monitor = self._socket.get_monitor_socket(zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._monitor_events = super(zmq.Socket, self._monitor).get
        #: Descriptors of ZeroMQ's, which can be read when there may be something.
        self._signals = {self._socket.fileno(), self._monitor.fileno()}
        self._poller = select.poll()
        for descriptor in self._signals:
            self.register(descriptor)

    def bind(self, address: str) -> None:
        """Listen; `address` becomes the one with the real port.

        Raises:
            BindError: the address is in use or cannot be bound.
        """
        if address.startswith(_IPV6_PREFIX):
            self._socket.setsockopt(zmq.IPV6, 1)
        try:
            self._socket.bind(address)
        except zmq.ZMQError as error:
            reason = _BIND_ERRORS.get(error.errno or 0, f"{error.strerror}")
            raise BindError(f"Cannot listen on {address}: {reason}; choose another with --bind.") from error
        self.address = self._socket.getsockopt_string(zmq.LAST_ENDPOINT)

    def register(self, descriptor: int) -> None:
        """Let `wait` also end when this descriptor can be read."""
        self._poller.register(descriptor, select.POLLIN)

    def wait(self, timeout_ms: int) -> None:
        """Sleep until something arrives, a registered descriptor is readable, or the time is over."""
        self.ready(timeout_ms)

    def ready(self, timeout_ms: int) -> set[object]:
        """Do the same, and return what can be read: of what is registered, and `self` for what clients sent or did.

        The system is asked, not `zmq_poll`, which asks it twice and each socket of ZeroMQ three times. So `self` may
        be returned for nothing, and messages that were told of before must be looked for before any sleep.
        """
        has_come = self.has_come()
        if has_come:
            timeout_ms = 0
        elif self._backlog:
            timeout_ms = min(timeout_ms, RETRY_MS)
        readable: set[object] = {descriptor for descriptor, _ in self._poller.poll(timeout_ms)}
        if has_come or not self._signals.isdisjoint(readable):
            readable.add(self)
        return readable

    def has_come(self) -> bool:
        """Tell whether there is a message."""
        return bool(int(self._events(_EVENTS)) & _POLLIN)

    def receive(self) -> Iterator[Incoming]:
        """Yield the messages that are there, up to one tick's share."""
        self._follow_connections()
        for _ in range(MESSAGES_PER_TICK):
            if not self.has_come():
                return
            yield self._receive_rest(self._receive_frame(_NOBLOCK))

    def _receive_rest(self, routing_id: bytes) -> Incoming:
        receive = self._receive_frame
        frame = receive(_NOBLOCK, copy=False)
        self._peers.taken += 1
        is_known = routing_id in self._known and is_made_up(routing_id)
        key = routing_id if is_known else self._key_of(routing_id, frame)
        frames = [routing_id, _content(frame)]
        while frame.more:
            frame = receive(_NOBLOCK, copy=False)
            if len(frames) < self._frames_kept:
                frames.append(_content(frame))
        try:
            envelope, body = split_envelope(frames, self._frames_max)
        except RequestError as refusal:
            return Incoming(key or b"", refusal.envelope or frames[:1], b"", refusal)
        if key is None:
            return Incoming(b"", envelope, b"", RequestError("InvalidRequest", _NAMELESS))
        return Incoming(key, envelope, body, None)

    def _key_of(self, routing_id: bytes, frame: zmq.Frame) -> bytes | None:
        """Return the connection key of a peer that chose its routing id or is new; None if it cannot have one."""
        try:
            descriptor = frame.get(zmq.SRCFD)
        except zmq.ZMQError:
            return key_of_nameless(routing_id) if is_made_up(routing_id) else None
        assert isinstance(descriptor, int)
        key = self._peers.key_of(routing_id, descriptor)
        if key not in self._known:
            # The monitor told of a connection before that could send anything. It is asked only now: that costs 6 us.
            self._follow_connections()
            key = self._peers.key_of(routing_id, descriptor)
            self._peers.meet(key, descriptor)
        return key

    def is_open(self, key: bytes) -> bool:
        """Tell whether a connection may be there still."""
        return self._peers.is_open(key)

    def send(self, envelope: Frames, body: bytes) -> None:
        """Let one message go with the next `flush`; one that is large, or one of many, goes now."""
        self._outgoing.append([*envelope, body])
        if len(body) >= LARGE_BYTES or len(self._outgoing) >= MESSAGES_PER_TICK:
            self._send_all()

    def _send_all(self) -> None:
        """Send all in a row: ZeroMQ's thread, once woken, takes them without being woken for each."""
        outgoing, self._outgoing = self._outgoing, []
        for frames in outgoing:
            self._send(frames)

    def _send(self, frames: Frames) -> None:
        """Send one message, now or when its peer has read what was sent before."""
        if (self._backlog and self._backlog.holds(frames[0])) or not self._send_now(frames):
            limit = self._backlog.add(frames)
            if limit is not None:
                self.on_dropped(limit)

    def _send_now(self, frames: Frames) -> bool:
        """Give a message to ZeroMQ; False if the peer's queue is full, by number or by bytes."""
        if self._unwritten and self._unwritten.is_full(frames[0]):
            return False
        body = frames[-1]
        try:
            # A full or vanished peer is told with the first frame; after that one the others cannot fail.
            for frame in frames[:-1]:
                self._send_frame(frame, _NOBLOCK_AND_MORE)
            if len(body) < LARGE_BYTES:
                self._send_frame(body, _NOBLOCK)
            else:
                self._unwritten.add(frames[0], self._send_frame(body, _NOBLOCK, copy=False, track=True), len(body))
        except zmq.Again:
            return False
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._backlog.forget(frames[0])
            self._peers.unreachable(frames[0])
        return True

    def hand_on(self, _envelope: Frames) -> bool:
        """Answer False: there is no other process."""
        return False

    def flush(self) -> None:
        """Send what waits: what slow peers left over, and what was said since the last time."""
        if self._unwritten:
            self._unwritten.forget_written()
        if self._backlog:
            self._backlog.retry(self._send_now)
        if self._outgoing:
            self._send_all()
        if self._peers.has_leaving:
            is_all_read = not int(self._events(_EVENTS)) & _POLLIN
            for key in self._peers.gone(is_all_read=is_all_read):
                self.on_gone(key)

    @property
    def dropped(self) -> int:
        """Replies dropped because their peer did not read."""
        return self._backlog.dropped

    def _follow_connections(self) -> None:
        while int(self._monitor_events(_EVENTS)) & _POLLIN:
            event, descriptor = _MONITOR_EVENT.unpack(self._monitor.recv_multipart(_NOBLOCK)[0])
            if event == zmq.EVENT_ACCEPTED:
                if not self._peers.accepted(descriptor):
                    self.on_dropped(LIMIT)
                continue
            self._peers.closed(descriptor)

    def close(self) -> None:
        """Stop listening; what was sent still goes out."""
        self.flush()
        self._socket.disable_monitor()
        self._monitor.close()
        self._socket.close()


def _content(frame: zmq.Frame) -> bytes:
    """Return a frame's bytes, of one that is refused anyway only as many as it takes to see that."""
    return frame.bytes if len(frame) <= _BYTES_KEPT else bytes(frame.buffer[:_BYTES_KEPT])
