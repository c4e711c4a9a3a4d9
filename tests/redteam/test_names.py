"""Names of a program are names of the language, whatever they mean in Python: none reaches anything of the host."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.smalltalk.lifetimes import Lifetimes

#: What the names of methods, arguments and variables must not mean.
PYTHON_NAMES = (
    *("__class__", "__dict__", "__globals__", "__builtins__", "__import__", "__init__", "__getattr__", "__reduce__"),
    *("import", "lambda", "None", "def", "class", "global", "yield", "await", "async", "del", "with", "exec"),
    *("eval", "open", "print", "globals", "locals", "vars", "type", "getattr", "object", "_", "__", "g", "world"),
    *(
        "oid",
        "dirty",
        "i0",
        "i1",
        "items",
        "map",
        "text",
        "data",
        "behavior",
        "make",
        "f_locals",
        "gr_frame",
    ),
)
#: What is proven, do-its, how the answer of the last begins.
ATTACKS = [
    (
        "instVarNamed: finds no attribute of Python",
        ["Object new instVarNamed: '__class__'"],
        "InstanceVariableNotFound",
    ),
    ("instVarNamed:put: sets none", ["Object new instVarNamed: 'dirty' put: nil"], "InstanceVariableNotFound"),
    ("Smalltalk holds no builtins", ["Smalltalk at: #'__builtins__'"], "KeyNotFound"),
    ("a global named like Python's machinery is no part of it", ["Smalltalk at: #Exec put: 3", "Exec + 1"], "4"),
    ("a class is named by a word with a capital", ["Object subclass: #'__class__'"], "Error: "),
    ("a class may be named like a type of Python", ["Object subclass: #NoneType", "NoneType new class name size"], "8"),
    (
        "a selector of a hundred thousand letters is a selector",
        [
            "Object subclass: #P",
            "P compile: (String new: 100000 withAll: $a) , ' ^3'",
            "(P new perform: (String new: 100000 withAll: $a) asSymbol) printString",
        ],
        "'3'",
    ),
    (
        "a line separator in a selector ends no line of what is generated",
        ["Object new perform: ('a' , (String with: (Character value: 16r2028))) asSymbol"],
        "MessageNotUnderstood",
    ),
    (
        "a full-width letter makes another name than its narrow one",
        ["Object subclass: #P", "P compile: '\uff53elf ^ 3'", "P new \uff53elf"],
        "3",
    ),
    (
        "parameters named like the slots of an object are kept apart from them",
        [
            "Object subclass: #P instanceVariableNames: 'i0 oid dirty' classVariableNames: 'g world' package: ''",
            "P compile: 'set oid := 5. dirty := 6. i0 := 7. ^ oid + dirty + i0'",
            "P new set",
        ],
        "18",
    ),
    ("a comment that closes Python's strings is a comment", ['3 """ + __import__ """'], "3"),
    ("a literal that would format is text", ["'{0.__class__} %(x)s \\N{BULLET}' size"], "30"),
]


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_a_name_means_in_every_place_what_the_program_says(session: Lifetimes, name: str) -> None:
    """As a selector, an argument, a temporary, an instance variable, a workspace variable and a block's argument."""
    session.run(f"Object subclass: #P instanceVariableNames: '{name}' classVariableNames: '' package: ''")
    session.run(f"P compile: '{name} {name} := 3. ^ {name}'")
    session.run("Object subclass: #Q")
    session.run(f"Q compile: 'at: {name} ^ [ :x | | y | y := x. y + {name} ] value: 1'")
    session.run(f"Q compile: 'in | {name} | {name} := 4. ^ [ :each | {name} + each ] value: 1'")
    session.run(f"{name} := 5")
    assert session.run(f"{{P new {name}. Q new at: 2. Q new in. {name}}}") == "#(3 3 5 5)"
    session.restart()
    assert session.run(f"{{P new {name}. Q new at: 2. Q new in. {name}}}") == "#(3 3 5 5)"


@pytest.mark.parametrize(("proven", "doits", "expected"), ATTACKS, ids=[attack[0] for attack in ATTACKS])
def test_a_name_reaches_nothing_of_the_host(session: Lifetimes, proven: str, doits: list[str], expected: str) -> None:
    """Each line says what it proves."""
    for doit in doits:
        outcome = session.evaluate(doit)
    failure = outcome.failure
    answer = outcome.result if failure is None else f"{failure.error_class}: {failure.message}"
    assert answer.startswith(expected), proven
    session.restart()
    assert session.evaluate("3 + 4").result == "7"
