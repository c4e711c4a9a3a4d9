"""The machine of regular expressions against Python's, on patterns that both read alike."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smalltalk.primitives.rx import program as program_module
from smalltalk.primitives.rx.machine import Machine, Search
from smalltalk.primitives.rx.program import PROGRAM_LENGTH_MAX, Program, compile_pattern
from smalltalk.primitives.rx.syntax import Parser, PatternError
from smalltalk.runtime import safe_points
from tests.smalltalk.harness import FakeHost, evaluate, run

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

#: Patterns tried by each test: an example takes about 10 ms with all that hypothesis does.
EXAMPLES = 60
TEXTS = st.text(alphabet="abc\n", max_size=12)
LEAVES = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\w", r"\s", r"\b"])


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Patterns made of smaller ones."""
    return st.one_of(
        st.tuples(parts, parts).map("".join),
        st.tuples(parts, parts).map(lambda pair: f"({pair[0]}|{pair[1]})"),
        st.tuples(parts, st.sampled_from(["*", "+", "?", "{1,2}"])).map(lambda pair: f"({pair[0]}){pair[1]}"),
        parts.map(lambda part: f"(?:{part})"),
        parts.map(lambda part: f"(?={part})"),
    )


PATTERNS = st.recursive(LEAVES, larger, max_leaves=6)


def compiled(pattern: str) -> Program | None:
    """The program of a pattern; None for one that only Python allows: it repeats what may match nothing."""
    try:
        return compile_pattern(pattern, ignores_case=False)
    except PatternError:
        return None


def test_a_long_pattern_is_refused_before_it_is_parsed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing cannot be interrupted, so the length is looked at first."""
    parsed: list[str] = []
    monkeypatch.setattr(program_module, "Parser", lambda pattern: parsed.append(pattern) or Parser(pattern))
    with pytest.raises(PatternError, match="too large"):
        compile_pattern("b" * (PROGRAM_LENGTH_MAX + 1), ignores_case=False)
    assert not parsed
    assert compile_pattern("b" * (PROGRAM_LENGTH_MAX - 10), ignores_case=False).group_count == 0
    assert parsed
    assert "the pattern is too large" in evaluate(world, "(String new: 1000000) asRegex")


def found(program: Program, text: str, steps: int | None = None) -> list[int] | None:
    """The slots of the first match, searched in portions of so many steps."""
    machine, search = Machine(program, text), Search(0, is_floating=True, is_whole=False)
    while not machine.run(search, steps):
        pass
    return None if search.best is None else list(search.best)


@settings(max_examples=EXAMPLES)
@given(PATTERNS, TEXTS)
def test_the_first_match_and_its_groups_are_those_of_a_backtracking_engine(pattern: str, text: str) -> None:
    program = compiled(pattern)
    if program is None:
        return
    match = re.search(pattern, text, re.DOTALL | re.MULTILINE)
    got = found(program, text)
    if match is None:
        assert got is None
    else:
        assert got is not None
        # Groups inside a look are not kept.
        groups = 1 if "(?=" in pattern else len(match.regs)
        assert got[: 2 * groups] == [place for span in match.regs[:groups] for place in span]


@settings(max_examples=EXAMPLES)
@given(PATTERNS, TEXTS)
def test_a_search_in_portions_finds_what_one_run_finds(pattern: str, text: str) -> None:
    program = compiled(pattern)
    if program is not None:
        assert found(program, text, steps=0) == found(program, text)


@settings(max_examples=EXAMPLES)
@given(st.text(alphabet=r"ab()[]{}|*+?.\:^$-,0x=!<", max_size=12))
def test_every_text_is_a_pattern_or_refused_with_a_place(pattern: str) -> None:
    place = 0
    try:
        compile_pattern(pattern, ignores_case=True)
    except PatternError as fault:
        place = fault.index
    assert 0 <= place <= len(pattern)


def test_nested_repeats_take_steps_in_proportion_to_the_text() -> None:
    program = compile_pattern("(x+x+)+y", ignores_case=False)
    steps = []
    for length in (100, 200):
        machine = Machine(program, "x" * length)
        machine.run(Search(0, is_floating=True, is_whole=False))
        steps.append(machine.steps)
    assert steps[1] < 3 * steps[0]


class TickingHost(FakeHost):
    """A host on which each look at the clock takes a millisecond and asks for the next one."""

    def cpu_ns(self) -> int:
        self.spent_ns += 1_000_000
        safe_points.set_poll(True)
        return self.spent_ns


def test_a_long_search_ends_with_the_budget_of_its_evaluation(world: World) -> None:
    world.host = TickingHost()
    try:
        outcome = run(world, "'(a+b?)+c' asRegex search: (String new: 1000000 withAll: $a)", cpu_budget_ms=20)
    finally:
        safe_points.set_poll(False)
    assert outcome.failure is not None
    assert outcome.failure.kind == "timeout"
