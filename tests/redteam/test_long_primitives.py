"""What has no safe point is bounded before it begins: it answers, refuses, or goes on in interruptible Smalltalk."""

from __future__ import annotations

import pytest

from smalltalk.primitives import copying, integers, sorting, texts
from tests.smalltalk.harness import evaluate, new_world, run

#: What is proven, the module and name of a bound, a bound that a test can reach, do-it, answer.
HANDED_ON = [
    (
        "a long modular power is taken a square at a time",
        (integers, "_POWER_WORK_MAX", 1),
        "(12345 raisedTo: 678 modulo: 100003) = ((12345 raisedTo: 678) \\\\ 100003)",
        "true",
    ),
    (
        "a long prime is found a round at a time",
        (integers, "_PRIME_BITS_MAX", 1),
        "#(43 2147483647 2147483649 1763 3215031751 65537) collect: [:each | each isPrime]",
        "#(true true false false false true)",
    ),
    (
        "many elements are sorted in runs that Smalltalk code merges",
        (sorting, "ELEMENTS_MAX", 3),
        "#(5 3 1 4 2 9 8 7 6 0 11 10) copy sort",
        "#(0 1 2 3 4 5 6 7 8 9 10 11)",
    ),
    (
        "a deep copy is made a few objects at a time",
        (copying, "COPIED_AT_ONCE", 1),
        (
            "| a b | a := Array new: 3. a at: 1 put: a; at: 2 put: #(1 'x'); at: 3 put: (1 -> a). b := a deepCopy. "
            "{b first == b. b second = a second. b second == a second. b third value == b}"
        ),
        "#(true true false true)",
    ),
    (
        "long strings are sorted in Smalltalk",
        (sorting, "CHARACTERS_MAX", 3),
        "#('cc' 'b' 'aa' 'd') copy sort",
        "#('aa' 'b' 'cc' 'd')",
    ),
    (
        "a text of too many lines is refused",
        (texts, "PARTS_MAX", 3),
        "('a,b,c,d' copyReplaceAll: ',' with: String cr) lines",
        "OutOfMemory: ",
    ),
    ("a text of too many tokens is refused", (texts, "PARTS_MAX", 3), "'a b c d' substrings: ' '", "OutOfMemory: "),
]

#: Requests that would take minutes or gigabytes, and what they are told.
REFUSED = [
    ("(1 to: 1000000000) asArray", "OutOfMemory: "),
    ("Array new: 1000000000", "OutOfMemory: "),
    ("| s | s := 'ab'. 60 timesRepeat: [s := s , s]", "OutOfMemory: "),
    ("| a | a := #(1 2). 60 timesRepeat: [a := a , a]", "OutOfMemory: "),
    ("2 raisedTo: 1000000000", "ArithmeticError: "),
    ("1 bitShift: 1000000000", "ArithmeticError: "),
    ("('aaaa' copyReplaceAll: 'a' with: (String new: 16000000)) size", "OutOfMemory: "),
    ("(String new: 16000000) , 'a' , (String new: 16000000)", "OutOfMemory: "),
    ("ByteArray new: 1000000000", "OutOfMemory: "),
]


@pytest.mark.parametrize(("proven", "bound", "doit", "expected"), HANDED_ON, ids=[case[0] for case in HANDED_ON])
def test_work_beyond_a_bound_is_handed_on(
    monkeypatch: pytest.MonkeyPatch, proven: str, bound: tuple[object, str, int], doit: str, expected: str
) -> None:
    """Each line says what it proves; the bound is lowered so that small work passes it."""
    monkeypatch.setattr(*bound)
    assert evaluate(new_world(), doit).startswith(expected), proven


@pytest.mark.parametrize(("doit", "expected"), REFUSED)
def test_growth_without_end_is_refused_and_the_world_goes_on(doit: str, expected: str) -> None:
    world = new_world()
    assert evaluate(world, doit).startswith(expected)
    assert evaluate(world, "3 + 4") == "7"


def test_performing_what_nobody_implements_leaves_nothing_behind_in_the_world() -> None:
    """A dispatch table stays for ever: selectors made up at run time would fill the memory."""
    world = new_world()
    doit = "1 to: 50 do: [:i | [nil perform: ('madeUp', i printString) asSymbol] on: MessageNotUnderstood do: [:e | 0]]"
    assert run(world, doit).failure is None
    before = len(world.g)
    assert run(world, doit.replace("madeUp", "another")).failure is None
    assert len(world.g) == before
