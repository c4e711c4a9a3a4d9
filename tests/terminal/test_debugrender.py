"""The source of a frame on the screen: what runs is marked, whatever characters and line ends it has."""

import io

import pytest
from rich.console import Console

from terminal.debugrender import excerpt, show_source, source_lines, why
from terminal.debugresults import Frame, FrameView
from terminal.render import Screen
from terminal.suspensions import Suspension
from tests.terminal.debug_answers import row, summary


def view(source, part):
    """Return a frame that stands at the first occurrence of a part of its source."""
    start = source.index(part)
    return FrameView("c1", Frame.read(row()), source, start, start + len(part), ())


@pytest.mark.parametrize(
    ("source", "part", "marked"),
    [
        ("foo\n\t^ a / b", "a / b", (2, "    ^ a / b", "      ^^^^^")),
        ("foo\r\t^ a / b\r", "a / b", (2, "    ^ a / b", "      ^^^^^")),
        ("foo\r\n^ 1", "1", (2, "^ 1", "  ^")),
        ("foo ^ '漢字' , x", "x", (1, "foo ^ '漢字' , x", "               ^")),
        ("foo ^ \x1b , x", "x", (1, "foo ^ ␛ , x", "          ^")),
        ("foo\n^ a do: [\n:x | x]", "a do: [\n:x | x]", (2, "^ a do: [", "  ^^^^^^^")),
    ],
)
def test_the_part_that_runs_is_marked(source, part, marked):
    lines = source_lines(view(source, part))
    assert next((line.number, line.text, line.marks) for line in lines if line.marks) == marked


def test_all_lines_of_a_statement_are_marked_but_only_the_first_with_carets():
    lines = source_lines(view("foo\n^ a\n  do: [:x |\n    x]\n", "a\n  do: [:x |\n    x]"))
    assert [line.is_running for line in lines] == [False, True, True, True]
    assert [line.marks != "" for line in lines] == [False, True, False, False]


def test_a_place_behind_the_last_character_is_marked_there():
    source = "foo ^ 1"
    lines = source_lines(FrameView("c1", Frame.read(row()), source, len(source), len(source) + 1, ()))
    assert lines[0].marks == "       ^"


def test_of_a_long_method_the_lines_around_the_place_are_shown():
    source = "\n".join(["foo", *(f"self step: {number}." for number in range(2, 101))])
    assert [line.number for line in excerpt(source_lines(view(source, "self step: 50")))] == list(range(46, 55))
    assert [line.number for line in excerpt(source_lines(view(source, "self step: 2.")))] == list(range(1, 7))
    assert len(excerpt(source_lines(view(source, source)))) < 20


def test_without_a_source_only_the_frame_is_shown():
    screen = Screen(Console(file=io.StringIO(), width=100))
    show_source(screen, FrameView("c1", Frame.read(row()), "", 0, 0, ()))
    assert screen._console.file.getvalue().splitlines()[0] == "0  Account>>average  line 2"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "ZeroDivide: no"),
        ({"message": "ZeroDivide"}, "ZeroDivide"),
        ({"class_name": None, "message": None}, "error"),
        ({"kind": "timeout"}, "out of time"),
        ({"kind": "step"}, "stopped after a step"),
    ],
)
def test_why_it_waits_is_said_in_a_few_words(changes, words):
    assert why(Suspension.read(summary(**changes))) == words
