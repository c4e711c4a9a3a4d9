"""What is compiled in place of blocks and texts goes on after it was stopped at any safe point, and restored."""

from __future__ import annotations

import pytest

from tests.smalltalk.suspension.stops import Whim
from tests.smalltalk.suspension.subject import Subject

#: Methods of a class, in each of which something is done in place.
METHODS = (
    "count: words | d | d := Dictionary new. words do: [:w | d at: w put: (d at: w ifAbsent: [self wait: 0]) + 1]. ^d",
    "new ^self wait: OrderedCollection new",
    "groups: all | d | d := Dictionary new. all do: [:n | (d at: n \\\\ 3 ifAbsentPut: [self new]) add: n]. ^d",
    "find: k in: d | was | was := k. ^{d at: k ifAbsent: [^self wait: #none]. was}",
    "sum: aSet | s | s := 0. aSet do: [:each | s := s + (self wait: each)]. ^s",
    "write: n on: s s nextPutAll: '<'; nextPutAll: (self wait: n) printString; nextPutAll: '>'; space",
    "text: all ^String streamContents: [:s | all do: [:n | self write: n on: s]]",
    "wait: x (1 to: 2) do: [:i | i yourself]. ^x",
)

#: Expressions on an instance, and their answers.
ANSWERS = (
    ("p count: #('a' #b 'a' 3 #b 4.5)", "a Dictionary("),
    ("p groups: #(1 2 3 4)", "0->an OrderedCollection(3) 1->an OrderedCollection(1 4) 2->an OrderedCollection(2) )"),
    ("{p find: 3 in: (Dictionary newFrom: {3 -> 4}). p find: 5 in: Dictionary new}", "#(#(4 3) #none)"),
    ("p sum: (Set withAll: #(1 2 3))", "6"),
    ("p text: #(1 -2 1.5)", "'<1> <-2> <1.5> '"),
)


def prepared() -> Subject:
    """A session with the class, whose code made its guesses before."""
    subject = Subject()
    subject.generated("Object subclass: #Placed instanceVariableNames: '' classVariableNames: '' package: 'Test'")
    for method in METHODS:
        subject.generated(f"Placed compile: '{method.replace(chr(39), chr(39) * 2)}'")
    for expression, _ in ANSWERS:
        for _ in range(4):
            subject.generated(f"| p | p := Placed new. {expression}")
    return subject


@pytest.mark.parametrize("is_restored", [False, True])
@pytest.mark.parametrize(("expression", "answer"), ANSWERS)
def test_a_method_with_code_in_place_goes_on_wherever_it_was_stopped(
    expression: str, answer: str, is_restored: bool
) -> None:
    source = f"| p | p := Placed new. {expression}"
    wanted = prepared().generated(source)
    assert answer in repr(wanted)
    subject = prepared()
    run = subject.restored if is_restored else subject.stopped
    assert run(source, Whim(7, 1.0, 40, 5_000), is_interpreted=False) == wanted
