"""Reading many methods within the budget of a run: a slice at a time, and `interrupt` stops it."""

from typing import TYPE_CHECKING

from ..traffic.call import Answer
from .failures import failure_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..running.evaluator import Run


def searched(run: "Run", answer: "Callable[[], Answer]") -> Answer:
    """Do a search as the run's evaluation; one that was stopped answers a failure."""
    assert run.evaluation is not None
    outcome = run.evaluation.run(answer)
    if outcome.failure is not None:
        return failure_of(run, outcome)
    result: Answer = outcome.value
    return result


def pause_of(run: "Run") -> "Callable[[], None]":
    """Return the safe point of a search; calling it may let others run, or end the search."""
    assert run.evaluation is not None
    return run.evaluation.poll
