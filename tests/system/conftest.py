"""The real server process, and clients that speak real ZeroMQ to it.

Nothing here waits for time to pass: a start is waited for on the server's own announcement, a reply on its socket. What
must last longer than something else is measured by how long the start took, on a machine that is slow or stands still.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest
import zmq
from click.testing import CliRunner

from actors.commands.serve import run
from actors.running.language import KERNEL_KEY
from protocol import Codec, Event, Failure, decode_reply, encode_request
from storage import MemoryStore
from tests.compiled_kernel import compiled_kernel, new_data

ROOT = Path(__file__).parents[2]
#: How long a reply may take before the test gives up; generous, because machines are busy.
PATIENCE_MS = 90_000


class ServerProcess:
    """One server process at a time on one data directory."""

    def __init__(self, data, *flags):
        self.data = data
        self._flags = flags
        self.address = "tcp://127.0.0.1:0"
        self.process = None
        self.announced = {}
        #: How long the last start took: what this machine makes of a second.
        self.started_in_s = 0.0

    def start(self):
        """Start it and wait until it listens; a second start listens where the first did."""
        command = [sys.executable, "-m", "actors.cli", "serve", "--bind", self.address, "--data", str(self.data)]
        log, began_s = (self.data.parent / "server.log").open("ab"), monotonic()
        self.process = subprocess.Popen(
            [*command, *self._flags], cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True
        )
        log.close()
        line = self.process.stdout.readline()
        assert line, f"the server did not start:\n{self.log()}"
        self.started_in_s = monotonic() - began_s
        self.announced = json.loads(line)
        assert self.announced["pid"] == self.process.pid
        self.address = self.announced["address"]
        return self

    def log(self):
        return (self.data.parent / "server.log").read_text()

    def kill(self):
        """SIGKILL: nothing of the process gets a chance."""
        self.process.kill()
        self._reap()

    def stop(self, number=signal.SIGTERM):
        """Ask it to stop and answer its exit code."""
        self.process.send_signal(number)
        return self._reap()

    def _reap(self):
        code = self.process.wait()
        self.process.stdout.close()
        self.process = None
        return code

    def close(self):
        if self.process is not None:
            self.kill()


class Client:
    """One connection."""

    def __init__(self, context, address, kind=zmq.DEALER, codec=Codec.JSON):
        self.socket = context.socket(kind)
        self.socket.linger = 0
        self.codec = codec
        self.events = []
        self._count = 0
        self._address = address
        self.socket.connect(address)

    def send(self, operation, /, **parameters):
        self._count += 1
        self.send_raw(encode_request(operation, parameters, self._count, self.codec))
        return self._count

    def send_raw(self, body):
        self.socket.send(body)

    def receive_raw(self):
        assert self.socket.poll(PATIENCE_MS), "no reply"
        return self.socket.recv_multipart()[-1]

    def receive(self):
        """The next reply; events on the way are kept aside."""
        while isinstance(message := decode_reply(self.receive_raw()), Event):
            self.events.append(message)
        return message

    def next_event(self):
        """The next event, waited for."""
        while not self.events:
            message = decode_reply(self.receive_raw())
            assert isinstance(message, Event)
            self.events.append(message)
        return self.events.pop(0)

    def ask(self, operation, /, **parameters):
        """The answer of one request: a result or a failure."""
        sent = self.send(operation, **parameters)
        reply = self.receive()
        assert reply.reply_id == sent
        return reply.answer

    def result(self, operation, /, **parameters):
        answer = self.ask(operation, **parameters)
        assert not isinstance(answer, Failure), answer
        return answer

    def failure(self, operation, /, **parameters):
        answer = self.ask(operation, **parameters)
        assert isinstance(answer, Failure), answer
        return answer

    def create(self, client_id="ann", **parameters):
        return self.result("create_session", client_id=client_id, **parameters)["session_id"]

    def evaluate(self, code, **parameters):
        return self.result("evaluate", code=code, **parameters)["result"]

    def close(self):
        self.socket.close()


def open_connection(address):
    """A connection that has said nothing yet."""
    host, port = address.removeprefix("tcp://").split(":")
    return socket.create_connection((host, int(port)), PATIENCE_MS / 1_000)


def shaken_hands(address):
    """A connection that has spoken ZMTP 3.0 to the end of the handshake (rfc.zeromq.org/spec/23), as a DEALER does."""
    peer = open_connection(address)
    ready = b"\x05READY\x0bSocket-Type" + (6).to_bytes(4, "big") + b"DEALER"
    peer.sendall(b"\xff" + bytes(8) + b"\x7f\x03\0" + b"NULL".ljust(20, b"\0") + bytes(32))
    peer.sendall(bytes([4, len(ready)]) + ready)
    heard = b""
    # A frame that comes before ZeroMQ has sent its own part is refused by it now and then.
    while b"ROUTER" not in heard:
        part = peer.recv(256)
        assert part, "the connection was closed"
        heard += part
    return peer


@pytest.fixture
def context():
    made = zmq.Context()
    yield made
    made.term()


@pytest.fixture(scope="session")
def used_data(tmp_path_factory):
    """A data directory with a compiled kernel, as a server leaves it, so that not every start compiles one."""
    return new_data(tmp_path_factory.mktemp("used") / "data")


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory, used_data):
    """One server for all tests of a file."""
    data = shutil.copytree(used_data, tmp_path_factory.mktemp("shared") / "data")
    server = ServerProcess(data, "--sessions-per-client", "100").start()
    yield server
    server.close()


@pytest.fixture
def start(tmp_path, used_data):
    """Start servers with flags; none is left at the end, and none logged an error unless the test says so."""
    servers = []

    def start(*flags):
        data = shutil.copytree(used_data, tmp_path / f"data{len(servers) or ''}")
        servers.append(ServerProcess(data, "--log-format", "json", *flags))
        return servers[-1].start()

    yield start
    for server in servers:
        server.close()
    log = tmp_path / "server.log"
    if log.exists():
        errors = [line for line in log.read_text().splitlines() if '"level": "error"' in line or "Traceback" in line]
        assert not errors


@pytest.fixture
def server(start):
    return start()


@pytest.fixture
def connect(context):
    """Open connections to a server; all are closed at the end."""
    clients = []

    def connect(server, **options):
        clients.append(Client(context, server.address, **options))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def client(server, connect):
    return connect(server)


@pytest.fixture
def run_server(tmp_path):
    """Run a server that is expected to end by itself; answers exit code and what it said."""

    def run(*flags, environment=None):
        command = [sys.executable, "-m", "actors.cli", "serve", *flags]
        ended = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False
        )
        return ended.returncode, ended.stdout, ended.stderr

    return run


def store_of_the_kernel(_directory):
    """A store that keeps the compiled kernel, for commands that have no other: compiling it takes seconds."""
    store = MemoryStore()
    store.put_code([(KERNEL_KEY, compiled_kernel()[1])])
    return store


@pytest.fixture
def command(monkeypatch):
    """Run one command in this process as the command line runs it; return all it printed."""
    monkeypatch.setattr("actors.commands.session_commands.CodeFile", store_of_the_kernel)

    def call(*words, code=0):
        result = CliRunner().invoke(run, [str(word) for word in words], catch_exceptions=False)
        assert result.exit_code == code, result.output
        return result.output.strip()

    return call
