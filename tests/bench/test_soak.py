"""The soak's verdict: what grows from the first third of the rounds to the last is not met, nor is an error told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.figures import Table
from bench.soak import GROWTH_MAX, Rounds, errors_in, judge

if TYPE_CHECKING:
    from pathlib import Path

STEADY = [5.0] * 9
GROWN = int(100 * GROWTH_MAX) + 1


def verdicts(tails: list[float], resident: list[int], files: list[int], hibernated: list[int]) -> list[bool | None]:
    """Whether each row is met."""
    table, rounds = Table("", ""), Rounds()
    for each in zip(tails, resident, files, hibernated, strict=True):
        rounds.add(*each)
    judge(table, rounds)
    return [row.met for row in table.rows]


def test_steady_rounds_are_met() -> None:
    assert verdicts(STEADY, [100] * 9, [100] * 9, [3] * 9) == [True] * 4


def test_growth_of_memory_of_files_and_of_the_tail_is_not_met() -> None:
    assert verdicts(STEADY, [*[100] * 8, GROWN], [100] * 9, [3] * 9) == [True, False, True, True]
    assert verdicts(STEADY, [100] * 9, [*[100] * 8, GROWN], [3] * 9) == [True, True, False, True]
    assert verdicts([*[5.0] * 6, *[11.0] * 3], [100] * 9, [100] * 9, [3] * 9) == [True, True, True, False]


def test_a_round_after_which_no_session_sleeps_and_a_run_that_tells_nothing_are_not_met() -> None:
    assert verdicts(STEADY[:1], [100], [100], [0]) == [False, False]


@pytest.mark.parametrize(
    ("line", "is_error"),
    [
        ('{"event": "a worker died", "level": "warning"}', False),
        ('{"event": "commit failed", "level": "error"}', True),
        ("Traceback (most recent call last):", True),
        ("7", True),
    ],
)
def test_an_error_in_the_log_is_found(tmp_path: Path, line: str, *, is_error: bool) -> None:
    log = tmp_path / "log"
    log.write_text(f"{line}\n")
    assert errors_in(log) == [line] * is_error
