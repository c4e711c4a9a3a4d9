"""A gateway that leaves nothing on its way: a tick sees every message that was sent before it."""

import zmq

from actors.traffic.connections import Connections
from actors.traffic.gateway import MESSAGES_PER_TICK, Gateway

#: How long a message that was sent may take to arrive; one that takes longer was refused by ZeroMQ itself. It is waited
#: for in parts: where the whole process stood still, one of them is over before ZeroMQ's thread ran again, not all.
ARRIVAL_MS = 1_000
ARRIVAL_PARTS = 10
#: How long a client waits for a reply that may be its own; the wait is in vain when the reply is another's.
REPLY_MS = 20


class PunctualGateway(Gateway):
    """Waits in `receive` for what clients of the same thread have sent, which ZeroMQ's own thread carries over.

    Attributes:
        sent: messages sent to it since it listens; whoever sends counts them here.
        has_replied: whether it sent anything since a client looked, which may still be on its way.
        is_awaited: whether a client waits for a reply, which may come while the server sleeps. To nobody else anything
            comes then: the clock stands still, and only the test lets something happen.
        sleep: what ends a sleep: the clients' sockets, too, because they are used by the same thread.
    """

    def __init__(self, context, settings):
        self.sleep = zmq.Poller()
        super().__init__(context, Connections(), settings)
        self.sent = 0
        self.has_replied = self.is_awaited = False

    def register(self, descriptor):
        super().register(descriptor)
        self.sleep.register(descriptor, zmq.POLLIN)

    def ready(self, timeout_ms):
        if self.is_awaited and not self.has_come():
            self.sleep.poll(timeout_ms)
        return super().ready(0)

    def reply_ms(self):
        """Return how long to wait for a reply before the next tick."""
        was_sent, self.has_replied = self.has_replied, False
        return REPLY_MS if was_sent else 0

    def send(self, envelope, body):
        super().send(envelope, body)
        self.has_replied = True

    def receive(self):
        taken = 0
        while self.sent and taken < MESSAGES_PER_TICK:
            if not self._has_arrived():
                self.sent = 0
                break
            for incoming in super().receive():
                self.sent, taken = self.sent - 1, taken + 1
                yield incoming
        yield from super().receive()

    def _has_arrived(self):
        return any(self._socket.poll(ARRIVAL_MS // ARRIVAL_PARTS) for _ in range(ARRIVAL_PARTS))


def listen(settings, context):
    gateway = PunctualGateway(context, settings)
    gateway.bind(settings.bind)
    return gateway
