"""An unhandled error does not lose the computation: it waits, also across a restart, and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk import UnknownContextError, UnresumableError

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged

NESTED = """
| sum | sum := 0.
#(1 2 3) do: [:each | [:x | sum := sum + (x = 2 ifTrue: [log add: x. Error signal: 'two'. 10] ifFalse: [x])]
    value: each].
sum
"""


@pytest.mark.parametrize("restarts", [False, True])
def test_a_computation_goes_on_where_it_failed(session: Debugged, restarts: bool) -> None:
    session.run("log := OrderedCollection new")
    context_id = session.wait(NESTED)
    if restarts:
        session.restart()
    outcome = session.do("proceed", context_id, display=True)
    assert (outcome.failure, outcome.result, outcome.display) == (None, "14", "14")
    assert outcome.class_name == "SmallInteger"
    assert session.run("log asArray") == "#(2)"
    assert session.waiting() == []


def test_a_value_takes_the_place_of_what_failed(session: Debugged) -> None:
    session.run("k := 5")
    assert session.answer("proceed", session.wait("(1/0) + 1"), code="k * 8") == "41"


def test_blocks_at_the_end_wait_as_well(session: Debugged) -> None:
    context_id = session.wait("[(1/0) + 1] ensure: [Transcript show: 'closed']")
    session.restart()
    outcome = session.do("proceed", context_id, code="1")
    assert (outcome.result, outcome.transcript) == ("2", "closed")


def test_handlers_and_non_local_returns_work_after_a_restart(session: Debugged) -> None:
    session.run("Object subclass: #Finder instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run(
        "Finder compile: 'find: all all do: [:each | [each foo. nil foo: all] on: ZeroDivide do: [:e | ^e class name]]'"
    )
    context_id = session.wait("Finder new find: #(1 2)")
    session.restart()
    session.run("Object compile: 'foo: x ^1/0'")
    assert session.answer("proceed", context_id) == "#ZeroDivide"


def test_failing_again_keeps_the_name_and_the_place_in_the_code(session: Debugged) -> None:
    context_id = session.wait("3 foo.\n4 bar.\n5 + 1")
    session.restart()
    outcome = session.do("proceed", context_id)
    assert outcome.context_id == context_id
    assert (outcome.failure.line, outcome.failure.column) == (2, 3)
    assert outcome.failure.stack == [("ProtoObject>>doesNotUnderstand:", 6), ("doIt", 2)]
    session.restart()
    assert session.answer("proceed", context_id) == "6"


def test_a_name_means_nothing_once_its_computation_has_finished(session: Debugged) -> None:
    first = session.wait("1/0")
    session.answer("proceed", first)
    second = session.wait("1/0")
    assert first != second
    for name in (first, "c99", ""):
        with pytest.raises(UnknownContextError, match="no suspended computation"):
            session.do("proceed", name)
        with pytest.raises(UnknownContextError, match=f"those that wait: {second}$"):
            session.do("proceed", name)
    assert session.waiting() == [second]


def test_a_value_that_fails_leaves_the_computation_as_it_was(session: Debugged) -> None:
    context_id = session.wait("(1/0) + 1")
    for code in ("3 + ", "nil foo"):
        outcome = session.do("proceed", context_id, code=code)
        assert outcome.failure is not None
        assert outcome.context_id == context_id
    assert session.answer("proceed", context_id, code="2") == "3"


@pytest.mark.parametrize("code", ["3.\nnil foo", "3.\n#(1) do: [:e | e foo]"])
def test_a_value_that_fails_names_the_place_in_its_own_code(session: Debugged, code: str) -> None:
    context_id = session.wait("\n\n(1/0) + 1")
    for operation, arguments in (("proceed", ()), ("return_value", (1, code))):
        options = {} if arguments else {"code": code}
        failure = session.do(operation, context_id, *arguments, **options).failure
        assert failure is not None
        assert (failure.line, failure.column) == (2, code.split("\n")[1].index("foo") + 1)
        assert failure.stack[-1] == ("doIt", 2)


def test_what_cannot_be_compiled_does_not_wait(session: Debugged) -> None:
    assert session.evaluate("3 + ").context_id is None
    assert session.waiting() == []


def test_an_error_while_the_value_is_printed_does_not_wait(session: Debugged) -> None:
    session.run("Object subclass: #Odd instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Odd compile: 'printOn: aStream self halt'")
    assert session.evaluate("Odd new").context_id is None


def test_two_computations_share_what_they_shared(session: Debugged) -> None:
    session.run("n := 0. step := [:by | n := n + by. nil foo. n]")
    first, second = session.wait("step value: 1"), session.wait("step value: 10")
    session.restart()
    assert session.answer("proceed", first) == "11"
    session.run("n := 100")
    assert session.answer("proceed", second) == "100"


def test_a_summary_tells_what_waits(session: Debugged) -> None:
    context_id = session.wait("nil foo: 3")
    halted = session.wait("self halt. 7")
    session.restart()
    error, halt = session.debugger.contexts()
    assert (error.context_id, error.kind, error.class_name) == (context_id, "error", "MessageNotUnderstood")
    assert error.message == 'receiver of "foo:" is nil'
    assert (error.code, error.is_resumable, error.reason) == ("nil foo: 3", True, None)
    assert {"Continue", "CreateMethod", "Abandon"} <= set(error.recovery)
    assert (halt.context_id, halt.kind, halt.class_name) == (halted, "halt", "Halt")
    assert session.answer("proceed", halted) == "7"


def test_changing_a_method_leaves_waiting_frames_on_the_old_one(session: Debugged) -> None:
    session.run("Object compile: 'half: x ^(nil foo: x) + 1'")
    context_id = session.wait("3 half: 4")
    session.run("Object compile: 'half: x ^999'")
    session.restart()
    assert session.answer("proceed", context_id, code="1") == "2"


def test_a_stack_that_is_too_deep_can_be_looked_at_only(session: Debugged) -> None:
    """A stack that is too deep to be kept whole: its unwinding blocks have run."""
    session.run("Object subclass: #Deep instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Deep compile: 'down: n n = 0 ifTrue: [^1/0]. ^(self down: n - 1) + 1'")
    context_id = session.wait("[Deep new down: 20000] ensure: [log := 7]")
    assert session.run("log") == "7"
    session.restart()
    (summary,) = session.debugger.contexts()
    assert "too deep" in summary.reason
    assert not summary.is_resumable
    assert summary.recovery == ["Abandon"]
    assert session.methods(context_id)[:2] == ["Number>>errorZeroDivide", "Deep>>down:"]
    assert session.variables(context_id, 1)["n"] == "0"
    with pytest.raises(UnresumableError, match="too deep"):
        session.do("proceed", context_id)
    session.do("abandon", context_id)
    assert session.waiting() == []
