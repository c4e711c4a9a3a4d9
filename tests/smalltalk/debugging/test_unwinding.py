"""Ways out that unwinding blocks take while frames are left, and processes that are ended while they are debugged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.smalltalk.debugging.conftest import Debugged


@pytest.fixture
def returning(session: Debugged) -> Debugged:
    """A session with an unwinding block that returns out of its method, and methods around that."""
    session.run("Object subclass: #Way package: 'Demo'")
    session.run("Way compile: 'inner [nil foo] ensure: [^7]. ^8'")
    session.run("Way compile: 'middle | n | n := self inner. Transcript show: ''on''. ^n + 1'")
    session.run("Way compile: 'around ^[self middle + 1] ensure: [Transcript show: ''closed '']'")
    session.run("Way compile: 'outside self do: [[nil foo] ensure: [^7]]. ^8'. Way compile: 'do: aBlock ^aBlock value'")
    return session


def frame_of(session: Debugged, context_id: str, method: str) -> int:
    return session.methods(context_id).index(method)


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_return_into_a_frame_that_is_left_runs_nothing_more_of_that(returning: Debugged, is_restarted: bool) -> None:
    context_id = returning.wait("Way new around")
    if is_restarted:
        returning.restart()
    outcome = returning.do("return_value", context_id, frame_of(returning, context_id, "Way>>around"), "100")
    assert (outcome.result, outcome.transcript) == ("100", "closed ")


def test_giving_up_runs_nothing_but_unwinding_blocks(returning: Debugged) -> None:
    context_id = returning.wait("Way new around. Transcript show: 'after'")
    outcome = returning.do("abandon", context_id)
    assert (outcome.failure, outcome.transcript, returning.waiting()) == (None, "closed ", [])


def test_a_handler_in_a_frame_that_is_left_does_not_let_that_go_on(returning: Debugged) -> None:
    code = "[[nil foo] ensure: [Error signal]] on: Error do: [:e | e return: 3]. Transcript show: 'after'"
    context_id = returning.wait(f"[nil bar. {code}] value")
    returning.do("proceed", context_id)
    outcome = returning.do("abandon", context_id)
    assert (outcome.failure, outcome.transcript) == (None, "")


def test_a_return_out_of_a_frame_further_out_takes_the_place_of_the_value(returning: Debugged) -> None:
    """As the language has it: the block that is evaluated last decides where it goes on."""
    context_id = returning.wait("Way new outside + 1")
    returning.restart()
    frame = frame_of(returning, context_id, "Way>>do:")
    assert returning.answer("return_value", context_id, frame, "100") == "8"


def test_a_return_out_of_a_frame_further_out_takes_the_place_of_a_new_beginning(returning: Debugged) -> None:
    context_id = returning.wait("Way new outside + 1")
    frame = frame_of(returning, context_id, "Way>>do:")
    assert returning.answer("restart_frame", context_id, frame) == "8"
    assert returning.waiting() == []


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_process_that_is_terminated_while_it_is_debugged_unwinds(session: Debugged, is_restarted: bool) -> None:
    session.run("log := nil. pr := [[nil foo. log := 1] ensure: [log := 5]] fork. Processor yield")
    assert session.waiting() == ["c1"]
    if is_restarted:
        session.restart()
    assert session.run("pr terminate. {pr isTerminated. log}") == "#(true 5)"
    assert session.waiting() == []
    session.restart()
    assert (session.run("log"), session.waiting()) == ("5", [])


def test_a_main_process_that_is_terminated_while_it_is_debugged_unwinds(session: Debugged) -> None:
    session.wait("pr := Processor activeProcess. [nil foo] ensure: [log := 5]")
    assert session.run("pr terminate. {pr isTerminated. log}") == "#(true 5)"
    assert session.waiting() == []


def test_a_process_whose_stack_is_damaged_is_terminated_all_the_same(session: Debugged) -> None:
    session.run("pr := [[nil foo] ensure: [log := 5]] fork. Processor yield")
    records = session.records.records
    for oid in [oid for oid, record in records.items() if record[0] == "%Stack"]:
        del records[oid]
    session.restart()
    assert session.run("pr terminate. {pr isTerminated. log}") == "#(true nil)"
    assert session.waiting() == []
