"""A stream carries pairs whole and in order, however the socket cuts them, and knows when it is time to send."""

import socket

import pytest

from actors.front.stream import Stream

PAIRS = [(b"\0" * 8, b"{}"), (b"", b""), (b"head", b"x" * 300_000), (b"\xff\0", b"\0\0\0\1")]
WRITTEN = b"".join(
    len(first).to_bytes(4, "big") + len(second).to_bytes(4, "big") + first + second for first, second in PAIRS
)


@pytest.fixture
def ends():
    """The two ends of a connection."""
    here, there = socket.socketpair()
    yield here, there
    here.close()
    there.close()


@pytest.mark.parametrize("size", [1, 7, 8, 4_096])
def test_pairs_come_out_whole_however_they_arrive(ends, size):
    here, there = ends
    stream = Stream(there)
    found = []
    written = WRITTEN if size > 8 else WRITTEN[:40]
    for at in range(0, len(written), size):
        here.sendall(written[at : at + size])
        found += stream.receive()
    assert found == (PAIRS if size > 8 else PAIRS[:2])
    assert stream.receive() == []


def test_what_there_is_no_room_for_goes_when_there_is(ends):
    here, there = Stream(ends[0]), Stream(ends[1])
    bodies = [bytes([k]) * 400_000 for k in range(3)]
    for body in bodies:
        here.add(b"n", body)
        here.send_some()
    assert here.has_unsent
    found = []
    while len(found) < len(bodies):
        found += there.receive()
        here.send_some()
    assert [body for _, body in found] == bodies
    assert not here.has_unsent


def test_a_message_larger_than_a_batch_is_read_in_one_go_and_small_ones_in_shares(ends):
    here, there = Stream(ends[0]), Stream(ends[1])
    for size in (2, 0, 100_000):
        here.add(b"h", b"y" * size)
    here.send_all()
    assert [len(second) for _, second in there.receive()] == [2, 0]
    assert [len(second) for _, second in there.receive()] == [100_000]


def test_an_end_is_told_after_what_was_written_before_it(ends):
    here, there = Stream(ends[0]), Stream(ends[1])
    here.add(b"1", b"last words")
    here.send_all()
    here.close()
    assert there.receive() == [(b"1", b"last words")]
    assert there.receive() is None


def test_who_waits_for_room_fails_when_the_other_end_is_gone(ends):
    here, there = Stream(ends[0]), Stream(ends[1])
    there.close()
    here.add(b"1", b"x")
    with pytest.raises(OSError, match="pipe"):
        here.send_all()


def test_pairs_are_to_be_sent_early_when_they_are_many_or_large(ends):
    """The process they are for begins while the other still reads: 32 messages or 64 KiB are enough for that."""
    stream = Stream(ends[0])
    assert [stream.add(b"h", b"b") for _ in range(32)] == [False] * 31 + [True]
    stream.send_all()
    assert stream.add(b"h", b"b") is False
    assert stream.add(b"h", b"x" * 65_536) is True
