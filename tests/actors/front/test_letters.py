"""What front and worker write to each other comes out as it went in."""

import pytest

from actors.front.letters import Batch, head_frame, number_of, pairs_of, parts_of_head


@pytest.mark.parametrize("key", [b"\0abc", b"chosen\0\0\0\0\7", b""])
def test_a_head_tells_number_delimiter_and_connection(key):
    envelope, told = parts_of_head(head_frame(7, [b"id", b""], key))
    assert (number_of(envelope[0]), envelope[1:], told) == (7, [b""], key)
    envelope, told = parts_of_head(head_frame(2**40, [b"id"], key))
    assert (number_of(envelope[0]), envelope[1:], told) == (2**40, [], key)


PAIRS = [(b"\0" * 8, b"{}"), (b"", b""), (b"head", b"x" * 70_000), (b"\xff\0", b"\0\0\0\1")]


def test_a_batch_gives_back_its_pairs_in_order_and_is_empty_again():
    batch = Batch()
    for pair in PAIRS:
        batch.add(*pair)
    assert list(pairs_of(batch.take())) == PAIRS
    assert not batch
    assert batch.take() == b""
    assert list(pairs_of(b"")) == []


def test_a_batch_is_to_be_sent_early_when_it_holds_many_messages_or_many_bytes():
    """The process it is for begins while the other still reads: 32 messages or 64 KiB are enough for that."""
    batch = Batch()
    told = [batch.add(b"h", b"b") for _ in range(32)]
    assert told == [False] * 31 + [True]
    batch.take()
    assert batch.add(b"h", b"b") is False
    assert batch.add(b"h", b"x" * 65_536) is True
