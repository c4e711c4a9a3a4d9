"""The soak's verdict: what grows from the first third of the rounds to the last is not met."""

from __future__ import annotations

from bench.figures import Table
from bench.soak import GROWTH_MAX, judge

STEADY = [5.0] * 9


def verdicts(tails: list[float], resident: list[int], hibernated: list[int]) -> list[bool | None]:
    """Whether each row is met."""
    table = Table("", "")
    judge(table, tails, resident, hibernated)
    return [row.met for row in table.rows]


def test_steady_rounds_are_met() -> None:
    assert verdicts(STEADY, [100] * 9, [3] * 9) == [True, True, True]


def test_growth_of_memory_and_of_the_tail_is_not_met() -> None:
    grown = int(100 * GROWTH_MAX) + 1
    assert verdicts(STEADY, [*[100] * 8, grown], [3] * 9) == [True, False, True]
    assert verdicts([*[5.0] * 6, *[11.0] * 3], [100] * 9, [3] * 9) == [True, True, False]


def test_a_round_after_which_no_session_sleeps_is_not_met() -> None:
    assert verdicts(STEADY[:1], [100], [0]) == [False]
