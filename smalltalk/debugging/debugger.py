"""The debugger of one image: the computations that wait, and everything that can be done with them.

What only looks runs no code of the language and answers at once. What runs code takes a new `Evaluation` and is called
inside that evaluation's greenlet, as `Image.evaluate` is; it answers an `Outcome`. A computation that goes on and stops
again keeps its name; once it has finished or was abandoned, the name means nothing any more.

Every method that takes a `context_id` raises UnknownContextError when no computation of that name waits; those that
take a `frame` raise UnknownFrameError when the stack has none of that number; those that let a computation go on raise
UnresumableError when it cannot, with the reason.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from ..runtime import current
from ..runtime.exceptions import retry_using
from ..runtime.resumption import resume
from ..stepping import step
from .breakpoints import BreakpointRow, breakpoints, remove_breakpoint, set_breakpoint
from .code import FrameCode
from .frames import StackPage, frame_at, rows_of
from .gaps import refuse_value
from .leaving import leaving
from .signals import (
    exception_of,
    failed_frame,
    failure_of,
    handled_signal,
    missed_message,
    refuse_other_method,
    refuse_resuming,
)
from .unwinding import beginning
from .variables import variable_named, variables_of
from .views import FrameView, view_of
from .waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..memory.heap import Heap
    from ..memory.root import Root
    from ..memory.workspaces import Workspaces
    from ..running import Runs
    from ..runtime.contexts import Context
    from ..runtime.evaluation import Evaluation
    from ..runtime.outcome import Outcome
    from ..runtime.suspension import Suspension
    from ..runtime.world import World
    from ..stepping import StepKind
    from ..tools.doits import Doit
    from .keeping import Doing
    from .summaries import SuspensionSummary

#: Lines of a stack unless told.
STACK_ROWS: Final = 50


class Debugger:
    """The debugger of one image.

    Args:
        world: its world.
        heap: its heap.
        root: its root.
        workspaces: its workspaces.
        runs: runs its code.
        id_of: answers the object id of a value.

    Attributes:
        waiting: the computations.
    """

    def __init__(
        self,
        world: World,
        heap: Heap,
        root: Root,
        workspaces: Workspaces,
        runs: Runs,
        id_of: Callable[[Any], str],
    ) -> None:
        self.waiting = Waiting(world, heap, root, runs, workspaces)
        self._world = world
        self._workspaces = workspaces
        self._runs = runs
        self._id_of = id_of

    # Looking

    def contexts(self, context_id: str | None = None) -> list[SuspensionSummary]:
        """List the computations that wait, the one that stopped last at the end; or only the one of that name."""
        return self.waiting.summaries(context_id)

    def latest(self) -> str | None:
        """Return the name of the computation that stopped last, None if none waits."""
        return self.waiting.latest()

    def ids_given(self) -> int:
        """Return how many names computations were given so far, to pass over when the session is set back."""
        return self.waiting.ids_given()

    def pass_over_ids(self, given: int) -> None:
        """Give none of the first so many names (again): they were given in a state that was set back since."""
        self.waiting.pass_over_ids(given)

    def stack(self, context_id: str, offset: int = 0, count: int = STACK_ROWS) -> StackPage:
        """Return lines of a computation's stack, innermost first."""
        suspension = self.waiting.found(context_id)
        self.waiting.gap_in(suspension)
        return rows_of(self._world, suspension, offset, count)

    def frame(self, context_id: str, frame: int, *, evaluation: Evaluation) -> Outcome:
        """Show a frame with its variables, which are printed; the outcome's value is a `FrameView`."""
        suspension, context = self._frame(context_id, frame)
        return self._runs.body(evaluation, lambda: self._view(suspension, frame, context))

    # Changing

    def evaluate(self, doing: Doing, evaluation: Evaluation, context_id: str | None, frame: int) -> Outcome:
        """Run a do-it to its end, in a frame or by itself; see `Image.evaluate`."""
        code, tool = doing.code, doing.tool_id
        if context_id is None:

            def by_itself(doit: Doit, arguments: list[Any]) -> Any:
                return self.waiting.begin(evaluation, doing, partial(doit.run, self._world, arguments))

            outcome = self._runs.doit(code, tool, evaluation, by_itself)
        else:
            _, context = self._frame(context_id, frame)

            def in_frame() -> Any:
                compiled = FrameCode(self._world, self._workspaces, context, code, tool)
                return self.waiting.begin(evaluation, doing, compiled.run)

            outcome = self._runs.body(evaluation, in_frame)
        return self.waiting.settled(outcome, evaluation)

    def set_variable(self, context_id: str, frame: int, name: str, code: str, *, evaluation: Evaluation) -> Outcome:
        """Give a variable of a frame the value of an expression; the outcome's value is then the `FrameView`.

        Raises:
            UnknownVariableError: the frame has no such variable.
        """
        suspension, context = self._frame(context_id, frame)
        variable = variable_named(variables_of(self._world, context), name)

        def body() -> FrameView:
            variable.assign(self._value_in(suspension, context, code))
            return self._view(suspension, frame, context)

        return self._runs.body(evaluation, body)

    # Going on

    def proceed(
        self, context_id: str, *, evaluation: Evaluation, code: str | None = None, display: bool = False
    ) -> Outcome:
        """Let a computation go on to its end; what it waits for answers the value of `code` in frame 0, or nil."""
        suspension = self.waiting.resumable(context_id)
        if code is not None:
            refuse_value(suspension)

        def prepare() -> Callable[[], Any]:
            value = self._value_in_first(suspension, code)
            start = self.waiting.start_of(suspension) if code is None else lambda: value
            return lambda: resume(suspension.top, start)

        return self.waiting.go_on(suspension, evaluation, prepare, display=display)

    def resume(
        self, context_id: str, *, evaluation: Evaluation, code: str | None = None, display: bool = False
    ) -> Outcome:
        """Send `resume:` to the exception that waits, with the value of `code` in frame 0, or nil."""
        suspension = self.waiting.resumable(context_id)
        exception = exception_of(suspension)

        def prepare() -> Callable[[], Any]:
            value = self._value_in_first(suspension, code)
            refuse_resuming(self._world, exception)
            send = partial(self._world.send, exception, "resume:", value)  # no frame of its own: nothing resumes that
            return lambda: resume(suspension.top, send)

        return self.waiting.go_on(suspension, evaluation, prepare, display=display)

    def retry(self, context_id: str, *, evaluation: Evaluation, display: bool = False) -> Outcome:
        """Evaluate the block again whose handler passed the exception on; without one, begin the frame anew."""
        suspension = self.waiting.resumable(context_id)
        record = handled_signal(suspension, exception_of(suspension))
        if record is None:
            frame = failed_frame(self._world, suspension)
            return self.restart_frame(context_id, frame, evaluation=evaluation, display=display)

        def prepare() -> Callable[[], Any]:
            return lambda: resume(suspension.top, partial(retry_using, record, None))

        return self.waiting.go_on(suspension, evaluation, prepare, display=display)

    def pass_(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Leave the exception that waits to nobody: the computation ends in that error, as without a debugger."""
        suspension = self.waiting.resumable(context_id)
        exception_of(suspension)
        report = failure_of(self._world, suspension)
        outcome = self.waiting.abandon(suspension, evaluation)
        outcome.failure = outcome.failure or report
        return outcome

    def restart_frame(self, context_id: str, frame: int, *, evaluation: Evaluation, display: bool = False) -> Outcome:
        """Leave the frames inside a frame and begin that anew: of a method, the present one."""
        suspension = self.waiting.resumable(context_id)
        context = frame_at(self._world, suspension, frame)
        again = beginning(self._world, self._workspaces, suspension, context)
        rest = leaving(suspension, context, again)
        return self.waiting.go_on(suspension, evaluation, lambda: rest, display=display)

    def return_value(
        self, context_id: str, frame: int, code: str | None, *, evaluation: Evaluation, display: bool = False
    ) -> Outcome:
        """Leave a frame and those inside it; it answers the value of `code` in that frame, or nil, to its sender."""
        suspension = self.waiting.resumable(context_id)
        context = frame_at(self._world, suspension, frame)

        def prepare() -> Callable[[], Any]:
            value = None if code is None else self._value_in(suspension, context, code)
            return leaving(suspension, context, lambda: value)

        return self.waiting.go_on(suspension, evaluation, prepare, display=display)

    def create_method(self, context_id: str, source: str, *, evaluation: Evaluation, display: bool = False) -> Outcome:
        """Compile a method into the class that lacks one for a message, and send that again.

        That is the class of the object that did not understand it; of a message to super the class above. A method for
        another message is refused: it would be there, and the computation fail again.
        """
        suspension = self.waiting.resumable(context_id)
        missed = missed_message(self._world, suspension)

        def prepare() -> Callable[[], Any]:
            refuse_other_method(source, missed)
            self._world.compile_into(missed.behavior, source)
            return leaving(suspension, missed.frame, missed.sending(self._world))

        return self.waiting.go_on(suspension, evaluation, prepare, display=display)

    def abandon(self, context_id: str, *, evaluation: Evaluation) -> Outcome:
        """Give a computation up: its unwinding blocks are evaluated, then its name means nothing any more."""
        return self.waiting.abandon(self.waiting.found(context_id), evaluation)

    def step(self, context_id: str, how: StepKind, *, evaluation: Evaluation) -> Outcome:
        """Let a computation do one step, from frame 0: see `stepping`. The outcome has a `stop`, or is its end."""
        suspension = self.waiting.resumable(context_id)
        stepped = frame_at(self._world, suspension, 0)
        return self.waiting.go_on(
            suspension,
            evaluation,
            lambda: lambda: step(suspension.top, how, stepped, self.waiting.start_of(suspension)),
        )

    # Breakpoints

    def set_breakpoint(self, method: str, line: int | None = None) -> BreakpointRow:
        """Let a method (`Class>>selector`) stop at its beginning or on a line, from its next activation on.

        Raises:
            ClassNotFoundError: there is no such class.
            MethodNotFoundError: it has no such method.
            RefusedBreakpointError: the method has no such line, it is a primitive, or there are too many.
        """
        current.world = self._world
        return set_breakpoint(self._world, method, line)

    def remove_breakpoint(self, method: str, line: int | None = None) -> bool:
        """Let a method stop no longer on that line, or nowhere if none is given; answer whether it did.

        Raises:
            ClassNotFoundError: there is no such class.
            RefusedBreakpointError: that names no method.
        """
        current.world = self._world
        return remove_breakpoint(self._world, method, line)

    def breakpoints(self) -> list[BreakpointRow]:
        """List the breakpoints of the session, those of one method together."""
        current.world = self._world
        return breakpoints(self._world)

    # Frames

    def _frame(self, context_id: str, number: int) -> tuple[Suspension, Context]:
        suspension = self.waiting.found(context_id)
        return suspension, frame_at(self._world, suspension, number)

    def _view(self, suspension: Suspension, number: int, context: Context) -> FrameView:
        """Show a frame, in an evaluation that runs."""
        return view_of(self._world, suspension, number, context, self._id_of)

    def _value_in_first(self, suspension: Suspension, code: str | None) -> Any:
        """The value of code in frame 0, in an evaluation that runs; nil without code."""
        return None if code is None else self._value_in(suspension, frame_at(self._world, suspension, 0), code)

    def _value_in(self, suspension: Suspension, context: Context, code: str) -> Any:
        """The value of code in a frame, in an evaluation that runs."""
        return FrameCode(self._world, self._workspaces, context, code, suspension.tool_id).run()
