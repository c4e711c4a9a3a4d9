"""`Context>>return:` and `restart` in running code: it goes on further out in its stack."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.debugging import keeping

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged


@pytest.fixture
def outer(session: Debugged) -> Debugged:
    """A session with a method that is left from three activations further in, past an unwinding block."""
    session.run("Object subclass: #Outer instanceVariableNames: 'n' package: 'Demo'")
    session.run("Outer compile: 'ask ^(self guard) + 1'")
    session.run("Outer compile: 'guard ^[self leave. 99] ensure: [Transcript show: ''closed '']'")
    session.run("Outer compile: 'leave thisContext sender sender sender return: 41. ^7'")
    session.run("Outer compile: 'count | t | t isNil ifFalse: [^#kept]. t := n := (n ifNil: [0]) + 1. ^self again'")
    session.run("Outer compile: 'again n < 3 ifTrue: [thisContext sender restart]. ^n'")
    return session


#: A first sight is interpreted, the next ones run generated code.
SIGHTS = 3


def test_a_context_answers_a_value_to_its_sender_and_what_is_left_is_unwound(outer: Debugged) -> None:
    for _ in range(SIGHTS):
        outcome = outer.evaluate("Outer new ask")
        assert (outcome.result, outcome.transcript) == ("42", "closed ")


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("thisContext return: 5. 6", "5"),
        ("thisContext return. 6", "nil"),
        ("#(1 2) collect: [:each | thisContext return: each * 2. 0]", "#(2 4)"),
        ("[thisContext sender return: 5. 7] on: Error do: [:e | 8]", "5"),
        (
            "[[thisContext sender return: 5] on: ZeroDivide do: [:e | 8]. 1/0] on: ZeroDivide do: [:e | 9]",
            "9",
        ),
        ("[Error signal. 3] on: Error do: [:e | e signalerContext return: 12]", "12"),
        ("| i | i := 0. 1 to: 300 do: [:k | i := i + ([:z | thisContext return: z] value: k)]. i", "45150"),
        ("| k | k := 0. [:a | k := k + a. k < 10 ifTrue: [thisContext restart]. k] value: 3", "12"),
        ("Outer new count", "3"),
        ("[[thisContext return: 5] value + 1] on: Error do: [:e | 8]", "6"),
        ("[thisContext return: 5] on: Error do: [:e | 8]", "5"),
        ("[thisContext return: 5] ensure: [3]", "5"),
        ("[thisContext return: 5] ifCurtailed: [3]", "5"),
        ("[thisContext return: 5] valueWithin: 9 seconds onTimeout: [8]", "5"),
        ("p := [thisContext return: 3. Transcript show: 'no'] fork. Processor yield. p isTerminated", "true"),
    ],
)
def test_running_code_goes_on_further_out(outer: Debugged, code: str, answer: str) -> None:
    """First interpreted where that can be, then generated."""
    for _ in range(SIGHTS):
        outcome = outer.evaluate(code)
        assert (outcome.failure, outcome.result, outcome.transcript) == (None, answer, "")


def test_a_do_it_begins_anew_with_the_variables_of_its_workspace(outer: Debugged) -> None:
    outer.run("m := 0")
    assert outer.evaluate("m := m + 1. m < 4 ifTrue: [thisContext restart]. m * 10").result == "40"


def test_a_method_that_begins_anew_is_the_present_one(outer: Debugged) -> None:
    outer.run("Outer compile: 'turn Outer compile: ''turn ^#new''. thisContext restart. ^#old'")
    assert outer.evaluate("Outer new turn").result == "#new"


def test_a_context_that_ended_answers_nothing_any_more(outer: Debugged) -> None:
    outer.run("gone := [thisContext] value")
    for message in ("return: 3", "restart"):
        assert outer.evaluate(f"[gone {message}. 1] on: BlockCannotReturn do: [:e | 2]").result == "2"


def test_a_context_that_was_left_has_ended(outer: Debugged) -> None:
    for message in ("return: 3", "sender return: 3"):
        outer.run(f"[:y | k := thisContext. [thisContext {message}] value. k return: 3] value: 1")
        assert outer.run("{k isDead. k sender}") == "#(true nil)"


def test_a_refused_return_leaves_contexts_that_show_the_present_state(outer: Debugged) -> None:
    refused = "[gone return: 3] on: BlockCannotReturn do: [:e | 2]"
    outer.run("gone := [thisContext] value")
    assert outer.run(f"| c x | c := thisContext. x := 1. {refused}. x := 5. c tempNamed: 'x'") == "5"
    assert outer.run(f"[:y | k := thisContext. {refused}] value: 1. k isDead") == "true"


def test_a_stack_deeper_than_one_that_can_be_kept_is_not_left(outer: Debugged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "SUSPENDED_FRAMES_MAX", 20)
    outer.run("Outer compile: 'deep: k ^k = 0 ifTrue: [thisContext return: 1] ifFalse: [(self deep: k - 1) + 1]'")
    assert outer.run("Outer new deep: 10") == "11"
    assert outer.run("[Outer new deep: 30] on: BlockCannotReturn do: [:e | 2]") == "2"


def test_a_block_of_a_process_begins_anew_with_the_variables_of_its_workspace(outer: Debugged) -> None:
    outer.run("m := #other")
    code = "m := 0. p := [m := m + 1. m < 3 ifTrue: [thisContext restart]. 1] fork. Processor yield. m"
    assert outer.run(code, "tool") == "3"
    assert outer.run("m") == "#other"


def test_code_that_is_run_by_the_way_is_not_left(outer: Debugged) -> None:
    """Printing a value is no part of the computation that came to it."""
    outer.run("Outer compile: 'printOn: s [thisContext return: 3] on: BlockCannotReturn do: [:e | s << ''stays'']'")
    assert outer.evaluate("Outer new").result == "stays"


def test_what_went_on_further_out_can_wait_and_go_on_after_a_restart(outer: Debugged) -> None:
    context_id = outer.wait("(Outer new ask) + (nil foo: (thisContext tempNames))")
    assert outer.methods(context_id)[-1] == "doIt"
    outer.restart()
    assert outer.answer("proceed", context_id, code="8") == "50"


def test_a_computation_that_waited_goes_on_further_out(outer: Debugged) -> None:
    """What was captured, stored and resumed is left for another place as well."""
    outer.run("Outer compile: 'leave nil zork. thisContext sender sender sender return: 41. ^7'")
    context_id = outer.wait("Outer new ask")
    outer.restart()
    outcome = outer.do("proceed", context_id)
    assert (outcome.result, outcome.transcript) == ("42", "closed ")


def test_a_step_over_such_a_message_stops_where_it_leads(outer: Debugged) -> None:
    outer.run("Outer compile: 'leave self halt. thisContext sender sender sender return: 41. ^7'")
    context_id = outer.wait("Outer new ask")
    seen = []
    outcome = outer.do("step", context_id, "out")
    while outcome.context_id is not None:
        seen.append(outer.methods(context_id)[0])
        outcome = outer.do("step", context_id, "over")
    assert seen == [*["Outer>>leave"] * 4, *["Outer>>ask"] * 2, "doIt"]
    assert outcome.result == "42"
