"""Failures say what is wrong, where, and what to do; notices mark every fault of a source."""

from __future__ import annotations

import pytest

from smalltalk.syntax.errors import Notice, line_and_column
from smalltalk.syntax.lexer import TOKENS_MAX
from smalltalk.syntax.literals import NESTING_MAX, NOTICES_MAX
from smalltalk.syntax.numbers import DIGITS_MAX
from smalltalk.syntax.parser import SyntaxFailure, parse_doit, parse_method, parse_notices


def failure(source: str, parse=parse_doit) -> SyntaxFailure:
    """Answer the failure of a faulty source."""
    with pytest.raises(SyntaxFailure) as caught:
        parse(source)
    return caught.value


def test_a_failure_carries_place_message_and_suggestion():
    found = failure("a foo.\nb bar: 3 4")
    assert (found.line, found.column) == (2, 10)
    assert found.message == "End of statement expected"
    assert (found.start, found.stop, found.position) == (7, 16, 16)
    assert "'.'" in found.suggestion
    assert str(found) == f"line 2 column 10: End of statement expected ({found.suggestion})"


@pytest.mark.parametrize(
    ("source", "suggestion"),
    [
        ("a b: (c", "missing ')' for the '(' at line 1 column 6"),
        ("a b: [c\n d", "missing ']' for the '[' at line 1 column 6"),
        ("a.\n {1. 2", "missing '}' for the '{' at line 2 column 2"),
        ("#(1 2", "missing ')' for the '(' at line 1 column 1"),
        ("a := #[1", "missing ']' for the '[' at line 1 column 6"),
        ("| a b", "missing '|' for the '|' at line 1 column 1"),
        ("a b: (c foo: ", "missing ')' for the '(' at line 1 column 6"),
    ],
)
def test_a_missing_closer_names_its_opener(source, suggestion):
    assert failure(source).suggestion == suggestion


@pytest.mark.parametrize(("source", "place"), [("a\n  'b", "line 2 column 3"), ('a "b', "line 1 column 3")])
def test_an_open_string_or_comment_names_where_it_begins(source, place):
    assert place in failure(source).suggestion


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("return 3", "^ value"),
        ("if (x == 3) { y }", "ifTrue:"),
        ("for i in 1..3: print(i)", "do: ["),
        ("while (x < 3) [ x ]", "whileTrue:"),
        ("def foo(): return 3", "[ :x | ... ]"),
        ("function() { return 3 }", "Foo compile:"),
        ("print('hello')", "Transcript show:"),
        ("'abc' size()", "without parentheses: 'receiver size'"),
        ("var x = 3;", "ends with '.'"),
        ("x := 3 y := 4", "before 'y'"),
        ("x := 3.\ny := 4\nz := 5", "before 'z'"),
        ("nil := 3", "only a variable"),
        ("3 := x", "only a variable"),
        ("x : = 3", "in one piece"),
        ("x =: 3", "':='"),
        ("x++", "x := x + 1"),
        ("!x", "condition not"),
        ("x at: 1 put 3", "write 'put:'"),
        ("1 to: 3 do [ :i | i ]", "write 'do:'"),
        ("x ifTrue: [ 1 ] ifFalse [ 2 ]", "write 'ifFalse:'"),
        ("3 +", "'+' takes"),
        ("x at: 1 put: ", "'put:' takes"),
        ("x :=", "':=' takes"),
        ("\N{LEFT DOUBLE QUOTATION MARK}x", "straight quotes"),
        ("a foo; 3", "after the ';'"),
        ("3 4", "a message name before an argument"),
        ("while := 3 4", "a message name before an argument"),
        ("fn := [ :x | x ]. fn(3)", "without parentheses: 'receiver fn'"),
        ("let + 3 4", "a message name before an argument"),
        ("x := 3;", "ends with '.'"),
        ("x := 3;\ny := 4", "ends with '.'"),
        ("x := 3; y := 4", "ends with '.'"),
        ("x := 3; ^ x", "ends with '.'"),
        ("x = 1 ? 2 : 3", "ifTrue:"),
        ("x := 3\n^ x", "put a '.' before '^'"),
        ("2 ^ 3", "raisedTo:"),
        ("x[1]", "list at: 1"),
        ("(x y)['k']", "list at: 1"),
        ("x ifTrue[ 1 + y ]", "write 'ifTrue:'"),
        ('x := "hello"', "single quotes"),
        ('Transcript show: "hello".', "single quotes"),
    ],
)
def test_a_habit_of_another_language_is_told_how_it_is_said_here(source, part):
    assert part in failure(source).suggestion


