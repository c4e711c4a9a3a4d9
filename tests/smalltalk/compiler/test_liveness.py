"""Which intermediate results matter while a send is under way: those that are read once it has answered."""

from __future__ import annotations

import pytest

from smalltalk.compiler import ir
from smalltalk.compiler.liveness import dead_results
from smalltalk.compiler.names import local_names
from smalltalk.compiler.unit import compile_doit
from smalltalk.memory.blocks import StoredDoit


def sends(code: list[ir.Operation]) -> list[ir.Send]:
    """All sends, in order, those of loops and arms included."""
    found: list[ir.Send] = []
    for op in code:
        if isinstance(op, ir.Send):
            found.append(op)
        for part in ("condition", "then", "otherwise", "body"):
            found += sends(getattr(op, part, []))
    return found


def results_kept(source: str) -> list[str]:
    """Selectors of the sends whose results matter while `here` is sent, once for each result."""
    origin = compile_doit(source, StoredDoit(frozenset()), parametrise=False).origin
    function = origin.lowered().functions[0]
    done = sends(function.code)
    place = next(op.index for op in done if op.selector == "here")
    dead = dead_results(origin, 0, place, local_names(function.code))
    return [op.selector for op in done if op.dst not in dead and op.dst[0] == "t" and op.selector != "here"]


@pytest.mark.parametrize(
    ("source", "kept"),
    [
        ("3 foo. 4 here", []),
        ("3 foo bar: 4 here", ["foo"]),
        ("3 foo bar: 4 baz. 4 here", []),
        ("(3 foo bar: 4 here) = 5", ["foo"]),
        ("3 foo x: (4 bar y: 5 here)", ["foo", "bar"]),
        ("3 foo = 4 ifTrue: [5 here] ifFalse: [6]. 7", []),
        ("(3 = 4 ifTrue: [5 foo] ifFalse: [5 bar]) x: 5 here", ["foo", "bar"]),
        ("1 to: 3 foo bar do: [:i | i here]", ["bar"]),
        ("[3 foo bar] whileTrue: [4 here]", []),
        ("3 foo x: ([4 bar] whileTrue: [5 here])", ["foo"]),
    ],
)
def test_results_that_matter(source: str, kept: list[str]) -> None:
    assert results_kept(source) == kept
