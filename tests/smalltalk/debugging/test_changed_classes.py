"""Classes change while their methods wait: slots follow their names, and what is gone is no damage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk import UnresumableError
from smalltalk.runtime.capture import capture

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged

METHOD = "g q := 5. p := 4. nil foo. q := q + 1. ^{p. q}"

#: Changes after which the method means what it meant.
HARMLESS = {
    "other order": "Object subclass: #BB instanceVariableNames: 'q p'",
    "one in front": "Object subclass: #BB instanceVariableNames: 'z p q'",
    "ones between and behind": "Object subclass: #BB instanceVariableNames: 'p z q w'",
    "another name": "BB renameInstVarNamed: 'q' to: 'qq'",
    "another name, and its own for a new one": "BB renameInstVarNamed: 'q' to: 'qq'. BB addInstVarNamed: 'q'",
    "inherited": "(Object subclass: #Over instanceVariableNames: 'z') subclass: #BB instanceVariableNames: 'p q'",
    "another class name": "BB rename: #CC",
    "no class any more": "BB removeFromSystem",
}

#: Changes after which the method means nothing any more.
FATAL = {
    "one gone": ("Object subclass: #BB instanceVariableNames: 'q'", "BB has no variable 'p' any more"),
    "the other gone": ("Object subclass: #BB instanceVariableNames: 'p z'", "BB has no variable 'q' any more"),
}


def begin(session: Debugged, method: str = METHOD, code: str = "keep := BB new. keep g") -> str:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run(f"BB compile: '{method}'")
    return session.wait(code)


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_waiting_method_goes_on_with_its_variables(session: Debugged, change: str, restarts: bool) -> None:
    context = begin(session)
    session.run(change)
    if restarts:
        session.restart()
    session.variables(context, 1)
    assert session.answer("proceed", context) == "#(4 6)"
    assert session.run("keep instVarAt: (keep class allInstVarNames indexOf: #p)") == "4"


def test_a_view_shows_the_present_variables(session: Debugged) -> None:
    context = begin(session)
    session.run("Object subclass: #BB instanceVariableNames: 'q p'")
    variables = session.variables(context, 1)
    assert (variables["p"], variables["q"]) == ("4", "5")


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("change", "reason"), FATAL.values(), ids=FATAL.keys())
def test_without_a_variable_it_can_be_looked_at_and_abandoned(
    session: Debugged, change: str, reason: str, restarts: bool
) -> None:
    context = begin(session)
    session.run(change)
    if restarts:
        session.restart()
    assert "BB>>g" in session.methods(context)
    session.variables(context, 1)
    with pytest.raises(UnresumableError, match=reason):
        session.do("proceed", context)
    assert [each.is_resumable for each in session.debugger.contexts()] == [False]
    assert session.do("abandon", context).failure is None
    assert session.waiting() == []


@pytest.mark.parametrize("restarts", [False, True])
def test_a_variable_that_the_method_does_not_use_may_go(session: Debugged, restarts: bool) -> None:
    context = begin(session, "g q := 5. nil foo. q := q + 1. ^q")
    session.run("Object subclass: #BB instanceVariableNames: 'q'")
    if restarts:
        session.restart()
    assert session.answer("proceed", context) == "6"


@pytest.mark.parametrize("restarts", [False, True])
def test_a_class_variable_that_is_stored_into_may_go(session: Debugged, restarts: bool) -> None:
    session.run("Object subclass: #BB instanceVariableNames: '' classVariableNames: 'K' package: 'X'")
    session.run("BB compile: 'g nil foo. K := 3. ^K'")
    context = session.wait("BB new g")
    session.run("Object subclass: #BB instanceVariableNames: '' classVariableNames: '' package: 'X'")
    if restarts:
        session.restart()
        with pytest.raises(UnresumableError, match="no variable 'K'"):
            session.do("proceed", context)
        assert session.do("abandon", context).failure is None
    else:
        assert session.answer("proceed", context) == "3"


@pytest.mark.parametrize("restarts", [False, True])
def test_the_blocks_of_a_loop_that_waits_follow(session: Debugged, restarts: bool) -> None:
    loop = "g q := 0. p := 100. #(1 2 3) reverseDo: [:each | each = 2 ifTrue: [nil foo]. q := q + each]. ^{p. q}"
    context = begin(session, loop)
    session.run("Object subclass: #BB instanceVariableNames: 'z q p'")
    if restarts:
        session.restart()
    assert session.answer("proceed", context) == "#(100 6)"


@pytest.mark.parametrize("restarts", [False, True])
def test_a_kept_block_follows_its_variables(session: Debugged, restarts: bool) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run("BB compile: 'counter p := 10. q := 0. ^[:by | q := q + by. {p. q}]'")
    session.run("block := BB new counter. block value: 1")
    session.run("Object subclass: #BB instanceVariableNames: 'q z p'")
    if restarts:
        session.restart()
    assert session.run("block value: 2") == "#(10 3)"


@pytest.mark.parametrize("restarts", [False, True])
def test_a_kept_block_without_its_variable_fails_alone(session: Debugged, restarts: bool) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run("BB compile: 'both p := 10. q := 7. ^{[p]. [p := 3]. [q]}'")
    session.run("blocks := BB new both")
    session.run("Object subclass: #BB instanceVariableNames: 'q'")
    if restarts:
        session.restart()
    assert session.run("blocks third value") == "7"
    assert (
        session.run("[blocks first value] on: Error do: [:e | e messageText]") == "'BB has no variable ''p'' any more'"
    )
    assert session.run("[blocks second value. 1] on: Error do: [:e | 2]") == "2"
    assert session.run("blocks third value") == "7"


def test_a_class_side_method_that_waits_follows(session: Debugged) -> None:
    session.run("Object subclass: #BB instanceVariableNames: ''. BB class instanceVariableNames: 'p q'")
    session.run(f"BB class compile: '{METHOD}'")
    context = session.wait("BB g")
    session.run("BB class instanceVariableNames: 'z q p'")
    assert session.answer("proceed", context) == "#(4 6)"


def test_a_method_that_runs_keeps_its_variables_where_they_are(session: Debugged) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run(
        "BB compile: 'g q := 5. p := 4. Object subclass: #BB instanceVariableNames: ''q p''. q := q + 1. ^{p. q}'"
    )
    assert "BB>>g runs and uses instance variables of BB" in session.fail("BB new g").message
    session.run(
        "BB compile: 'h q := 5. p := 4. Object subclass: #BB instanceVariableNames: ''p q r''. q := q + 1. ^{p. q}'"
    )
    assert session.run("BB new h") == "#(4 6)"


def test_a_process_that_waits_follows(session: Debugged) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'. Smalltalk at: #Sem put: Semaphore new")
    session.run("BB compile: 'loop p := 10. q := 0. [true] whileTrue: [Sem wait. q := q + 1. self yourself]'")
    session.run("bb := BB new. process := [bb loop] fork. Processor yield. Sem signal. Processor yield")
    session.image.world.processes().capture(capture)
    session.run("Object subclass: #BB instanceVariableNames: 'z q p'. Sem signal. Processor yield")
    assert session.run("{bb instVarNamed: #p. bb instVarNamed: #q}") == "#(10 2)"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_a_block_made_in_a_frame_finds_the_variables_of_its_receiver(
    session: Debugged, change: str, restarts: bool
) -> None:
    context = begin(session)
    session.in_frame(context, 1, "bump := [:by | q := q + by. {p. q}]")
    session.run(change)
    if restarts:
        session.restart()
    assert session.run("bump value: 10") == "#(4 15)"


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize(("change", "reason"), FATAL.values(), ids=FATAL.keys())
def test_a_block_made_in_a_frame_says_which_variable_is_gone(
    session: Debugged, change: str, reason: str, restarts: bool
) -> None:
    context = begin(session)
    session.in_frame(context, 1, "bump := [:by | q := q + by. {p. q}]")
    session.run(change)
    if restarts:
        session.restart()
    assert session.fail("bump value: 10").message == reason


def test_a_method_of_a_class_goes_on_when_the_variables_of_its_class_side_move(session: Debugged) -> None:
    session.run("Object subclass: #BB instanceVariableNames: ''. BB class instanceVariableNames: 'x y'")
    session.run("BB class compile: 'go x := 1. y := 2. nil foo. ^{x. y. [:z | {x. y. z}] value: 3}'")
    context = session.wait("BB go")
    session.run("BB class instanceVariableNames: 'y w x'")
    session.restart()
    assert session.answer("proceed", context) == "#(1 2 #(1 2 3))"


@pytest.mark.parametrize("body", ["s wait. q := q + 1. ^{p. q}", "^[s wait. q := q + 1. {p. q}] value"])
@pytest.mark.parametrize("change", [HARMLESS["one in front"], FATAL["one gone"][0]])
def test_a_process_that_stands_still_within_the_evaluation_refuses_that_its_variables_move(
    session: Debugged, body: str, change: str
) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run(f"BB compile: 'go: s p := 1. q := 2. {body}'")
    session.run("s := Semaphore new. b := BB new. p := nil")
    told = session.run(
        "[p := b go: s] fork. Processor yield."
        f"[{change}] on: Error do: [:e | told := e messageText]. b printString. s signal. Processor yield. told"
    )
    assert told == "'BB>>go: runs and uses instance variables of BB that would move'"
    assert session.run("p") == "#(1 3)"
    assert session.run(f"{change}. b class allInstVarNames size") in ("1", "3")


def test_an_evaluation_that_waits_for_a_process_refuses_that_this_moves_its_variables(session: Debugged) -> None:
    session.run("Object subclass: #BB instanceVariableNames: 'p q'")
    session.run("BB compile: 'go: s p := 1. q := 2. s wait. q := q + 1. ^{p. q}'")
    told = session.run(
        "| s | s := Semaphore new. [[Object subclass: #BB instanceVariableNames: 'z p q'] on: Error do: [:e |"
        " told := e messageText]. s signal] fork. (BB new go: s) -> told"
    )
    assert told == "#(1 3)->'BB>>go: runs and uses instance variables of BB that would move'"
