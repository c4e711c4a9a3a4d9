"""Programs that recurse, print themselves or explode end in an ordinary error; the session stays usable and storable.

Each program stands with what it answers: the beginning of its printString, or `Class: message` of its failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.smalltalk.lifetimes import Lifetimes

TOO_DEEP = "RecursionTooDeep: "
TOO_LARGE = "OutOfMemory: "
TOO_LONG = "ArithmeticError: "
CODE = "CodeError: "

#: Methods of a class Deep whose use recurses without end, and the use.
DESCENTS = [
    (["printOn: s s nextPutAll: self printString"], "Deep new printString"),
    (["storeOn: s self storeOn: s"], "Deep new storeString"),
    (["= x ^ x = self"], "Deep new = Deep new"),
    (["hash ^ self hash"], "Dictionary new at: Deep new put: 3"),
    (["= x ^ x = self", "hash ^ 1"], "Set new add: Deep new; add: Deep new; size"),
    (["<= x ^ x >= self", ">= x ^ x <= self"], "{ Deep new. Deep new } copy sort"),
    (["doesNotUnderstand: m ^ self perform: m selector"], "Deep new zork"),
    (["doesNotUnderstand: m ^ m sendTo: self"], "Deep new zork: 1"),
    (["postCopy self copy"], "Deep new copy"),
    (["initialize self class new"], "Deep new"),
    (["update: x self changed: x"], "| o | o := Deep new. o addDependent: o. o changed"),
    (["announced: a a announce: Announcement"], "| a | a := Announcer new. a when: Announcement do: [ a announce: 3 ]"),
]

#: Do-its, and the beginning of their answer.
PROGRAMS = [
    ("| b | b := nil. b := [ [ b value ] ensure: [ 1 ] ]. b value", TOO_DEEP),
    ("| b | b := nil. b := [:x :y | (#(2 1) copy sort: b) isEmpty ]. #(3 1 2) copy sort: b", TOO_DEEP),
    ("| c | c := OrderedCollection new. c add: c. c hash", TOO_DEEP),
    ("| c d | c := OrderedCollection new. c add: c. d := OrderedCollection new. d add: d. c = d", TOO_DEEP),
    ("| d | d := Dictionary new. d at: d put: d. d", "<error printing a Dictionary>"),
    ("| a | a := Array new: 1. a at: 1 put: a. a flattened", TOO_DEEP),
    ("| a | a := Array new: 1. a at: 1 put: a. a deepCopy size", "1"),
    ("| a | a := Array new: 1. a at: 1 put: a. STON toString: a", "'[@1]'"),
    ("| a | a := nil. 50000 timesRepeat: [ a := Array with: a ]. (a printStringLimitedTo: 20) size", "20"),
    ("x := nil. 50000 timesRepeat: [ x := Array with: x ]. x size", "1"),
    ("STON fromString: (String new: 200000 withAll: $[)", TOO_DEEP),
    ("Smalltalk evaluate: (String new: 200000 withAll: $()", CODE),
    ("Smalltalk evaluate: (String new: 200000 withAll: $[)", CODE),
    ("Smalltalk evaluate: '#' , (String new: 200000 withAll: $()", CODE),
    ("Smalltalk evaluate: (String new: 1000000 withAll: $9)", CODE),
    ("Smalltalk evaluate: '36r' , (String new: 1000000 withAll: $Z)", CODE),
    ("Smalltalk evaluate: '1e1000000000'", CODE),
    ("Smalltalk evaluate: '1.5e1000000000'", CODE),
    ("Smalltalk evaluate: ('a := ' repeat: 20000) , '5'", CODE),
    ("Smalltalk evaluate: (' ' join: ((1 to: 16) collect: [:i | 'v' , i printString , ' foo.' ]))", CODE),
    ("Smalltalk evaluate: '{' , ('1. ' repeat: 100000) , '}'", CODE),
    ("Object compile: 'foo ^ ' , (String new: 200000 withAll: $()", CODE),
    ("Object subclass: (String new: 200000 withAll: $X) asSymbol", ""),
    ("(2 raisedTo: 262143) squared", TOO_LONG),
    ("| x | x := 3. 100 timesRepeat: [ x := x bitShift: 100000 ]", TOO_LONG),
    ("3.14s2 raisedTo: 100000", TOO_LONG),
    ("(1 / 3) printShowingDecimalPlaces: 1000000000", TOO_LONG),
    ("3 printPaddedWith: $0 to: 10000000000", TOO_LARGE),
    ("3 printStringBase: 2 nDigits: 10000000000", TOO_LARGE),
    ("1.0 printPaddedWith: $0 to: 10000000000", TOO_LARGE),
    ("Random new next: 10000000000", TOO_LARGE),
    ("| s | s := 'x'. [ true ] whileTrue: [ s := s , s ]", TOO_LARGE),
    ("| s | s := WriteStream on: String new. [ true ] whileTrue: [ s nextPutAll: (String new: 1000000) ]", TOO_LARGE),
    ("'a' repeat: 1000000000", TOO_LARGE),
    ("3 perform: #+ withArguments: (Array new: 1000000)", "Error: "),
    ("[:a | a ] valueWithArguments: (Array new: 1000000)", "ArgumentsCountMismatch: "),
    ("(Date year: 10 ** 100 month: 1 day: 1) year = (10 ** 100)", "true"),
    ("(DateAndTime now + (Duration days: 10 ** 1000)) printString size > 1000", "true"),
    ("| e | e := Error new. e messageText: e. e signal", "Error: "),
    ("(Error new messageText: (String new: 10000000 withAll: $x)) signal", "Error: xxx"),
    ("[ 1 / 0 ] on: Error do: [:e | e outer. e signal. e pass ]", "ZeroDivide: "),
    ("Announcement new announce: 3", "MessageNotUnderstood: "),
    ("Transcript show: (String new: 10000000 withAll: $x). 3", "3"),
    ("(1 to: 10 ** 12) asArray", TOO_LARGE),
    ("(1 to: 300000) asOrderedCollection asSet size", "300000"),
]


@pytest.mark.parametrize(("methods", "use"), DESCENTS, ids=[use for _, use in DESCENTS])
def test_a_descent_without_end_is_an_ordinary_error(session: Lifetimes, methods: list[str], use: str) -> None:
    """Messages that the class library sends by itself recurse; the answer comes by an error, or by none at all."""
    session.evaluate("Object subclass: #Deep")
    for method in methods:
        session.evaluate(f"Deep compile: '{method.replace(chr(39), chr(39) * 2)}'")
    failure = session.evaluate(use).failure
    assert failure is None or failure.error_class == "RecursionTooDeep"
    check_usable(session)


@pytest.mark.parametrize(("program", "expected"), PROGRAMS, ids=[program[:60] for program, _ in PROGRAMS])
def test_a_program_that_explodes_ends_in_an_ordinary_answer(session: Lifetimes, program: str, expected: str) -> None:
    outcome = session.evaluate(program)
    failure = outcome.failure
    answer = outcome.result if failure is None else f"{failure.error_class}: {failure.message}"
    assert answer.startswith(expected)
    assert not answer.startswith("PrimitiveFailed")
    check_usable(session)


def check_usable(session: Lifetimes) -> None:
    """What the program left can be stored, and a new life of the session evaluates."""
    session.commit()
    session.restart()
    assert session.evaluate("3 + 4").result == "7"
