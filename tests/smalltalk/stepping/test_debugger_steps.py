"""Steps as the debugger does them: the computation keeps its name until it ends, whatever a step meets."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk import UnknownContextError, UnresumableError, set_poll
from tests.smalltalk.lifetimes import Lifetimes

CALLER = "caller: x\n\t| t |\n\tt := self failing: x.\n\t^t + 1"
FAILING = "failing: x\n\tlog add: #before.\n\tx zork.\n\tlog add: #after.\n\t^x"


class Session(Lifetimes):
    """A session with something to step through."""

    def __init__(self) -> None:
        super().__init__()
        self.run("Object subclass: #Foo instanceVariableNames: 'log' classVariableNames: '' package: 'T'")
        for source in ("log: aCollection log := aCollection", CALLER, FAILING):
            self.run(f"Foo compile: '{source}'")
        self.run("log := OrderedCollection new. foo := Foo new. foo log: log")

    def step(self, context_id: str, how: Any, **budget: Any) -> Any:
        return self.image.debugger.step(context_id, how, evaluation=self.image.begin(**budget))

    def rows(self, context_id: str) -> list[tuple[str, int]]:
        return [(row.method, row.line) for row in self.image.debugger.stack(context_id).rows]


@pytest.fixture
def session() -> Session:
    return Session()


def test_an_error_is_stepped_over_and_the_computation_ends(session: Session) -> None:
    """From the error to the end of the do-it, with a restart after each step."""
    context_id = session.evaluate("foo caller: 3").context_id
    seen = []
    outcome = session.step(context_id, "out")
    while outcome.context_id is not None:
        assert outcome.context_id == context_id
        assert (outcome.failure, outcome.stop.kind) == (None, "step")
        seen.append(session.rows(context_id)[0])
        session.commit()
        session.restart()
        outcome = session.step(context_id, "over")
    assert seen == [
        ("Foo>>failing:", 4),
        ("Foo>>failing:", 5),
        ("Foo>>caller:", 4),
        ("Foo>>caller:", 4),
        ("doIt", 1),
    ]
    assert (outcome.failure, outcome.result) == (None, "4")
    assert session.run("log asArray") == "#(#before #after)"
    with pytest.raises(UnknownContextError):
        session.step(context_id, "over")


def test_a_step_that_fails_again_is_the_same_computation(session: Session) -> None:
    context_id = session.evaluate("foo caller: 3. 1/0").context_id
    outcome = session.step(context_id, "out")
    for _ in range(10):
        outcome = session.step(context_id, "over")
        if outcome.failure is not None:
            break
    assert (outcome.failure.error_class, outcome.context_id, outcome.stop) == ("ZeroDivide", context_id, None)
    assert [each.context_id for each in session.image.debugger.contexts()] == [context_id]


def test_a_step_that_takes_too_long_is_stopped_and_can_go_on(session: Session) -> None:
    session.run("Foo compile: 'long\n\t1 to: 100 do: [:i | i printString].\n\t^#done'")
    context_id = session.evaluate("Halt signal. foo long").context_id
    session.step(context_id, "over")
    evaluation = session.image.begin()
    evaluation.interrupt()
    set_poll(True)
    outcome = session.image.debugger.step(context_id, "over", evaluation=evaluation)
    assert (outcome.failure.kind, outcome.context_id) == ("interrupted", context_id)
    session.commit()
    session.restart()
    assert session.image.debugger.proceed(context_id, evaluation=session.image.begin()).result == "#done"


def test_a_variable_that_is_changed_before_an_operation_counts(session: Session) -> None:
    """Nothing of what an activation stops before has been done."""
    context_id = session.evaluate("| x | x := 3. Halt signal. x + 1").context_id
    session.step(context_id, "over")
    session.image.debugger.set_variable(context_id, 0, "x", "10", evaluation=session.image.begin())
    assert session.image.debugger.proceed(context_id, evaluation=session.image.begin()).result == "11"


def test_a_breakpoint_inside_a_step_stops_there(session: Session) -> None:
    session.image.debugger.set_breakpoint("Foo>>failing:", 4)
    context_id = session.evaluate("Halt signal. foo caller: nil").context_id
    session.step(context_id, "over")
    outcome = session.step(context_id, "over")
    assert outcome.failure.error_class == "MessageNotUnderstood"
    outcome = session.image.debugger.proceed(context_id, evaluation=session.image.begin())
    assert (outcome.failure.error_class, outcome.context_id) == ("Breakpoint", context_id)
    assert session.rows(context_id)[:2] == [("Foo>>failing:", 4), ("Foo>>caller:", 3)]
    session.step(context_id, "over")
    assert session.rows(context_id)[0] == ("Foo>>failing:", 5)


def test_a_stack_that_cannot_go_on_is_not_stepped(session: Session) -> None:
    context_id = session.evaluate("foo caller: 3").context_id
    session.image.debugger.waiting.found(context_id).stack.reason = "for a test"
    with pytest.raises(UnresumableError, match="for a test"):
        session.step(context_id, "into")


def test_the_waiting_code_is_the_old_one_after_the_method_changed(session: Session) -> None:
    context_id = session.evaluate("foo caller: 3").context_id
    session.run("Foo compile: 'failing: x ^100'")
    session.run("Foo compile: 'caller: x ^200'")
    session.restart()
    session.step(context_id, "out")
    session.step(context_id, "out")
    assert session.rows(context_id) == [("Foo>>caller:", 4), ("doIt", 1)]
    assert session.image.debugger.proceed(context_id, evaluation=session.image.begin()).result == "4"
