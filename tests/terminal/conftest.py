"""A scripted server for every test; no thread may be left."""

import threading

import pytest

from terminal import Patience
from tests.terminal.fake_server import FakeServer
from tests.terminal.table import Table


@pytest.fixture
def server():
    before = set(threading.enumerate())
    server = FakeServer()
    yield server
    server.close()
    assert not set(threading.enumerate()) - before


@pytest.fixture
def patience():
    """As much as a busy machine needs."""
    return Patience(answer_s=30.0, queued_answer_s=30.0, attempts=3, pause_s_max=0.01, linger_s=0.0)


@pytest.fixture
def little_patience():
    """For a server that is silent on purpose; nothing depends on how long this is."""
    return Patience(answer_s=0.3, queued_answer_s=0.3, attempts=3, pause_s_max=0.01, linger_s=0.0)


@pytest.fixture
def table(server, tmp_path, patience):
    return Table(server.url, tmp_path, patience)
