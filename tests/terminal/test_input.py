"""When Enter sends, and what is a command."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from terminal.input import Command, is_complete, read_command

#: Texts that are complete by themselves; quotes and brackets in literals and comments count for nothing.
ATOMS = st.sampled_from(["x", " ", "\n", "3 + 4. ", "'it''s ]'", '"a ( comment"', "$'", "$(", "$]", "#sym"])
BRACKETS = st.sampled_from([("(", ")"), ("[", "]"), ("{", "}"), ("#(", ")"), ("#[", "]")])
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(" ".join),
        st.tuples(BRACKETS, inner).map(lambda pair: pair[0][0] + pair[1] + pair[0][1]),
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(TEXTS, BRACKETS)
def test_a_bracketed_text_is_complete_exactly_at_its_last_character(inner, brackets):
    text = f"{brackets[0]}{inner}{brackets[1]}"
    assert is_complete(text)
    assert [end for end in range(len(brackets[0]), len(text)) if is_complete(text[:end])] == []


@pytest.mark.parametrize("text", ["'abc", "'it''s", "'''", '"note', "(1", "#(1 $)", "[:x | {x", ":inspect (1", "$a '"])
def test_what_is_open_goes_on_in_the_next_line(text):
    assert not is_complete(text)


@pytest.mark.parametrize("text", ["", "3 + 4", "''", "3 + )", "(1]", "[:x | ) 'open", "$'", ":sessions", "x :=", '""'])
def test_what_is_whole_or_beyond_help_is_sent(text):
    assert is_complete(text)


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (":sessions", Command("sessions", "")),
        ("  :Inspect  Date\ntoday ", Command("inspect", "Date\ntoday")),
        (":do x := 3", Command("do", "x := 3")),
        (":= 3", None),
        ("x := 3", None),
        (": x", None),
        (":x | ^ x", Command("x", "| ^ x")),
        ("", None),
    ],
)
def test_a_colon_and_a_name_begin_a_command(text, command):
    assert read_command(text) == command
