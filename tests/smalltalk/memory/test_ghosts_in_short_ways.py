"""Objects that are not loaded yet take the short ways of generated code as they would loaded."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes

#: What is kept over a restart, and what a method with short ways answers of it, by name of the method.
KEPT = (
    ("Dictionary new at: 1 put: 4; yourself", "4 true 1 false"),
    ("OrderedCollection with: 4", "4 true 1 false"),
    ("Array with: 4", "4 true 1 false"),
    ("'a' copy", "$a true 1 false"),
    ("Listed with: 4", "8 true 1 false"),
    ("Own new", "7 nil nil nil"),
)


@pytest.mark.parametrize(("making", "answers"), KEPT)
@pytest.mark.parametrize("first", ["nothing", "(OrderedCollection with: 4)"])
def test_an_object_that_is_not_loaded_answers_as_ever(making: str, answers: str, first: str) -> None:
    session = Lifetimes()
    session.run("OrderedCollection subclass: #Listed. Listed compile: 'at: i ^ 2 * (super at: i)'")
    session.run("Object subclass: #Own. Own compile: 'at: i ^ 7'; compile: 'mine ^ true'")
    session.run(
        "Object subclass: #Probe. Probe compile: 'first: c ^ c at: 1'; compile: 'known: c ^ c includes: (c at: 1)'"
    )
    session.run("Probe compile: 'size: c ^ c size'; compile: 'empty: c c isEmpty ifTrue: [^ true]. ^ false'")
    session.run("Probe compile: 'mine: c ^ c mine'; compile: 'put: c ^ c add: 3'")
    session.run(f"kept := Smalltalk at: #Kept put: {{{making}. Probe new}}")
    for selector, answer in zip(("first:", "known:", "size:", "empty:"), answers.split(), strict=True):
        session.restart()
        if first != "nothing":
            session.run(f"Probe new {selector} {first}")
        if answer != "nil":
            assert session.run(f"(kept at: 2) {selector} (kept at: 1)") == answer


@pytest.mark.parametrize("making", ["Dictionary new", "OrderedCollection new", "Array with: 4"])
def test_an_object_that_is_not_loaded_says_what_it_does_not_understand(making: str) -> None:
    session = Lifetimes()
    session.run("Object subclass: #Own. Own compile: 'mine ^ true'")
    session.run("Object subclass: #Probe. Probe compile: 'mine: c ^ c mine'; compile: 'drop: c ^ c removeFirst'")
    session.run(f"kept := {{{making}}}")
    session.restart()
    assert session.fail("Probe new mine: (kept at: 1)").error_class == "MessageNotUnderstood"
