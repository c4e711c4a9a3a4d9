"""Breakpoints stop methods where they say, cost nothing elsewhere, and outlive the process and the method's text."""

from __future__ import annotations

from typing import Any

import pytest

from smalltalk import ClassNotFoundError, MethodNotFoundError, RefusedBreakpointError, UnresumableError
from smalltalk.runtime.breakpoints import BREAKPOINTS_MAX
from tests.smalltalk.lifetimes import Lifetimes

SUM = "sumTo: n\n\t| sum |\n\tsum := 0.\n\t1 to: n do: [:i |\n\t\tsum := sum + i].\n\t^sum"
EACH = (
    "each: aCollection\n\t| log |\n\tlog := OrderedCollection new."
    "\n\taCollection do: [:e |\n\t\tlog add: e * 2].\n\t^log asArray"
)
READ = "n ^n"
WRITE = "n: anObject n := anObject"


@pytest.fixture
def session() -> Session:
    return Session()


class Session(Lifetimes):
    """A session with a class whose methods are stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.run("Object subclass: #Foo instanceVariableNames: 'n' classVariableNames: '' package: 'T'")
        self.run("Trait named: #TBar")
        self.run("TBar compile: 'x ^1'")
        for source in (SUM, EACH, READ, WRITE):
            quoted = source.replace("'", "''")
            self.run(f"Foo compile: '{quoted}'")

    def set(self, method: str, line: int | None = None) -> Any:
        return self.image.debugger.set_breakpoint(method, line)

    def stops(self, code: str) -> tuple[list[int], str]:
        """Lines of frame 0 at each stop, and the result in the end; the session is restarted at every stop."""
        lines = []
        outcome = self.evaluate(code)
        while outcome.context_id is not None:
            assert outcome.failure.error_class == "Breakpoint"
            lines.append(self.image.debugger.stack(outcome.context_id).rows[0].line)
            self.commit()
            self.restart()
            outcome = self.image.debugger.proceed(outcome.context_id, evaluation=self.image.begin())
        assert outcome.failure is None, outcome.failure
        return lines, outcome.result


@pytest.mark.parametrize(
    ("method", "line", "code", "lines", "result"),
    [
        ("Foo>>sumTo:", None, "Foo new sumTo: 3", [1], "6"),
        ("Foo>>sumTo:", 3, "Foo new sumTo: 3", [3], "6"),
        ("Foo>>sumTo:", 5, "Foo new sumTo: 3", [5, 5, 5], "6"),
        ("Foo>>sumTo:", 6, "Foo new sumTo: 3", [6], "6"),
        ("Foo>>each:", 5, "Foo new each: #(1 2)", [5, 5], "#(2 4)"),
        ("Foo>>each:", 5, "Foo new each: #(1 2) asSet", [5, 5], "#(2 4)"),
        ("Foo>>n", None, "Foo new n", [1], "nil"),
        ("Foo>>n:", 1, "(Foo new n: 7) n", [1], "7"),
    ],
)
def test_a_method_stops_where_it_was_told(
    session: Session, method: str, line: int | None, code: str, lines: list[int], result: str
) -> None:
    """At its beginning or a line, in loops at each turn, in blocks, and where code reads variables in place."""
    assert session.run(code) == result
    session.set(method, line)
    assert session.stops(code) == (lines, result)


@pytest.mark.parametrize(
    ("method", "code", "result"),
    [
        (
            "OrderedCollection>>removeFirst:",
            "(OrderedCollection withAll: #(1 2)) removeFirst: 1; yourself",
            "an OrderedCollection(2)",
        ),
        ("Collection>>isEmpty", "#() isEmpty", "true"),
        ("Behavior>>new", "Object new isNil", "false"),
        ("SequenceableCollection>>first", "#(4 5) first", "4"),
    ],
)
def test_methods_of_the_kernel_stop_in_this_session_only(session: Session, method: str, code: str, result: str) -> None:
    """Also those that are otherwise done in place."""
    assert session.run(code) == result
    session.set(method)
    lines, answer = session.stops(code)
    assert lines
    assert answer == result
    assert Session().stops(code) == ([], result)


def test_a_breakpoint_that_is_removed_stops_nothing(session: Session) -> None:
    session.set("Foo>>sumTo:", 5)
    session.set("Foo>>n")
    stopped = session.evaluate("Foo new sumTo: 3").context_id
    assert session.image.debugger.remove_breakpoint("Foo>>sumTo:", 5)
    assert not session.image.debugger.remove_breakpoint("Foo>>sumTo:", 5)
    assert session.image.debugger.remove_breakpoint("Foo>>n")
    session.commit()
    session.restart()
    assert session.image.debugger.proceed(stopped, evaluation=session.image.begin()).result == "6"
    assert session.stops("{Foo new sumTo: 3. Foo new n}") == ([], "#(6 nil)")
    assert session.image.debugger.breakpoints() == []


def test_a_method_that_is_compiled_again_keeps_its_breakpoints(session: Session) -> None:
    """On the line it was set on; where that has no code any more on the next one that has, else at the beginning."""
    session.set("Foo>>sumTo:", 5)
    session.run("Foo compile: 'sumTo: n\n\t^n\n\n\n\n\t* 2'")
    assert session.stops("Foo new sumTo: 3") == ([6], "6")
    session.run("Foo compile: 'sumTo: n ^n * 2'")
    assert session.stops("Foo new sumTo: 3") == ([1], "6")
    assert [(each.line, each.stops_at) for each in session.image.debugger.breakpoints()] == [(5, None)]


def test_an_activation_that_runs_already_goes_on_without_a_new_breakpoint(session: Session) -> None:
    session.run("Foo compile: 'wait: aBlock\n\taBlock value.\n\t^#done'")
    outcome = session.evaluate("Foo new wait: [Halt signal]")
    session.set("Foo>>n")
    assert outcome.context_id is not None
    assert session.image.debugger.proceed(outcome.context_id, evaluation=session.image.begin()).result == "#done"


def test_a_breakpoint_of_a_method_that_does_not_compile_any_more_is_listed(session: Session) -> None:
    session.set("Foo>>n:", 1)
    session.run("Object subclass: #Foo instanceVariableNames: '' classVariableNames: '' package: 'T'")
    assert [(each.stops_at, each.is_active) for each in session.image.debugger.breakpoints()] == [(None, False)]
    session.run("Object subclass: #Foo instanceVariableNames: 'n' classVariableNames: '' package: 'T'")
    assert session.stops("(Foo new n: 7) n") == ([1], "7")


def test_a_breakpoint_is_durable(session: Session) -> None:
    session.set("Foo>>sumTo:", 3)
    session.set("Foo>>n")
    session.commit()
    session.restart()
    rows = [(each.method, each.line, each.is_active) for each in session.image.debugger.breakpoints()]
    assert rows == [("Foo>>sumTo:", 3, True), ("Foo>>n", None, True)]
    assert session.stops("Foo new sumTo: 1") == ([3], "1")


def test_breakpoints_of_a_method_that_is_gone_wait_for_another(session: Session) -> None:
    session.set("Foo>>n")
    session.run("Foo removeSelector: #n")
    assert [each.is_active for each in session.image.debugger.breakpoints()] == [False]
    session.run("Foo compile: 'n ^5'")
    assert session.stops("Foo new n") == ([1], "5")
    session.run("Foo removeSelector: #n")
    assert session.image.debugger.remove_breakpoint("Foo>>n")
    session.commit()
    session.restart()
    assert session.image.debugger.breakpoints() == []


@pytest.mark.parametrize(
    ("method", "line", "text", "error"),
    [
        ("Foo", None, "Class>>selector", RefusedBreakpointError),
        ("Bar>>x", None, "no class Bar", ClassNotFoundError),
        ("Bar class>>x", None, "no class Bar", ClassNotFoundError),
        ("Foo>>x", None, "no method #x", MethodNotFoundError),
        ("Foo class>>n", None, "Foo class has no method #n", MethodNotFoundError),
        ("Foo>>n", 2, "no line 2", RefusedBreakpointError),
        ("Foo>>n", 0, "no line 0", RefusedBreakpointError),
        ("Array>>at:", None, "primitive", RefusedBreakpointError),
        ("TBar>>x", None, "classes that use the trait", RefusedBreakpointError),
    ],
)
def test_what_cannot_be_stopped_is_refused(
    session: Session, method: str, line: int | None, text: str, error: type[Exception]
) -> None:
    with pytest.raises(error, match=text):
        session.set(method, line)
    assert session.image.debugger.breakpoints() == []


def test_there_are_only_so_many_breakpoints(session: Session) -> None:
    lines = "\n".join(str(each) + "." for each in range(BREAKPOINTS_MAX + 1))
    session.run(f"Foo compile: 'long\n{lines}'")
    for line in range(1, BREAKPOINTS_MAX + 1):
        session.set("Foo>>long", line)
    with pytest.raises(RefusedBreakpointError, match="at most"):
        session.set("Foo>>long", BREAKPOINTS_MAX + 1)


def test_a_breakpoint_in_the_middle_of_a_primitive_is_passed(session: Session) -> None:
    """Where the computation could not go on it is not stopped: a breakpoint ends nothing."""
    session.run("User := nil. Trait named: #TA. TA compile: 'x ^1'")
    session.run(
        "Object subclass: #User uses: TA @ {#ax -> #x} instanceVariableNames: '' classVariableNames: '' package: 'T'"
    )
    session.set("Object>>->")
    assert session.stops("User traitComposition") == ([], "TA @ {#ax->#x}")


def test_a_breakpoint_in_code_that_prints_a_result_is_passed(session: Session) -> None:
    """Nothing could wait there: the computation is over."""
    session.run("Foo compile: 'printOn: aStream\n\taStream nextPutAll: ''foo'''")
    session.set("Foo>>printOn:")
    assert session.stops("Foo new") == ([], "foo")


def test_a_value_to_go_on_with_is_refused_where_none_is_waited_for(session: Session) -> None:
    """It would be lost. The computation waits on, and goes on without."""
    session.set("Foo>>sumTo:", 5)
    context_id = session.evaluate("Foo new sumTo: 1").context_id
    session.commit()
    with pytest.raises(UnresumableError, match="waits for no value where it stands; it can go on without one"):
        session.image.debugger.proceed(context_id, evaluation=session.image.begin(), code="7")
    outcome = session.image.debugger.proceed(context_id, evaluation=session.image.begin())
    assert (outcome.failure, outcome.result) == (None, "1")
