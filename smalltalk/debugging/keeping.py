"""Keeping: what becomes of a computation the moment it stops.

Its stack is captured and let go of the Python frames, so that it is nothing but data; then it is entered among those
that wait. The session keeps so many of them: the one that waits longest is given up for a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn

from ..memory.errors import UnstorableValueError
from ..memory.suspensions import is_readable, name_of
from ..memory.workspaces import SESSION_TOOL
from ..runtime import current
from ..runtime.capture import NOTHING_LEFT_OUT, CapturedStack, capture, depth_of
from ..runtime.lives import PROCESS_BOTTOMS, title_of
from ..runtime.objects import TRUE
from ..runtime.outcome import StopReport, error_title
from ..runtime.processes import USER_PRIORITY
from ..runtime.resumption import UnresumableError
from ..runtime.running import refresh
from ..runtime.stack import line_in_doit, stack_lines
from ..runtime.suspension import PLAIN_STOPS, Suspension
from ..tools.doits import DOIT_BOTTOM
from .frames import frames_of, locate_failure, rows_of
from .gaps import gap_in
from .moving import moved
from .summaries import DAMAGED, reason_of, summary_of
from .unwinding import beginning

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from ..memory.heap import Heap
    from ..memory.suspensions import Suspensions
    from ..memory.workspaces import Workspaces
    from ..runtime.contexts import Context
    from ..runtime.evaluation import Evaluation
    from ..runtime.suspension import Moved, SuspensionKind
    from ..runtime.world import World

#: Computations of one session that wait: more than anybody debugs at a time; each is some 3 KB of records, a deep
#: recursion up to a megabyte.
SUSPENSIONS_MAX: Final = 16

#: Activations of a stack that is kept whole; capturing so many takes half a second and a megabyte.
SUSPENDED_FRAMES_MAX: Final = 10_000

#: Activations that are kept of a deeper one, from the top and from the bottom.
_ENDS: Final = 50

#: Characters of a message and of a do-it in notices.
NOTICE_CHARACTERS_MAX: Final = 200

_NS_PER_MS: Final = 1_000_000

#: Lines of the stack that a computation which stopped again shows with its place: a client's first look.
STOP_ROWS: Final = 10

#: Primitives that have something to evaluate when they are left.
_UNWINDING: Final = frozenset({"ensure:", "ifCurtailed:"})

_BOTTOMS: Final = PROCESS_BOTTOMS | {DOIT_BOTTOM}


class Doing(NamedTuple):
    """What an evaluation is the run of.

    Attributes:
        code: the do-it.
        tool_id: its workspace.
        has_display: its value's displayString is asked for as well.
    """

    code: str
    tool_id: str
    has_display: bool


class Keeping:
    """Keeps what stops in the evaluations of one image.

    Attributes:
        ids_passed_over: how many ids were given in states of the session that were set back since.
    """

    def __init__(self, world: World, heap: Heap, waiting: Suspensions, workspaces: Workspaces) -> None:
        self._world = world
        self._workspaces = workspaces
        self._heap = heap
        self._waiting = waiting
        self.ids_passed_over = 0

    def of_suspension(self, suspension: Suspension) -> Keeper:
        """Make the keeper of a computation that goes on: stopping again it is the same one."""
        doing = Doing(suspension.code, suspension.tool_id, suspension.has_display)
        return Keeper(self, doing, suspension)

    def of_process(self) -> Keeper:
        """Make the keeper of forked processes."""
        return Keeper(self, Doing("", SESSION_TOOL, has_display=False), None)

    def captured(self, frame: FrameType | None, evaluation: Evaluation) -> CapturedStack:
        """Capture a stack and let go of its frames."""
        depth = depth_of(frame, evaluation, _BOTTOMS)
        left_out = range(_ENDS, depth - _ENDS) if depth > SUSPENDED_FRAMES_MAX else NOTHING_LEFT_OUT
        stack = capture(frame, evaluation, _BOTTOMS, left_out, is_last=True)
        self._leave_out_unstorable(stack, stack.let_go())
        return stack

    def _leave_out_unstorable(self, stack: CapturedStack, contexts: list[Context]) -> None:
        """Let a stack be one to look at when it holds something that has no record: without it."""
        for kind in {type(value) for context in contexts for value in context.values.values()}:
            try:
                self._heap.forms.values[kind]
            except UnstorableValueError as gap:
                stack.reason = stack.reason or str(gap)
                for context in contexts:
                    context.values = {name: value for name, value in context.values.items() if type(value) is not kind}

    def beginning(self, doing: Doing, context: Context) -> Callable[[], Any]:
        """Return what runs an activation of what an evaluation does from its beginning.

        Raises:
            UnresumableError: something that it began with is not known any more.
        """
        return beginning(self._world, self._workspaces, doing, context)

    def enter(self, suspension: Suspension, stack: CapturedStack, evaluation: Evaluation) -> None:
        """Let a computation wait with that stack; it is the one that stopped last."""
        suspension.stack = stack
        suspension.frames = len(frames_of(self._world, suspension))
        suspension.stopped_at_ms = self._world.host.now_ns() // _NS_PER_MS
        suspension.process = evaluation.process
        if not suspension.dirty:
            self._heap.mark(suspension)
        self._waiting.put_last(suspension, self._mark)
        while len(self._waiting) > SUSPENSIONS_MAX:
            self.give_up(next(iter(self._waiting)))

    def new(self, doing: Doing) -> Suspension:
        """Make the suspension of a do-it."""
        context_id = self._waiting.new_id(self._mark, self.ids_passed_over)
        return Suspension(context_id, doing.code, doing.tool_id, has_display=doing.has_display)

    def leave(self, suspension: Suspension) -> None:
        """Let a computation wait no longer: it went on to its end."""
        self._waiting.remove(suspension, self._mark)

    def _mark(self, obj: Any) -> None:
        """The write barrier; what an older server stored does not refer to the list yet."""
        if not self._waiting.oid:
            self._heap.mark(self._heap.root())
        self._heap.mark(obj)

    def give_up(self, suspension: Suspension) -> None:
        """Let a computation end for lack of room, with notice; its unwinding blocks run in the background."""
        self.leave(suspension)
        what = error_title(suspension.class_name, suspension.message) if is_readable(suspension) else DAMAGED
        self._world.transcript.append(
            f"{name_of(suspension)} ({what[:NOTICE_CHARACTERS_MAX]}) was given up:"
            f" at most {SUSPENSIONS_MAX} computations wait\n"
        )
        stack = None if gap_in(self._world, suspension) else suspension.stack
        if stack is not None and _has_unwinding_blocks(stack):
            self._unwind_in_background(suspension, stack)

    def release(self, process: Any) -> CapturedStack | None:
        """Let a process wait no longer because somebody ends it; answer what of it can unwind."""
        suspension = self._waiting.of_process(process)
        if suspension is None:
            return None
        self.leave(suspension)
        return None if gap_in(self._world, suspension) else suspension.stack

    def _unwind_in_background(self, suspension: Suspension, stack: CapturedStack) -> None:
        """Let a process end a computation."""
        processes = self._world.processes()
        process = suspension.process or self._world.kernel.classes["Process"].instance_type().make()
        if processes.lives.has_room(process):
            process.i1 = process.i1 or USER_PRIORITY
            process.i4 = process.i5 = process.i8 = None
            process.i9, process.i7 = stack, TRUE
            processes.make_ready(process)


def _has_unwinding_blocks(stack: CapturedStack) -> bool:
    """Whether something has to be evaluated when a stack is left."""
    return any(context.primitive in _UNWINDING for context in stack)


class Keeper:
    """Keeps the computation of one evaluation.

    Attributes:
        doing: what that is.
    """

    def __init__(self, keeping: Keeping, doing: Doing, suspension: Suspension | None) -> None:
        self.doing = doing
        self._keeping = keeping
        self._suspension = suspension

    def can_keep(self, evaluation: Evaluation, frame: FrameType | None) -> bool:
        """Whether it could be kept and go on, see `Keeper`."""
        return self._keeping.captured(frame, evaluation).reason is None

    def keep(
        self, evaluation: Evaluation, frame: FrameType | None, kind: SuspensionKind, exception: Any
    ) -> Suspension | None:
        """Keep it, see `runtime.suspension.Keeper`."""
        stack = self._keeping.captured(frame, evaluation)
        if stack.top is None:
            return None
        suspension = self._entered(evaluation, stack, kind, exception)
        failure = evaluation.failure
        if failure is not None and suspension.can_go_on:
            locate_failure(evaluation.world, suspension, failure)
        elif failure is not None:
            failure.stack = stack_lines(evaluation.world, hidden=exception)
            failure.line = line_in_doit(failure.stack)
        return suspension

    def stopped(
        self, evaluation: Evaluation, frame: FrameType | None, value: tuple[Any, ...] | None
    ) -> Suspension | None:
        """Keep what is parked there.

        Args:
            evaluation: whose computation it is.
            frame: its innermost frame.
            value: what it answered already, if it did: that is being printed.

        Returns:
            What was kept, None if it could not go on.
        """
        if value is not None:
            suspension = self._entered(evaluation, CapturedStack(None, None), "stopped", None)
            suspension.value = value[0]
            return suspension
        stack = self._keeping.captured(frame, evaluation)
        if stack.reason is not None or stack.top is None:
            return None
        suspension = self._entered(evaluation, stack, "stopped", None)
        if suspension.process is not None:
            evaluation.world.processes().aside.put_main(suspension.process)
        return suspension

    def return_from(self, evaluation: Evaluation, frame: FrameType | None, context: Context, value: Any) -> NoReturn:
        """Let a context's activation answer a value, see `runtime.suspension.Keeper`."""
        raise self._moved(evaluation, frame, context, lambda: value)

    def begin_anew(self, evaluation: Evaluation, frame: FrameType | None, context: Context) -> NoReturn:
        """Begin a context's activation anew, see `runtime.suspension.Keeper`."""
        refresh(context)
        again = self._keeping.beginning(self.doing, context)
        raise self._moved(evaluation, frame, context, again)

    def _moved(
        self, evaluation: Evaluation, frame: FrameType | None, context: Context, start: Callable[[], Any]
    ) -> Moved:
        """Return what leaves the frames up to a context's, see `moved`; nobody else runs while that is made."""
        if depth_of(frame, evaluation, _BOTTOMS) > SUSPENDED_FRAMES_MAX:
            raise UnresumableError(f"the stack is deeper than {SUSPENDED_FRAMES_MAX} activations")
        return moved(frame, evaluation, _BOTTOMS, context, start)

    def release(self, process: Any) -> CapturedStack | None:
        """Let a process wait no longer, see `runtime.suspension.Keeper`."""
        return self._keeping.release(process)

    def _entered(
        self, evaluation: Evaluation, stack: CapturedStack, kind: SuspensionKind, exception: Any
    ) -> Suspension:
        """Let it wait with that stack."""
        suspension = self._suspension or self._keeping.new(self._doing_of(evaluation))
        suspension.kind, suspension.exception = kind, exception
        failure = evaluation.failure
        suspension.class_name = kind if failure is None else failure.error_class
        suspension.message = "" if failure is None else failure.message
        self._keeping.enter(suspension, stack, evaluation)
        return suspension

    def _doing_of(self, evaluation: Evaluation) -> Doing:
        """What the evaluation is the run of; that of a process has no code but its block's."""
        if evaluation.fiber is None:
            return self.doing
        return self.doing._replace(code=title_of(evaluation.process))


def stop_report(suspension: Suspension) -> StopReport | None:
    """Where a computation stopped, if nothing went wrong."""
    if suspension.kind not in PLAIN_STOPS:
        return None
    rows = rows_of(current.world, suspension, 0, STOP_ROWS).rows
    return StopReport(suspension.kind, rows, summary_of(suspension, reason_of(suspension)))
