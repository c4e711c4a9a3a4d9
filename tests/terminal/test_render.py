"""What stands on the screen."""

import io

import pytest
from rich.console import Console

from protocol import Failure
from terminal.errors import NoAnswerError, Place, server_error
from terminal.render import Screen, marked, visible
from terminal.results import Child, HistoryEntry, InspectorState, ObjectView, Session, Step
from terminal.results import History as Page

STAMP = "2025-01-02T10:30:00Z"


@pytest.fixture
def screen():
    return Screen(Console(file=io.StringIO(), width=100))


def shown(screen):
    return screen._console.file.getvalue()


@pytest.mark.parametrize(
    ("code", "place", "lines"),
    [
        ("3 + .", Place(1, 5), ("3 + .", "    ^")),
        ("a.\r\n\tb := .", Place(2, 7), ("    b := .", "         ^")),
        ("x := '漢字' foo: .", Place(1, 17), ("x := '漢字' foo: .", "                  ^")),
        ("(1", Place(1, 3), ("(1", "  ^")),
        ("a.\n  nil foo. ", Place(2, None), ("  nil foo. ", "  ^^^^^^^^")),
        ("nil foo", Place(1, None), None),
        ("a", Place(2, 1), None),
    ],
)
def test_the_place_is_marked_below_the_line(code, place, lines):
    assert marked(code, place) == lines


def test_a_syntax_error_shows_line_caret_message_and_advice(screen):
    details = {"class": "SyntaxError", "line": 1, "column": 5, "suggestion": "write an argument"}
    screen.failure(server_error(Failure("SyntaxError", "argument expected", details)), "3 + .")
    assert shown(screen) == "3 + .\n    ^\nSyntaxError: argument expected\nwrite an argument\n"


def test_an_error_shows_its_class_and_the_top_of_a_long_stack(screen):
    stack = "\n".join(f"A>>b line {line}" for line in range(1, 12))
    screen.failure(server_error(Failure("EvaluationError", "nil", {"class": "ZeroDivide", "line": 1}, stack)), "1 / 0")
    lines = shown(screen).splitlines()
    assert lines[:2] == ["ZeroDivide: nil", "  A>>b line 1"]
    assert lines[-2:] == ["  A>>b line 8", "  ... 3 more"]


def test_without_its_code_an_error_of_code_has_no_place_to_mark(screen):
    screen.failure(server_error(Failure("EvaluationError", "nil", {"class": "ZeroDivide", "line": 1, "column": 3})))
    assert shown(screen) == "ZeroDivide: nil\n"


def test_an_error_of_the_connection_is_one_line(screen):
    screen.failure(NoAnswerError("no answer"))
    assert shown(screen) == "NoAnswer: no answer\n"


def test_control_characters_are_shown_not_sent(screen):
    screen.transcript("\x1b[31mred\x07\r\nnext\tend\x9b\n")
    assert shown(screen) == "␛[31mred␇\nnext    end\N{REPLACEMENT CHARACTER}\n"
    assert visible("a\rb") == "a\nb"


def test_a_transcript_ends_its_line(screen):
    screen.transcript("no end")
    screen.transcript("two\n\n")
    screen.note("next")
    assert shown(screen) == "no end\ntwo\n\nnext\n"


def test_of_a_very_long_value_the_beginning_is_shown(screen):
    screen.page("x" * 10_000, 7, ":more")
    assert shown(screen) == "x" * 10_000 + "\n... 7 more characters: :more\n"


def test_markup_in_results_is_only_text(screen):
    view = ObjectView("Array", "[bold]x[/bold]", 1, "5", (Child("1", "ByteString", "[red]y", "6"),), 3, "one item")
    screen.inspected(view)
    text = shown(screen)
    assert "[bold]x[/bold]" in text
    assert "[red]y" in text
    assert "one item" in text
    assert "children 1 to 1 of 3\n:children 2 shows the next\n" in text


def test_children_of_children_are_indented_and_what_is_missing_is_said(screen):
    inner = Child("1", "SmallInteger", "7", "i:7")
    outer = Child("items", "Array", "#(7 8)", "6", (inner,), 2)
    screen.inspected(ObjectView("Bag", "a Bag", 0, "5", (outer,), 1, None))
    lines = shown(screen).splitlines()[-3:]
    assert [line.split()[0] for line in lines] == ["items", "1", "…"]
    assert [len(line) - len(line.lstrip()) for line in lines] == [0, 2, 2]
    assert "1 more" in lines[2]


def test_a_table_cell_is_one_line_and_cut(screen):
    screen.history(Page(51, (HistoryEntry(51, "a\nb", "x" * 500, STAMP, 0, True),)))
    text = shown(screen)
    assert "a⏎b" in text
    assert "x" * 120 not in text.replace("\n", "").replace(" ", "")
    assert "the last 1 of 51" in text


def test_the_inspectors_place_is_marked_in_its_path(screen):
    screen.inspector(InspectorState((Step("1", "a"), Step("2", "b")), 0, None, "default", None))
    screen.inspector(InspectorState((), -1, None, "default", None))
    assert shown(screen).startswith("[a] > b\nnothing is being inspected")


def test_sessions_are_numbered_and_the_current_one_is_marked(screen):
    ids = [f"session_{digit * 48}" for digit in "ab"]
    screen.sessions([Session(each, "ann", STAMP, STAMP, STAMP, True, None) for each in ids], ids[1])
    lines = shown(screen).splitlines()
    assert [line.split() for line in lines[1:]] == [
        ["1", ids[0], "2025-01-02", "10:30"],
        ["2", "*", ids[1], "2025-01-02", "10:30"],
    ]
    assert max(map(len, lines)) <= 80
