"""The exchange gives each worker what is for it, and hears all that a worker said, its last words too."""

import socket

import pytest

from actors.errors import StartError
from actors.front.exchange import Exchange, path_in
from actors.front.letters import HELLO, STOP, frames_of, letter
from actors.front.stream import Stream

LARGE = b"x" * 1_000_000


@pytest.fixture
def path(tmp_path):
    """Where the exchange is."""
    return path_in(tmp_path)


@pytest.fixture
def exchange(path):
    """An exchange without workers."""
    made = Exchange(path)
    yield made
    made.close()


@pytest.fixture
def connect(exchange, path):
    """A function that makes a worker's end, which has said its name."""
    made = []

    def connect(name):
        end = socket.socket(socket.AF_UNIX)
        end.connect(path)
        stream = Stream(end)
        made.append(stream)
        stream.add(b"", letter(HELLO, name, b"[]"))
        stream.send_all()
        assert list(exchange.receive()) == []  # its connection
        assert list(exchange.receive()) == [(name, [(b"", letter(HELLO, name, b"[]"))])]
        return stream

    yield connect
    for each in made:
        each.close()


def test_each_worker_gets_its_own_in_order(exchange, connect):
    one, two = connect(b"0.1"), connect(b"1.1")
    exchange.give(b"0.1", b"head 1", b"a")
    exchange.give(b"1.1", b"head 2", b"b")
    exchange.tell(b"0.1", STOP)
    assert one.receive() == []  # until the flush
    exchange.flush()
    (first, (empty, written)) = one.receive()
    assert first == (b"head 1", b"a")
    assert (empty, frames_of(written)) == (b"", [STOP])
    assert two.receive() == [(b"head 2", b"b")]


def test_a_worker_that_does_not_read_holds_up_nobody_and_gets_all_in_the_end(exchange, connect):
    slow, other = connect(b"0.1"), connect(b"1.1")
    exchange.give(b"0.1", b"h", LARGE)
    exchange.give(b"0.1", b"h", b"after it")
    exchange.give(b"1.1", b"h", b"b")
    exchange.flush()
    assert other.receive() == [(b"h", b"b")]
    found = []
    while len(found) < 2:
        found += slow.receive()
        assert list(exchange.receive()) == []
    assert [body for _, body in found] == [LARGE, b"after it"]


def test_last_words_are_heard_after_the_end(exchange, connect):
    worker = connect(b"0.1")
    for number in range(3):
        worker.add(bytes([number]), b"reply")
    worker.send_all()
    worker.close()
    heard = dict(exchange.receive_all())
    assert heard[b"0.1"] == [(bytes([number]), b"reply") for number in range(3)]
    exchange.give(b"0.1", b"h", b"to the dead")
    exchange.flush()
    assert list(exchange.receive_all()) == []


def test_a_path_that_is_too_long_is_refused_in_words(tmp_path):
    with pytest.raises(StartError, match=r"The workers' socket .* cannot be made: .*too long"):
        Exchange(path_in(tmp_path / ("x" * 120)))
