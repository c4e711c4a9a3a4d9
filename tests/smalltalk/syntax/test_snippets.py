"""Every snippet parses to the tree, or fails with the fault, that stands below it.

A snippet is its lines; below it stands `"=> tree"` or `"!! line:column message"`. Methods are in `methods.st`.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest

from smalltalk.syntax import nodes
from smalltalk.syntax.errors import SyntaxFailure
from smalltalk.syntax.parser import parse_doit, parse_method

SNIPPETS = Path(__file__).parent / "snippets"


def read_snippets() -> list:
    """Read the snippet files as (file, source, kind of expectation, expectation)."""
    found = []
    for path in sorted(SNIPPETS.glob("*.st")):
        pieces = re.findall(r'(.*?)^"(=>|!!) (.*?)"$\n', path.read_text(), re.MULTILINE | re.DOTALL)
        found += [(path.name, source.removesuffix("\n"), kind, expected) for source, kind, expected in pieces]
    return [pytest.param(*case, id=f"{case[0]}-{case[1][:40]!r}") for case in found]


def show(node: nodes.Node) -> str:
    """Write a node as text: sends and cascades in parentheses, statements separated by semicolons."""
    match node:
        case nodes.Literal(value=str() as text):
            return "'" + text.replace("'", "''") + "'"
        case nodes.Literal(value=value):
            return (
                {True: "true", False: "false"}.get(value, repr(value))
                if isinstance(value, bool)
                else ("nil" if value is None else repr(value))
            )
        case nodes.SymbolLiteral():
            return f"#{node.name}"
        case nodes.CharacterLiteral():
            return f"${chr(node.code)}"
        case nodes.ScaledDecimalLiteral():
            return f"{node.numerator}/{node.denominator}s{node.scale}"
        case nodes.ArrayLiteral():
            return f"#({' '.join(map(show, node.elements))})"
        case nodes.ByteArrayLiteral():
            return f"#[{' '.join(map(str, node.value))}]"
        case nodes.BraceArray():
            return "{" + "; ".join(map(show, node.elements)) + "}"
        case nodes.Block():
            head = "".join(f":{each.name} " for each in node.parameters) + "| " * bool(node.parameters)
            return f"[{head}{body(node)}]"
    return show_code(node)


def show_code(node: nodes.Node) -> str:
    """Write a node that is no literal."""
    match node:
        case nodes.Variable():
            return node.name
        case nodes.Assignment():
            return f"(:= {node.target.name} {show(node.value)})"
        case nodes.Send():
            return f"({' '.join([show(node.receiver), node.selector, *map(show, node.arguments)])})"
        case nodes.Cascade():
            sent = " ".join(f"({' '.join([m.selector, *map(show, m.arguments)])})" for m in node.messages)
            return f"(cascade {show(node.receiver)} {sent})"
        case nodes.Return():
            return f"^{show(node.value)}"
        case nodes.Method():
            pragmas = "".join(f"<{' '.join([each.selector, *map(show, each.arguments)])}> " for each in node.pragmas)
            return f"{node.selector}({' '.join(each.name for each in node.parameters)}) {pragmas}{body(node)}"
        case _:
            return body(node)


def body(node) -> str:
    """Write temporaries and statements."""
    temporaries = " ".join(each.name for each in node.temporaries)
    return f"|{temporaries}| " * bool(temporaries) + "; ".join(map(show, node.statements))


@pytest.mark.parametrize(("file", "source", "kind", "expected"), read_snippets())
def test_a_snippet_is_read_as_its_expectation_says(file, source, kind, expected):
    parse = parse_method if file == "methods.st" else parse_doit
    if kind == "=>":
        assert show(parse(source)) == expected
        return
    with pytest.raises(SyntaxFailure) as caught:
        parse(source)
    assert f"{caught.value.line}:{caught.value.column} {caught.value.message}" == expected


def test_no_snippet_is_lost_by_the_reader():
    expectations = sum(
        line.startswith(('"=> ', '"!! ')) for path in SNIPPETS.glob("*.st") for line in path.read_text().splitlines()
    )
    assert len(read_snippets()) == expectations > 100


def test_digits_beyond_what_python_converts_at_once_are_read():
    digits = "7" * 9_000
    assert parse_doit(f"-{digits}").statements[0].value == -(7 * (10**9_000 - 1) // 9)
    assert parse_doit(f"0.{digits}").statements[0].value == 7 / 9
    assert parse_doit(f"{digits}.5").statements[0].value == math.inf


def test_the_first_comment_of_a_method_is_kept():
    source = 'foo: x "It\'s ""here""." ^ $" , \'no " comment\' "nor this"'
    assert parse_method(source).comment == 'It\'s "here".'
    assert parse_method("foo ^ 'no \" comment'").comment is None


def test_a_method_and_a_doit_keep_their_source():
    assert parse_method("foo ^ 1").source == "foo ^ 1"
    assert parse_doit("3 + 4").source == "3 + 4"
