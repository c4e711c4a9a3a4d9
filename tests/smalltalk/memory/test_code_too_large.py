"""New code is bounded more closely than code that is stored: what could be compiled once can be for ever."""

from __future__ import annotations

import pytest

from smalltalk.compiler.limits import OPERATIONS_MAX, STORED_OPERATIONS_MAX
from smalltalk.runtime import methods
from smalltalk.tools import doits
from tests.smalltalk.lifetimes import Lifetimes

#: More than new code may have.
LONG = "n := n + 1. " * (OPERATIONS_MAX + 1)


@pytest.fixture
def session() -> Lifetimes:
    session = Lifetimes()
    session.run("Object subclass: #Counter instanceVariableNames: 'n' classVariableNames: '' package: 'Demo'")
    return session


@pytest.mark.parametrize(
    "code", [f"n := 0. {LONG}n", f"Counter compile: 'long n := 0. {LONG}^n'", f"[:m | | n | {LONG}n]"]
)
def test_new_code_that_is_too_large_is_refused(session: Lifetimes, code: str) -> None:
    assert f"Too much code for one method or do-it (at most {OPERATIONS_MAX} operations)" in session.fail(code).message


def test_stored_code_that_is_larger_goes_on_for_ever(session: Lifetimes, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as former:
        former.setattr(doits, "OPERATIONS_MAX", STORED_OPERATIONS_MAX)
        former.setattr(methods.compile_into, "__defaults__", (STORED_OPERATIONS_MAX,))
        session.run(f"Counter compile: 'long n := 0. {LONG}^n'")
        session.run(f"b := [:m | | n | n := m. {LONG}n]")
    wanted = OPERATIONS_MAX + 1
    session.restart()
    assert session.run("Counter new long") == str(wanted)
    assert session.run("b value: 1") == str(wanted + 1)
    session.run("Counter renameInstVarNamed: 'n' to: 'count'")
    assert session.run("Counter new long") == str(wanted)
