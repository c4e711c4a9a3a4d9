"""Identity and hashes are the same after a restart, in another process too, for every kind of value."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.smalltalk.lifetimes import Lifetimes

ROOT = Path(__file__).resolve().parents[3]

#: An expression of each layout and each immediate kind.
KINDS = {
    "nil": "nil",
    "boolean": "true",
    "small integer": "-7",
    "large integer": "1 bitShift: 200",
    "float": "0.1",
    "special float": "Float infinity",
    "fraction": "3/4",
    "scaled decimal": "3.14s2",
    "symbol": "#at:put:",
    "wide symbol": "'λx' asSymbol",
    "character": "$λ",
    "object": "Object new",
    "variables": "Point x: 3 y: 4",
    "string": "'some text' copy",
    "wide string": "'λx' copy",
    "array": "Array with: 1 with: #a with: 'x'",
    "nested array": "{1. {2. 'three'}}",
    "bytes": "#[1 2 3] copy",
    "ordered collection": "OrderedCollection with: 1 with: 2",
    "interval": "1 to: 9 by: 2",
    "set": "Set with: 1 with: 'two'",
    "dictionary": "Dictionary new at: 1 put: 'x'; at: #b put: 2; yourself",
    "association": "#key -> 'value'",
    "date": "Date year: 2024 month: 2 day: 29",
    "duration": "Duration days: 1 hours: 2",
    "colour": "Color red",
    "kernel class": "OrderedCollection",
    "kernel metaclass": "OrderedCollection class",
    "own class": "Own",
    "own metaclass": "Own class",
    "own object": "Own new",
    "own collection": "OwnList with: 3",
    "own text": "OwnText withAll: 'abc'",
    "own values": "OwnValue new n: 3",
    "block": "[:x | x]",
    "method": "Object >> #yourself",
    "own method": "OwnValue >> #n:",
}

DEFINITIONS = (
    "Object subclass: #Own instanceVariableNames: '' classVariableNames: '' package: 'T'",
    "OrderedCollection subclass: #OwnList instanceVariableNames: 'tag' classVariableNames: '' package: 'T'",
    "String subclass: #OwnText instanceVariableNames: 'tag' classVariableNames: '' package: 'T'",
    "Object subclass: #OwnValue instanceVariableNames: 'n' classVariableNames: '' package: 'T'",
    "OwnValue compile: 'n: x n := x'",
    "OwnValue compile: 'hash ^ n hash + 1'. OwnValue compile: 'n ^n'. OwnValue compile: '= o ^ o n = n'",
)


def prepared() -> Lifetimes:
    """A session with the classes of the expressions."""
    session = Lifetimes()
    for definition in DEFINITIONS:
        session.run(definition)
    return session


@pytest.mark.parametrize("expression", KINDS.values(), ids=KINDS)
def test_it_stays_itself(expression: str) -> None:
    session = prepared()
    session.run(f"x := {expression}. y := Array with: x. i := IdentitySet with: x. s := Set with: x. nil")
    session.run("d := Dictionary new. d at: x put: 5. f := IdentityDictionary new. f at: x put: 6. nil")
    asked = "{x identityHash. x hash}"
    before = session.run(asked)
    for _ in range(2):
        session.restart()
        # Found before it is touched otherwise, and after.
        found = "{i includes: x. s includes: x. d at: x ifAbsent: [nil]. f at: x ifAbsent: [nil]. x == y first}"
        assert session.run(found) == "#(true true 5 6 true)"
        assert session.run(asked) == before


@pytest.mark.parametrize("expression", KINDS.values(), ids=KINDS)
def test_the_hash_does_not_depend_on_whether_it_was_stored(expression: str) -> None:
    session = prepared()
    session.run(f"x := {expression}. nil")
    asked = "{x hash. x identityHash}"
    before = session.evaluate(asked).result
    session.commit()
    assert session.evaluate(asked).result == before


def all_hashes() -> str:
    """Both hashes of every kind of value, in a new session."""
    return prepared().run("{" + ". ".join(f"({each}) hash. ({each}) identityHash" for each in KINDS.values()) + "}")


def test_another_process_has_the_same_hashes() -> None:
    """Python's own hashes of text are salted anew in each process."""
    code = f"from {__name__} import all_hashes; print(all_hashes())"
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == all_hashes()
