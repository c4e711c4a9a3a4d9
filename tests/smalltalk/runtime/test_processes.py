"""Processes under a budget, an order to stop, or a crowd: whoever asked always gets an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smalltalk.runtime import current
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.limits import PROCESSES_MAX
from smalltalk.runtime.safe_points import set_poll
from tests.smalltalk.harness import evaluate, run

if TYPE_CHECKING:
    from smalltalk.runtime.world import World

_S = 1_000_000_000


def report(world: World, source: str, evaluation: Evaluation) -> tuple[str, str]:
    """Kind and text of the failure that a do-it must end in."""
    outcome = run(world, source, evaluation)
    assert outcome.failure is not None
    return outcome.failure.kind, outcome.failure.message


def test_an_evaluation_that_waits_too_long_ends_with_its_unwinding_blocks_run(world: World) -> None:
    evaluation = Evaluation(world, wait_budget_ms=5_000)
    source = "flag := nil. [(Delay forSeconds: 3600) wait] ensure: [flag := #closed]"
    assert report(world, source, evaluation) == ("timeout", "the evaluation waited longer than it may")
    assert evaluate(world, "flag") == "#closed"


def test_a_wait_that_is_refused_while_unwinding_leaves_nothing_of_its_method_behind(world: World) -> None:
    evaluate(world, "Object subclass: #Left instanceVariableNames: 'p q' classVariableNames: '' package: 'T'")
    evaluate(world, "Left compile: 'g [ (Delay forSeconds: 3600) wait ] ensure: [ Semaphore new wait ]. ^ q'")
    assert report(world, "Left new g", Evaluation(world, wait_budget_ms=5_000))[0] == "timeout"
    source = "Object subclass: #Left instanceVariableNames: 'q p' classVariableNames: '' package: 'T'"
    assert evaluate(world, source) == "Left", "no activation of it runs any more"


def test_all_waits_of_an_evaluation_count_together(world: World) -> None:
    evaluation = Evaluation(world, wait_budget_ms=5_000)
    assert report(world, "10 timesRepeat: [1 second wait]", evaluation)[0] == "timeout"


def test_an_interrupt_reaches_an_evaluation_that_waits(world: World) -> None:
    evaluation = Evaluation(world, park=lambda _until_ns: evaluation.interrupt())
    assert report(world, "[1 hour wait] on: Error do: [:e | 0]", evaluation)[0] == "interrupted"


def test_an_interrupt_reaches_an_evaluation_whose_place_a_process_has(world: World) -> None:
    # The forked process never waits: the safe point it polls at hands back to the evaluation that is to be stopped.
    def stop_it() -> None:
        set_poll(True)
        if current.evaluation.fiber is not None:
            evaluation.interrupt()

    evaluation = Evaluation(world, yield_=stop_it)
    set_poll(True)
    source = "p := [[true] whileTrue] forkAt: 30. Semaphore new wait"
    assert report(world, source, evaluation)[0] == "interrupted"
    assert evaluate(world, "p isTerminated") == "false"


def test_what_processes_use_while_the_evaluation_waits_counts_against_its_budget(world: World) -> None:
    def take_time() -> None:
        set_poll(True)
        if current.evaluation.fiber is not None:
            world.host.step_ns = _S

    evaluation = Evaluation(world, cpu_budget_ms=20_000, yield_=take_time)
    set_poll(True)
    source = "[[true] whileTrue] fork. Semaphore new wait"
    assert report(world, source, evaluation) == ("timeout", "the evaluation used up its CPU budget")


def test_a_process_of_higher_priority_interrupts_at_a_safe_point(world: World) -> None:
    def let_time_pass() -> None:
        set_poll(True)
        world.host.time_ns += _S

    evaluation = Evaluation(world, yield_=let_time_pass)
    set_poll(True)
    source = "n := 0. [1 second wait. n := 5] forkAt: 50. 100 timesRepeat: [n = 0 ifTrue: [n := 0]]. n"
    assert run(world, source, evaluation).result == "5"


def test_an_evaluation_that_yielded_gets_its_turn_back_from_a_process_that_never_waits(world: World) -> None:
    def end_slice() -> bool:
        set_poll(True)
        return True

    evaluation = Evaluation(world, yield_=end_slice)
    set_poll(True)
    assert run(world, "[[true] whileTrue] fork. Processor yield. 7", evaluation).result == "7"


def test_a_process_limit_is_an_ordinary_error(world: World) -> None:
    source = "[2000 timesRepeat: [[Processor sleep] fork]] on: Error do: [:e | e messageText]"
    assert "Too many processes" in evaluate(world, source)
    assert PROCESSES_MAX == 1_000  # the message names it


def test_a_forked_process_that_fails_tells_the_transcript_and_nobody_else(world: World) -> None:
    outcome = run(world, "[nil foo] forkNamed: 'clerk'. Processor yield. 3")
    assert outcome.result == "3"
    assert outcome.transcript.startswith('clerk ended in MessageNotUnderstood: receiver of "foo" is nil')


def test_a_return_from_a_process_whose_method_runs_elsewhere_ends_that_process_only(world: World) -> None:
    outcome = run(world, "[^ 3] fork. Processor yield. 4")
    assert (outcome.result, "BlockCannotReturn" in outcome.transcript) == ("4", True)


def test_a_process_outlives_the_evaluation_that_forked_it(world: World) -> None:
    run(world, "s := Semaphore new. n := 0. [[s wait. n := n + 1] repeat] fork. Processor yield")
    assert evaluate(world, "s signal. Processor yield. n") == "1"
    assert evaluate(world, "s signal. Processor yield. n") == "2"


def test_background_processes_run_without_an_evaluation_until_their_slice_is_over(world: World) -> None:
    run(world, "n := 0. [3 timesRepeat: [n := n + 1. Processor yield]] fork. [n := n + 100] forkAt: 30")
    processes = world.processes()
    assert processes.has_ready()
    processes.run_background(lambda: False)
    assert evaluate(world, "n") == "103"
    assert not processes.has_ready()


def test_a_process_that_used_up_its_slice_stays_the_next_of_its_priority(world: World) -> None:
    run(world, "log := OrderedCollection new. [5 timesRepeat: [log add: 1]] fork. [log add: 2] fork")
    processes = world.processes()
    looks = iter(range(100))
    while processes.has_ready():
        set_poll(True)
        processes.run_background(lambda: next(looks) % 2 == 1)
    assert evaluate(world, "log asArray") == "#(1 1 1 1 1 2)"


def test_terminating_the_running_evaluation_ends_it(world: World) -> None:
    outcome = run(world, "[Processor activeProcess terminate] ensure: [flag := #unwound]")
    assert outcome.failure is not None
    assert outcome.failure.error_class == "ProcessTerminated"
    assert evaluate(world, "flag") == "#unwound"
