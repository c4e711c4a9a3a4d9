"""How an evaluation is stopped, what it runs while it ends, what it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smalltalk.runtime import current, safe_points
from smalltalk.runtime.evaluation import Evaluation
from smalltalk.runtime.processes import Processes
from tests.smalltalk.harness import FakeHost, TickingHost, evaluate, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk.runtime.outcome import Outcome
    from smalltalk.runtime.world import World


class Ticks(TickingHost):
    """`actions` run when others have been let run so many times."""

    def __init__(self, actions: dict[int, Callable[[], None]] | None = None) -> None:
        super().__init__()
        self.count = 0
        self.actions = actions or {}

    def let_others_run(self) -> None:
        self.count += 1
        action = self.actions.get(self.count)
        if action is not None:
            action()


def run_ticking(
    world: World, source: str, budget_ms: int, actions: dict[int, Callable[[], None]] | None = None
) -> tuple[Outcome, Ticks, Evaluation]:
    ticks = world.host = Ticks(actions)
    evaluation = Evaluation(world, cpu_budget_ms=budget_ms, yield_=ticks.let_others_run)
    try:
        return run(world, source, evaluation), ticks, evaluation
    finally:
        safe_points.set_poll(False)
        world.host = FakeHost()


def test_a_loop_without_end_ends_with_its_budget(world: World) -> None:
    outcome, ticks, _ = run_ticking(world, "[true] whileTrue", 20)
    assert outcome.failure.kind == "timeout"
    assert 20 <= ticks.count <= 23


def test_an_interrupt_ends_a_loop_and_keeps_what_it_did(world: World) -> None:
    def interrupt() -> None:
        current.evaluation.interrupt()

    outcome, ticks, _ = run_ticking(world, "x := 0. [x := x + 1. true] whileTrue", 1000, {5: interrupt})
    assert ticks.count == 5
    assert outcome.failure.kind == "interrupted"
    assert int(evaluate(world, "x")) > 0


def test_a_stopped_evaluation_runs_its_ensure_blocks(world: World) -> None:
    outcome, _, _ = run_ticking(world, "[[true] whileTrue] ensure: [done := 5]", 20)
    assert outcome.failure.kind == "timeout"
    assert evaluate(world, "done") == "5"


def test_an_ensure_block_that_overruns_its_grace_is_ended_and_no_other_runs(world: World) -> None:
    outcome, ticks, _ = run_ticking(
        world, "later := 0. [[[true] whileTrue] ensure: [[true] whileTrue]] ensure: [later := 1]", 20
    )
    assert outcome.failure.kind == "timeout"
    assert evaluate(world, "later") == "0"
    assert 20 <= ticks.count <= 130


def test_no_handler_catches_a_stop(world: World) -> None:
    outcome, _, _ = run_ticking(world, "[[true] whileTrue] on: Exception do: [:e | 3]", 20)
    assert outcome.failure.kind == "timeout"


def test_cpu_used_by_others_while_switched_away_is_not_charged(world: World) -> None:
    def others_run() -> None:
        world.host.spent_ns += 60_000_000_000

    outcome, _, evaluation = run_ticking(world, "1 to: 50 do: [:i | i yourself]. 7", 200, {3: others_run})
    assert outcome.failure is None
    assert outcome.result == "7"
    assert evaluation.used_ns < 1_000_000_000


def test_a_dropped_evaluation_runs_no_ensure_block(world: World) -> None:
    class Dropped(BaseException):
        """Stands for greenlet's GreenletExit."""

    def drop() -> None:
        raise Dropped

    evaluate(world, "done := 0")
    with pytest.raises(Dropped):
        run_ticking(world, "[[true] whileTrue] ensure: [done := 5]", 1000, {3: drop})
    assert evaluate(world, "done") == "0"


def test_a_chain_of_squarings_ends_in_an_error(world: World) -> None:
    outcome, _, _ = run_ticking(world, "x := 3. 60 timesRepeat: [x := x * x]. x", 1000)
    assert outcome.failure.error_class == "ArithmeticError"


@pytest.mark.parametrize("body", ["x := x * x + 1", "x := 1 + (x * x)", "self x: x * x"])
def test_a_chain_of_squarings_in_an_instance_variable_ends_too(world: World, body: str) -> None:
    evaluate(world, "Object subclass: #Grower instanceVariableNames: 'x' classVariableNames: '' package: 'Test'")
    evaluate(world, f"Grower compile: 'x: v x := v'; compile: 'grow x := 3. 60 timesRepeat: [{body}]'")
    outcome, _, _ = run_ticking(world, "Grower new grow", 1000)
    assert outcome.failure.error_class == "ArithmeticError"


def test_the_report_of_an_error_names_message_line_and_stack(world: World) -> None:
    evaluate(world, "Object subclass: #Thing")
    evaluate(world, "Thing compile: 'foo: x\n\t| y |\n\ty := x.\n\t^ y bar'")
    failure = run(world, "| t |\nt := Thing new.\nt foo: 3").failure
    assert (failure.kind, failure.error_class, failure.line) == ("error", "MessageNotUnderstood", 3)
    assert ("Thing>>foo:", 4) in failure.stack
    assert failure.stack[-1] == ("doIt", 3)


def test_the_report_of_a_syntax_error_has_a_place(world: World) -> None:
    failure = run(world, "3 + \n (4").failure
    assert failure.kind == "syntax"
    assert failure.line == 2


def test_a_defect_of_a_primitive_is_an_error_of_the_language(world: World) -> None:
    def broken(_receiver: object) -> object:
        raise KeyError("inside")

    kernel_method = world.lookup(world.kernel.classes["Object"], "isFraction")
    world.functions[kernel_method] = broken
    assert evaluate(world, "nil isFraction") == "PrimitiveFailed: broken: KeyError: 'inside'"
    assert evaluate(world, "[nil isFraction] on: PrimitiveFailed do: [:e | #handled]") == "#handled"
    assert evaluate(world, "[nil isFraction] ensure: [seen := 1]").startswith("PrimitiveFailed")
    assert evaluate(world, "seen") == "1"


@pytest.mark.parametrize(("code", "error"), [("3", "PrimitiveFailed"), ("nil foo", "MessageNotUnderstood")])
def test_a_defect_at_the_end_of_the_process_is_a_failure(
    world: World, monkeypatch: pytest.MonkeyPatch, code: str, error: str
) -> None:
    def broken(_processes: Processes, _process: object) -> None:
        raise KeyError("gone")

    monkeypatch.setattr(Processes, "ended", broken)
    failure = run(world, f"Processor activeProcess. {code}").failure
    assert failure is not None
    assert failure.error_class == error


def test_the_transcript_comes_with_the_outcome(world: World) -> None:
    outcome = run(world, "Transcript show: 'a'; show: 'b'. 3")
    assert outcome.transcript == "ab"


def test_a_warning_nobody_handles_is_written_to_the_transcript(world: World) -> None:
    outcome = run(world, "Warning signal: 'careful'. 3")
    assert outcome.result == "3"
    assert "careful" in outcome.transcript


def test_an_error_without_a_text_of_its_own_is_told_by_its_class_alone(world: World) -> None:
    failures = [run(world, code).failure for code in ("1 / 0", "Error signal", "Error signal: 'no'")]
    assert [failure and failure.title for failure in failures] == ["ZeroDivide", "Error", "Error: no"]
