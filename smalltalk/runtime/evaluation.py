"""One run of a do-it: its handlers, its budget, its end.

An evaluation runs in whatever stack calls `run`: the session actor gives it a greenlet. At safe points `poll` charges
the CPU time used since it last ran, obeys an interrupt or an exceeded budget, and lets `yield_` switch to others.
Stopping unwinds: `ensure:` blocks get a small grace budget, and none of them runs any more once that is spent too.
Everything that running code can raise ends here, except what asks the process or the greenlet itself to end.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeAlias

from ..compiler.errors import SemanticFailure
from ..syntax.errors import SyntaxFailure
from . import current
from .contexts import Contexts
from .exceptions import RECURSION_TEXT, exception_for_defect, is_unwinding
from .failures import report_for, report_for_source
from .limits import (
    CPU_BUDGET_MS,
    GRACE_BUDGET_MS,
    INTEGER_BITS_MAX,
    RECURSION_REPORT_FRAMES,
    RECURSION_ROOM_FRAMES,
    WAIT_BUDGET_MS,
)
from .outcome import TERMINATED, FailureKind, FailureReport, Outcome
from .stack import line_in_doit, stack_lines
from .suspension import Suspended
from .unwinding import Termination, Unwinding

if TYPE_CHECKING:
    from collections.abc import Callable

    from .fibers import Fiber
    from .handlers import Handler, Signal
    from .suspension import Keeper, Suspension, SuspensionKind
    from .world import World

_NS_PER_MS: Final = 1_000_000

#: Why an evaluation is stopped from outside; "waited": it used up the time it may wait for others; "memory": it took
#: too much, so nothing of it is kept.
StopReason: TypeAlias = Literal["interrupted", "timeout", "waited", "memory"]

#: What a stopped evaluation reports, by the reason: the kind of the failure, its name, its text.
_STOP_REPORTS: Final[dict[StopReason, tuple[FailureKind, str, str]]] = {
    "interrupted": ("interrupted", "Interrupted", "the evaluation was interrupted"),
    "timeout": ("timeout", "Timeout", "the evaluation used up its CPU budget"),
    "waited": ("timeout", "Timeout", "the evaluation waited longer than it may"),
    "memory": ("interrupted", "Interrupted", "the evaluation took too much memory"),
}


class Evaluation:
    """One run.

    Attributes:
        world: Where it runs.
        handler: The innermost handler in force.
        signal: The innermost signal under way.
        failure: Why it ends without a value.
        used_ns: CPU time it has used, as of its last safe point.
        contexts: The contexts of its frames.
        has_recursion_room: Whether the room for a recursion's error was given.
        is_reporting: Whether its failure is being described.
        yield_: Lets others run at a safe point; true when it did.
        process: Its process, as an object of the language; None until somebody asks for it.
        payer: The evaluation that waits for it, which its CPU time is charged to as well.
        fiber: The stack of its own on which a forked process runs; None for what a client asked for.
        keeper: Keeps its computation when it stops; None while nothing is kept.
        suspension: The computation that stopped in it and was kept.
    """

    def __init__(
        self,
        world: World,
        *,
        cpu_budget_ms: float = CPU_BUDGET_MS,
        wait_budget_ms: int = WAIT_BUDGET_MS,
        yield_: Callable[[], object] | None = None,
        park: Callable[[int], None] | None = None,
    ) -> None:
        """Make the evaluation of one run.

        Args:
            world: Where it runs.
            cpu_budget_ms: CPU time after which it is stopped.
            wait_budget_ms: Time it may wait for other processes and for delays, all its waits together.
            yield_: Lets others run at a safe point; true when it did.
            park: Lets others run until a time (nanoseconds since 1970), or less long; by default the host sleeps.
        """
        self.world = world
        self.handler: Handler | None = None
        self.signal: Signal | None = None
        self.failure: FailureReport | None = None
        self.used_ns = 0
        self.contexts = Contexts()
        self.has_recursion_room = False
        self.is_reporting = False
        self.yield_ = yield_
        self.process: Any = None
        self.fiber: Fiber | None = None
        self.payer: Evaluation | None = None
        self.keeper: Keeper | None = None
        self.suspension: Suspension | None = None
        self._is_bounding = False
        self._park = park or world.host.sleep_until_ns
        self._wait_left_ns = wait_budget_ms * _NS_PER_MS
        self._waits_since_ns: int | None = None
        self._is_terminated = False
        self._budget_ns = cpu_budget_ms * _NS_PER_MS
        self._since_ns = 0
        self._order: StopReason | None = None
        self._grace_ends_ns: int | None = None
        self._skips_unwind_blocks = False

    def run(self, body: Callable[[], Any]) -> Outcome:
        """Run `body` to its end, whatever that is.

        Args:
            body: Evaluates the do-it and answers its value; called once.
        """
        frames_max = self.world.host.bounds.stack_frames
        if sys.getrecursionlimit() < frames_max:
            sys.setrecursionlimit(frames_max)
        self.start_clock()
        current.activate(self)
        outcome = None
        try:
            outcome = Outcome(value=body())
        except Suspended:
            assert self.suspension is not None
        except Termination:
            self.fail(FailureReport("error", "PrimitiveFailed", "the evaluation ended without saying why"))
        except (SyntaxFailure, SemanticFailure) as fault:
            self.fail(report_for_source(fault))
        except Unwinding as stray:
            self.fail(FailureReport("error", "BlockCannotReturn", f"{type(stray).__name__} reached no target"))
        except Exception as defect:  # noqa: BLE001 - whatever a primitive let escape is this evaluation's failure
            self._fail_with_defect(defect)
        finally:
            if self.payer is not None:  # nobody else asks what it used in the end, and asking the system is dear
                self.stop_clock()
            if self.has_recursion_room:
                self.take_back_room()
            is_over = self._end_process()
        if is_over and outcome is not None:
            return outcome
        return Outcome(failure=self.failure, context_id=None if self.suspension is None else self.suspension.context_id)

    def suspend(self, kind: SuspensionKind, exception: Any = None) -> NoReturn:
        """Stop the computation where the caller stands, and keep it.

        What is kept and can go on is left without evaluating any unwinding block; everything else ends now.

        Args:
            kind: why; what went wrong, if anything did, is this evaluation's `failure`.
            exception: what nobody handled.

        Raises:
            Suspended: it waits.
            Termination: it ends.
        """
        keeper, self.keeper = self.keeper, None
        if keeper is not None:
            with suppress(Exception):  # whatever keeps it from being kept: it is the failure that matters
                self.suspension = keeper.keep(self, sys._getframe(1), kind, exception)  # noqa: SLF001 - where it stops
            if self.suspension is not None and self.suspension.can_go_on:
                raise Suspended
        raise Termination

    def within(self, part_ms: int, body: Callable[[], Any]) -> Outcome:
        """Evaluate `body` on a part of the budgets of this evaluation, which goes on whatever becomes of that.

        Raises:
            Termination: this evaluation is told to stop, or has used up its own budget.
        """
        self.stop_clock()
        budget_ns, part_ns = self._budget_ns, part_ms * _NS_PER_MS
        kept_back_ns = max(0, self._wait_left_ns - part_ns)
        self._budget_ns = min(budget_ns, self.used_ns + part_ns)
        self._wait_left_ns -= kept_back_ns
        try:
            return Outcome(value=body())
        except Termination:
            is_own = self._order in {"interrupted", "memory"} or self._is_terminated or self.used_ns > budget_ns
            if is_own or self.failure is None:
                raise
            failure, self.failure, self._order, self._grace_ends_ns = self.failure, None, None, None
            self._skips_unwind_blocks = False
            return Outcome(failure=failure)
        finally:
            self._budget_ns = budget_ns
            self._wait_left_ns += kept_back_ns

    def _end_process(self) -> bool:
        """Tell the scheduler that the main process is over; False if that failed, which is then the failure."""
        if self.process is None or self.fiber is not None:
            return True
        try:
            if self.suspension is not None and self.suspension.can_go_on:
                self.world.processes().aside.put(self.process)
            else:
                self.world.processes().ended(self.process)
        except Exception as defect:  # noqa: BLE001 - a defect here must not leave the evaluation either
            text = f"{type(defect).__name__} while the process was ended"
            self.fail(FailureReport("error", "PrimitiveFailed", text))
            return False
        return True

    def _fail_with_defect(self, defect: Exception) -> None:
        """Report an escaped Python exception like an unhandled error of the language."""
        try:
            stack = stack_lines(self.world, defect.__traceback__)
            self.fail(report_for(self.world, exception_for_defect(self, defect), stack))
        except (Unwinding, Exception) as second:  # noqa: BLE001 - even a failure that cannot be described is one
            self.fail(
                FailureReport("error", "PrimitiveFailed", f"{type(second).__name__} while a failure was described")
            )

    def fail(self, report: FailureReport) -> None:
        """Keep the reason of the failure; the first one counts."""
        if self.failure is None:
            self.failure = report

    def interrupt(self, reason: Literal["interrupted", "timeout", "memory"] = "interrupted") -> None:
        """Order it to stop at its next safe point; the caller sets the flag of the safe points. Any thread."""
        self._order = reason

    def lend_room(self) -> None:
        """Give the error of a recursion some frames to be handled in."""
        if not self.has_recursion_room:
            self.has_recursion_room = True
            sys.setrecursionlimit(self.world.host.bounds.stack_frames + RECURSION_ROOM_FRAMES)

    def take_back_room(self) -> None:
        """End the loan as soon as the stack is below the limit again."""
        if self.has_recursion_room:
            with suppress(RecursionError):  # raised by Python while the stack is deeper than that
                sys.setrecursionlimit(self.world.host.bounds.stack_frames)
                self.has_recursion_room = False

    def fail_in_recursion(self) -> NoReturn:
        """End it: the room for a recursion's error was used up as well.

        Raises:
            Termination: always.
        """
        # Without these the description would fail after a long walk, and anew in each frame further out.
        sys.setrecursionlimit(self.world.host.bounds.stack_frames + RECURSION_ROOM_FRAMES + RECURSION_REPORT_FRAMES)
        if self.failure is None:
            self.fail(FailureReport("error", "RecursionTooDeep", RECURSION_TEXT, stack_lines(self.world)))
        raise Termination

    def may_run_unwind_blocks(self) -> bool:
        """Whether `ensure:` blocks still run: not once a stopped evaluation has overrun its grace."""
        return not self._skips_unwind_blocks

    def poll(self) -> None:
        """A safe point: charge, obey, let others run."""
        self.stop_clock()
        self.obey()
        processes = self.world.processes_if_any
        if processes is not None:
            processes.at_safe_point(self)
        elif self.yield_ is not None:
            self.yield_()
            current.activate(self)
            self.start_clock()
        self.obey()
        self._bound_integers()

    def start_clock(self) -> None:
        """It runs again: CPU time counts from now on."""
        self._since_ns = self.world.host.cpu_ns()

    def stop_clock(self) -> None:
        """Charge the CPU time since it last was charged or began to run."""
        now = self.world.host.cpu_ns()
        self.used_ns += now - self._since_ns
        if self.payer is not None:
            self.payer.used_ns += now - self._since_ns
        self._since_ns = now

    def obey(self) -> None:
        """End the evaluation when it was told to, or when its budget or its grace is used up.

        Raises:
            Termination: it ends.
        """
        if self._grace_ends_ns is not None:
            if self.used_ns > self._grace_ends_ns:
                self._skips_unwind_blocks = True
                raise Termination
            return
        if self._order is None and self.used_ns > self._budget_ns:
            self._order = "timeout"
        if self._order is not None:
            self._stop(self._order)

    def _stop(self, reason: StopReason) -> None:
        """Stop: for now, where that can be kept; else begin to unwind.

        Raises:
            Suspended: it waits.
            Termination: it ends.
        """
        self._grace_ends_ns = self.used_ns + GRACE_BUDGET_MS * _NS_PER_MS
        kind, error_class, message = _STOP_REPORTS[reason]
        stack = stack_lines(self.world)
        self.fail(FailureReport(kind, error_class, message, stack, line=line_in_doit(stack)))
        if reason == "memory":
            self.keeper = None
        self.suspend("interrupted" if kind == "interrupted" else "timeout")

    # Waiting for other processes

    def begin_waiting(self) -> None:
        """It waits from now on.

        Raises:
            Termination: it is being stopped; its `ensure:` blocks get no time to wait.
        """
        if self._grace_ends_ns is not None:
            self._skips_unwind_blocks = True
            raise Termination
        self._waits_since_ns = self.world.host.now_ns()

    def end_waiting(self) -> None:
        """It waits no longer."""
        self._count_wait()
        self._waits_since_ns = None

    def is_stopped(self) -> bool:
        """Whether it must not go on waiting: it was told to stop, or waited or used too long."""
        if self._order is None and self.used_ns > self._budget_ns:
            self._order = "timeout"
        if self._order is None:
            self._count_wait()
            if self._wait_left_ns <= 0:
                self._order = "waited"
        return self._order is not None

    def _count_wait(self) -> None:
        """Count the time since it began to wait, or since that was last counted. The clock may be set back."""
        if self._waits_since_ns is not None:
            now_ns = self.world.host.now_ns()
            self._wait_left_ns -= max(0, now_ns - self._waits_since_ns)
            self._waits_since_ns = now_ns

    def let_time_pass(self, until_ns: int) -> None:
        """Sleep until that time, or until it must not go on waiting; perhaps less long."""
        self._park(min(until_ns, self.world.host.now_ns() + self._wait_left_ns))

    def terminate(self) -> None:
        """End because its process is terminated: now, or as soon as the unwinding block that runs is done.

        Who is terminated again while unwinding ends at once.

        Raises:
            Termination: it ends now.
        """
        self.fail(FailureReport("error", TERMINATED, "the process was terminated"))
        if self._is_terminated:
            self._skips_unwind_blocks = True
            raise Termination
        self._is_terminated = True
        if not is_unwinding(sys._getframe()):  # noqa: SLF001 - the stack decides
            raise Termination

    def unwound(self) -> None:
        """An unwinding block is done: end, if that had been put off for it.

        Raises:
            Termination: it ends now.
        """
        if self._is_terminated and not is_unwinding(sys._getframe(2)):  # noqa: SLF001 - what surrounds that block
            raise Termination

    def _bound_integers(self) -> None:
        """Signal an error when the polling code holds an integer beyond the limit.

        Generated arithmetic is unguarded: a chain of squarings grows without any primitive noticing.
        """
        frame = sys._getframe(3)  # noqa: SLF001 - the frame that polls: above us poll, safe_points.poll
        if self._is_bounding or frame.f_globals is not self.world.g:
            return
        self._is_bounding = True  # the methods that signal the error hold the integer as well
        try:
            for value in list(frame.f_locals.values()):
                if type(value) is int and value.bit_length() > INTEGER_BITS_MAX:
                    self.world.send(value, "errorTooLarge")
        finally:
            self._is_bounding = False
