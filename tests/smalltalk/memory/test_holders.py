"""`pointersTo` finds the objects and blocks that refer to an object, loaded or not, and nothing else."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes

#: What is held by the variable p of the workspace -> the printed classes of those that refer to what is held.
CASES = [
    ("p := Object new. nil", "#()"),
    ("p := Object new. q := {p. p}. nil", "{Array}"),
    ("p := Object new. q := {3 -> p}. nil", "{Association}"),
    ("p := Object new. q := Dictionary new at: p put: 1; at: 2 put: p; yourself. nil", "{Dictionary}"),
    ("p := Object new. q := Set with: p. r := WeakSet with: p. nil", "{Set. WeakSet}"),
    ("| x | x := p := Object new. q := [x]. nil", "{BlockClosure}"),
    ("| x | x := nil. q := [x := p := Object new. x]. q value. nil", "{BlockClosure}"),
    ("p := Array new: 1. p at: 1 put: p. nil", "{Array}"),
    ("p := Object new. Smalltalk at: #Kept put: p. nil", "#()"),
    ("p := Object new. Smalltalk at: #Kept put: p. q := [:x | Kept]. r := [:x | x]. q value: 1. nil", "#()"),
    ("p := 1. q := {1}. nil", "#()"),
    ("p := Object. q := {Object}. nil", "#()"),
]


@pytest.mark.parametrize(("held", "classes"), CASES)
def test_who_refers_to_it_before_and_after_a_restart(held: str, classes: str) -> None:
    session = Lifetimes()
    session.run(held)
    code = "(p pointersTo collect: [:each | each class]) asArray sorted: [:a :b | a name <= b name]"
    assert session.run(code) == classes
    session.restart()
    assert session.run(code) == classes


def test_what_was_never_loaded_is_found_as_the_same_object() -> None:
    session = Lifetimes()
    session.run("p := Object new. q := OrderedCollection with: {{p}}. nil")
    session.restart()
    assert session.run("found := p pointersTo. found first == q first first") == "true"
    assert session.run("(p pointersToExcept: found) size") == "0"


def test_who_is_left_out_is_not_answered() -> None:
    session = Lifetimes()
    assert session.run("p := Object new. q := {p}. r := {p}. (p pointersToExcept: {q}) first == r") == "true"
