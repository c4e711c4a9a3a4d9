"""Each text of the transcript is shown once, whichever way it comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.transcript import Transcript


@settings(max_examples=100)
@given(st.lists(st.text("ab\n", min_size=1, max_size=3), max_size=5), st.data())
def test_what_an_evaluation_wrote_is_shown_once_in_order(pieces, data):
    early = data.draw(st.integers(0, len(pieces)), "pieces that arrive before the reply")
    transcript = Transcript()
    transcript.begin()
    shown = [transcript.hear(piece) for piece in pieces[:early]]
    shown.append(transcript.conclude("".join(pieces)))
    shown += [transcript.hear(piece) for piece in pieces[early:]]
    assert "".join(shown) == "".join(pieces)


def test_what_others_write_is_shown():
    transcript = Transcript()
    transcript.begin()
    assert transcript.conclude("mine") == "mine"
    assert transcript.hear("theirs") == "theirs"
    assert transcript.hear("mine") == ""
    assert transcript.hear("mine") == "mine"


def test_what_was_owed_by_a_lost_connection_is_forgotten():
    transcript = Transcript()
    transcript.begin()
    transcript.conclude("lost")
    transcript.begin()
    assert transcript.hear("lost") == "lost"


def test_the_end_of_a_transcript_that_was_cut_is_shown_once():
    transcript = Transcript()
    for heard, rest in (("abcdef", "g"), ("abcd", "efg"), ("abcdefg", "")):
        transcript.begin()
        transcript.hear(heard)
        assert transcript.conclude("... (2 characters before this)\ncdefg", total=7) == rest


def test_the_end_of_a_transcript_of_which_too_little_was_heard_is_shown_with_the_note():
    text = "... (2 characters before this)\ncdefg"
    transcript = Transcript()
    transcript.hear(text)
    assert transcript.conclude(text, total=7) == ""
    for heard in ("", "a", "ax", "abx"):
        transcript = Transcript()
        transcript.begin()
        transcript.hear(heard)
        assert transcript.conclude(text, total=7) == text
