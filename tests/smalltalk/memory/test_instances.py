"""`allInstances` finds what the session's variables and computations lead to, loaded or not, and nothing else."""

from __future__ import annotations

import pytest

from smalltalk.memory import reclaiming
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A session with a class and a subclass of it."""
    session = Lifetimes()
    session.run("Object subclass: #Part instanceVariableNames: 'next' classVariableNames: '' package: 'T'")
    session.run("Part compile: 'next: x next := x'. Part subclass: #Screw. nil")
    return session


@pytest.mark.parametrize(
    ("held", "count"),
    [
        ("Part new. nil", 0),
        ("p := Part new. nil", 1),
        ("p := Part new next: Part new; yourself. nil", 2),
        ("p := Part new. p next: p. nil", 1),
        ("p := [Part new] value. b := [p]. p := nil. nil", 0),
        ("| x | x := Part new. b := [x]. nil", 1),
        ("d := Dictionary new at: Part new put: Part new; yourself. nil", 2),
        ("p := Screw new. nil", 0),
        ("Smalltalk at: #Kept put: Part new. nil", 1),
        ("w := WeakArray with: Part new. nil", 1),
        ("s := Semaphore new. [| x | x := Part new. s wait. x] fork. Processor yield. nil", 1),
    ],
)
def test_how_many_there_are_before_and_after_a_restart(session: Lifetimes, held: str, count: int) -> None:
    session.run(held)
    assert session.run("Part allInstances size") == str(count)
    session.restart()
    assert session.run("Part allInstances size") == str(count)


@pytest.mark.parametrize(
    "held", ["3 @ 4", "{77777. 88888}", "{5. #Part}", "{7. 8. 9}", "{4. #Part. 5}", "3 to: 4", "2 -> #Part", "1 / 2"]
)
def test_numbers_that_look_like_a_reference_are_none(session: Lifetimes, held: str) -> None:
    session.run(f"p := {{Part new. {held}}}. w := WeakArray with: Object new. nil")
    session.restart()
    assert session.run("Part allInstances size") == "1"
    assert session.run("p first pointersTo size") == "1"
    assert session.run("Smalltalk garbageCollect. w first") == "nil"


def test_instances_that_were_never_loaded_are_the_same_objects(session: Lifetimes) -> None:
    session.run("p := OrderedCollection new. 1 to: 3 do: [:i | p add: {Part new}]. nil")
    session.restart()
    assert (
        session.run("found := Part allInstances. found allSatisfy: [:e | p anySatisfy: [:l | l first == e]]") == "true"
    )


def test_subclasses_count_where_they_are_asked_for(session: Lifetimes) -> None:
    session.run("p := {Part new. Screw new. Screw new}. nil")
    assert session.run("{Part instanceCount. Screw instanceCount. Part allSubInstances size}") == "#(1 2 3)"
    assert (
        session.run("n := 0. Screw allInstancesDo: [:e | n := n + 1]. Part allSubInstancesDo: [:e | n := n + 10]. n")
        == "32"
    )
    assert session.run("{Screw someInstance class. (Screw subclass: #Bolt) someInstance}") == "{Screw. nil}"


def test_classes_of_one_instance_have_that(session: Lifetimes) -> None:
    assert session.run("{nil class allInstances. true class allInstances. Part class allInstances}") == (
        "{#(nil). #(true). {Part}}"
    )


def test_a_session_too_large_to_search_says_so(session: Lifetimes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaiming, "THINGS_MAX", 100)
    session.run("keep := (1 to: 100) collect: [:i | 1/(i+1)]. nil")
    assert "too many objects" in session.fail("Part allInstances").message
