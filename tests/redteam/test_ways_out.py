"""No program reaches Python objects, the host or the shared kernel; the session stays usable and storable.

Each attack is a list of do-its and the answer of the last one: its printString, or `Class: message` of its failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.smalltalk.harness import evaluate, new_world

if TYPE_CHECKING:
    from smalltalk.runtime.outcome import Outcome
    from tests.smalltalk.lifetimes import Lifetimes

#: What is proven, do-its, the answer of the last.
ATTACKS = [
    ("Object has no numbered variables to reach attributes of a class by", ["Object instVarAt: 1 put: 3"], "Subscript"),
    ("the classes of the kernel get no class-side variables", ["Object class instanceVariableNames: 'x'"], "Error: "),
    ("no class is made by new", ["Class new"], "Error: "),
    ("no metaclass is made by new", ["Metaclass new"], "Error: "),
    ("no block is made by new", ["BlockClosure basicNew"], "Error: "),
    ("no method is made by new", ["CompiledMethod basicNew"], "Error: "),
    ("a subclass of Behavior makes no behaviors", ["Behavior subclass: #Foo", "Foo new"], "Error: "),
    (
        "a primitive's pragma in a session's method runs no primitive",
        ["Object subclass: #P", "P compile: 'at: a put: b <primitive: #instVarAtPut> ^ 3'", "P new at: 1 put: 2"],
        "3",
    ),
    (
        "identifiers that Python would normalise to one stay two",
        ["Object subclass: #P", "P compile: 'm: \ufb01x | fix | fix := 3. ^ \ufb01x'", "P new m: 5"],
        "5",
    ),
    (
        "a symbol with quotes and line ends is a symbol, whatever is generated for it",
        ["(#'x''\"\n:: import os' -> 3) key size"],
        "16",
    ),
    ("text that looks like Python stays text", ["'''''' , '\\x00{0}%s\"\"\"' , ''''"], "'''''\\x00{0}%s\"\"\"'''"),
    (
        "a Symbol's selector with a null character is not understood",
        ["3 perform: (String with: (Character value: 0)) asSymbol"],
        "",
    ),
    ("Smalltalk may become something; only this session's", ["Smalltalk become: Object new", "3 + 4"], "7"),
    (
        "an object that became one of another kind has no payload of its former kind",
        ["x := Array new: 3. x become: (Dictionary new at: 1 put: 2; yourself). #(1) , x"],
        "#(1 2)",
    ),
    ("a class does not become another", ["Object become: Array"], "Error: "),
    ("a number does not become another", ["3 become: 4"], "Error: "),
    ("STON makes no class", ["STON fromString: 'Class {}'"], ""),
    ("STON makes no metaclass", ["STON fromString: 'Metaclass {}'"], ""),
    ("STON makes no method", ["STON fromString: 'CompiledMethod { #source : \\'x\\' }'"], ""),
    ("STON makes no block", ["STON fromString: 'BlockClosure {}'"], ""),
    ("no context is made by new", ["Context basicNew"], "Error: "),
    ("STON makes no context", ["STON fromString: 'Context {}'"], ""),
    ("a context has no variables to reach a stack by", ["thisContext instVarAt: 1 put: 3"], "Subscript"),
    ("a context does not become another object", ["thisContext become: Object new"], "Error: "),
    ("a context is no copy's original", ["c := thisContext. (Array with: c) deepCopy first == c"], "true"),
    (
        "a context's method runs on contexts only",
        ["(Context >> #sender) valueWithReceiver: 3 arguments: #()"],
        "Error: ",
    ),
    ("a class above a context's makes no contexts", ["Context subclass: #Fake", "Fake basicNew sender"], ""),
    ("STON makes no Smalltalk", ["STON fromString: 'SmalltalkImage {}'"], ""),
    ("STON makes no integer of variables", ["STON fromString: 'SmallInteger { #x : 3 }'"], ""),
    ("a block of a finished method does not return", ["b := [^ 5]", "b value"], "BlockCannotReturn: "),
    (
        "an exception whose handler ended is not resumed",
        ["e := [1/0] on: ZeroDivide do: [:x | x]", "e resume: 5"],
        "IllegalResumeAttempt: ",
    ),
    ("an error in an ensure block is the evaluation's", ["[3 foo] ensure: [nil bar]"], ""),
    ("a method runs on instances of its class only", ["(Array >> #at:) valueWithReceiver: 3 arguments: #(1)"], ""),
    ("a bucket takes no entries behind its end", ["Set new bucketAdd: 3 at: 7 element: 4"], "SubscriptOutOfBounds: "),
    ("a bucket takes no places that are no integers", ["Set new bucketAdd: 'a' at: nil element: 4"], ""),
    (
        "a stream on no collection writes nothing",
        ["w := WriteStream on: Array new. w instVarAt: 1 put: 3. w nextPutAll: 'abc'"],
        "",
    ),
    (
        "a stream whose end is no number leaves its collection alone",
        ["s := String new. w := WriteStream on: s. w instVarAt: 3 put: 'x'", "w nextPutAll: 'abc'", "s"],
        "''",
    ),
    ("joining what is no Array is an error", ["'a' joined: 3"], ""),
]

#: Overrides of what the runtime itself sends, with a use of it. None may end in anything but a result or a failure.
OVERRIDES = [
    ("printOn: aStream ^ 3", "Bad new"),
    ("printOn: aStream aStream nextPutAll: nil", "Bad new"),
    ("printString ^ 7", "Bad new"),
    ("displayString ^ nil", "Bad new"),
    ("class ^ nil", "Bad new class"),
    ("hash ^ 'a'", "Set new add: Bad new; size"),
    ("hash ^ nil", "Dictionary new at: Bad new put: 3; size"),
    ('hash ^ 1. "" = other ^ 3', "Set new add: Bad new; add: Bad new; size"),
    ("= other ^ nil", "Bad new = Bad new"),
    ("doesNotUnderstand: aMessage ^ aMessage foo", "Bad new bar"),
    ("messageText ^ 3", "Bad signal"),
    ("messageText ^ self error: 'x'", "Bad signal: 'a'"),
    ("defaultAction ^ self pass", "Bad signal"),
    ("defaultAction ^ self retry", "Bad signal"),
    ("defaultAction ^ self return: 3", "Bad signal"),
    ("isResumable ^ nil", "[Bad signal. 3] on: Bad do: [:e | e resume: 4]"),
    ("signal ^ [^ 3] value", "Bad new signal"),
    ("initialize ^ nil foo", "Bad new"),
    ("value ^ self value: 1", "[3] on: Bad new do: Bad new"),
    ("handles: x ^ 3", "[nil foo] on: Bad new do: [:e | 1]"),
    ("cull: x ^ x return: 9", "[nil foo] on: Error do: Bad new"),
    ("errorNonBoolean: x ^ nil foo", "Bad new ifTrue: [3]"),
]

#: Kernel methods replaced in a session, which the runtime itself sends.
REPLACED = [
    ("Object", "printString ^ nil"),
    ("Object", "doesNotUnderstand: m ^ m"),
    ("Object", "hash ^ nil"),
    ("Object", "class ^ 3"),
    ("Object", "errorSubscriptBounds: i ^ self"),
    ("Exception", "signal ^ 3"),
    ("Exception", "defaultAction ^ 3"),
    ("Exception", "messageText ^ self"),
    ("Exception class", "new ^ nil"),
    ("Behavior", "name ^ nil"),
    ("Behavior", "new ^ 3"),
    ("Integer", "printOn: s ^ s foo"),
    ("ByteString", "printOn: s ^ nil"),
    ("UndefinedObject", "isNil ^ 3"),
]


def is_ordinary(outcome: Outcome) -> bool:
    """Whether an evaluation ended by a value or an error of the language, not by an escaped Python exception."""
    return outcome.failure is None or outcome.failure.error_class != "PrimitiveFailed"


@pytest.mark.parametrize(("proven", "doits", "expected"), ATTACKS, ids=[attack[0] for attack in ATTACKS])
def test_an_attack_ends_in_an_ordinary_answer(session: Lifetimes, proven: str, doits: list[str], expected: str) -> None:
    """Each line says what it proves."""
    for doit in doits:
        outcome = session.evaluate(doit)
    failure = outcome.failure
    answer = outcome.result if failure is None else f"{failure.error_class}: {failure.message}"
    assert answer.startswith(expected), proven
    assert is_ordinary(outcome)
    session.restart()
    assert session.evaluate("3 + 4").result == "7"


@pytest.mark.parametrize(("method", "doit"), OVERRIDES)
def test_overriding_what_the_runtime_sends_breaks_only_the_attacker(session: Lifetimes, method: str, doit: str) -> None:
    session.evaluate("Error subclass: #Bad")
    session.evaluate(f"Bad compile: '{method.replace(chr(39), chr(39) * 2)}'")
    assert is_ordinary(session.evaluate(doit))
    session.restart()
    assert session.evaluate("3 + 4").result == "7"


@pytest.mark.parametrize(("name", "method"), REPLACED)
def test_replacing_kernel_methods_reaches_no_other_session(session: Lifetimes, name: str, method: str) -> None:
    session.evaluate(f"{name} compile: '{method}'")
    for doit in ("nil foo", "#(1 2) at: 7", "Object new printString", "Error signal: 'a'"):
        assert is_ordinary(session.evaluate(doit))
    session.restart()
    assert session.evaluate("nil isNil") is not None
    other = new_world()
    assert evaluate(other, "{3 printString. Object name. nil isNil. Object new hash isInteger}").startswith("#('3' ")
    assert evaluate(other, "nil foo").startswith("MessageNotUnderstood: ")
