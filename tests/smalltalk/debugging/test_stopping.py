"""Computations that are stopped from outside, or by the end of the server, wait as well; so do forked processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from greenlet import getcurrent, greenlet

from smalltalk import UnresumableError, set_poll
from smalltalk.debugging.keeping import SUSPENSIONS_MAX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smalltalk import Evaluation
    from tests.smalltalk.debugging.conftest import Debugged

LOOP = "| n | n := 0. [1 to: 1000 do: [:i | n := n + i]. n] ensure: [Transcript show: 'closed']"


@pytest.fixture(autouse=True)
def _no_poll_afterwards() -> Iterator[None]:
    yield
    set_poll(False)


def park(session: Debugged, code: str, polls: int = 3, **options: Any) -> tuple[Evaluation, greenlet]:
    """Run code in a greenlet until it has polled so often or waits."""
    left, hub = polls, getcurrent()

    def yield_() -> None:
        nonlocal left
        left -= 1
        if left < 0:
            hub.switch()
        set_poll(True)

    evaluation = session.image.begin(yield_=yield_, park=lambda _until: hub.switch())
    parked = greenlet(
        lambda: session.image.evaluate(code, tool_id=None, display=True, evaluation=evaluation, **options)
    )
    set_poll(True)
    parked.switch()
    assert not parked.dead
    set_poll(False)
    return evaluation, parked


def order(session: Debugged, code: str, reason: str) -> Any:
    """Run code and stop it at a safe point; answer the outcome."""
    evaluation, parked = park(session, code)
    evaluation.interrupt(reason)
    outcome = None
    while not parked.dead:
        outcome = parked.switch()
    session.commit()
    return outcome


@pytest.mark.parametrize(("reason", "kind"), [("interrupted", "interrupted"), ("timeout", "timeout")])
def test_what_is_stopped_goes_on_with_a_new_budget(session: Debugged, reason: str, kind: str) -> None:
    outcome = order(session, LOOP, reason)
    assert (outcome.failure.kind, outcome.transcript) == (kind, "")
    session.restart()
    assert session.debugger.contexts()[0].kind == kind
    with pytest.raises(UnresumableError, match="no exception"):
        session.do("resume", outcome.context_id)
    ended = session.do("proceed", outcome.context_id)
    assert (ended.result, ended.transcript) == ("500500", "closed")


def test_what_takes_too_much_memory_is_not_kept(session: Debugged) -> None:
    outcome = order(session, LOOP, "memory")
    assert (outcome.failure.kind, outcome.context_id, outcome.transcript) == ("interrupted", None, "closed")
    assert outcome.failure.stack


def test_a_broken_wait_is_waited_for_again(session: Debugged) -> None:
    session.run("s := Semaphore new. log := nil")
    code = "[(Delay forSeconds: 5) wait. s signal] fork. s wait. log := #woken. 7"
    evaluation, parked = park(session, code, polls=100)
    evaluation.interrupt()
    outcome = parked.switch()
    session.commit()
    assert outcome.failure.kind == "interrupted"
    session.restart()
    assert session.run("log isNil") == "true"
    assert session.answer("proceed", outcome.context_id) == "7"
    assert session.run("log") == "#woken"
    assert session.run("s isSignaled") == "false"


def test_a_wait_that_was_answered_meanwhile_is_not_repeated(session: Debugged) -> None:
    session.run("s := Semaphore new")
    evaluation, parked = park(session, "[(Delay forSeconds: 5) wait] fork. s wait. 7", polls=100)
    evaluation.interrupt()
    outcome = parked.switch()
    session.commit()
    session.run("s signal")
    session.restart()
    assert session.answer("proceed", outcome.context_id) == "7"


@pytest.mark.parametrize("polls", [0, 1, 7, 30])
@pytest.mark.parametrize(
    ("code", "result"),
    [
        (LOOP, "500500"),
        ("(Delay forSeconds: 3) wait. 8", "8"),
        ("| s | s := Semaphore new. [(Delay forSeconds: 1) wait. s signal] fork. s wait. 99", "99"),
        ("((1 to: 200) collect: [:each | each printString]) size printString , 'x'", "'200x'"),
    ],
)
def test_what_the_end_of_the_server_stopped_goes_on_after_the_start(
    session: Debugged, code: str, result: str, polls: int
) -> None:
    evaluation, parked = park(session, code, polls)
    assert session.image.suspend(evaluation, parked.gr_frame)
    session.commit()
    parked.throw()
    session.restart()
    assert evaluation.suspension is not None
    context_id = evaluation.suspension.context_id
    assert [(each.context_id, each.kind) for each in session.debugger.contexts()] == [(context_id, "stopped")]
    outcome = session.image.resume_stopped(context_id, session.image.begin())
    session.commit()
    assert (outcome.failure, outcome.result) == (None, result)
    assert outcome.display is not None
    assert session.waiting() == []


def test_what_was_written_before_the_end_of_the_server_is_part_of_the_answer(session: Debugged) -> None:
    evaluation, parked = park(
        session, "Transcript show: 'before '. 1 to: 99 do: [:i | i squared]. Transcript show: 'after'", 9
    )
    assert session.image.suspend(evaluation, parked.gr_frame)
    session.commit()
    parked.throw()
    session.restart()
    outcome = session.image.resume_stopped(evaluation.suspension.context_id, session.image.begin())
    assert outcome.transcript == "before after"


def test_a_value_that_is_being_printed_is_printed_again(session: Debugged) -> None:
    session.run("n := 0")
    code = "n := n + 1. OrderedCollection new add: (1 to: 40) asOrderedCollection; yourself"
    whole = session.run(code)
    evaluation, parked = park(session, code, polls=12)
    assert session.image.suspend(evaluation, parked.gr_frame)
    session.commit()
    parked.throw()
    session.restart()
    outcome = session.image.resume_stopped(evaluation.suspension.context_id, session.image.begin())
    assert outcome.result == whole
    assert session.run("n") == "2"


def test_a_process_that_fails_waits_and_goes_on_in_the_evaluation_of_who_debugs_it(session: Debugged) -> None:
    outcome = session.evaluate(
        "p := [done := (3 foo ifNil: [4]) + 4. p == Processor activeProcess] fork. Processor yield"
    )
    session.commit()
    assert "a process waits as c1 with MessageNotUnderstood" in outcome.transcript
    session.restart()
    assert session.run("p printString") == "'a Process (stopped)'"
    assert session.debugger.contexts()[0].code == "a process"
    assert session.answer("proceed", "c1") == "true"
    assert session.run("{done. p isTerminated}") == "#(8 true)"


def test_who_waits_longest_is_given_up_and_unwinds_in_the_background(session: Debugged) -> None:
    first = session.wait("[nil foo] ensure: [closed := true]")
    for _ in range(SUSPENSIONS_MAX):
        last = session.wait("nil bar")
    assert session.waiting()[-1] == last
    assert len(session.waiting()) == SUSPENSIONS_MAX
    assert first not in session.waiting()
    session.restart()
    session.image.background.run(lambda: False)
    assert session.run("closed") == "true"


@pytest.mark.parametrize("restarts", [False, True])
def test_only_the_debugger_lets_a_process_go_on_that_is_debugged(session: Debugged, restarts: bool) -> None:
    session.run("p := [[nil foo. 3] on: Warning do: [:e | log := e messageText. e return: 4]] fork. Processor yield")
    (context_id,) = session.waiting()
    for code in ("p suspend", "p resume", "p signalException: (Warning new messageText: 'wake')", "Processor yield"):
        session.run(code)
        assert session.run("p printString -> p isSuspended") == "'a Process (stopped)'->true"
    if restarts:
        session.restart()
    session.run("3")
    assert session.waiting() == [context_id]
    assert session.answer("proceed", context_id) == "4"
    assert session.run("{log. p isTerminated}") == "#('wake' true)"


def test_a_mutex_stays_with_the_process_that_waits(session: Debugged) -> None:
    context_id = session.wait("m := Mutex new. m critical: [nil foo. m critical: [5]]")
    session.restart()
    assert session.answer("proceed", context_id) == "5"
