"""Capturing: the Python frames of a running or parked computation -> contexts.

The frames are walked from the innermost outwards. Those of generated code are found by (code object, line), those of
primitives by `resumables.py`. What was captured before and has not run since is not walked again: an activation whose
call is still the same one has not moved, and neither has anything below it. So capturing a deep stack once more costs
what has changed.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from ..compiler.continuations import stand_of
from ..compiler.origins import Position, locate
from ..compiler.positions import REPLACED
from . import deopt, resumables
from .objects import Object
from .resumption import BOTTOM, UnresumableError, outwards, resume

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from types import CodeType, FrameType

    from ..compiler.continuations import Stand
    from .contexts import Context
    from .evaluation import Evaluation


#: Stacks are captured whole unless they are too deep.
NOTHING_LEFT_OUT: Final = range(0)


class CapturedStack(Object):
    """A suspended computation.

    Attributes:
        top: the innermost context, None when nothing of the computation has run yet.
        reason: why it cannot be resumed; None when it can.
    """

    __slots__ = ("reason", "top")

    def __init__(self, top: Context | None, reason: str | None) -> None:
        self.oid = 0
        self.dirty = True
        self.top = top
        self.reason = reason

    def go_on(self, start: Callable[[], Any]) -> Any:
        """Run it to its end; `start` answers for what its innermost context waits for.

        Raises:
            UnresumableError: it cannot be resumed.
        """
        if self.reason is not None:
            raise UnresumableError(self.reason)
        return resume(self.top, start)

    def __iter__(self) -> Iterator[Context]:
        """Iterate over the contexts, innermost first; UnresumableError where they wait in a circle."""
        return outwards(self.top)

    def let_go(self) -> list[Context]:
        """Let go of the frames it was captured from: from now on it is nothing but data. Return its contexts."""
        contexts = list(self)
        for context in contexts:
            context.frame = context.inner = None
        return contexts


def depth_of(frame: FrameType | None, evaluation: Evaluation, bottoms: frozenset[CodeType]) -> int:
    """How many frames of generated code a computation has; the arguments are those of `capture`."""
    depth = 0
    g, ends = evaluation.world.g, _ends(bottoms)
    while frame is not None and id(frame.f_code) not in ends:
        depth += frame.f_globals is g
        frame = frame.f_back
    return depth


def _ends(bottoms: frozenset[CodeType]) -> set[int]:
    """Ids of the code below which there is no part of a computation: hashing the code of each frame takes long."""
    return {id(BOTTOM), *map(id, bottoms)}


def capture(
    frame: FrameType | None,
    evaluation: Evaluation,
    bottoms: frozenset[CodeType],
    left_out: range = NOTHING_LEFT_OUT,
    *,
    is_last: bool = False,
) -> CapturedStack:
    """Capture a computation.

    Frames on top of the innermost one that can be resumed are left out: whatever they do, they answer for that one.

    Args:
        frame: its innermost frame: `sys._getframe()`, or the `gr_frame` of a parked greenlet.
        evaluation: whose computation it is.
        bottoms: code of the functions that begin computations: the frame that executes one of them, or that resumes a
            computation, and those below it are not part of it.
        left_out: which of its frames of generated code, counted from the innermost, are left out of one that is too
            deep to be kept; then it can only be looked at.
        is_last: the frames are given up afterwards, so that they need not be found again.
    """
    walk = _Walk(evaluation, left_out, is_last=is_last)
    walk.run(frame, bottoms)
    contexts = walk.contexts
    for context, sender in pairwise(contexts):
        context.link(sender)
    if contexts and not walk.is_known_below:
        contexts[-1].link(None)
    return CapturedStack(contexts[0] if contexts else None, walk.reason)


#: Why a stack without a known bottom cannot be resumed.
_NO_BOTTOM: Final = "it did not begin as a computation of its own"


class _Walk:
    """One walk over frames.

    Attributes:
        contexts: what it found, innermost first.
        reason: why the stack cannot be resumed, None when it can.
        is_known_below: it ended at a context below which nothing has changed.
    """

    def __init__(self, evaluation: Evaluation, left_out: range, *, is_last: bool) -> None:
        self.contexts: list[Context] = []
        self.reason = f"its stack is too deep: {len(left_out)} activations were left out" if left_out else None
        self.is_known_below = False
        self._evaluation = evaluation
        self._previous: FrameType | None = None
        self._left_out = left_out
        self._is_last = is_last
        self._seen = 0
        #: Where the frames of generated code stand that were met, by id of the code and place in it: those of a
        #: recursion stand in a few places.
        self._places: dict[tuple[int, int], tuple[Position, Stand] | None] = {}

    def run(self, frame: FrameType | None, bottoms: frozenset[CodeType]) -> None:
        """Walk from that frame to the bottom."""
        g, known_context, left_out = self._evaluation.world.g, self._evaluation.contexts.known, self._left_out
        ends = _ends(bottoms)
        while frame is not None:
            code = frame.f_code
            if id(code) in ends:
                return
            is_language = frame.f_globals is g
            self._seen += is_language
            if self._seen in left_out:  # of very many frames nothing but their number is asked
                self._previous, frame = frame, frame.f_back
                continue
            known = known_context(frame)
            if known is not None and known.inner is not None and known.inner is self._previous:
                self.contexts.append(known)
                self.is_known_below = True
                return
            if is_language:
                self._generated(frame, code)
            else:
                self._visit(frame, code)
            self._previous = frame
            frame = frame.f_back
        self._refuse(_NO_BOTTOM)

    def _refuse(self, reason: str) -> None:
        """Note why the stack cannot be resumed; the first reason counts."""
        self.reason = self.reason or reason
        for context in self.contexts:
            context.inner = None

    def _generated(self, frame: FrameType, code: CodeType) -> None:
        """A frame of generated code."""
        key = id(code), frame.f_lasti
        try:
            place = self._places[key]
        except KeyError:
            place = self._places[key] = self._place_of(frame, code)
        if place is not None:
            values = frame.f_locals
            self._stand(self._context(frame, values), *place, values)

    def _place_of(self, frame: FrameType, code: CodeType) -> tuple[Position, Stand] | None:
        """Where a frame of generated code stands; None where its activation goes on elsewhere or nothing is known."""
        position = locate(code, frame.f_lineno)
        if position is None:
            self._refuse(f"nothing is known of {code.co_name}")
        return None if position is None or position.index == REPLACED else self._standing(position)

    def _standing(self, position: Position) -> tuple[Position, Stand] | None:
        """A place with what there is to know of it; None if nothing goes on from there."""
        try:
            return position, stand_of(position)
        except KeyError as gap:
            self._refuse(str(gap.args[0]))
            return None

    def _visit(self, frame: FrameType, code: CodeType) -> None:
        """A frame of anything else."""
        if code is deopt.RECURSION:
            self._recursion(frame)
            return
        found = resumables.primitive(frame)
        if found is not None:
            context = self._context(frame, found[1], found[0].name)
            context.hold(found[1])
            self._add(context)
            return
        activation = resumables.interpreted(frame)
        if activation is not None:
            position, values = activation
            self._activation(position, frame, values)
        elif self.contexts and not resumables.passes(frame):
            self._refuse(f"{code.co_qualname} is no part of the language")

    def _activation(self, position: Position, frame: FrameType, values: Mapping[str, Any]) -> None:
        """An activation that stands there; the frame is that of its context."""
        place = self._standing(position)
        if place is not None:
            self._stand(self._context(frame, values), *place, values)

    def _context(self, frame: FrameType, values: Mapping[str, Any], primitive: str | None = None) -> Context:
        return self._evaluation.contexts.of(frame, values, primitive, is_last=self._is_last)

    def _recursion(self, frame: FrameType) -> None:
        """An activation that signals that it has no room for a call; its own frame does nothing any more."""
        values = frame.f_locals
        if "answer" in values:
            return
        position = values.get("position")
        if position is None or position.index < 0:
            self._refuse("a recursion ended between two operations")
            return
        self._activation(position, values["frame"], values["frame"].f_locals)

    def _stand(self, context: Context, position: Position, stand: Stand, values: Mapping[str, Any]) -> None:
        """Let a context stand where its activation stands."""
        if stand.is_begun_again:
            if any(above.primitive for above in self.contexts):
                self._refuse("a literal is being made")
            self.contexts.clear()
        context.stand_at(position, stand, values)
        self._add(context)

    def _add(self, context: Context) -> None:
        context.inner = None if self.reason else self._previous
        self.contexts.append(context)
