"""Every node knows its place in the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.syntax.parser import parse_doit, parse_method

if TYPE_CHECKING:
    from smalltalk.syntax import nodes


def only(source: str) -> nodes.Node:
    """Answer the only statement of a do-it."""
    (statement,) = parse_doit(source).statements
    return statement


def text(source: str, node: nodes.Node) -> str:
    """Answer the piece of the source that a node covers."""
    return source[node.start : node.stop]


@pytest.mark.parametrize(
    "piece",
    [
        "42", "-16rFF", "3.14s2", "'it''s'", "$a", "#at:put:", "#'a b'", "##x", "#(1 (2) #[3])", "#[1 2]", "name",
        "nil", "a := b := 3", "a foo", "a foo + (b bar)", "a at: 1 put: (2)", "(a) foo", "(a + b) c: (d)",
        "a foo; bar: 1; + (2)", "{1. 2}", "[:x | x]", "[ ]", "^ (a)",
    ],
)  # fmt: skip
def test_a_node_covers_its_text_and_nothing_around_it(piece):
    assert text(f'  {piece}  "end". ', only(f'  {piece}  "end". ')) == piece


def test_parentheses_belong_to_the_message_around_them_but_not_to_what_is_in_them():
    source = "(a + (b c)) d"
    send = only(source)
    assert text(source, send) == source
    assert text(source, send.receiver) == "a + (b c)"
    assert text(source, send.receiver.arguments[0]) == "b c"


def test_a_send_knows_where_its_selector_begins():
    source = "a foo + b at: c put: d"
    send = only(source)
    assert source[send.selector_start :].startswith("at:")
    assert source[send.receiver.selector_start :].startswith("+")
    assert source[send.receiver.receiver.selector_start :].startswith("foo")


def test_a_minus_sign_that_is_an_operator_is_no_part_of_the_number():
    source = "a -2"
    send = only(source)
    assert source[send.selector_start] == "-"
    assert text(source, send.arguments[0]) == "2"


def test_the_messages_of_a_cascade_have_places_of_their_own():
    source = "a foo: 1; bar; + 2 abs"
    cascade = only(source)
    assert [text(source, each) for each in cascade.messages] == ["foo: 1", "bar", "+ 2 abs"]


def test_variables_that_are_declared_have_places():
    source = "at: index | temp | ^ [ :each | | inner | each ]"
    method = parse_method(source)
    block = method.statements[0].value
    declared = [*method.parameters, *method.temporaries, *block.parameters, *block.temporaries]
    assert [(each.name, text(source, each)) for each in declared] == [
        (name, name) for name in ("index", "temp", "each", "inner")
    ]


def test_a_pragma_covers_its_brackets():
    source = "foo <bar: 1>  <baz> ^ 1"
    assert [text(source, each) for each in parse_method(source).pragmas] == ["<bar: 1>", "<baz>"]


def test_the_target_of_an_assignment_has_a_place_of_its_own():
    source = " self := 3"
    assert text(source, only(source).target) == "self"
