"""Traits of a session survive restarts, are filed out and in, and reach all who use them."""

from __future__ import annotations

import pytest

from smalltalk import ClassBrowser, CodeSearch
from tests.smalltalk.test_sources import FORMATS, Sources

TRAITS = """\
"I greet whoever I am."
Trait {
	#name : #TGreeter,
	#instVars : [ 'tone' ],
	#traits : 'TBase - {#unused}',
	#classTraits : 'TBase classTrait',
	#package : 'Greetings',
	#tag : 'Traits'
}

{ #category : #greeting }
TGreeter >> greet [
	^ 'hello ' , self name , tone asString
]

{ #category : #making }
TGreeter class >> loud [
	^ self new setTone: '!'; yourself
]

{ #category : #private }
TGreeter >> setTone: aString [
	tone := aString
]

Trait { #name : #TBase, #category : 'Greetings' }

TBase >> unused [
	^ 1
]

TBase >> base [
	^ #base
]

TBase classTrait >> made [
	^ #made
]

Class {
	#name : #Greeter,
	#superclass : #Object,
	#traits : 'TGreeter @ {#hi -> #greet}',
	#classTraits : 'TGreeter classTrait',
	#instVars : [ 'own' ],
	#pools : [ 'Names' ],
	#category : 'Greetings'
}

Greeter >> name [
	^ World
]

Class { #name : #Names, #superclass : #SharedPool, #classVars : [ 'World' ], #category : 'Greetings' }

Names class >> initialize [
	World := 'world'
]
"""


@pytest.fixture
def session() -> Sources:
    session = Sources()
    assert session.file_in(TRAITS).errors == []
    return session


def test_tonel_defines_traits_pools_and_their_users_in_any_order(session: Sources) -> None:
    assert session.run("Greeter loud hi") == "'hello world!'"
    assert session.run("{Greeter new base. Greeter made}") == "#(#base #made)"
    assert session.run("Greeter instVarNames") == "#(#own #tone)"
    assert session.run("TGreeter comment") == "'I greet whoever I am.'"
    assert session.run("TGreeter category") == "'Greetings-Traits'"
    assert session.fail("Greeter new unused").error_class == "MessageNotUnderstood"


def test_traits_and_their_users_survive_a_restart(session: Sources) -> None:
    session.run("g := Greeter loud")
    session.restart()
    assert session.run("g greet") == "'hello world!'"
    assert session.run("Greeter traitComposition") == "TGreeter @ {#hi->#greet}"
    assert session.run("(Greeter >> #base) origin") == "TBase"
    assert session.run("Greeter sharedPools") == "{Names}"
    assert session.run("TBase traitUsers") == "{TGreeter}"
    session.run("TBase compile: 'base ^ #other'")
    session.restart()
    assert session.run("g base") == "#other"


def test_a_trait_that_gains_a_variable_reshapes_the_instances_of_its_users(session: Sources) -> None:
    session.run("g := Greeter loud")
    session.restart()
    session.run("TGreeter slots: { #before. #tone }")
    assert session.run("g greet") == "'hello world!'"
    session.restart()
    assert session.run("{g greet. Greeter instVarNames}") == "#('hello world!' #(#own #before #tone))"


def test_no_class_gets_a_variable_that_another_of_its_line_has(session: Sources) -> None:
    session.run("Object << #Upper traits: {TGreeter}; package: 'X'. Upper << #Lower slots: {#k}; package: 'X'")
    session.run("Lower compile: 'k ^ k ifNil: [k := 5]'. low := Lower new. low k. Upper class addInstVarNamed: 'side'")
    for code in (
        "Upper slots: {#k}",
        "Upper addInstVarNamed: 'k'",
        "TGreeter addInstVarNamed: 'k'",
        "TBase addInstVarNamed: 'k'",
        "Lower class instanceVariableNames: 'mine'. Upper class instanceVariableNames: 'side mine'",
    ):
        assert "twice, its superclasses included" in session.fail(code).message
    assert session.run("{Lower allInstVarNames. Lower class allInstVarNames}") == "#(#(#tone #k) #(#side #mine))"
    session.run("Lower addInstVarNamed: 'more'. Upper addInstVarNamed: 'other'")
    assert session.run("{Lower allInstVarNames. low k}") == "#(#(#tone #other #k #more) 5)"


