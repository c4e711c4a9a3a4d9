"""Random programs answer and log the same in generated code, with every guess wrong from the start, and interpreted."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smalltalk.compiler.unit import compile_doit
from tests.smalltalk.compiler.fake_world import FakeWorld, Scope, plain
from tests.smalltalk.compiler.sabotage import outcome, with_suspension, with_wrong_guess

#: Loops turn at most this often: the counter of a while loop starts below it.
TURNS_MAX = 3

_NAMES = st.sampled_from(["a", "b", "c", "w"])
_LEAVES = st.one_of(
    st.integers(-3, 9).map(str),
    st.sampled_from(["nil", "true", "false", "'s'", "#sym", "2.5", "a", "b", "c", "w"]),
)


def _composed(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "<", "<=", "==", "=", "~~"]), inner).map(
            "({0[0]} {0[1]} {0[2]})".format
        ),
        st.tuples(_NAMES, inner).map("({0[0]} := {0[1]})".format),
        inner.map("(nil log: {})".format),
        st.tuples(inner, inner, inner).map("(({0[0]} <= 4) ifTrue: [{0[1]}] ifFalse: [{0[2]}])".format),
        st.tuples(inner, inner).map("(({0[0]} < 3) and: [{0[1]} == 1])".format),
        st.tuples(inner, inner).map("({0[0]} or: [{0[1]}])".format),
        st.tuples(inner, inner).map("({0[0]} ifNil: [{0[1]}])".format),
        st.tuples(inner, inner).map("({0[0]} ifNotNil: [:v | v log: {0[1]}. v])".format),
        st.tuples(inner, inner).map("([:x | {0[0]}] value: {0[1]})".format),
        st.tuples(inner, inner).map("({{{0[0]}. {0[1]}}})".format),
        st.tuples(inner, inner).map("(nil log: {0[0]}; log: {0[1]})".format),
        st.tuples(inner, inner).map("[:p | nil log: p. {0[0]}. {0[1]}]".format),
        inner.map("({} isNil not ifTrue: [1] ifFalse: [2])".format),
    )


_EXPRESSIONS = st.recursive(_LEAVES, _composed, max_leaves=8)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(". ".join)
    return st.one_of(
        st.tuples(_EXPRESSIONS, body).map("({0[0]} == 1) ifTrue: [{0[1]}]".format),
        body.map(f"1 to: {TURNS_MAX} do: [:i | | t | t := i. {{}}. nil log: [t] value]".format),
        body.map(f"| k | k := 0. [k < {TURNS_MAX}] whileTrue: [k := k + 1. {{}}]".format).map("[{}] value".format),
        body.map("2 timesRepeat: [{}]".format),
        body.map("#(1 nil 2) do: [:e | nil log: e. {}]".format),
        _EXPRESSIONS.map("false ifTrue: [^{}]".format),
        _EXPRESSIONS.map("#(1 2) do: [:e | e == 2 ifTrue: [^{}]]".format),
    )


_STATEMENTS = st.recursive(
    st.one_of(_EXPRESSIONS, st.tuples(_NAMES, _EXPRESSIONS).map("{0[0]} := {0[1]}".format)), _nested, max_leaves=6
)
_PROGRAMS = st.lists(_STATEMENTS, min_size=1, max_size=5).map(lambda body: "| a b c | a := 1. " + ". ".join(body))


def _outcome(source: str, *, interpreted: bool = False, guarded: bool = False) -> Any:
    world = FakeWorld()
    if guarded:
        unit = compile_doit(source, Scope("UndefinedObject"), parametrise=False)
        unit.origin.guards = frozenset(range(len(unit.lowered().offsets)))
        arguments = [world.binding(name) for name in unit.bindings]
        value = world.function(unit)(None, *arguments)
        assert world.deopts == 0
    else:
        value = world.run(source, interpreted=interpreted)
    return plain(value), plain(world.trace)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_PROGRAMS)
def test_all_ways_to_run_a_program_agree(source: str) -> None:
    expected = _outcome(source)
    assert _outcome(source, interpreted=True) == expected
    assert _outcome(source, guarded=True) == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_PROGRAMS, st.integers(0, 60))
def test_leaving_a_program_anywhere_changes_nothing(source: str, place: int) -> None:
    expected = outcome(source, FakeWorld())
    assert with_wrong_guess(source, place)[0] == expected
    assert with_suspension(source, place)[0] == expected
