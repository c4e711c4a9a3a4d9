"""A do-it's shape leaves out just the literals, and sources of one shape are one program with other literals."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from smalltalk.syntax import nodes
from smalltalk.syntax.errors import SyntaxFailure
from smalltalk.syntax.parser import parse_doit
from smalltalk.syntax.shape import parameter_places, shape

#: Places are not part of a tree's meaning.
PLACES = {"start", "stop", "selector_start", "source", "literals"}
PIECES = [
    "a", "b", "foo: ", "1", "2", "1.5", "-3", "-3.5", "16rF", "1e5", "1e-5", "3s2", "'x'", "'it''s'", "$a", "$'",
    "$-", "$(", "#a", "#a:", "#+", "#-", "#'x 1'", "#(1 -2)", "#((1) 2)", "#[1]", "(", ")", "[", "]", "{", "}", "|",
    ":=", "^", ".", ";", "+", "-", "- ", " ", " ", " ", "\n", '"c"', '"1"', "x1", "é", "1é",
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)


def meaning(node: object) -> object:
    """Answer a tree without places, its parameters by index and type."""
    if isinstance(node, nodes.Literal) and node.parameter is not None:
        return ("parameter", node.parameter, type(node.value))
    if dataclasses.is_dataclass(node):
        fields = (each.name for each in dataclasses.fields(node) if each.name not in PLACES)
        return (type(node), *(meaning(getattr(node, name)) for name in fields))
    if isinstance(node, list):
        return tuple(map(meaning, node))
    return (type(node), node)


def parsed(source: str) -> nodes.Doit | None:
    """Parse with parameters; None for a faulty source."""
    try:
        return parse_doit(source, parametrise=True)
    except SyntaxFailure:
        return None


def literals_of(node: object) -> dict[int, object]:
    """Answer the values of the tagged literals of a tree by their index."""
    found: dict[int, object] = {}
    if isinstance(node, nodes.Literal) and node.parameter is not None:
        found[node.parameter] = node.value
    elif dataclasses.is_dataclass(node):
        for each in dataclasses.fields(node):
            found |= literals_of(getattr(node, each.name))
    elif isinstance(node, list):
        for each in node:
            found |= literals_of(each)
    return found


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("3 + 4", (3, 4)),
        ("3-2", (3, 2)),
        ("3 -2", (3, 2)),
        ("3 - -2", (3, -2)),
        ("-2 abs + -3.5", (-2, -3.5)),
        ("a at: -1 put: (-2)", (-1, -2)),
        ("x := -7. ^ -8", (-7, -8)),
        ("a foo\n-3", (3,)),
        ("'it''s' , 'x'", ("it's", "x")),
        ("1.5 + 007 + 0.1", (1.5, 7, 0.1)),
        ("a1 + b2c3", ()),
        ("16rFF + 1e5 + 2r1 + 1.5e3 + 3s2 + 1_000 + 1e-5", ()),
        ("#foo: , $1 , #'1' , #+ , $- , 1", (1,)),
        ("#(1 2 a) at: 1", (1,)),
        ("#[1 2] at: 1", (1,)),
        ("#(1 (2)) at: 1", ()),
        ("#('a') at: 1", ()),
        ("$ -2", (2,)),
        ('"1" 2 "3"', (2,)),
        ("a=-2", ()),
        ("1" * 4_050, ()),
    ],
)
def test_the_values_of_a_shape(source, values):
    found = shape(source)
    assert found is not None
    assert found[1] == values
    assert [type(each) for each in found[1]] == [type(each) for each in values]


def test_a_long_source_has_no_shape():
    assert shape("3." * 2_000) is not None
    assert shape("3." * 2_100) is None


@pytest.mark.parametrize("source", ["a 'b", 'a "b', "a $", "a := '\x01'", "\0<foo: 1>"])
def test_a_source_that_cannot_be_scanned_has_no_shape(source):
    assert shape(source) is None
    assert parameter_places(source) == ({}, ())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("x at: 3 put: 'a'", "x at: 400 put: 'it''s'"),
        ("x := -3", "x := 3"),
        ("3 + 4", "31 + 0"),
        ('3 "three" + 4', '5 "five" + 6'),
        ("1.5 foo", "2.25 foo"),
    ],
)
def test_sources_that_differ_in_literals_share_a_key(one, other):
    assert shape(one)[0] == shape(other)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 + 4", "3 - 4"),
        ("3", "3.0"),
        ("3", "'3'"),
        ("16rF", "16rE"),
        ("#a", "#b"),
        ("a -3", "a foo: -3"),
        ("1", "1 2"),
    ],
)
def test_sources_that_differ_in_more_have_keys_of_their_own(one, other):
    assert shape(one)[0] != shape(other)[0]


@settings(max_examples=500, deadline=None)
@given(SOURCES)
@example("1a-23.5")
@example("$( -2")
@example('a "c" -2')
@example("#+ -2.5")
def test_the_parser_tags_what_the_shape_takes_out(source):
    doit = parsed(source)
    if doit is not None:
        found = shape(source)
        assert found is not None
        assert doit.literals == found[1]
        assert literals_of(doit) == dict(enumerate(found[1]))


@settings(max_examples=500, deadline=None)
@given(SOURCES, st.randoms(use_true_random=False))
def test_other_literals_in_the_same_places_make_the_same_program(source, random):
    doit = parsed(source)
    if doit is None:
        return
    other, shift = source, 0
    for start, value in zip(*parameter_places(source), strict=True):
        old = value_text(source, start)
        new = {int: str(random.randrange(10**6)), float: f"{random.randrange(999)}.5", str: "'(''1'"}[type(value)]
        other = other[: start + shift] + new + other[start + shift + len(old) :]
        shift += len(new) - len(old)
    assert shape(other)[0] == shape(source)[0]
    assert meaning(parsed(other)) == meaning(doit)


def value_text(source: str, start: int) -> str:
    """Answer the text of the literal at a place: up to the last character with which it still parses to one literal."""
    for stop in range(len(source), start, -1):
        doit = parsed(source[start:stop])
        statements = doit.statements if doit else []
        if len(statements) == 1 and isinstance(statements[0], nodes.Literal) and statements[0].stop == stop - start:
            return source[start:stop]
    pytest.fail(f"no literal at {start} of {source!r}")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=4).map("".join), min_size=2, max_size=200))
def test_one_key_means_one_program(sources):
    programs: dict[str, object] = {}
    for source in sources:
        found = shape(source)
        if found is not None:
            doit = parsed(source)
            program = None if doit is None else meaning(doit)
            assert programs.setdefault(found[0], program) == program