def test_a_variable_that_is_inherited_now_comes_no_more_from_a_trait(session: Sources) -> None:
    session.run("Object << #Upper package: 'X'. Upper << #Lower traits: {TGreeter}; package: 'X'")
    session.run("low := Lower loud. Upper slots: {#tone}")
    session.restart()
    assert session.run("{Lower allInstVarNames. Lower instVarNames}") == "#(#(#tone) #())"
    session.run("Upper slots: {}")
    session.restart()
    assert session.run("{Lower allInstVarNames. Lower instVarNames}") == "#(#(#tone) #(#tone))"
    assert session.run("low instVarNamed: 'tone'") == "'!'"


def test_what_a_trait_requires_yields_to_every_other_method_whenever_it_comes(session: Sources) -> None:
    session.run("Trait << #TNeeds package: 'X'. TNeeds compile: 'foo ^ self explicitRequirement'")
    session.run("TNeeds classTrait compile: 'bar ^ self explicitRequirement'. Object << #Upper package: 'X'")
    session.run("Upper << #Lower traits: {TNeeds}; package: 'X'. Object compile: 'foo ^ #late'")
    assert session.run("Upper << #Last traits: {TNeeds}; package: 'X'. {Lower new foo. Last new foo}") == (
        "#(#late #late)"
    )
    session.restart()
    session.run("Upper compile: 'foo ^ #nearer'. Class compile: 'bar ^ #class'")
    assert session.run("{Lower new foo. Lower bar}") == "#(#nearer #class)"
    session.run("Upper removeSelector: #foo. Class removeSelector: #bar")
    assert session.run("Lower new foo") == "#late"
    assert "equire" in session.fail("Lower bar").message
    session.run("Object removeSelector: #foo")
    assert "equire" in session.fail("Lower new foo").message
    session.run("TNeeds compile: 'hash ^ self explicitRequirement'. kept := (Object lookupSelector: #hash)")
    session.run("kept methodClass removeSelector: #hash")
    assert "equire" in session.fail("Lower new hash").message
    session.run("kept methodClass compile: kept sourceCode")
    assert session.run("Lower new hash isInteger") == "true"


@FORMATS
def test_traits_are_filed_out_and_in_again(session: Sources, file_format: str) -> None:
    text = session.file_out(file_format)
    other = Sources()
    assert other.file_in(text, file_format).errors == []
    assert other.file_out(file_format) == text
    assert other.file_out("tonel") == session.file_out("tonel")
    other.run("Names initialize")
    assert other.run("Greeter loud hi") == "'hello world!'"


def test_copies_of_trait_methods_are_not_filed_out(session: Sources) -> None:
    assert "Greeter >> greet" not in session.file_out(class_name="Greeter")
    assert "TGreeter >> greet" in session.file_out(class_name="TGreeter")


def test_a_class_keeps_what_it_defined_itself_when_its_trait_changes(session: Sources) -> None:
    session.run("Greeter compile: 'base ^ super hash. ^ #mine'")
    session.restart()
    session.run("TBase compile: 'base ^ #theirs'")
    assert session.run("(Greeter >> #base) isFromTrait") == "false"
    session.run("Greeter removeSelector: #base")
    assert session.run("Greeter new base") == "#theirs"


def test_an_unknown_trait_leaves_no_class(session: Sources) -> None:
    report = session.file_in("Class { #name : #Odd, #superclass : #Object, #traits : 'TNowhere', #category : 'X' }")
    assert [(each.class_name, each.message) for each in report.errors] == [("Odd", "Undeclared variable: TNowhere")]
    assert session.run("Smalltalk includesKey: #Odd") == "false"


