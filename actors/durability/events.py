"""Events for subscribers: transcript, evaluation and session, numbered in order.

A session's numbers only ever rise, across restarts too: its counter starts at the microsecond in which somebody first
subscribed, and no session makes a million events a second. They are gapless while the server runs, but for events of
a failed commit, which nobody hears and whose numbers are not used again. What a session told lately is kept, so that a
client that reconnects misses nothing (`from_seq`). Sessions nobody subscribed to cost nothing.

Thread: the loop.
"""

from typing import Any, Final, NamedTuple

from protocol import Event, ReplyForm

from ..clock import Clock, Timestamps
from ..limits import SERVER_LIMITS
from .gate import OutputGate
from .kept_events import KeptEvents

SUBSCRIBERS_MAX: Final = SERVER_LIMITS["subscribers_max"].value
_NS_PER_US: Final = 1_000


class Subscription(NamedTuple):
    """One connection's wish: where its events go, in which codec, and which it wants."""

    envelope: list[bytes]
    form: ReplyForm
    names: frozenset[str]


class Channel:
    """The events of one session."""

    __slots__ = ("kept", "last_seq", "subscriptions")

    def __init__(self, last_seq: int) -> None:
        self.last_seq = last_seq
        self.kept = KeptEvents()
        self.subscriptions: dict[bytes, Subscription] = {}


class Events:
    """All channels, by the sessions' public ids."""

    def __init__(self, gate: OutputGate, clock: Clock) -> None:
        self._gate = gate
        self._clock = clock
        self._timestamps = Timestamps(clock)
        self._channels: dict[str, Channel] = {}
        self._tokens_by_connection: dict[bytes, set[str]] = {}

    def subscribe(self, token: str, connection: bytes, subscription: Subscription) -> Channel | None:
        """Send a session's events to a connection from now on; no names end that.

        Returns:
            The session's channel; None if it has too many subscribers.
        """
        channel = self._channels.get(token)
        if channel is None:
            channel = self._channels[token] = Channel(self._clock.now_ns() // _NS_PER_US)
        if not subscription.names:
            channel.subscriptions.pop(connection, None)
        elif connection in channel.subscriptions or len(channel.subscriptions) < SUBSCRIBERS_MAX:
            channel.subscriptions[connection] = subscription
            self._tokens_by_connection.setdefault(connection, set()).add(token)
        else:
            return None
        return channel

    def replay(self, channel: Channel, subscription: Subscription, from_seq: int) -> None:
        """Send a subscriber what is still kept from a number on."""
        for event in channel.kept:
            if event.seq >= from_seq and event.name in subscription.names:
                self._gate.announce(subscription.envelope, subscription.form, event)

    def publish(self, token: str, name: str, data: dict[str, Any]) -> None:
        """Tell a session's subscribers, once what happened in this tick is durable."""
        channel = self._channels.get(token)
        if channel is None:
            return
        channel.last_seq += 1
        event = Event(name, token, channel.last_seq, data, self._timestamps.now())
        self._gate.keep(channel.kept, event)
        for subscription in channel.subscriptions.values():
            if name in subscription.names:
                self._gate.announce(subscription.envelope, subscription.form, event)

    def has_channel(self, token: str) -> bool:
        """Whether anybody ever subscribed to a session since the start."""
        return token in self._channels

    def forget_connection(self, connection: bytes) -> None:
        """The connection is gone: end its subscriptions."""
        for token in self._tokens_by_connection.pop(connection, ()):
            if token in self._channels:
                self._channels[token].subscriptions.pop(connection, None)

    def forget_session(self, token: str) -> None:
        """The session is closed: nobody can subscribe to it any more."""
        self._channels.pop(token, None)
