"""The process that forks workers, here in the test's own process: what it tells when it cannot."""

import errno
import os
import socket

import pytest

from actors.front.nursery import Lines, Nursery


@pytest.fixture
def line():
    """The front's end and the nursery's."""
    here, there = socket.socketpair()
    yield Lines(here), there
    here.close()
    there.close()


def test_a_worker_that_cannot_be_forked_counts_as_one_that_died_at_once(line, monkeypatch):
    front, there = line
    nursery = Nursery(there, lambda _order, _lifeline: 0)

    def fork():
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", fork)
    front.write({"start": "0.1", "index": 0, "settings": {}})
    assert nursery._obey()
    assert front.read() == [{"ended": "0.1", "code": 1}]
    nursery.close()