def test_traits_are_browsed_like_classes_and_their_copies_with_their_users(session: Sources) -> None:
    browser = ClassBrowser(session.image.world)
    assert browser.class_row(browser.behavior("TGreeter"))["superclass"] is None
    assert [row["name"] for row in browser.listing("TGreeter", "All")] == ["base", "greet", "setTone:", "loud", "made"]
    assert "greet" in [row["name"] for row in browser.listing("Greeter", "Instance")]
    assert "TGreeter" in [row["name"] for row in browser.tree(None)]
    implementors = CodeSearch(session.image.world, lambda: None).implementors("greet")
    assert {repr(each) for each in implementors} == {"Greeter>>#greet", "TGreeter>>#greet"}


HOSTILE = [
    "FluentClassBuilder new basicInstall: nil",
    "FluentClassBuilder new basicInstall: #(1 2 3)",
    "FluentClassBuilder new basicInstall: (Array new: 11)",
    "FluentClassBuilder new basicInstall: {Object. #Bad. 3. #(). #(). 'x'. nil. nil. #(). nil. false}",
    "FluentClassBuilder new basicInstall: {Object. #Bad. #(). #(). #(). 'x'. #text. nil. #(). nil. false}",
    "FluentClassBuilder new basicInstall: {Object. #Bad. #(). #(). {3}. 'x'. nil. nil. #(). nil. false}",
    "FluentClassBuilder new basicInstall: {Object. #Bad. #(). #(). #(). 'x'. nil. nil. #(1). nil. false}",
    "FluentClassBuilder new basicInstall: {Object. #Bad. #(). #(). #(). 'x'. nil. nil. {{TBase. 3. #()}}. nil. false}",
    "FluentClassBuilder new basicInstall: {Object. #Bad. #(). #(). #(). 'x'. nil. nil. {{TBase. {1}. 2}}. nil. false}",
    "FluentClassBuilder new basicInstall: {TBase. #Bad. #(). #(). #(). 'x'. nil. nil. #(). nil. false}",
    "FluentClassBuilder new basicInstall: {nil. #Bad. #(). #(). #(). 'x'. nil. nil. #(). nil. false}",
    "FluentClassBuilder new basicInstall: {Object. 3. #(). #(). #(). 'x'. nil. nil. #(). nil. false}",
    "Greeter basicUses: 3. Greeter basicUses: {nil}",
    "Greeter basicUses: {{TBase. {TBase}. #()}}",
    "Greeter class basicUses: {{Object class. #(). #()}}",
    "Greeter basicUses: {{TGreeter. {#'x:y:' -> #setTone:}. #()}}",
    "Greeter basicUses: {{TGreeter. {#'1+2' -> #setTone:}. #()}}",
    "Greeter basicUses: {{TGreeter. {#'^ nil foo: ' -> #setTone:}. #()}}",
    "Greeter basicUses: {{TGreeter. {#'a b' -> #greet}. #()}}",
    "Greeter basicUses: {{TGreeter. {#'' -> #greet}. #()}}",
    "Integer class traitComposition: TBase class",
    "Integer sharedPools: {Names}",
    "Greeter sharedPools: {3}",
    "Greeter renameInstVarNamed: 'own' to: 'a b'",
    "Greeter renameInstVarNamed: nil to: 3",
    "TGreeter renameInstVarNamed: 'tone' to: 'pitch'",
    "Greeter rename: 3",
    "Greeter rename: 'not a name'",
    "DefinitionVersion of: 3 in: 4 selector: 5. 1 zork",
    "TBase @ {3 -> 4}",
    "Greeter traitComposition: TBase @ {#x -> #nothing: }",
]


@pytest.mark.parametrize("code", HOSTILE)
def test_what_makes_no_sense_is_an_ordinary_error(session: Sources, code: str) -> None:
    report = session.fail(code)
    assert report.kind == "error"
    assert report.error_class != "PrimitiveFailed", report.message
    assert session.run("Greeter loud hi") == "'hello world!'"
