"""Processes go on after the evaluation, and after a restart from the records of their last slice."""

from __future__ import annotations

import pytest

from smalltalk import set_poll
from smalltalk.runtime import current
from tests.smalltalk.lifetimes import Lifetimes


@pytest.fixture
def session() -> Lifetimes:
    return Lifetimes()


def run_slice(session: Lifetimes, polls: int = 3) -> None:
    """Let the background run until it polled so often, and commit."""
    left = polls

    def is_over() -> bool:
        nonlocal left
        left -= 1
        set_poll(True)
        return left < 0

    set_poll(True)
    session.image.background.run(is_over)
    set_poll(False)
    session.commit()


def run_all(session: Lifetimes) -> None:
    """Let the background run until nothing is ready, and commit."""
    session.image.background.run(lambda: False)
    session.commit()


def test_a_process_in_a_loop_goes_on_from_its_last_committed_slice(session: Lifetimes) -> None:
    session.run("n := 0. [| local | local := 0. [local := local + 1. n := local] repeat] fork")
    run_slice(session)
    counted = int(session.run("n"))
    assert counted > 0
    run_slice(session)
    later = int(session.run("n"))
    assert later > counted
    session.restart()
    assert session.image.background.due_ns() == 0
    assert int(session.run("n")) == later
    run_slice(session)
    assert int(session.run("n")) > later


def test_a_process_that_has_not_begun_begins_after_the_restart(session: Lifetimes) -> None:
    session.run("n := 0. [n := n + 1] fork")
    session.restart()
    run_all(session)
    assert session.run("n") == "1"
    session.restart()
    assert session.image.background.due_ns() is None


def test_a_process_that_waits_at_a_semaphore_is_kept_by_it(session: Lifetimes) -> None:
    session.run("s := Semaphore new. log := OrderedCollection new. [[:x | s wait. log add: x] value: 7] fork")
    run_all(session)
    session.restart()
    session.run("s signal")
    run_all(session)
    assert session.run("log asArray") == "#(7)"


def test_a_sleeping_process_knows_when_to_wake_after_a_restart(session: Lifetimes) -> None:
    session.run("n := 0. [1 hour wait. n := 1] fork")
    run_all(session)
    due_ns = session.image.background.due_ns()
    session.restart()
    assert session.image.background.due_ns() == due_ns
    session.image.world.host.time_ns = due_ns
    run_all(session)
    assert session.run("n") == "1"


def test_a_wait_with_a_time_limit_ends_in_time_after_a_restart(session: Lifetimes) -> None:
    session.run("s := Semaphore new. [late := s waitTimeoutMilliseconds: 50] fork")
    run_all(session)
    session.restart()
    session.image.world.host.time_ns = session.image.background.due_ns()
    run_all(session)
    assert session.run("{late. s size}") == "#(true 0)"


def test_handlers_and_unwinding_blocks_hold_after_a_restart(session: Lifetimes) -> None:
    session.run(
        "log := OrderedCollection new. s := Semaphore new."
        "[[[s wait. 1/0] ensure: [log add: #ensured]] on: ZeroDivide do: [:e | log add: #handled]] fork"
    )
    run_all(session)
    session.restart()
    session.run("s signal")
    run_all(session)
    assert session.run("log asArray") == "#(#handled #ensured)"


def test_a_restored_process_can_be_terminated(session: Lifetimes) -> None:
    session.run("log := OrderedCollection new. p := [[Processor sleep] ensure: [log add: #unwound]] fork")
    run_all(session)
    session.restart()
    assert session.run("p terminate. {p isTerminated. log asArray}") == "#(true #(#unwound))"


def test_a_restored_process_completes_the_unwinding_block_it_is_terminated_in(session: Lifetimes) -> None:
    session.run(
        "log := OrderedCollection new. p := [[[] ensure: [Processor sleep. log add: 1]. log add: 2]"
        " ensure: [log add: 3]] fork"
    )
    run_all(session)
    session.restart()
    assert session.run("p terminate. {p isTerminated. log asArray}") == "#(true #(1 3))"


def test_a_generator_goes_on_after_a_restart(session: Lifetimes) -> None:
    session.run("g := Generator on: [:out | | n | n := 0. [out yield: (n := n + 1)] repeat]. g next")
    session.restart()
    assert session.run("g next") == "2"
    session.restart()
    assert session.run("g next + g next") == "7"


