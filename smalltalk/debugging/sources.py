"""Sources of frames, with the places of their operations.

Do-its that differ only in literals share one compiled form, whose text is that of whoever ran it first: perhaps of
another session. A frame of the computation's own do-it is shown in its own text, one of a text that the computation
evaluates in that; of any other shared do-it the literals and comments are masked.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from ..compiler.lower import lower
from ..compiler.ranges import range_at
from ..runtime.resumption import outwards
from ..syntax.advice import advice_on_receiver
from ..syntax.errors import SyntaxFailure, line_and_column
from ..syntax.parser import parse_doit, parse_method
from ..syntax.shape import masked, shape
from .makers import sent_by

if TYPE_CHECKING:
    from ..compiler.origins import Origin
    from ..runtime.contexts import Context
    from ..runtime.suspension import Suspension

#: Behind the name of a class that has none of its own any more, see `runtime.definitions`.
_HIDDEN_KEY: Final = re.compile(r"~[0-9]+")

#: Sources that stay read: those of a stack or two; most frames of a deep one run the same few methods.
SOURCES_MAX: Final = 256

#: What a do-it is called in a stack.
DOIT: Final = "doIt"


class Range(NamedTuple):
    """A piece of a source.

    Attributes:
        start: 0-based offset of its first character.
        stop: of the one behind its last.
        line: 1-based line of the place that executes.
        column: 1-based.
    """

    start: int
    stop: int
    line: int
    column: int


class FrameSource(NamedTuple):
    """The source of a frame.

    Attributes:
        text: as it is shown.
        class_name: of the class whose method it is.
        selector: of the method.
        is_doit: it is a do-it.
        offsets: place of each operation, by index.
    """

    text: str
    class_name: str
    selector: str
    is_doit: bool
    offsets: list[int]

    @property
    def title(self) -> str:
        """What a stack calls it."""
        return self.selector if self.is_doit else f"{self.class_name}>>{self.selector}"

    def range_of(self, index: int) -> Range:
        """Return the place of an operation; of none, the beginning."""
        place = self._offset_of(index)
        try:
            tree = (parse_doit if self.is_doit else parse_method)(self.text)
        except SyntaxFailure:  # a shared do-it whose literals are blanked out need not be one any more
            return Range(place, place, *self.place_of(index))
        return Range(*range_at(tree, place), *self.place_of(index))

    def place_of(self, index: int) -> tuple[int, int]:
        """Return line and column of an operation, both 1-based; of none and of unknown ones of the beginning."""
        return line_and_column(self.text, self._offset_of(index))

    def begins_line(self, index: int) -> bool:
        """Whether the message of an operation is the first of a line that goes on from the one before.

        It may be meant as a statement of its own: then the line before lacks its full stop.
        """
        offset = self._offset_of(index)
        before, _, indent = self.text[:offset].rpartition("\n")
        return before.strip() != "" and not indent.strip() and self.text[offset : offset + 1].isalpha()

    def advice_on_receiver(self, index: int) -> str | None:
        """What to do about the message of an operation that was sent to a word of another language, if it was."""
        return advice_on_receiver(self.text, self._offset_of(index))

    def _offset_of(self, index: int) -> int:
        known = index if 0 <= index < len(self.offsets) else 0
        return self.offsets[known] if self.offsets else 0


def source_of(suspension: Suspension, context: Context) -> FrameSource:
    """Return the source of a frame of a computation."""
    origin = context.origin
    assert origin is not None
    if not origin.resolutions.is_doit:
        return _source("", origin)
    own = suspension.code
    return _source(own if is_own_doit(own, origin) else _evaluated_text(context, origin), origin)


def _evaluated_text(context: Context, origin: Origin) -> str:
    """The text of a do-it that something in the stack evaluates, as who does so holds it; empty if nobody does."""
    for each in outwards(context):
        if each.origin is origin and not each.function and each.sender is not None:
            held = (getattr(value, "text", None) for value in sent_by(each.sender))
            return next((text for text in held if type(text) is str and is_own_doit(text, origin)), "")
    return ""


@lru_cache(maxsize=SOURCES_MAX)
def _source(doit: str, origin: Origin) -> FrameSource:
    """The source of a frame of the run of that do-it."""
    class_name = _HIDDEN_KEY.sub("", origin.resolutions.class_key)
    if not origin.resolutions.is_doit:
        selector = parse_method(origin.source).selector
        return FrameSource(origin.source, class_name, selector, is_doit=False, offsets=origin.lowered().offsets)
    if is_own_doit(doit, origin):
        offsets = lower(parse_doit(doit, parametrise=origin.is_parametrised), origin.resolutions).offsets
        return FrameSource(doit, class_name, DOIT, is_doit=True, offsets=offsets)
    return FrameSource(masked(origin.source), class_name, DOIT, is_doit=True, offsets=origin.lowered().offsets)


def is_own_doit(code: str, origin: Origin) -> bool:
    """Whether the compiled form of a do-it is that of this code: it differs in literals only."""
    own, other = shape(code), shape(origin.source)
    return code == origin.source if own is None or other is None else own[0] == other[0]
