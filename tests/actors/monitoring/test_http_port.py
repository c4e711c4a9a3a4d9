"""The HTTP port: three pages, and no peer that keeps it from the next."""

import socket
from contextlib import suppress
from http.client import HTTPConnection

import pytest

from actors.clock import SystemClock
from actors.errors import BindError, ConfigError
from actors.monitoring import http_port
from actors.monitoring import probe as probing
from actors.monitoring.http_pages import Monitoring
from actors.monitoring.http_port import HttpPort, Response
from actors.monitoring.probe import Probe
from tests.actors.fakes.clock import FakeClock


def test_a_name_that_leads_to_no_address_is_told(open_port, monkeypatch):
    def look_up(*_arguments):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(http_port.socket.socket, "bind", look_up)
    with pytest.raises(BindError, match="for HTTP: Name or service not known; choose another"):
        open_port(lambda _path: None, "nowhere:80")


@pytest.fixture
def open_port():
    ports = []

    def open_port(answer, address="127.0.0.1:0"):
        ports.append(HttpPort(address, answer, SystemClock()))
        return ports[-1]

    yield open_port
    for port in ports:
        port.close()


def ask(port, request):
    """Send bytes; answer all that comes back."""
    host, _, number = port.address.rpartition(":")
    with socket.create_connection((host, int(number))) as peer:
        peer.sendall(request)
        with suppress(OSError):  # who refuses what is too long may have hung up before its end
            peer.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: peer.recv(65_536), b""))


def get(port, path):
    """A page by Python's own client."""
    connection = HTTPConnection(port.address)
    connection.request("GET", path)
    response = connection.getresponse()
    answer = response.status, response.read().decode()
    connection.close()
    return answer


def test_a_page_is_what_its_path_answers(open_port):
    port = open_port(lambda path: Response(200, f"page of {path}"))
    assert get(port, "/live?x=1") == (200, "page of /live")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\0\xff\xfe garbage", b"400"),
        (b"GET /live\r\n\r\n", b"400"),
        (b"POST /live HTTP/1.1\r\n\r\n", b"405"),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n", b""),
        (b"", b"400"),
    ],
)
def test_garbage_is_refused_and_the_next_one_served(open_port, request_, status):
    port = open_port(lambda _path: Response(200, "fine"))
    try:
        answer = ask(port, request_)
    except ConnectionError:
        answer = b""
    assert status in answer[:20]
    assert get(port, "/live") == (200, "fine")


def test_a_peer_that_sends_nothing_is_cut_off(open_port, monkeypatch):
    monkeypatch.setattr(http_port, "_REQUEST_NS_MAX", 20_000_000)
    port = open_port(lambda _path: Response(200, "fine"))
    host, _, number = port.address.rpartition(":")
    with socket.create_connection((host, int(number))) as silent:
        silent.sendall(b"GET /li")
        assert silent.recv(100) == b""
    monkeypatch.undo()
    assert get(port, "/live") == (200, "fine")


class Scarce:
    """A listener that has no descriptor left for its first connection."""

    def __init__(self, listener):
        self._listener = listener
        self._is_out = True

    def accept(self):
        if self._is_out:
            self._is_out = False
            raise OSError("too many open files")
        return self._listener.accept()

    def fileno(self):
        return self._listener.fileno()

    def close(self):
        self._listener.close()


def test_without_descriptors_it_waits_before_it_tries_again(open_port, monkeypatch):
    pauses = []
    monkeypatch.setattr(HttpPort, "_pause", lambda _port: pauses.append(1))
    port = open_port(lambda _path: Response(200, "fine"))
    port._listener = Scarce(port._listener)
    assert get(port, "/live") == (200, "fine")
    assert pauses == [1]


def test_the_pause_ends_with_the_port(open_port):
    port = open_port(lambda _path: Response(200, "fine"))
    port._end_there.close()
    port._pause()
    assert port._end_here.recv(1) == b""


def test_a_page_that_fails_does_not_end_the_port(open_port, caplog):
    def fail(_path):
        raise ValueError("a defect")

    port = open_port(fail)
    assert get(port, "/live")[0] == 500
    assert get(port, "/live")[0] == 500
    caplog.clear()


@pytest.mark.parametrize("address", ["", "127.0.0.1", ":80", "127.0.0.1:x", "127.0.0.1:-1", "127.0.0.1:99999"])
def test_what_is_no_address_is_told(address):
    with pytest.raises(ConfigError, match="--http must be HOST:PORT"):
        HttpPort(address, lambda _path: Response(200, ""), SystemClock())


@pytest.mark.parametrize("address", ["203.0.113.1:0"])
def test_an_address_that_cannot_be_bound_is_told(address):
    with pytest.raises(BindError, match="choose another with --http"):
        HttpPort(address, lambda _path: Response(200, ""), SystemClock())


class Answers:
    """A probe whose loop is as the test says."""

    def __init__(self, rows, *, hangs=False):
        self.health = lambda: None if rows is None else {"workers": rows}
        self.is_hanging = lambda: hangs


ROW = {"is_ready": True, "uptime_s": 1, "state": {}, "totals": {}, "refused": {}, "failures": {}, "latency_ns": {}}
ROW["batches"] = {"counts": [0] * 12, "total": 0}


@pytest.mark.parametrize(
    ("probe", "statuses"),
    [
        (Answers([ROW]), (200, 200, 200)),
        (Answers([ROW, {**ROW, "is_ready": False}]), (200, 503, 200)),
        (Answers(None), (200, 503, 503)),
        (Answers(None, hangs=True), (503, 503, 503)),
    ],
)
def test_the_pages_tell_live_ready_and_hanging_apart(probe, statuses):
    pages = Monitoring(probe)
    assert tuple(pages.answer(path).status for path in ("/live", "/ready", "/metrics")) == statuses
    assert pages.answer("/etc/passwd").status == 404


def test_a_server_that_is_silent_for_long_hangs(monkeypatch):
    """A moment of silence is none; and the questions that were not answered keep none back."""
    monkeypatch.setattr(probing, "_PATIENCE_MS", 1)
    clock = FakeClock()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        probe = Probe(f"tcp://127.0.0.1:{silent.getsockname()[1]}", clock)
        try:
            assert (probe.health(), probe.is_hanging()) == (None, False)
            clock.advance(ms=20_000)
            assert (probe.health(), probe.is_hanging()) == (None, False)
            clock.advance(ms=11_000)
            assert (probe.health(), probe.is_hanging()) == (None, True)
        finally:
            probe.close()
