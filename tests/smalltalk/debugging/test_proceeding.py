"""An unhandled error does not lose the computation: it waits, also across a restart, and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.smalltalk.lifetimes import Lifetimes

if TYPE_CHECKING:
    from smalltalk import Outcome


@pytest.fixture
def session() -> Lifetimes:
    return Lifetimes()


def wait(session: Lifetimes, code: str) -> str:
    """Run code that stops, commit, and answer the name of the computation that waits."""
    outcome = session.evaluate(code)
    assert outcome.failure is not None
    assert outcome.context_id is not None
    session.commit()
    return str(outcome.context_id)


def proceed(session: Lifetimes, context_id: str, code: str | None = None, **options: Any) -> Outcome:
    """Let a computation go on, and commit."""
    outcome = session.image.debugger.proceed(context_id, evaluation=session.image.begin(), code=code, **options)
    session.commit()
    return outcome


NESTED = """
| sum | sum := 0.
#(1 2 3) do: [:each | [:x | sum := sum + (x = 2 ifTrue: [log add: x. Error signal: 'two'. 10] ifFalse: [x])]
    value: each].
sum
"""


@pytest.mark.parametrize("restarts", [False, True])
def test_a_computation_goes_on_where_it_failed(session: Lifetimes, restarts: bool) -> None:
    session.run("log := OrderedCollection new")
    context_id = wait(session, NESTED)
    if restarts:
        session.restart()
    outcome = proceed(session, context_id)
    assert (outcome.failure, outcome.result, outcome.class_name) == (None, "14", "SmallInteger")
    assert session.run("log asArray") == "#(2)"
    assert session.image.debugger.contexts() == []
