"""An object that gave way to another one (`becomeForward:`) is that one everywhere, now and after a restart."""

from __future__ import annotations

import pytest

from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    """A session with two stored objects, and a third that refers to both."""
    session = Lifetimes()
    session.run("Object subclass: #Cell instanceVariableNames: 'v' classVariableNames: '' package: 'Cells'")
    session.run(
        "Cell compile: 'v ^ v'. Cell compile: 'v: n v := n'. Cell class compile: 'on: n ^ self new v: n; yourself'"
    )
    session.run("Cell compile: 'yieldTo: other self becomeForward: other. v := 99. ^ self'")
    session.run("a := Cell on: 1. b := Cell on: 2. all := {a. b. a}")
    return session


def test_all_references_mean_the_other_object(session: Lifetimes) -> None:
    assert session.run("a becomeForward: b. {a v. (all at: 1) v. a == b. (all at: 1) == (all at: 2)}") == (
        "#(2 2 true true)"
    )
    assert session.run("a v: 5. {b v. (all at: 3) v}") == "#(5 5)"


def test_ghosts_give_way_and_stay_so(session: Lifetimes) -> None:
    session.restart()
    session.run("a becomeForward: b")
    session.restart()
    assert session.run("{(all at: 1) v. a == b. (all at: 3) == b}") == "#(2 true true)"
    session.run("b v: 7")
    session.restart()
    assert session.run("{a v. (all at: 1) v}") == "#(7 7)"


def test_objects_of_other_classes_and_kinds_take_over(session: Lifetimes) -> None:
    session.run("list := OrderedCollection new. a becomeForward: list. list add: 4")
    assert session.run("{a size. a class. a asArray. a , #(5)}") == (
        "an Array(1 OrderedCollection #(4) an OrderedCollection(4 5))"
    )
    session.restart()
    assert session.run("{(all at: 1) == list. a}") == "an Array(true an OrderedCollection(4))"


def test_a_new_object_takes_over_one_that_only_stored_objects_refer_to(session: Lifetimes) -> None:
    session.run("a := nil")
    session.restart()
    session.run("(all at: 1) becomeForward: (Cell on: 8)")
    session.restart()
    assert session.run("{(all at: 1) v. (all at: 3) v}") == "#(8 8)"


@pytest.mark.parametrize(("copies", "whose"), [("true", "first"), ("false", "last")])
def test_the_identity_hash_is_taken_over_or_not(session: Lifetimes, copies: str, whose: str) -> None:
    session.run("hashes := {a identityHash. b identityHash}")
    session.run(f"a becomeForward: b copyHash: {copies}")
    assert session.run(f"{{a identityHash = hashes {whose}. b identityHash = hashes {whose}}}") == "#(true true)"
    session.restart()
    assert session.run(f"{{a v. b identityHash = hashes {whose}. (all at: 2) v}}") == "#(2 true 2)"


def test_a_running_method_goes_on_as_the_other_object(session: Lifetimes) -> None:
    assert session.run("(a yieldTo: b) == b") == "true"
    session.restart()
    assert session.run("{a v. b v}") == "#(99 99)"


def test_chains_end_at_the_last_object(session: Lifetimes) -> None:
    session.run("c := Cell on: 3. a becomeForward: b. b becomeForward: c")
    assert session.run("{a v. a == c. b == c. (all at: 1) == (all at: 2)}") == "#(3 true true true)"
    session.restart()
    assert session.run("{a v. a == c. b == c. (all at: 1) == (all at: 2)}") == "#(3 true true true)"


def test_become_and_copies_work_on_what_it_is_now(session: Lifetimes) -> None:
    session.run("a becomeForward: b")
    assert session.run("{a copy v. all deepCopy first v. a shallowCopy == b}") == "#(2 2 false)"
    session.run("d := Cell on: 9. a become: d")
    assert session.run("{a v. b v. d v}") == "#(9 9 2)"


def test_instances_that_forward_follow_a_redefinition(session: Lifetimes) -> None:
    session.run("a becomeForward: b")
    session.run("Object subclass: #Cell instanceVariableNames: 'w v' classVariableNames: '' package: 'Cells'")
    assert session.run("{a v. b v. a == b}") == "#(2 2 true)"


def test_collections_find_it_after_a_rehash(session: Lifetimes) -> None:
    session.run("d := IdentityDictionary new. d at: a put: 1. s := IdentitySet with: a. a becomeForward: b")
    assert session.run("d rehash. s rehash. {d at: b. s includes: b}") == "#(1 true)"


def test_many_at_once(session: Lifetimes) -> None:
    assert (
        session.run("{a. b} elementsForwardIdentityTo: {Cell on: 5. Cell on: 6}. all collect: [:e | e v]") == "#(5 6 5)"
    )
    assert (
        session.run("{a. b} elementsExchangeIdentityWith: {Cell on: 3. Cell on: 4}. all collect: [:e | e v]")
        == "#(3 4 3)"
    )


@pytest.mark.parametrize(
    "code", ["3 becomeForward: a", "a becomeForward: nil", "Cell becomeForward: a", "a becomeForward: []"]
)
def test_what_must_stay_what_it_is_says_so(session: Lifetimes, code: str) -> None:
    assert session.fail(code).error_class == "Error"
    assert session.run("a v") == "1"


def test_an_exchange_with_an_object_of_another_class_survives(session: Lifetimes) -> None:
    session.run("a become: (OrderedCollection with: 4)")
    session.restart()
    assert session.run("all first") == "an OrderedCollection(4)"
