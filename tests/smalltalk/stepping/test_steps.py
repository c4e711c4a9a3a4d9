"""Where steps end: in the next operation, the called method, the sender, an error, a breakpoint, or at the end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.smalltalk import harness
from tests.smalltalk.stepping.stepwise import Stepwise

SOURCES = [
    "double: x ^x + x",
    "twice: x\n| t |\nt := self double: x.\n^self double: t",
    "find: x in: aCollection\naCollection do: [:e | e = x ifTrue: [^#found]].\n^#missing",
    "guard: aBlock ^aBlock on: Error do: [:e | e return: e messageText]",
]


def stepwise(source: str) -> tuple[Any, Stepwise]:
    world = harness.new_world()
    harness.evaluate(world, "Object subclass: #Foo instanceVariableNames: '' classVariableNames: '' package: 'T'")
    for each in SOURCES:
        harness.evaluate(world, f"Foo compile: '{each}'")
    return world, Stepwise(world, source, lambda _: [])


def walk(source: str, *steps: str) -> list[str]:
    """What stands next after each step, then the value if the computation has ended."""
    world, computation = stepwise(source)
    places = []
    for how in steps:
        outcome = computation.step(world, how)  # type: ignore[arg-type]  # of the three
        if outcome is not None:
            failure = outcome.failure
            places.append(world.print_string(outcome.value) if failure is None else failure.error_class)
            break
        places.append(computation.text)
    return places


#: In front of each: the do-it and the steps, then what stands next after each step, or the value.
WALKS = {
    ("1 + 2 * 3", "over over over"): ["1 + 2 * 3", "", "9"],
    ("Foo new twice: 2", "over over over"): ["Foo new twice: 2", "", "8"],
    ("Foo new twice: 2", "over into over over over over"): [
        "Foo new twice: 2",
        "self double: x",
        "self double: t",
        "^self double: t",
        "",
        "8",
    ],
    ("(Foo new twice: 2) + 1", "over into into over out out over"): [
        "Foo new twice: 2",
        "self double: x",
        "x + x",
        "^x + x",
        "self double: t",
        "(Foo new twice: 2) + 1",
        "",
    ],
    ("3 > 2 ifTrue: [5] ifFalse: [6]", "over over"): ["", "5"],
    ("| x | x := 0. 1 to: 2 do: [:i | x := x + i]. x", "over over over over"): ["x + i", "x + i", "", "3"],
    ("[:x | x squared] value: 3", "over into over over over"): [
        "[:x | x squared] value: 3",
        "x squared",
        "",
        "",
        "9",
    ],
    ("3 perform: #squared", "into over"): ["self raisedTo: 2", "^ self raisedTo: 2"],
    ("[:a :b | a + b] valueWithArguments: #(1 2)", "over into over"): [
        "[:a :b | a + b] valueWithArguments: #(1 2)",
        "a + b",
        "",
    ],
    ("[1 foo. 2] ensure: [3]", "over into over"): ["[1 foo. 2] ensure: [3]", "1 foo", "MessageNotUnderstood"],
    ("[1 printString. 2] ensure: [3]", "over into over over over"): [
        "[1 printString. 2] ensure: [3]",
        "1 printString",
        "",
        "",
        "2",
    ],
    ("Foo new guard: [1 foo]", "over into into over"): [
        "Foo new guard: [1 foo]",
        "aBlock on: Error do: [:e | e return: e messageText]",
        "1 foo",
        "^aBlock on: Error do: [:e | e return: e messageText]",
    ],
    ("Foo new find: 2 in: #(1 2)", "over into into into into into over"): [
        "Foo new find: 2 in: #(1 2)",
        "aCollection do: [:e | e = x ifTrue: [^#found]]",
        "self size",
        "self at: index",
        "aBlock value: (self at: index)",
        "e = x",
        "",
    ],
    ("Foo new find: 1 in: #(1 2)", "over into into over over into over over over"): [
        "Foo new find: 1 in: #(1 2)",
        "aCollection do: [:e | e = x ifTrue: [^#found]]",
        "self size",
        "self at: index",
        "aBlock value: (self at: index)",
        "e = x",
        "^#found",
        "",
        "#found",
    ],
    ("#(1 2) do: [:x | x foo]", "over over"): ["#(1 2) do: [:x | x foo]", "MessageNotUnderstood"],
}


@pytest.mark.parametrize(("doit", "steps"), WALKS)
def test_where_steps_end(doit: str, steps: str) -> None:
    assert walk(doit, *steps.split()) == WALKS[doit, steps]
