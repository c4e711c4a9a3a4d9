"""A session restored in safe mode runs nothing by itself, and loses nothing by that."""

from __future__ import annotations

import pytest

from smalltalk import Image
from tests.smalltalk.harness import FakeHost, kernel
from tests.smalltalk.lifetimes import Lifetimes


class SafeLifetimes(Lifetimes):
    """A session that can be restored in safe mode."""

    def restart_safely(self) -> None:
        """Kill the process and restore the session in safe mode."""
        self.image = Image.restore(kernel(), FakeHost(), self.records, is_safe=True)

    def run_all(self) -> None:
        """Let the background run until nothing is ready, and commit."""
        self.image.background.run(lambda: False)
        self.commit()


@pytest.fixture
def session() -> SafeLifetimes:
    return SafeLifetimes()


def test_processes_wait_also_while_evaluations_run_and_go_on_later(session: SafeLifetimes) -> None:
    session.run("n := 0. p := [n := n + 1] fork. q := [n := n + 10. (Delay forSeconds: 1) wait. n := n + 100] fork")
    session.restart_safely()
    assert session.image.background.due_ns() is None
    assert session.run("Processor yield. (Delay forMilliseconds: 1) wait. n") == "0"
    session.restart()
    assert session.image.background.due_ns() == 0
    session.run_all()
    assert session.run("n") == "11"


def test_a_process_of_safe_mode_runs_beside_those_that_wait(session: SafeLifetimes) -> None:
    session.run("n := 0. [n := n + 1] fork")
    session.restart_safely()
    session.run("[n := n + 10] fork. Processor yield. n")
    session.run_all()
    assert session.run("n") == "10"
    session.restart()
    session.run_all()
    assert session.run("n") == "11"


def test_a_process_that_is_terminated_in_safe_mode_does_not_go_on(session: SafeLifetimes) -> None:
    session.run("n := 0. p := [n := n + 1. [true] whileTrue] fork. q := [n := n + 10] fork")
    session.restart_safely()
    session.run("p terminate. m := 1. [m := 2] fork. Processor yield. m")
    session.restart()
    session.run_all()
    assert session.run("n") == "10"


def test_breakpoints_are_ignored_and_kept(session: SafeLifetimes) -> None:
    session.run("Object subclass: #Demo instanceVariableNames: '' classVariableNames: '' package: 'Demo'")
    session.run("Demo compile: 'seven ^7'")
    session.image.debugger.set_breakpoint("Demo>>seven", None)
    session.commit()
    session.restart_safely()
    assert session.run("Demo new seven") == "7"
    assert len(session.image.debugger.breakpoints()) == 1
    session.restart()
    failure = session.evaluate("Demo new seven").failure
    assert failure is not None
    assert failure.error_class == "Breakpoint"
