"""Restarting frames, returning values, resuming, retrying, passing, creating methods, giving up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk import UnknownContextError, UnknownFrameError, UnresumableError

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged


@pytest.fixture
def risky(session: Debugged) -> Debugged:
    """A session with a method that cleans up after what it does, and what uses it."""
    session.run("log := OrderedCollection new. Object subclass: #Task instanceVariableNames: 'n' package: 'Demo'")
    session.run("Task compile: 'use: x ^(self guard: x) + 1'")
    session.run("Task compile: 'guard: x ^[self work: x] ensure: [Transcript show: ''closed '']'")
    session.run("Task compile: 'work: x n := (n ifNil: [0]) + 1. ^nil foo: x'")
    return session


def test_a_frame_begins_anew_with_the_present_method(risky: Debugged) -> None:
    context_id = risky.wait("Task new use: 4")
    assert risky.methods(context_id)[:3] == ["ProtoObject>>doesNotUnderstand:", "Task>>work:", "[ ] in Task>>guard:"]
    risky.run("Task compile: 'work: x ^x * 10 + n'")
    risky.restart()
    outcome = risky.do("restart_frame", context_id, 1)
    assert (outcome.result, outcome.transcript) == ("42", "closed ")


def test_what_is_left_on_the_way_to_a_frame_runs_its_unwinding_blocks_first(risky: Debugged) -> None:
    context_id = risky.wait("Task new use: 4")
    risky.run("Task compile: 'guard: x ^Transcript show: ''anew ''; yourself. 5'")
    risky.run("Task compile: 'guard: x Transcript show: ''anew ''. ^5'")
    risky.restart()
    outcome = risky.do("restart_frame", context_id, 3)
    assert (outcome.result, outcome.transcript) == ("6", "closed anew ")


def test_blocks_and_do_its_begin_anew_as_well(session: Debugged) -> None:
    context_id = session.wait("| a | a := 0. [:x :y | a := a + x. (nil foo: 'b') , y] value: 2 value: 'c'")
    session.restart()
    again = session.do("restart_frame", context_id, 1)
    assert (again.context_id, session.in_frame(context_id, 1, "a")) == (context_id, "4")
    session.run("UndefinedObject compile: 'foo: x ^x'")
    assert session.answer("restart_frame", context_id, 1) == "'bc'"
    context_id = session.wait("t := 3. nil bar: 'x'")
    session.restart()
    session.run("UndefinedObject compile: 'bar: x ^x'")
    assert session.answer("restart_frame", context_id, 1) == "'x'"


def test_a_frame_answers_a_value_to_its_sender(risky: Debugged) -> None:
    context_id = risky.wait("Task new use: 4")
    risky.restart()
    outcome = risky.do("return_value", context_id, 1, "x * 100")
    assert (outcome.result, outcome.transcript) == ("401", "closed ")
    context_id = risky.wait("Task new use: 4")
    last = len(risky.methods(context_id)) - 1
    assert risky.answer("return_value", context_id, last, "#whole") == "#whole"


def test_an_error_in_an_unwinding_block_is_noted_and_the_rest_goes_on(session: Debugged) -> None:
    context_id = session.wait("[[nil foo] ensure: [nil bar]] ensure: [Transcript show: 'outer ']. 3")
    outcome = session.do("return_value", context_id, len(session.methods(context_id)) - 1, "8")
    assert outcome.result == "8"
    assert "outer " in outcome.transcript
    assert 'receiver of "bar" is nil' in outcome.transcript


def test_a_resumable_exception_is_resumed(session: Debugged) -> None:
    context_id = session.wait("(Exception new signal: 'what') + 1")
    session.restart()
    assert session.answer("resume", context_id, code="41") == "42"


def test_an_error_that_may_not_be_resumed_says_so_and_waits_on(session: Debugged) -> None:
    context_id = session.wait("(Error signal: 'what') + 1")
    outcome = session.do("resume", context_id, code="41")
    assert (outcome.failure.error_class, outcome.context_id) == ("IllegalResumeAttempt", context_id)
    assert session.answer("proceed", context_id, code="1") == "2"


def test_retry_evaluates_the_protected_block_again(session: Debugged) -> None:
    session.run("n := 0")
    context_id = session.wait("[n := n + 1. 1 / (n - 1)] on: ZeroDivide do: [:e | e pass]")
    session.restart()
    assert session.answer("retry", context_id) == "1"


def test_retry_without_a_handler_begins_the_frame_anew(session: Debugged) -> None:
    session.run("Object compile: 'work nil foo. ^5'")
    context_id = session.wait("3 work")
    session.run("UndefinedObject compile: 'foo'")
    assert session.answer("retry", context_id) == "5"


def test_an_exception_that_is_passed_to_nobody_ends_the_computation(session: Debugged) -> None:
    context_id = session.wait("[1/0] ensure: [Transcript show: 'closed']")
    session.restart()
    outcome = session.do("pass_", context_id)
    assert (outcome.failure.error_class, outcome.context_id, outcome.transcript) == ("ZeroDivide", None, "closed")
    assert session.waiting() == []


def test_a_method_is_created_for_a_message_not_understood(session: Debugged) -> None:
    context_id = session.wait("3 + (4 foo: 5)")
    broken = session.do("create_method", context_id, "foo: x ^(")
    assert (broken.failure.kind, broken.failure.line, broken.context_id) == ("syntax", 1, context_id)
    other = session.do("create_method", context_id, "fo: x ^self * x")
    assert (other.failure.kind, other.failure.suggestion, other.context_id) == ("syntax", "call it #foo:", context_id)
    assert session.run("4 respondsTo: #fo:") == "false"
    session.restart()
    assert session.answer("create_method", context_id, "foo: x ^self * x") == "23"
    other = session.wait("1/0")
    with pytest.raises(UnresumableError, match="not understood"):
        session.do("create_method", other, "foo")


def test_abandoning_runs_the_unwinding_blocks(session: Debugged) -> None:
    context_id = session.wait("[[1/0] ifCurtailed: [Transcript show: 'cut ']] ensure: [Transcript show: 'closed']")
    session.restart()
    outcome = session.do("abandon", context_id)
    assert (outcome.failure, outcome.transcript) == (None, "cut closed")
    assert session.waiting() == []
    with pytest.raises(UnknownContextError):
        session.do("abandon", context_id)


def test_an_unwinding_block_that_never_ends_is_stopped(session: Debugged) -> None:
    context_id = session.wait("[1/0] ensure: [(Semaphore new) wait]")
    outcome = session.do("abandon", context_id)
    assert session.waiting() == []
    assert outcome.failure is not None or outcome.transcript != ""


def test_frames_are_checked_before_anything_happens(session: Debugged) -> None:
    context_id = session.wait("1/0")
    for operation in ("restart_frame", "return_value"):
        with pytest.raises(UnknownFrameError):
            session.do(operation, context_id, 17, *(["3"] if operation == "return_value" else []))
    assert session.waiting() == [context_id]


def test_a_created_method_that_fails_waits_under_the_same_name(session: Debugged) -> None:
    context_id = session.wait("[(3 area: 3) + 1] ensure: [Transcript show: 'closed']")
    again = session.do("create_method", context_id, "area: x ^self shouldBeImplemented")
    assert (again.context_id, again.transcript) == (context_id, "")
    session.restart()
    outcome = session.do("proceed", context_id, code="5")
    assert (outcome.result, outcome.transcript) == ("6", "closed")


def test_a_resumption_that_fails_waits_under_the_same_name(session: Debugged) -> None:
    session.run("Exception subclass: #Odd instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Odd compile: 'resume: x nil foo. ^super resume: x'")
    context_id = session.wait("[Odd new signal + 1] ensure: [Transcript show: 'closed']")
    again = session.do("resume", context_id, code="4")
    assert (again.context_id, again.transcript) == (context_id, "")
    session.restart()
    outcome = session.do("proceed", context_id)
    assert (outcome.result, outcome.transcript) == ("5", "closed")


@pytest.mark.parametrize(
    ("code", "source", "result"),
    [
        ("MyErr new foo. 42", "foo ^1", "42"),
        ("[nil fooz + 1] on: MessageNotUnderstood do: [:e | e pass]", "fooz ^5", "6"),
    ],
)
def test_a_created_method_answers_for_the_message_itself(
    session: Debugged, code: str, source: str, result: str
) -> None:
    session.run("Error subclass: #MyErr instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    context_id = session.wait(code)
    session.restart()
    assert session.answer("create_method", context_id, source) == result


def test_a_method_for_a_message_to_super_is_created_in_the_class_above(session: Debugged) -> None:
    session.run("Object subclass: #AA instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("AA subclass: #AB instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("AB subclass: #AC instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("AB compile: 'foo ^[super foo + 1] value'")
    context_id = session.wait("AC new foo")
    session.restart()
    assert session.answer("create_method", context_id, "foo ^3") == "4"
    assert session.run("{AA includesSelector: #foo. AC includesSelector: #foo. AB new foo}") == "#(true false 4)"


def test_no_method_is_created_for_an_exception_that_no_message_signalled(session: Debugged) -> None:
    context_id = session.wait("MessageNotUnderstood new message: (Message selector: #foo); receiver: 3; signal")
    with pytest.raises(UnresumableError, match="nothing in this stack sent the message"):
        session.do("create_method", context_id, "foo ^1")
    assert session.waiting() == [context_id]
