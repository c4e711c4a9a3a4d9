"""Tonel files are read into sections and methods; damage is reported with its place."""

from __future__ import annotations

import pytest

from smalltalk.syntax.errors import SyntaxFailure
from smalltalk.syntax.parser import parse_method
from smalltalk.syntax.tonel import MethodDefinition, Section, read_tonel

FILE = """"First comment."

"A thing that ""counts""."
Class {
	#name : #Counter,
	#superclass : 'Object',
	#instVars : [ 'count', #step ],
	#classVars : [],
	#layout : #items, #tag: { #deep : [ 1, { #x : nil } ], #'quoted' : true }
}

{ #category : #'instance creation' }
Counter class >> from: start [
	^ self new setCount: start; yourself
]

{ #category : 'counting' }
Counter >> increment [
	"Brackets that are none: ] [ in a comment, ']' in a string, $] as a character."
	count := count + #(1 [ ]) first.
	^ [ :x | { x. '[' . $[ } ] value: #[1 2]
]

Counter >> + other [ ^ count + other ]

Trait { #name : 'TNamed' }
TNamed classTrait >> make [ ^ self new ]

Extension { #name : #Integer }
{ #category : #'*Counter' }
Integer >> counter [
	^ Counter from: self
]

Package { #name : 'Counter-Core' }

Counter >> late [ ]
"""


def test_a_file_is_read_into_its_sections():
    sections = read_tonel(FILE)
    assert [(each.kind, each.name, each.line) for each in sections] == [
        ("Class", "Counter", 4),
        ("Trait", "TNamed", 26),
        ("Extension", "Integer", 29),
        ("Package", "Counter-Core", 35),
    ]
    assert sections[0].comment == 'A thing that "counts".'
    assert sections[1].comment is None
    assert sections[0].properties == {
        "name": "Counter",
        "superclass": "Object",
        "instVars": ["count", "step"],
        "classVars": [],
        "layout": "items",
        "tag": {"deep": [1, {"x": None}], "quoted": True},
    }


def test_methods_keep_category_side_line_and_source():
    counter = read_tonel(FILE)[0]
    assert counter.methods[0] == MethodDefinition(
        "from: start\n\t^ self new setCount: start; yourself", "instance creation", True, 13, 18, (11, 2)
    )
    assert counter.methods[2] == MethodDefinition("+ other ^ count + other", None, False, 24, 12, (7, 2))
    assert [parse_method(each.source).selector for each in counter.methods] == ["from:", "increment", "+", "late"]


@pytest.mark.parametrize(
    ("body", "kept"), [("^ $ ", "^ $ "), ("^ $  \n", "^ $ "), ("^ $$ ", "^ $$ "), ("^ 3 \n\t", "^ 3")]
)
def test_the_end_of_a_method_is_trimmed_but_for_a_blank_character(body, kept):
    (section,) = read_tonel(f"Counter >> m [ {body}]")
    assert section.methods[0].source == f"m {kept}"
    assert parse_method(section.methods[0].source).selector == "m"


def test_the_class_side_of_a_trait_is_written_class_trait():
    trait = read_tonel("Trait { #name : #T }\nT classTrait >> make [ ^ 1 ]\nT >> foo [ ^ 2 ]")[0]
    assert [each.is_class_side for each in trait.methods] == [True, False]


def test_a_method_without_a_section_extends_its_class():
    (section,) = read_tonel("{ #category : #x }\nInteger >> twice [ ^ self * 2 ]\nInteger >> half [ ^ self / 2 ]")
    assert (section.kind, section.name, len(section.methods)) == ("Extension", "Integer", 2)


def test_an_empty_file_has_no_sections():
    assert read_tonel("") == read_tonel('"only a comment"') == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("Class { #name : #A ", (1, 20), "'}' expected"),
        ("Class { #a : [ 1 }", (1, 18), "']' expected"),
        ("Class { name : #A }", (1, 9), "a key like #name expected"),
        ("Class { #name #A }", (1, 15), "':' expected"),
        ("Class { #name : A }", (1, 17), "a string, symbol, number, list or properties expected"),
        ("Class { #x : 1 }", (1, 17), "#name : expected in the section before"),
        ("Class #A", (1, 7), "'{' expected"),
        ("Class { #name : #A }\nA >> foo [ [ ]", (2, 15), "']' expected"),
        ("Class { #name : #A }\nA >> foo ", (2, 3), "'>>', the method's pattern and '[' expected"),
        ("Class { #name : #A }\n42", (2, 1), "Class, Trait, Extension, Package or a method expected"),
        ("Class { #name : #A }\n{ #category : #x }", (2, 19), "Class, Trait, Extension, Package or a method expected"),
        ("Class { #name : 'A }", (1, 21), "Unmatched ' in string literal."),
        ("Class { #a : " + "[" * 1_000, (1, 114), "Nested too deeply"),
    ],
)
def test_damage_is_reported_with_its_place(text, place, message):
    with pytest.raises(SyntaxFailure) as caught:
        read_tonel(text)
    assert ((caught.value.line, caught.value.column), caught.value.message) == (place, message)


def test_an_open_method_names_its_bracket():
    with pytest.raises(SyntaxFailure) as caught:
        read_tonel("Class { #name : #A }\nA >> foo [\n\t^ [ 1 ")
    assert caught.value.suggestion == "missing ']' for the '[' at line 2 column 10"


def test_every_prefix_of_a_file_is_read_or_refused():
    for stop in range(len(FILE)):
        try:
            sections = read_tonel(FILE[:stop])
        except SyntaxFailure:
            continue
        assert all(isinstance(each, Section) for each in sections)
