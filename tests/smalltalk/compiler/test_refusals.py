"""What the compiler refuses: names without meaning, stores into constants, and too much of anything."""

from __future__ import annotations

import pytest

from smalltalk.compiler import errors, limits
from smalltalk.compiler.errors import SemanticFailure
from smalltalk.compiler.unit import compile_doit, compile_method
from tests.smalltalk.compiler.fake_world import FakeWorld, Scope


def refusal(source: str, *, is_method: bool = True) -> SemanticFailure:
    """The failure that a source ends in."""
    with pytest.raises(SemanticFailure) as caught:
        compile_method(source, Scope()) if is_method else compile_doit(source, Scope("X"), parametrise=False)
    return caught.value


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("foo: a  a := 3", "a"),
        ("foo  [:e | e := 3]", "e"),
        ("foo  self := 3", "self"),
        ("foo  super := 3", "super"),
        ("foo  thisContext := 3", "thisContext"),
        ("foo  Array := 3", "Array"),
    ],
)
def test_stores_into_constants_name_the_place(source: str, name: str) -> None:
    failure = refusal(source)
    assert failure.message == "Assignment to read-only variable"
    assert source[failure.start : failure.stop] == name
    assert failure.suggestion is not None


def test_looking_for_near_names_is_bounded_however_many_and_long_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(errors.difflib, "get_close_matches", lambda _name, known, **_how: compared.extend(known))
    errors.nearest_names("a" * 100, [f"{'a' * 95}{number}" for number in range(10_000)])
    assert 10 < len(compared) < 30
    compared.clear()
    errors.nearest_names("a" * 100_000, ["a" * 100_000])
    errors.nearest_names("abc", ["x" * 100])
    assert compared == []


def test_an_unknown_name_proposes_known_ones() -> None:
    failure = refusal("foo: index\n  ^indx + Aray")
    assert (failure.message, failure.line, failure.column) == ("Undeclared variable: indx", 2, 4)
    assert failure.suggestion == "did you mean index?"
    assert "indx" in str(failure)


def test_an_unknown_name_of_a_doit_is_a_workspace_variable() -> None:
    unit = compile_doit("b := Unknown. a := b. [c]", Scope("UndefinedObject"), parametrise=False)
    assert unit.bindings == ("Unknown", "b", "a", "c")


def test_too_many_arguments() -> None:
    names = " ".join(f":a{n}" for n in range(limits.ARGUMENTS_MAX + 1))
    assert refusal(f"[{names} | 3]", is_method=False).message.startswith("Too many arguments")


def test_too_much_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smalltalk.compiler.lower.OPERATIONS_MAX", 100)
    assert refusal("a := 1. " * 200, is_method=False).message.startswith("Too much code")


def test_blocks_nested_too_deeply_in_python() -> None:
    depth = limits.INDENT_MAX // limits.BLOCK_INDENT + 1
    failure = refusal("[" * depth + "3" + "]" * depth, is_method=False)
    assert failure.message == "Blocks nested too deeply"
    assert failure.start == depth - 1


def test_literal_arrays_nested_too_deeply() -> None:
    depth = limits.LITERALS_NESTED_MAX + 1
    assert refusal("#(" * depth + ")" * depth, is_method=False).message.startswith("Literal arrays nested too deeply")


@pytest.mark.parametrize("depth", [limits.LOOPS_NESTED_MAX, limits.LOOPS_NESTED_MAX + 3, 25])
def test_loops_nested_deeper_than_python_allows_become_blocks(depth: int) -> None:
    world = FakeWorld()
    source = "1 timesRepeat: [" * depth + "nil log: 1" + "]" * depth
    assert world.both(source) == 1
    assert world.trace == [1]


def test_long_chains_and_long_bodies_do_not_recurse() -> None:
    world = FakeWorld()
    assert world.both("0" + " + 1" * 4900) == 4900
    assert world.both("a := 0. " + "a := a + 1. " * 2400 + "a") == 2400


def test_a_straight_line_of_multiplications_has_safe_points() -> None:
    unit = compile_method("cube: n  ^" + " * ".join(["n"] * 20), Scope())
    count = sum(type(op).__name__ == "Poll" for op in unit.lowered().functions[0].code)
    assert count == 19 // limits.MULTIPLICATIONS_PER_POLL


def test_lowering_is_deterministic() -> None:
    source = "foo: n | s | s := 0. 1 to: n do: [:i | s := s + (self bar: [:x | x + i])]. ^s"
    first, second = compile_method(source, Scope()), compile_method(source, Scope())
    assert first.lowered().offsets == second.lowered().offsets
    assert first.code.co_code == second.code.co_code
    assert first.names == second.names
