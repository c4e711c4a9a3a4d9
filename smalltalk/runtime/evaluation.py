"""One run of a do-it: its handlers, its budget, its end.

An evaluation runs in whatever stack calls `run`: the session actor gives it a greenlet. At safe points `poll` charges
the CPU time used since it last ran, obeys an interrupt or an exceeded budget, and lets `yield_` switch to others.
Stopping unwinds: `ensure:` blocks get a small grace budget, and none of them runs any more once that is spent too.
Everything that running code can raise ends here, except what asks the process or the greenlet itself to end.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn

from ..compiler.errors import SemanticFailure
from ..syntax.errors import SyntaxFailure
from . import current
from .exceptions import RECURSION_TEXT, exception_for_defect
from .failures import report_for, report_for_source
from .limits import CPU_BUDGET_MS, GRACE_BUDGET_MS, INTEGER_BITS_MAX, RECURSION_FRAMES_MAX, RECURSION_ROOM_FRAMES
from .outcome import FailureReport, Outcome
from .stack import stack_lines
from .unwinding import Termination, Unwinding

if TYPE_CHECKING:
    from collections.abc import Callable

    from .handlers import Handler, Signal
    from .world import World

_NS_PER_MS: Final = 1_000_000

#: What a stopped evaluation reports, by the reason.
_STOP_REPORTS: Final[dict[Literal["interrupted", "timeout"], tuple[str, str]]] = {
    "interrupted": ("Interrupted", "the evaluation was interrupted"),
    "timeout": ("Timeout", "the evaluation used up its CPU budget"),
}


class Evaluation:
    """One run.

    Attributes:
        world: Where it runs.
        handler: The innermost handler in force.
        signal: The innermost signal under way.
        failure: Why it ends without a value.
        used_ns: CPU time it has used, as of its last safe point.
        has_recursion_room: Whether the room for a recursion's error was given.
        is_reporting: Whether its failure is being described.
    """

    def __init__(
        self, world: World, *, cpu_budget_ms: int = CPU_BUDGET_MS, yield_: Callable[[], None] | None = None
    ) -> None:
        self.world = world
        self.handler: Handler | None = None
        self.signal: Signal | None = None
        self.failure: FailureReport | None = None
        self.used_ns = 0
        self.has_recursion_room = False
        self.is_reporting = False
        self._is_bounding = False
        self._yield = yield_
        self._budget_ns = cpu_budget_ms * _NS_PER_MS
        self._since_ns = 0
        self._order: Literal["interrupted", "timeout"] | None = None
        self._grace_ends_ns: int | None = None
        self._skips_unwind_blocks = False

    def run(self, body: Callable[[], Any]) -> Outcome:
        """Run `body` to its end, whatever that is.

        Args:
            body: Evaluates the do-it and answers its value; called once.
        """
        if sys.getrecursionlimit() < RECURSION_FRAMES_MAX:
            sys.setrecursionlimit(RECURSION_FRAMES_MAX)
        self._resume_clock()
        current.activate(self)
        try:
            return Outcome(value=body())
        except Termination:
            self.fail(FailureReport("error", "PrimitiveFailed", "the evaluation ended without saying why"))
        except (SyntaxFailure, SemanticFailure) as fault:
            self.fail(report_for_source(fault))
        except Unwinding as stray:
            self.fail(FailureReport("error", "BlockCannotReturn", f"{type(stray).__name__} reached no target"))
        except Exception as defect:  # noqa: BLE001 - whatever a primitive let escape is this evaluation's failure
            self._fail_with_defect(defect)
        finally:
            self._charge()
            self.take_back_room()
        return Outcome(failure=self.failure)

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

    def interrupt(self, reason: Literal["interrupted", "timeout"] = "interrupted") -> None:
        """Order it to stop at its next safe point; the caller sets the flag of the safe points. Any thread."""
        self._order = reason

    def lend_room(self) -> None:
        """Give the error of a recursion some frames to be handled in."""
        if not self.has_recursion_room:
            self.has_recursion_room = True
            sys.setrecursionlimit(RECURSION_FRAMES_MAX + RECURSION_ROOM_FRAMES)

    def take_back_room(self) -> None:
        """End the loan as soon as the stack is below the limit again."""
        if self.has_recursion_room:
            with suppress(RecursionError):  # raised by Python while the stack is deeper than that
                sys.setrecursionlimit(RECURSION_FRAMES_MAX)
                self.has_recursion_room = False

    def fail_in_recursion(self) -> NoReturn:
        """End it: the room for a recursion's error was used up as well.

        Raises:
            Termination: always.
        """
        self.fail(FailureReport("error", "RecursionTooDeep", RECURSION_TEXT, stack_lines(self.world)))
        raise Termination

    def may_run_unwind_blocks(self) -> bool:
        """Whether `ensure:` blocks still run: not once a stopped evaluation has overrun its grace."""
        return not self._skips_unwind_blocks

    def poll(self) -> None:
        """A safe point: charge, obey, let others run."""
        self._charge()
        self._obey()
        if self._yield is not None:
            self._yield()
            current.activate(self)
            self._resume_clock()
            self._obey()
        self._bound_integers()

    def _resume_clock(self) -> None:
        self._since_ns = self.world.host.cpu_ns()

    def _charge(self) -> None:
        now = self.world.host.cpu_ns()
        self.used_ns += now - self._since_ns
        self._since_ns = now

    def _obey(self) -> None:
        """End the evaluation when it was told to, or when its budget or its grace is used up."""
        if self._grace_ends_ns is not None:
            if self.used_ns > self._grace_ends_ns:
                self._skips_unwind_blocks = True
                raise Termination
            return
        if self._order is None and self.used_ns > self._budget_ns:
            self._order = "timeout"
        if self._order is not None:
            self._stop(self._order)

    def _stop(self, reason: Literal["interrupted", "timeout"]) -> None:
        """Begin to unwind."""
        self._grace_ends_ns = self.used_ns + GRACE_BUDGET_MS * _NS_PER_MS
        error_class, message = _STOP_REPORTS[reason]
        stack = stack_lines(self.world)
        line = stack[-1][1] if stack else None
        self.fail(FailureReport(reason, error_class, message, stack, line=line))
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
