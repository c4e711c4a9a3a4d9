"""The Transcript keeps the newest text, and tells subscribers each part of it once."""

import pytest

from smalltalk.runtime import transcript as module
from smalltalk.runtime.transcript import Transcript

DROPPED = "... (output dropped)\n"


@pytest.fixture(autouse=True)
def few_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ten characters be kept; shortened is what has more than twenty."""
    monkeypatch.setattr(module, "TRANSCRIPT_CHARACTERS_MAX", 10)


@pytest.fixture
def transcript() -> Transcript:
    return Transcript()


def test_the_newest_text_is_kept(transcript: Transcript) -> None:
    transcript.append("a" * 15)
    transcript.append("b" * 8)
    assert transcript.drain() == DROPPED + "aa" + "b" * 8
    assert transcript.drain() == ""


def test_told_text_is_not_news_again_when_older_text_is_dropped(transcript: Transcript) -> None:
    transcript.append("a" * 15)
    assert transcript.news() == "a" * 15
    transcript.append("b" * 8)
    assert transcript.news() == "b" * 8
    assert transcript.news() == ""
    assert transcript.drain() == DROPPED + "aa" + "b" * 8


def test_told_text_is_not_news_when_text_is_dropped_twice(transcript: Transcript) -> None:
    transcript.append("a" * 25)
    assert transcript.news() == DROPPED + "a" * 10
    transcript.append("b" * 3)
    assert transcript.news() == "b" * 3
    transcript.append("c" * 9)
    assert transcript.news() == "c" * 9
    assert transcript.drain() == DROPPED + "b" + "c" * 9


def test_subscribers_are_told_when_they_missed_something(transcript: Transcript) -> None:
    transcript.append("a" * 5)
    assert transcript.news() == "a" * 5
    transcript.append("b" * 20)
    assert transcript.news() == DROPPED + "b" * 10
    assert transcript.drain() == DROPPED + "b" * 10
