"""Contexts: activations as plain data.

A context says where an activation stands and what its named values are:

| kind      | where it stands                                      | values                                           |
|-----------|------------------------------------------------------|--------------------------------------------------|
| language  | source, function in it, index of the operation in IR | `self`, arguments, temporaries, what it computed |
| primitive | name of the primitive (`resumables.py`)              | the primitive's own state                        |

While the activation runs its context is a window on the Python frame; `running.refresh` reads the present state. Once
it has ended, the last state stays readable. Contexts that were captured (`capture.py`) are linked by `sender`, are heap
objects like any other and can be resumed (`resumption.py`), in another process as well.

One activation has one context at a time: it is found by its frame, and a resumed activation carries the one it was
resumed from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from ..compiler.continuations import CONTEXT
from . import current
from .objects import Object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from ..compiler.continuations import Stand
    from ..compiler.origins import Origin, Position

#: Contexts of one evaluation beyond which those that have ended let go of their frames: a frame takes 0.5 KB or more.
CONTEXTS_TIDY_MIN: Final = 1_024

#: Index of no operation: where the activation stood is not known any more.
NOWHERE: Final = -1


class Context(Object):
    """One activation.

    Attributes:
        primitive: name of the primitive, None for an activation of the language.
        origin: its source.
        function: number of the function in it; 0 for the method or do-it itself, else the block's.
        index: of the operation it stands in, or NOWHERE.
        is_before: it stands before that operation, which is done when it goes on.
        values: its named values, by Python name.
        sender: the context that waits for its answer, once it was captured; None for the outermost.
        is_over: it has ended and cannot be resumed.
        frame: the Python frame while it runs, or the last one.
        inner: the frame that it called when it was captured last.
    """

    __slots__ = (
        "__weakref__",
        "frame",
        "function",
        "index",
        "inner",
        "is_before",
        "is_over",
        "origin",
        "primitive",
        "sender",
        "values",
    )

    frame: FrameType | None
    inner: FrameType | None

    def __init__(self, primitive: str | None = None, frame: FrameType | None = None) -> None:
        self.oid = 0
        self.dirty = True
        self.primitive = primitive
        self.origin: Origin | None = None
        self.function = 0
        self.index = 0
        self.is_before = False
        self.values: dict[str, Any] = {}
        self.sender: Context | None = None
        self.is_over = False
        self.frame = frame
        self.inner = None

    def stand_at(self, position: Position, stand: Stand, values: Mapping[str, Any]) -> None:
        """Take over a place and, of the frame's values, those that mean something.

        Args:
            position: the place.
            stand: what there is to know of it.
            values: by Python name.
        """
        origin, number, index = position.origin, position.function, position.index
        names = stand.names
        kept = {name: value for name, value in values.items() if value is not None and name in names}
        if self.origin is origin and self.function == number:
            # A resumed activation was given what it needs; the variables that it does not touch any more stand here
            # only. A name without a value reads as nil.
            shown, former = stand.shown, self.values.items()
            kept.update([(name, value) for name, value in former if name in shown and name not in values])
            is_same_place = self.index == index and self.is_before is position.is_before
            if is_same_place and _are_same(self.values, kept):
                return
        self.origin, self.function, self.index, self.values = origin, number, index, kept
        self.is_before = position.is_before
        self._mark()

    def hold(self, values: dict[str, Any]) -> None:
        """Take over the state of a primitive."""
        if not _are_same(self.values, values):
            self.values = values
            self._mark()

    def link(self, sender: Context | None) -> None:
        """Let that context wait for its answer."""
        if self.sender is not sender:
            self.sender = sender
            self._mark()

    def assign(self, name: str, value: Any) -> None:
        """Give one of its named values another value."""
        self.values[name] = value
        self._mark()

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows any more where the activation stood."""
        return self.primitive is None and self.index == NOWHERE

    def end(self) -> None:
        """Its activation has ended: what it was last stays readable."""
        self.is_over = True
        self._mark()

    def _mark(self) -> None:
        if not self.dirty:
            current.world.mark(self)


def _are_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two states are the same objects under the same names."""
    return len(one) == len(other) and all(name in one and one[name] is value for name, value in other.items())


class Contexts:
    """The contexts of the frames of one evaluation."""

    __slots__ = ("_by_frame", "_tidy_at")

    def __init__(self) -> None:
        #: id of a frame -> its context. Made at the first use: few evaluations need it.
        self._by_frame: WeakValueDictionary[int, Context] | None = None
        self._tidy_at = CONTEXTS_TIDY_MIN

    def known(self, frame: FrameType) -> Context | None:
        """The context of a frame if it has one already."""
        context = None if self._by_frame is None else self._by_frame.get(id(frame))
        # One that let go of its frame may still stand under an id that another frame has now.
        return context if context is not None and context.frame is frame else None

    def of(
        self, frame: FrameType, values: Mapping[str, Any], primitive: str | None = None, *, is_last: bool = False
    ) -> Context:
        """The context of a frame.

        Args:
            frame: an activation's frame.
            values: its local variables.
            primitive: name of the primitive whose frame it is.
            is_last: nobody will ask for it again by this frame, which is given up.
        """
        context = None if self._by_frame is None else self.known(frame)
        if context is None:
            carried = values.get(CONTEXT) if primitive is None else None
            if isinstance(carried, Context):
                context = carried
                context.frame = frame
                context.is_over = False
            else:
                context = Context(primitive, frame)
            if not is_last:
                self._by_frame = WeakValueDictionary() if self._by_frame is None else self._by_frame
                self._by_frame[id(frame)] = context
        return context

    def tidy(self, settle: Callable[[Context], None]) -> None:
        """Let contexts that are kept let go of frames that have ended, once there are twice as many as at last."""
        if self._by_frame is not None and len(self._by_frame) >= self._tidy_at:
            for context in list(self._by_frame.values()):
                settle(context)
            kept = {key: each for key, each in self._by_frame.items() if each.frame is not None}
            self._by_frame = WeakValueDictionary(kept)
            self._tidy_at = max(CONTEXTS_TIDY_MIN, 2 * len(kept))
