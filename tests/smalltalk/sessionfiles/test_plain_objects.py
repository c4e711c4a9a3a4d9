"""Objects that are read at one go are what they are when they are read part by part, and are refused for the same."""

from __future__ import annotations

import re
from random import Random
from re import Match
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk import SessionFileError
from smalltalk.sessionfiles.labels import SECTIONS
from smalltalk.sessionfiles.stonreader import StonText
from tests.smalltalk.sessionfiles.filed import body_of, ended, read, sealed
from tests.smalltalk.sessionfiles.mutations import ALL_KINDS, Mutant

if TYPE_CHECKING:
    from smalltalk import SessionContents

#: Line of an object: what comes before its last brace, and what from there on.
LINE = re.compile(r"^(\{#id:\d+,#class:.*)(\}(?:|,|\],))$", re.MULTILINE)
VALUES = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.from_regex(r"#[A-Za-z0-9_./-]{1,6}", fullmatch=True),
    st.from_regex(r"\[[0-9]{1,3}\]", fullmatch=True),
    st.sampled_from(
        [
            *("nil", "true", "false", "null", "nile", "-", "[]", "1.", "1e5", "-0", "007", "[007]", "1e400", "--1"),
            *("'x'", "#'a b'", "", "{#character:97}", "[1,#Array]", " 3 ", "[57]", "#", "é", "1_0", "٣"),
        ]
    ),
)


def part_by_part(data: bytes) -> bytes:
    """A file that says the same, with a blank in each object by which it is none that is read at one go."""
    body, count = LINE.subn(r"\1 \2", body_of(data))
    assert count
    return sealed(body)


def typed(value: Any) -> Any:
    """A value in which 1, 1.0 and True differ."""
    if isinstance(value, tuple):
        return [typed(each) for each in value]
    return {oid: typed(record) for oid, record in value.items()} if type(value) is dict else (type(value), value)


def outcome(data: bytes) -> tuple[Any, Any, str]:
    """What a file says and which of its objects are known to be right; or why it is refused."""
    try:
        contents: SessionContents = read(data)
    except SessionFileError as error:
        return None, None, str(error)
    assert contents.reading is not None
    states = [contents, *contents.savepoints]
    return [typed(dict(each.records)) for each in states], contents.reading.sure, ""


def test_most_objects_are_read_at_one_go_and_none_with_a_blank_inside() -> None:
    for data, is_plain in ((ALL_KINDS.read_bytes(), True), (part_by_part(ALL_KINDS.read_bytes()), False)):
        tree = ended(StonText(data.decode()).steps())
        assert any(isinstance(each, Match) for section in SECTIONS for each in tree[section]) is is_plain


def test_objects_are_the_same_either_way() -> None:
    data = ALL_KINDS.read_bytes()
    assert outcome(data) == outcome(part_by_part(data))
    assert outcome(data)[2] == ""


@pytest.mark.parametrize("seed", range(100, 160))
def test_what_one_change_makes_is_the_same_or_is_refused_for_the_same(seed: int) -> None:
    mutant = Mutant(Random(seed))
    mutant.change()
    assert outcome(mutant.data()) == outcome(part_by_part(mutant.data()))


@settings(max_examples=80, deadline=None)
@given(values=st.lists(VALUES, max_size=4), mark=st.sampled_from([",", " ,", ", ", ";", ",,"]))
def test_any_elements_are_the_same_or_are_refused_for_the_same(values: list[str], mark: str) -> None:
    lines = body_of(ALL_KINDS.read_bytes()).split("\n")
    place = next(place for place, line in enumerate(lines) if re.match(r"\{#id:\d+,#class:#Array,#items:", line))
    lines[place] = re.sub(r"#items:.*\]\}", lambda _: f"#items:[{mark.join(values)}]}}", lines[place])
    data = sealed("\n".join(lines))
    assert outcome(data) == outcome(part_by_part(data))


@pytest.mark.parametrize(
    ("piece", "others"),
    [
        ("#variables:{#n:1}", ["#variables:{#m:1}", "#variables:{}", "#variables:{#n:'1'}"]),
        ("#variables:{#n:1}", ["#variables:{#n:[999]}", "#variables:{#n:1,#o:2}", "#variables:[1]", "#items:[1]"]),
        ("#bytes:'", ["#bytes:'0", "#text:'", "#items:'", "#bytes:#'", "#bytes:'00',#bytes:'"]),
    ],
)
def test_what_a_class_does_not_have_is_refused_for_the_same(piece: str, others: list[str]) -> None:
    body = body_of(ALL_KINDS.read_bytes())
    assert piece in body
    for other in others:
        data = sealed(body.replace(piece, other, 1))
        assert outcome(data) == outcome(part_by_part(data)), other


def test_a_variable_that_stands_twice_is_refused_either_way() -> None:
    data = sealed(body_of(ALL_KINDS.read_bytes()).replace("#variables:{#n:1}", "#variables:{#n:1,#n:1}", 1))
    assert "the variables are not those of the class: n" in outcome(data)[2]
    assert "the key stands here twice" in outcome(part_by_part(data))[2]


def test_a_shape_that_names_a_variable_twice_is_none() -> None:
    """Else a plain object's variables, which are told by the shape alone, could have one name twice."""
    body = re.sub(r"#names:\['n'\]", "#names:['n','n']", body_of(ALL_KINDS.read_bytes()))
    body = body.replace("#variables:{#n:1}", "#variables:{#n:1,#n:2}")
    with pytest.raises(SessionFileError, match=r"Line \d+, column \d+: object \d+: object \d+ is no shape of a class"):
        read(sealed(body))
