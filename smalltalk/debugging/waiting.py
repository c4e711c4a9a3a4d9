"""What waits in one image: finding a computation by its name, and letting it go on."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ..memory.suspensions import is_readable, name_of
from ..runtime import current
from ..runtime.resumption import UnresumableError
from .errors import UnknownContextError
from .gaps import gap_in, listed_gap_in
from .keeping import Doing, Keeper, Keeping, stop_report
from .summaries import damaged_summary, summary_of
from .unwinding import unwind

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ..memory.heap import Heap
    from ..memory.root import Root
    from ..memory.workspaces import Workspaces
    from ..running import Runs, Shown
    from ..runtime.evaluation import Evaluation
    from ..runtime.outcome import Outcome
    from ..runtime.suspension import Suspension
    from ..runtime.world import World
    from .summaries import SuspensionSummary


class Waiting:
    """The computations of one image that wait."""

    def __init__(self, world: World, heap: Heap, root: Root, runs: Runs, workspaces: Workspaces) -> None:
        self._world = world
        self._heap = heap
        self._suspensions = root.suspended
        self._runs = runs
        self._keeping = Keeping(world, heap, root.suspended, workspaces)
        #: Names of the computations that go on right now.
        self._running: set[str] = set()
        #: What printed its value right now, with that.
        self._printing: dict[Evaluation, tuple[Keeper, Any]] = {}
        world.process_keeper = self._keeping.of_process()

    def all(self) -> list[Suspension]:
        """Return those that wait, the one that stopped last at the end."""
        current.world = self._world
        return [each for each in self._suspensions if name_of(each) not in self._running]

    def summaries(self, context_id: str | None = None) -> list[SuspensionSummary]:
        """Describe those that wait, in the same order, or only that one; what is damaged has a name all the same."""
        return [
            summary_of(each, listed_gap_in(self._world, each)) if is_readable(each) else damaged_summary(name_of(each))
            for each in self.all()
            if context_id is None or name_of(each) == context_id
        ]

    def latest(self) -> str | None:
        """Return the name of the one that stopped last, None if none waits."""
        waiting = self.all()
        return name_of(waiting[-1]) if waiting else None

    def ids_given(self) -> int:
        """Return how many names were given so far, also in states of the session that were set back since."""
        current.world = self._world
        return max(self._suspensions.given, self._keeping.ids_passed_over)

    def pass_over_ids(self, given: int) -> None:
        """Give none of the first so many names: they were given in a state that was set back."""
        self._keeping.ids_passed_over = given

    def found(self, context_id: str) -> Suspension:
        """Return the computation of that name.

        Raises:
            UnknownContextError: none of that name waits.
        """
        current.world = self._world
        found = self._suspensions.find(context_id)
        if found is None or context_id in self._running:
            raise UnknownContextError(context_id, [name_of(each) for each in self.all()])
        return found

    def resumable(self, context_id: str) -> Suspension:
        """Return the computation of that name, which can go on.

        Raises:
            UnknownContextError: none of that name waits.
            UnresumableError: it cannot go on.
        """
        suspension = self.found(context_id)
        reason = self.gap_in(suspension)
        if reason is not None:
            raise UnresumableError(f"computation '{context_id}' cannot go on: {reason}")
        return suspension

    def gap_in(self, suspension: Suspension) -> str | None:
        """Why a computation cannot go on, None if it can."""
        return gap_in(self._world, suspension)

    def begin(self, evaluation: Evaluation, doing: Doing, body: Callable[[], Any]) -> Shown:
        """Run a do-it, which is kept when it stops, and print its value; in an evaluation that runs."""
        return self.run(evaluation, Keeper(self._keeping, doing, None), body)

    def go_on(
        self,
        suspension: Suspension,
        evaluation: Evaluation,
        prepare: Callable[[], Callable[[], Any]],
        *,
        display: bool = False,
    ) -> Outcome:
        """Run the rest of a computation and settle what became of it.

        Args:
            suspension: the computation.
            evaluation: new.
            prepare: answers the rest; as long as that has not begun, a failure is no business of the computation.
            display: the displayString of its value is asked for as well.
        """
        suspension.has_display = suspension.has_display or display
        begun = False

        def body() -> Any:
            nonlocal begun
            rest = prepare()
            self.take_up_process(suspension, evaluation)
            begun = True
            keeper = self._keeping.of_suspension(suspension)
            return self.run(evaluation, keeper, rest)

        current.world = self._world
        self._running.add(suspension.context_id)
        if suspension.transcript:
            self._world.transcript.append(suspension.transcript)
            suspension.transcript = ""
            self._heap.mark(suspension)
        try:
            outcome = self._runs.body(evaluation, body)
        finally:
            self._running.discard(suspension.context_id)
        if not begun:
            outcome.context_id = suspension.context_id
        elif evaluation.suspension is None:
            self._keeping.leave(suspension)
        return self.settled(outcome, evaluation)

    def run(self, evaluation: Evaluation, keeper: Keeper, rest: Callable[[], Any]) -> Shown:
        """Run a computation, or the rest of one, and print its value; what fails in printing is not kept."""
        evaluation.keeper = keeper
        value = rest()
        evaluation.keeper = None
        self._printing[evaluation] = keeper, value
        try:
            return self._runs.shown(value, has_display=keeper.doing.has_display)
        finally:
            del self._printing[evaluation]

    def stop(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        """Keep what an evaluation does that is parked, to go on with it later; False if that cannot be.

        Its frames are left alone: whoever parked it gives them up. A value that was being printed is printed again.

        Args:
            evaluation: the evaluation; `suspension` is then what was kept.
            frame: its innermost frame.
        """
        current.world = self._world
        printing = self._printing.get(evaluation)
        keeper = evaluation.keeper if printing is None else printing[0]
        if not isinstance(keeper, Keeper) or evaluation.failure is not None:
            return False
        suspension = evaluation.suspension = keeper.stopped(evaluation, frame, printing and printing[1:])
        if suspension is not None:
            suspension.transcript += self._world.transcript.drain()
        return suspension is not None

    def start_of(self, suspension: Suspension) -> Callable[[], Any]:
        """Return what answers for what a computation waits for, unless somebody says otherwise."""
        if suspension.process is not None:
            return partial(self._world.processes().aside.wait_again, suspension.process)
        return lambda: suspension.value

    def settled(self, outcome: Outcome, evaluation: Evaluation) -> Outcome:
        """Complete the outcome of an evaluation whose computation was kept if it stopped."""
        if evaluation.suspension is not None:
            outcome.stop = stop_report(evaluation.suspension)
        elif outcome.failure is None:
            self._runs.present(outcome)
        return outcome

    def abandon(self, suspension: Suspension, evaluation: Evaluation) -> Outcome:
        """Give a computation up: its unwinding blocks are evaluated, then its name means nothing any more."""
        self._keeping.leave(suspension)
        if self.gap_in(suspension) is not None:
            return self._runs.body(evaluation, lambda: None)

        def body() -> None:
            self.take_up_process(suspension, evaluation)
            unwind(suspension.top, None)

        return self._runs.body(evaluation, body)

    def take_up_process(self, suspension: Suspension, evaluation: Evaluation) -> None:
        """Let the computation go on as the process that it was."""
        if suspension.process is not None:
            self._world.processes().aside.take_up(suspension.process, evaluation)
