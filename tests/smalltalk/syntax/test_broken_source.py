"""Whatever the text, the parser answers a tree or raises SyntaxFailure, with every place inside the text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smalltalk.syntax.errors import SyntaxFailure
from smalltalk.syntax.parser import parse_doit, parse_method, parse_notices
from smalltalk.syntax.shape import shape
from smalltalk.syntax.tonel import read_tonel

if TYPE_CHECKING:
    from collections.abc import Callable

SNIPPETS = sorted((Path(__file__).parent / "snippets").glob("*.st"))
#: Pieces that together make every token, and what breaks them.
PIECES = [
    "a", "foo", "at:", "put:", "nil", "self", "1", "-2", "3.5", "16rF", "2r", "1e5", "1.5s2", "'x'", "'", '"c"', '"',
    "$a", "$", "#a", "#+", "#'q'", "#", "#(", "#[", "(", ")", "[", "]", "{", "}", ":", ":x", ":=", "|", "||", "^",
    ";", ".", "+", "-", "->", "<", ">", "<foo: 1>", "@", "§", " ", " ", "\n", "é", "\x00", "²", "\ud800",
]  # fmt: skip
SOURCES = st.one_of(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.text(max_size=30))


def check(source: str) -> None:
    """Try every way of reading a source."""
    for parse in (parse_doit, parse_method, lambda text: parse_doit(text, parametrise=True), read_tonel):
        found = failure_of(parse, source)
        for notice in found.notices if found else ():
            assert 0 <= notice.start <= notice.stop <= len(source)
            assert 0 <= notice.position <= len(source)
            assert found.suggestion
    shape(source)


def failure_of(parse: Callable[[str], object], source: str) -> SyntaxFailure | None:
    """Answer how a source fails, None when it is read."""
    try:
        parse(source)
    except SyntaxFailure as failure:
        return failure
    return None


@pytest.mark.parametrize("path", SNIPPETS, ids=lambda path: path.name)
def test_every_prefix_of_every_snippet_file_is_read_or_refused(path):
    text = path.read_text().replace('"=> ', "").replace('"!! ', "")
    for start in range(0, len(text), 97):
        for stop in range(start, min(start + 120, len(text))):
            check(text[start:stop])


@settings(max_examples=400, deadline=None)
@given(SOURCES)
@example("|- 1")
@example("foo < bar ; baz > ")
@example("#[#(#[ 'x")
def test_any_text_is_read_or_refused(source):
    check(source)


@settings(max_examples=200, deadline=None)
@given(SOURCES)
def test_the_strict_parser_refuses_exactly_what_has_an_error_notice(source):
    for is_method, parse in ((False, parse_doit), (True, parse_method)):
        is_faulty = any(notice.is_error for notice in parse_notices(source, is_method=is_method))
        assert is_faulty == (failure_of(parse, source) is not None)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(PIECES), st.integers(1_000, 5_000))
def test_a_piece_repeated_without_end_is_read_or_refused(piece, count):
    check(piece * count)
