"""The lives of processes: the stacks of those that have begun, and how a process begins, is captured and ends.

A process begins with its block, or with what was stored of it; both happen on a fiber of its own.
"""

from __future__ import annotations

from functools import partial
from math import inf
from typing import TYPE_CHECKING, Any, Final

from .evaluation import Evaluation
from .limits import PARKED_STACKS_MAX, PROCESS_NOTICE_STACK_LINES, PROCESSES_MAX
from .objects import TRUE, Symbol
from .suspension import Moved

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from types import CodeType, FrameType

    from .outcome import FailureReport, Outcome
    from .world import World

#: State of a process that waits for nothing but its turn.
READY: Final = Symbol.intern("ready")


class Lives:
    """The processes of one world that were resumed and have not ended, the main one included.

    Args:
        world: where they run.
        go_on: makes a process the running one; answers what its wait answers.
        on_end: is told that a process runs no more, with what came of it.
    """

    __slots__ = ("_go_on", "_of", "_on_end", "_world", "main_frame")

    def __init__(
        self,
        world: World,
        go_on: Callable[[Any, Evaluation], Any],
        on_end: Callable[[Any, Outcome], None],
    ) -> None:
        self._world = world
        self._go_on = go_on
        self._on_end = on_end
        #: With their evaluations, None for those that have not begun here.
        self._of: dict[Any, Evaluation | None] = {}
        #: The innermost frame of a main evaluation that waits while processes run.
        self.main_frame: FrameType | None = None

    def enter(self, process: Any, evaluation: Evaluation | None = None) -> None:
        """Count a process among the living, with its evaluation if it runs already."""
        if evaluation is not None or process not in self._of:
            self._of[process] = evaluation

    def leave(self, process: Any) -> None:
        """Count a process no longer."""
        self._of.pop(process, None)

    def has_room(self, process: Any) -> bool:
        """Whether a process may live: there may only be so many."""
        return process in self._of or len(self._of) < PROCESSES_MAX

    def is_begun(self, process: Any) -> bool:
        """Whether the process has a stack, here or stored."""
        return self._of.get(process) is not None or process.i9 is not None

    def evaluation_of(self, process: Any) -> Evaluation:
        """The evaluation on whose fiber a process runs; it gets one when it has none."""
        evaluation = self._of.get(process)
        if evaluation is None:
            evaluation = self._of[process] = Evaluation(self._world, cpu_budget_ms=inf)
            evaluation.process = process
            evaluation.fiber = self._world.host.new_fiber(partial(self._live, process, evaluation))
        return evaluation

    def _live(self, process: Any, evaluation: Evaluation) -> None:
        """Run a process from its beginning to its end, whatever that is. The body of its fiber."""
        is_ordered_to_end = process.i7 is TRUE
        evaluation.keeper = None if is_ordered_to_end else self._world.process_keeper
        self._on_end(process, evaluation.run(partial(self._body, process, evaluation)))

    def _body(self, process: Any, evaluation: Evaluation) -> None:
        """What a process does: its block from the beginning, or the rest of what was stored of it."""
        if process.i9 is not None:
            process.i9.go_on(partial(self._go_on, process, evaluation))
            return
        self._go_on(process, evaluation)
        block, process.i0 = process.i0, None
        try:
            self._world.send(block, "value")
        except Moved as move:
            rest = partial(move.stack.go_on, move.start)
        else:
            return
        rest()

    def capture(
        self,
        processes: Iterable[Any],
        captured: Callable[[FrameType | None, Evaluation, frozenset[CodeType]], Any],
        note: Callable[[Any], None],
    ) -> None:
        """Let processes hold their stacks as contexts.

        Args:
            processes: Those that ran since they were captured last.
            captured: Captures a stack; handed in, because what resumes computations stands above this module.
            note: The write barrier.
        """
        for process in processes:
            evaluation = self._of.get(process)
            if evaluation is None or evaluation.fiber is None:
                continue
            stack = captured(evaluation.fiber.frame, evaluation, PROCESS_BOTTOMS)
            held = process.i9
            if type(held) is type(stack):
                held.top, held.reason = stack.top, stack.reason
                note(held)
            else:
                process.i9 = stack
                note(process)

    def uncaptured_frames(self, processes: Iterable[Any]) -> Iterator[FrameType]:
        """Iterate over the innermost frames of the stacks that stand still here and of which no context holds all.

        Args:
            processes: Those that ran since they were captured last.
        """
        if self.main_frame is not None:
            yield self.main_frame
        for process in processes:
            evaluation = self._of.get(process)
            frame = None if evaluation is None or evaluation.fiber is None else evaluation.fiber.frame
            if frame is not None:
                yield frame

    def give_up_stacks(self, spared: Collection[Any] = (), kept: int = PARKED_STACKS_MAX) -> None:
        """Give up stacks beyond a limit, the oldest first, of processes whose contexts hold all of them.

        Args:
            spared: Processes that keep theirs: they ran since they were captured last.
            kept: The limit.
        """
        parked = [
            process
            for process, evaluation in self._of.items()
            if evaluation is not None and _is_captured(process) and process not in spared
        ]
        for process in parked[: max(0, len(parked) - kept)]:
            self._drop(process)
            if process.i3 is not READY and process.i5 is None:  # what it waits for knows it
                del self._of[process]

    def _drop(self, process: Any) -> None:
        """Give up a process's stack; what was captured of it lets go of the frames."""
        evaluation, self._of[process] = self._of[process], None
        if evaluation is not None and evaluation.fiber is not None:
            evaluation.fiber.drop()
        context = process.i9.top
        while context is not None and context.frame is not None:
            context.frame = context.inner = None
            context = context.sender

    def close(self) -> None:
        """Give up all stacks: the world ends."""
        for evaluation in self._of.values():
            if evaluation is not None and evaluation.fiber is not None:
                evaluation.fiber.drop()
        self._of.clear()

    def holds_uncaptured(self) -> bool:
        """Whether a process has a stack with values that no context holds."""
        return any(evaluation is not None and not _is_captured(process) for process, evaluation in self._of.items())


#: The function below which there is no part of a process.
PROCESS_BOTTOMS: Final = frozenset({Lives._body.__code__})  # noqa: SLF001 - of this module


def _is_captured(process: Any) -> bool:
    """Whether contexts hold all of a process's stack."""
    return getattr(process.i9, "reason", process) is None


def title_of(process: Any) -> str:
    """What a process is called in texts."""
    return getattr(process.i2, "text", None) or "a process"


def notice(process: Any, failure: FailureReport, context_id: str | None = None) -> str:
    """What the Transcript says of a process that ended in an error, or waits with one under that name."""
    end = "ended in" if context_id is None else f"waits as {context_id} with"
    lines = [f"{title_of(process)} {end} {failure.title}"]
    lines += [f"    {where} line {line}" for where, line in failure.stack[:PROCESS_NOTICE_STACK_LINES]]
    return "\n".join([*lines, ""])
