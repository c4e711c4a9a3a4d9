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


def test_what_a_process_wrote_between_two_evaluations_is_shown_once():
    """The next reply brings it again, before what its own evaluation wrote."""
    transcript = Transcript()
    transcript.begin()
    assert transcript.hear("mine\n") == "mine\n"
    assert transcript.hear("after me\n") == "after me\n"
    assert transcript.conclude("mine\n") == ""
    assert transcript.hear("later\n") == "later\n"
    transcript.begin()
    assert transcript.conclude("after me\nlater\nnew\n") == "new\n"
    assert transcript.hear("new\n") == ""


def test_what_another_console_was_told_of_is_passed_over():
    transcript = Transcript()
    assert [transcript.hear(each) for each in ("theirs\n", "mi", "ne\n")] == ["theirs\n", "mi", "ne\n"]
    transcript.begin()
    assert transcript.conclude("mine\nmore\n") == "more\n"


def test_another_session_has_another_transcript():
    transcript = Transcript()
    transcript.hear("a\n")
    transcript.forget()
    assert transcript.conclude("a\n") == "a\n"


@settings(max_examples=100)
@given(st.lists(st.text("ab\n", min_size=1, max_size=3), min_size=1, max_size=8), st.data())
def test_a_session_of_one_console_is_shown_once_in_order(pieces, data):
    """Events of evaluations and of processes between them, replies after any of their events or before."""
    ends = sorted(data.draw(st.sets(st.integers(1, len(pieces))), "pieces after which a reply goes out"))
    transcript, shown, done, heard = Transcript(), [], 0, 0
    for end in ends:
        transcript.begin()
        early = data.draw(st.integers(heard, len(pieces)), "pieces heard before that reply")
        shown += [transcript.hear(piece) for piece in pieces[heard:early]]
        shown.append(transcript.conclude("".join(pieces[done:end])))
        shown += [transcript.hear(piece) for piece in pieces[max(heard, early) : end]]
        done, heard = end, max(early, end)
    shown += [transcript.hear(piece) for piece in pieces[heard:]]
    assert "".join(shown) == "".join(pieces)


def test_what_is_kept_for_the_next_reply_is_bounded():
    transcript = Transcript()
    for _ in range(3):
        transcript.hear("x" * 1024 * 1024)
    for _ in range(5000):
        transcript.hear("y")
    assert len("".join(transcript._heard)) == 4096
