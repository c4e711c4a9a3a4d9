"""A whole server in the test's own thread: real sockets, a still clock, a tiny language, a store in memory."""

import threading
from functools import partial

import pytest
import ujson
import zmq
from pykka import ActorRegistry
from zmq.utils.garbage import GarbageCollectorThread

from actors.resources.process import settle_memory
from actors.running.language import KERNEL_KEY, SmalltalkEngine
from actors.running.preempt import ThreadTimer
from actors.settings import Settings
from actors.system import System
from protocol import describe
from smalltalk import LEAVING
from storage import DiskFailed, MemoryStore, StoreError, StoreRefuses
from tests.actors.fakes.clock import FakeClock
from tests.actors.fakes.engine import FakeEngine
from tests.actors.fakes.gateway import listen
from tests.compiled_kernel import compiled_kernel

#: Ticks after which a reply that did not come is missing; each waits up to a second for something to do, so that a
#: server that does nothing meets the time limit of its test first.
TICKS_MAX = 1_000
#: What the protocol says about each operation.
DESCRIBED = describe()["operations"]


@pytest.fixture(scope="session", autouse=True)
def settled():
    """What was made before is looked at by no server's collector, as in a process that serves."""
    settle_memory()


@pytest.fixture(autouse=True)
def nothing_leaves():
    """What tests before this one left in memory does not concern its servers."""
    while LEAVING.page_count:
        LEAVING.step()


class KeptStore:
    """A store that outlives its servers and can be told to fail its next commits."""

    def __init__(self):
        self.inner = MemoryStore()
        self.failures = []
        self.is_lost = False

    def open(self):
        if self.is_lost:
            raise DiskFailed("the disk is gone")
        return self

    def commit(self, changes):
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.inner.commit(changes)

    def close(self):
        """Stay open for the next server."""

    def __getattr__(self, name):
        if self.is_lost:
            raise StoreRefuses("the store is closed")
        return getattr(self.inner, name)


class Client:
    """One connection that speaks dialect B."""

    def __init__(self, server, kind=zmq.DEALER, identity=None):
        self._server = server
        self._gateway = server.system.worker._gateway
        self.socket = server.context.socket(kind)
        self.socket.linger = 0
        if identity is not None:
            self.socket.setsockopt(zmq.ROUTING_ID, identity)
        self.socket.connect(server.system.address)
        self._gateway.sleep.register(self.socket, zmq.POLLIN)
        self.events = []
        self._count = 0
        self._sent = {}

    def send(self, command, **parameters):
        self._count += 1
        self._sent[self._count] = command
        body = ujson.dumps({"id": self._count, "command": command, "parameters": parameters}).encode()
        self.send_raw([body])
        return self._count

    def send_raw(self, frames):
        self.socket.send_multipart(frames)
        self._gateway.sent += 1

    def receive(self):
        """The next reply; events on the way are kept aside."""
        while True:
            message = ujson.loads(self.receive_raw())
            if "event" in message:
                self.events.append(message)
                continue
            asked = self._sent.get(message.get("id"))
            if asked in DESCRIBED and message["status"] == "error":
                assert message["error_type"] in DESCRIBED[asked]["errors"], "an error that is not documented"
            return message

    def receive_raw(self):
        self._gateway.is_awaited = True
        for _ in range(TICKS_MAX):
            if self.socket.poll(self._gateway.reply_ms()):
                self._gateway.is_awaited = False
                return self.socket.recv_multipart()[-1]
            self._server.tick()
        raise AssertionError("no reply")

    def ask(self, command, **parameters):
        """Send a request and wait for its reply, which must be the next one."""
        sent = self.send(command, **parameters)
        reply = self.receive()
        assert reply["id"] == sent
        return reply

    def result(self, command, **parameters):
        reply = self.ask(command, **parameters)
        assert reply["status"] == "success", reply
        return reply["result"]

    def error(self, command, **parameters):
        reply = self.ask(command, **parameters)
        assert reply["status"] == "error", reply
        return reply["error_type"]

    def create(self, client_id="ann", **parameters):
        return self.result("create_session", client_id=client_id, **parameters)["session_id"]

    def evaluate(self, code, **parameters):
        return self.result("evaluate", code=code, **parameters)["result"]

    def close(self):
        if not self.socket.closed:
            self._server.forget(self)
            self.socket.close()


class Server:
    """A server that runs when the test ticks it, and can be started again on the same data."""

    def __init__(self, make_engine=FakeEngine, **settings):
        self.clock = FakeClock()
        self.make_engine = partial(make_engine, self.clock)
        self.store = KeptStore()
        self.settings = Settings(**{"bind": "tcp://127.0.0.1:0", **settings})
        self.context = zmq.Context()
        self._clients = []
        self.start()

    def start(self):
        self.system = System(self.settings, self.clock, lambda _store: self.make_engine(), self.store.open, listen)

    def restart(self):
        """What a crash leaves: nothing but what was committed."""
        self.system.close()
        self.start()

    def tick(self):
        self.system.worker.tick()

    def client(self, **options):
        client = Client(self, **options)
        self._clients.append(client)
        return client

    def forget(self, client):
        sleep = self.system.worker._gateway.sleep
        if client.socket in sleep:
            sleep.unregister(client.socket)

    def fail_next_commit(self, error: StoreError, after=0):
        """Let the next commit fail, or the one after so many that succeed."""
        self.store.failures += [*[None] * after, error]

    def close(self):
        for client in self._clients:
            client.close()
        self.system.close()
        self.context.term()


@pytest.fixture
def make_server(monkeypatch):
    """Make servers with settings; all are closed at the end, and no thread or actor may be left."""
    # The alarm of the main thread is pytest's here: it ends tests that hang.
    monkeypatch.setattr("actors.system.new_timer", ThreadTimer)
    before = set(threading.enumerate())
    servers = []

    def make(**settings):
        servers.append(Server(**settings))
        return servers[-1]

    yield make
    for server in servers:
        server.close()
    assert not ActorRegistry.get_all()
    left = set(threading.enumerate()) - before
    # pyzmq has one for the whole process, which lets go of large messages that were sent.
    assert not [each for each in left if not isinstance(each, GarbageCollectorThread)]


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture(scope="session")
def smalltalk():
    """Make engines of Smalltalk itself; they share one compiled kernel."""
    store = MemoryStore()
    store.put_code([(KERNEL_KEY, compiled_kernel()[1])])
    return lambda clock: SmalltalkEngine(clock, store)


@pytest.fixture
def client(server):
    return server.client()
