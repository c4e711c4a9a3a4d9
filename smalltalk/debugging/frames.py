"""The frames of a waiting computation: its activations as a stack shows them, without running any code.

Frame 0 is the innermost one that has something to do with what went wrong: what signals an exception and says that
nobody handles it is left out, and so are primitives. Numbers and lines agree with the stack of the failure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..runtime.classes import ClassObject
from ..runtime.limits import STACK_LINES_BOTTOM, STACK_LINES_TOP
from ..runtime.suggestions import NIL_RECEIVER
from ..tools.printing import described
from .errors import UnknownFrameError
from .makers import surroundings_of
from .sources import is_own_doit, source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..compiler.origins import Origin
    from ..runtime.contexts import Context
    from ..runtime.outcome import FailureReport
    from ..runtime.stack import StackLine
    from ..runtime.suspension import Suspension
    from ..runtime.world import World
    from .sources import FrameSource

#: The receiver of a block that does not know it, in a stack.
UNKNOWN_RECEIVER: Final = "unknown"


class FrameRow(NamedTuple):
    """One line of a stack.

    Attributes:
        frame: its number, 0 for the innermost.
        method: `Class>>selector`, `[ ] in Class>>selector`, `doIt`.
        class_name: of the class whose method it is; that of nil for a do-it.
        selector: of the method; `doIt` for a do-it.
        receiver: the receiver, described without running its methods; of a block that does not know it `unknown`.
        line: 1-based, in the source of the method or do-it.
        column: 1-based.
        is_block: it runs a block of that method.
        is_resumable_here: it can be begun anew.
    """

    frame: int
    method: str
    class_name: str
    selector: str
    receiver: str
    line: int
    column: int
    is_block: bool
    is_resumable_here: bool


class StackPage(NamedTuple):
    """Part of a stack.

    Attributes:
        total: frames there are.
        rows: those asked for, innermost first.
    """

    total: int
    rows: list[FrameRow]


def rows_of(world: World, suspension: Suspension, offset: int, count: int) -> StackPage:
    """Return lines of the stack of a computation that waits.

    Args:
        world: where it runs.
        suspension: the computation.
        offset: number of the first frame.
        count: frames at most.
    """
    shown = frames_of(world, suspension)
    numbers = range(*slice(max(offset, 0), max(offset + count, 0)).indices(len(shown)))
    return StackPage(len(shown), [row_of(world, suspension, number, shown[number]) for number in numbers])


def locate_failure(world: World, suspension: Suspension, failure: FailureReport) -> None:
    """Let a failure name the frames of the computation that it stopped, and the place in the do-it."""
    shown = frames_of(world, suspension)
    left_out = len(shown) - STACK_LINES_TOP - STACK_LINES_BOTTOM
    failure.stack = lines_of(suspension, shown[:STACK_LINES_TOP])
    if left_out > 0:
        failure.stack.append((f"... {left_out} more ...", 0))
    failure.stack += lines_of(suspension, shown[max(STACK_LINES_TOP, STACK_LINES_TOP + left_out) :])
    own = next((each for each in shown if _is_own(suspension, each)), None)
    if own is not None:
        source = source_of(suspension, own)
        failure.line, failure.column = source.place_of(own.index)
        # The innermost frame is that of doesNotUnderstand: itself.
        if failure.error_class == "MessageNotUnderstood" and own in shown[1:2]:
            _advise(failure, source, own.index)


def _advise(failure: FailureReport, source: FrameSource, index: int) -> None:
    """Say more of a message of a do-it that was not understood: the text may tell what was meant."""
    if failure.suggestion == NIL_RECEIVER:
        failure.suggestion = source.advice_on_receiver(index) or failure.suggestion
    if source.begins_line(index):
        advice = f"put a '.' before it if line {failure.line} is a statement of its own"
        failure.suggestion = f"{failure.suggestion} Or {advice}" if failure.suggestion else advice


def _is_own(suspension: Suspension, context: Context) -> bool:
    """Whether a frame runs the do-it that was asked for, or a block of it: no other text that this evaluates."""
    origin = context.origin
    return origin is not None and origin.resolutions.is_doit and is_own_doit(suspension.code, origin)


def lines_of(suspension: Suspension, shown: Sequence[Context]) -> list[StackLine]:
    """The lines of frames in the stack of a failure."""
    lines: list[StackLine] = []
    known: dict[tuple[Origin, int, int], StackLine] = {}
    for context in shown:
        origin = context.origin
        assert origin is not None
        place = origin, context.function, context.index
        line = known.get(place)
        if line is None:
            line = _line_of(suspension, context)
            # Who evaluates a do-it may hold another text of it in each frame.
            if not origin.resolutions.is_doit or is_own_doit(suspension.code, origin):
                known[place] = line
        lines.append(line)
    return lines


def _line_of(suspension: Suspension, context: Context) -> StackLine:
    source = source_of(suspension, context)
    title = f"[ ] in {source.title}" if context.function else source.title
    return title, source.place_of(context.index)[0]


def frame_at(world: World, suspension: Suspension, number: int) -> Context:
    """Return the context of a frame.

    Raises:
        UnknownFrameError: the stack has no frame of that number.
    """
    shown = frames_of(world, suspension)
    if not 0 <= number < len(shown):
        raise UnknownFrameError(f"computation '{suspension.context_id}' has no frame {number}")
    return shown[number]


def frames_of(world: World, suspension: Suspension) -> list[Context]:
    """Return the contexts that a stack shows, innermost first."""
    stack = suspension.stack
    activations = [context for context in stack or () if context.origin is not None]
    first = 0
    if suspension.exception is not None:
        first = next((at for at, each in enumerate(activations) if not _is_signalling(world, each)), 0)
    return activations[first:]


def _is_signalling(world: World, context: Context) -> bool:
    """Whether an activation's receiver is an exception or a class of such."""
    receiver = context.values.get("self")
    behavior = receiver if isinstance(receiver, ClassObject) else getattr(type(receiver), "behavior", None)
    return behavior is not None and bool(behavior.inherits_from(world.kernel.classes["Exception"]))


def receiver_of(context: Context) -> Any:
    """The receiver of a frame; of a block that does not know it, that of who made the block; nil if unknown."""
    holder = _receiver_holder(context)
    return None if holder is None else holder.values.get("self")


def has_known_receiver(context: Context) -> bool:
    """Whether the receiver of a frame is known: a block need not know it."""
    return _receiver_holder(context) is not None


def _receiver_holder(context: Context) -> Context | None:
    """The context that tells the receiver of a frame: what has no `self` there has nil; None if none does."""
    assert context.origin is not None
    if not context.function or context.origin.resolutions.is_doit:
        return context
    functions = context.origin.lowered().functions
    around = (context, *surroundings_of(context))
    return next((each for each in around if not each.function or "self" in functions[each.function].captured), None)


def row_of(world: World, suspension: Suspension, number: int, context: Context) -> FrameRow:
    """Describe a frame."""
    source = source_of(suspension, context)
    line, column = source.place_of(context.index)
    holder = _receiver_holder(context)
    return FrameRow(
        frame=number,
        method=f"[ ] in {source.title}" if context.function else source.title,
        class_name=source.class_name,
        selector=source.selector,
        receiver=UNKNOWN_RECEIVER if holder is None else described(world, holder.values.get("self")),
        line=line,
        column=column,
        is_block=context.function > 0,
        is_resumable_here=suspension.can_go_on,
    )
