"""What front and worker write to each other comes out as it went in."""

import pytest

from actors.front.letters import frames_of, head_frame, letter, number_of, parts_of_head


@pytest.mark.parametrize("key", [b"\0abc", b"chosen\0\0\0\0\7", b""])
def test_a_head_tells_number_delimiter_and_connection(key):
    envelope, told = parts_of_head(head_frame(7, [b"id", b""], key))
    assert (number_of(envelope[0]), envelope[1:], told) == (7, [b""], key)
    envelope, told = parts_of_head(head_frame(2**40, [b"id"], key))
    assert (number_of(envelope[0]), envelope[1:], told) == (2**40, [], key)


@pytest.mark.parametrize("frames", [[b"stop"], [b"claim", b"\0\0\0\1", b"", b"x" * 70_000], []])
def test_a_letter_gives_back_its_frames(frames):
    assert frames_of(letter(*frames)) == frames
