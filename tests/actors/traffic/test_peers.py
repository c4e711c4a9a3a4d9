"""Connections are counted; one too many is shut down, and a descriptor that is something else by then is left alone."""

import errno
import os
import socket
import sys

import pytest

from actors.traffic.peers import Peers


def test_one_too_many_is_shut_down_until_another_closes():
    peers = Peers(1)
    pairs = [socket.socketpair() for _ in range(3)]
    try:
        descriptors = [ours.fileno() for ours, _ in pairs]
        assert peers.accepted(descriptors[0])
        assert not peers.accepted(descriptors[1])
        assert pairs[1][1].recv(1) == b"", "its end is seen"
        peers.closed(descriptors[0])
        peers.closed(descriptors[1])
        assert peers.accepted(descriptors[2])
    finally:
        for each in (one for pair in pairs for one in pair):
            each.close()


def test_what_is_no_connection_any_more_is_left_alone_and_costs_no_descriptor():
    peers = Peers(0)
    reader, writer = os.pipe()
    try:
        free = os.dup(reader)
        os.close(free)
        assert not peers.accepted(reader)
        os.write(writer, b"x")
        assert os.read(reader, 1) == b"x"
        again = os.dup(reader)
        os.close(again)
        assert again == free
    finally:
        os.close(reader)
        os.close(writer)


class Exhausted:
    """What looks for modules when no descriptor is left to open their files with."""

    def __init__(self, error):
        self.error = error

    def find_spec(self, *_about):
        raise self.error


@pytest.mark.parametrize(
    "error", [OSError(errno.EMFILE, "Too many open files"), ImportError("cannot open the library")]
)
def test_a_flood_that_left_no_descriptor_ends_nothing(monkeypatch, error):
    """What shuts a connection down is loaded for the first of them."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        peers = Peers(0)
        with monkeypatch.context() as patched:
            patched.delitem(sys.modules, "socket")
            patched.setattr(sys, "meta_path", [Exhausted(error)])
            assert not peers.accepted(ours.fileno())
        assert not peers.accepted(ours.fileno())
        assert theirs.recv(1) == b"", "its end is seen"