def test_locks_and_queues_are_what_they_were(session: Lifetimes) -> None:
    session.run("m := Mutex new. q := SharedQueue new. out := OrderedCollection new")
    session.run("[m critical: [[out add: q next] repeat]] fork. [m critical: [out add: #never]] fork")
    run_all(session)
    session.restart()
    session.run("q nextPut: 1; nextPut: 2")
    run_all(session)
    assert session.run("{out asArray. m owner isNil}") == "#(#(1 2) false)"


def test_processes_keep_their_order_and_priorities(session: Lifetimes) -> None:
    session.run("log := OrderedCollection new. #(3 1 2) do: [:each | [log add: each] fork]. [log add: 0] forkAt: 30")
    session.restart()
    run_all(session)
    assert session.run("log asArray") == "#(3 1 2 0)"


def test_stopping_ends_what_is_ready_and_leaves_what_waits(session: Lifetimes) -> None:
    session.run("log := OrderedCollection new. [1 hour wait] fork. [[[true] whileTrue] ensure: [log add: #ended]] fork")
    run_slice(session, polls=50)
    session.run("[log add: #never] fork")
    run_slice(session)
    assert session.image.background.stop() == 2
    run_all(session)
    assert session.run("log asArray") == "#(#ended)"
    assert session.image.background.due_ns()


def test_an_error_in_the_background_is_told_once(session: Lifetimes) -> None:
    session.run("[nil foo] fork")
    run_all(session)
    assert "MessageNotUnderstood" in session.image.background.news()
    assert session.image.background.news() == ""
    assert "MessageNotUnderstood" in session.evaluate("3").transcript


def test_processes_that_nothing_refers_to_any_more_do_not_count_for_ever(session: Lifetimes) -> None:
    for _ in range(6):
        session.run("300 timesRepeat: [(Generator on: [:out | out yield: 1; yield: 2]) next]. 3")
    assert session.run("(Generator on: [:out | out yield: 1; yield: 2]) upToEnd asArray") == "#(1 2)"


def test_a_process_whose_stack_was_given_up_goes_on(session: Lifetimes) -> None:
    session.run(
        "s := Semaphore new. log := OrderedCollection new."
        "1 to: 100 do: [:i | [[s wait] ensure: [log add: i]] fork]. Processor yield"
    )
    session.run("100 timesRepeat: [s signal]. Processor yield")
    assert session.run("log asArray = (1 to: 100) asArray") == "true"


def test_closing_an_image_ends_its_processes_without_their_unwinding_blocks(session: Lifetimes) -> None:
    session.run("[[Processor sleep] ensure: [Transcript show: 'unwound']] fork. Processor yield")
    transcript = session.image.world.transcript
    session.image.close()
    assert transcript.drain() == ""


def test_an_evaluation_that_waited_reads_from_its_own_world_whoever_ran_meanwhile(session: Lifetimes) -> None:
    session.run("s := Semaphore new. [late := s waitTimeoutMilliseconds: 50] fork")
    run_all(session)
    session.restart()
    other = Lifetimes().image.begin()

    def park(until_ns: int) -> None:
        session.image.world.host.time_ns = until_ns
        current.activate(other)

    evaluation = session.image.begin(park=park)
    outcome = session.image.evaluate("1 second wait. late", tool_id=None, display=False, evaluation=evaluation)
    assert outcome.failure is None, outcome.failure
    assert outcome.result == "true"


def test_a_process_whose_semaphore_cannot_be_read_sleeps_on(
    session: Lifetimes, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.run("s := Semaphore new. [late := s waitTimeoutMilliseconds: 50] fork")
    run_all(session)
    session.restart()
    background = session.image.background
    session.image.world.host.time_ns = due_ns = background.due_ns()

    def unreadable(_oid: int) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(session.records, "record", unreadable)
        with pytest.raises(OSError, match=r"^$"):
            background.due_ns()
    assert session.image.world.processes().next_wake_ns() == due_ns
    run_all(session)
    assert session.run("late") == "true"


def test_stopping_ends_what_would_wake_now(session: Lifetimes) -> None:
    session.run("p := [1 hour wait. n := 1] fork")
    run_all(session)
    session.restart()
    session.image.world.host.time_ns += 3_600_000_000_000
    assert session.image.background.stop() == 1
    run_all(session)
    assert session.run("{p isTerminated. n}") == "#(true nil)"
