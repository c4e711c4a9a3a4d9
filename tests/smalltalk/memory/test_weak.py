"""Weak collections let go of what nothing else refers to, and of nothing else."""

from __future__ import annotations

import pytest

from smalltalk.memory import reclaiming
from tests.smalltalk.lifetimes import Lifetimes

#: Do-its that make weak references, collect (`GC`), and show what is left; and what that is.
CASES = (
    # what nothing else refers to goes
    ("w := WeakArray with: Object new with: 3. GC. w", "a WeakArray(nil 3)"),
    ("w := WeakArray with: (Array with: 1/2). GC. w", "a WeakArray(nil)"),
    ("| o | o := Object new. w := WeakArray with: o. o := nil. GC. w", "a WeakArray(nil)"),
    ("| o | o := Array new: 1. o at: 1 put: o. w := WeakArray with: o. o := nil. GC. w first", "nil"),
    ("s := WeakSet new. s add: 1/2; add: 'a' copy; add: 3. GC. s", "a WeakSet(3)"),
    ("s := WeakIdentitySet with: Object new with: #a. GC. s size", "1"),
    ("s := WeakOrderedCollection with: Object new with: 2. GC. s asArray", "#(2)"),
    ("d := WeakKeyDictionary new. d at: 1/2 put: 1; at: 2 put: 3/4. GC. d keys", "#(2)"),
    ("| k | d := WeakKeyDictionary new. k := Object new. d at: k put: k. k := nil. GC. d size", "0"),
    ("d := WeakIdentityKeyDictionary new. d at: Object new put: 1. GC. d size", "0"),
    ("d := WeakValueDictionary new. d at: 1 put: 1/2; at: 2 put: 7. GC. d keys", "#(2)"),
    # everything else stays
    ("| o | o := 1/2. w := WeakArray with: o. GC. w", "a WeakArray((1/2))"),
    ("o := 1/2. w := WeakArray with: o. GC. w", "a WeakArray((1/2))"),
    ("g := [:x | x + 1]. w := WeakArray with: g. GC. (w at: 1) value: 2", "3"),
    ("| o | o := 1/2. g := [o]. w := WeakArray with: o. GC. w", "a WeakArray((1/2))"),
    ("| o | o := 1/2. Smalltalk at: #Kept put: o. w := WeakArray with: o. GC. w first", "(1/2)"),
    ("| o b | o := 1/2. b := [o]. w := WeakArray with: b value. GC. w first", "(1/2)"),
    ("{ (1/2). 7 } in: [:e | w := WeakArray with: e first. GC. w]", "a WeakArray((1/2))"),
    ("w := WeakArray new: 1. Array with: (w at: 1 put: 1/2) with: GC with: w first", "{(1/2). 0. (1/2)}"),
    ("w := WeakArray with: Object with: nil with: true with: #a. GC. w first", "Object"),
    ("| k | d := WeakKeyDictionary new. k := 'k' copy. d at: k put: (w := WeakArray with: k). GC. w first", "'k'"),
    ("| o | o := 1/2. s := WeakSet with: o. s asArray = {o}. o := nil. GC. s isEmpty", "true"),
    # loops run as generated code, not step by step
    ("w := WeakArray new: 9. 1 to: 9 do: [:i | w at: i put: 1/(i+1)]. GC. w asSet", "a Set(nil)"),
    ("n := 0. 1 to: 3 do: [:i | | o | o := Object new. s := WeakSet with: o. GC. n := n + s size]. n", "3"),
    ("n := 0. 1 to: 3 do: [:i | s := WeakSet with: Object new. GC. n := n + s size]. n", "0"),
)  # fmt: skip


def collecting(code: str) -> str:
    """The do-it of a case."""
    return code.replace("GC", "Smalltalk garbageCollect")


@pytest.mark.parametrize(("code", "expected"), CASES)
def test_what_stays(code: str, expected: str) -> None:
    session = Lifetimes()
    assert session.run(collecting(code)) == expected


@pytest.mark.parametrize("code", [code for code, _ in CASES])
def test_what_is_left_survives_a_restart(code: str) -> None:
    session = Lifetimes()
    session.run(collecting(code))
    before = session.run("{w. s. d. n}")
    session.restart()
    assert session.run("{w. s. d. n}") == before


def test_unread_records_keep_what_they_refer_to() -> None:
    session = Lifetimes()
    session.run("keep := OrderedCollection with: 1/2. w := WeakArray with: keep first with: 3/4. nil")
    session.restart()
    assert session.run("Smalltalk garbageCollect. w") == "a WeakArray((1/2) nil)"
    assert session.run("keep first == w first") == "true"


def test_weak_collections_that_are_not_loaded_keep_nothing() -> None:
    session = Lifetimes()
    session.run("| o | o := 1/2. w := WeakArray with: o. v := WeakArray with: o. nil")
    session.restart()
    assert session.run("Smalltalk garbageCollect. v first isNil and: [w first isNil]") == "true"


def test_subclasses_of_the_session_hold_weakly_too() -> None:
    session = Lifetimes()
    session.run("WeakArray subclass: #Loose instanceVariableNames: 'tag' classVariableNames: '' package: 'T'")
    session.run("Loose compile: 'tag ^tag'. Loose compile: 'tag: x tag := x'")
    session.run("| l | l := Loose new: 1. l at: 1 put: 1/2. l tag: 3/4. x := l. nil")
    session.restart()
    assert session.run("Smalltalk garbageCollect. {x first. x tag}") == "{nil. (3/4)}"


def test_what_was_cleared_is_written() -> None:
    session = Lifetimes()
    session.run("w := WeakArray with: 1/2. nil")
    session.run("Smalltalk garbageCollect")
    session.restart()
    assert session.run("w first") == "nil"


def test_a_session_too_large_to_search_keeps_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaiming, "THINGS_MAX", 100)
    session = Lifetimes()
    session.run("w := WeakArray with: 1/2. keep := (1 to: 100) collect: [:i | 1/(i+1)]. nil")
    assert session.run("Smalltalk garbageCollect. w first") == "(1/2)"


def test_more_than_can_be_doubted_at_once_goes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reclaiming, "SUSPECTS_MAX", 10)
    session = Lifetimes()
    session.run("w := WeakArray new: 25. 1 to: 25 do: [:i | w at: i put: 1/(i+1)]. nil")
    assert session.run("(1 to: 4) collect: [:i | Smalltalk garbageCollect]") == "#(10 10 5 0)"


def test_what_a_parked_process_holds_stays() -> None:
    session = Lifetimes()
    session.run("s := Semaphore new. r := nil. p := [| o | o := 1/2. w := WeakArray with: o. s wait. r := o] fork. nil")
    assert session.run("Processor yield. Smalltalk garbageCollect. w first") == "(1/2)"