def test_an_open_pragma_names_its_opener():
    assert failure("foo <bar: 1 ^ 2", parse_method).suggestion == "missing '>' for the '<' at line 1 column 5"


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [("", 0, (1, 1)), ("ab", 2, (1, 3)), ("a\nb", 2, (2, 1)), ("a\r\nb\rc", 5, (3, 1)), ("a\rb", 3, (2, 2))],
)
def test_lines_end_with_any_line_end(text, position, expected):
    assert line_and_column(text, position) == expected


@pytest.mark.parametrize("opener", ["(", "[", "{", "#(", "#[", "[:x|", "a foo: (", "a:=", "a;b:(", "^[", "{[(", "#[#("])
def test_nesting_beyond_the_limit_is_a_failure_and_nothing_worse(opener):
    assert failure(opener * 10_000).message == "Nested too deeply"


@pytest.mark.parametrize(("opener", "closer"), [("(", ")"), ("[", "]"), ("{", "}"), ("a foo: (", ")"), ("a;b:(", ")")])
def test_nesting_up_to_half_the_limit_is_read(opener, closer):
    levels = NESTING_MAX // 2 - 1
    inner = "a" + (" c" if ";" in opener else "")
    source = (opener.replace("a;", "a d;") * levels) + inner + closer * levels
    assert parse_doit(source).statements


def test_a_number_too_long_to_compute_is_refused():
    assert "digits expected" in failure("1" * (DIGITS_MAX + 1)).message
    assert "digits expected" in failure("16r" + "f" * (DIGITS_MAX + 1)).message
    assert "radix" in failure("9" * 5_000 + "r1").message
    assert "Exponent" in failure("1e" + "9" * 5_000).message


def test_a_source_of_too_many_tokens_is_refused():
    assert "tokens expected" in failure("a. " * TOKENS_MAX).message


def test_notices_are_bounded():
    assert len(failure("§" * 10_000).notices) == NOTICES_MAX + 1
    assert len(parse_notices("§" * 10_000, is_method=False)) == NOTICES_MAX + 1
    assert len(parse_notices(f"#({';' * 10_000})", is_method=False)) == NOTICES_MAX


def test_every_fault_is_marked():
    source = "a foo: . (b ]. c 3. 'open"
    assert [notice.message for notice in parse_notices(source, is_method=False)] == [
        "Variable or expression expected",
        "')' expected",
        "Missing opener for closer: ]",
        "End of statement expected",
        "Unmatched ' in string literal.",
    ]


def test_a_warning_is_no_failure():
    source = "#(a;). ^ 1. 2"
    assert parse_doit(source).statements
    assert parse_notices(source, is_method=False) == [
        Notice(3, 4, 3, "Use a proper symbol literal", is_error=False),
        Notice(12, 13, 12, "Unreachable statement", is_error=False),
    ]


def test_an_open_block_does_not_complain_about_its_head():
    assert [notice.message for notice in parse_notices("[:a b", is_method=False)] == ["']' expected"]


def test_notices_of_a_method_include_its_pattern_and_pragmas():
    messages = [notice.message for notice in parse_notices("+ <foo: bar", is_method=True)]
    assert messages == ["Variable name expected", "Literal constant expected", "'>' expected"]


def test_nesting_too_deep_is_a_notice_too():
    (notice,) = parse_notices("(" * 1_000, is_method=False)
    assert notice.message == "Nested too deeply"
