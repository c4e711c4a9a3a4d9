"""A session whose objects leave memory as early as they may goes on as if they stayed."""

from __future__ import annotations

import pytest

from smalltalk.memory import heap
from tests.smalltalk.harness import read_snippets, snippet_files
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Lifetimes:
    """A session that trims with every commit."""
    monkeypatch.setattr(heap, "TRIM_OBJECTS_MIN", 0)
    monkeypatch.setattr(heap, "TRIM_GROWTH", 0)
    return Lifetimes()


@pytest.mark.parametrize("name", ["announcements", "blocks", "classes", "collections", "dictionaries", "subclasses"])
def test_snippets_answer_the_same(name: str, session: Lifetimes) -> None:
    path = next(path for path in snippet_files() if path.stem == name)
    for number, snippet in enumerate(read_snippets(path)):
        outcome = session.evaluate(snippet.source)
        # What is meant to fail is told in the words of the tests of snippets.
        assert outcome.failure or outcome.result == snippet.expected, snippet
        session.commit()
        if number % 20 == 19:
            session.restart()


def test_replaced_methods_leave_memory(session: Lifetimes) -> None:
    session.run("Object subclass: #Foo instanceVariableNames: '' classVariableNames: '' package: 'T'")
    for number in range(20):
        session.run(f"Foo compile: 'n ^{number}'. b := [:x | x + {number}]. n := Foo new n")
    loaded = [type(thing).__name__ for thing in session.image._heap.loaded()]
    assert (loaded.count("Method"), loaded.count("Source")) == (1, 1)
    assert session.run("(b value: 1) + Foo new n") == "39"


def test_a_block_whose_source_left_memory_is_written_again(session: Lifetimes) -> None:
    code = "b := [:x | x + 1]. b value: 3"
    session.run(code)
    session.run("b := nil")
    session.run(code)
    session.restart()
    assert session.run("b value: 4") == "5"
