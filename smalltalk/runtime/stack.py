"""The Smalltalk stack of running code, read off the Python frames.

A frame belongs to the language when its globals are those of the world; all other frames are primitives and machinery.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ..compiler.origins import locate
from ..compiler.positions import REPLACED
from .classes import ClassObject
from .limits import STACK_LINES_BOTTOM, STACK_LINES_TOP

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from .world import World

#: "Class>>selector" and 1-based source line.
StackLine: TypeAlias = tuple[str, int]
#: What the name of a block's activation begins with.
_IN_BLOCK: Final = "[ ] in "
#: Name of a do-it's activation, see `Unit.selector`.
_DOIT: Final = "doIt"


def stack_lines(world: World, traceback: TracebackType | None = None, hidden: object = None) -> list[StackLine]:
    """The stack, innermost first, bounded: of a recursion the top and the bottom tell enough.

    Args:
        world: Whose code runs.
        traceback: Where a Python exception came from; None reads the stack that runs now.
        hidden: The exception that is reported. Innermost activations of exceptions and their classes are left out: they
            signal it and say that nobody handles it.
    """
    places = _running(world) if traceback is None else _passed(world, traceback)
    while hidden is not None and places and _is_signalling(world, _frame_of(places[0]).f_locals.get("self")):
        del places[0]
    left_out = len(places) - STACK_LINES_TOP - STACK_LINES_BOTTOM
    if left_out > 0:
        top, bottom = places[:STACK_LINES_TOP], places[-STACK_LINES_BOTTOM:]
        return [*_describe(top), (f"... {left_out} more ...", 0), *_describe(bottom)]
    return _describe(places)


def line_in_doit(stack: Sequence[StackLine]) -> int | None:
    """The line at which a stack stands in its do-it; None if that is not its outermost activation."""
    name, line = stack[-1] if stack else ("", 0)
    return line if name.removeprefix(_IN_BLOCK) == _DOIT else None


def _is_signalling(world: World, receiver: Any) -> bool:
    """Whether an activation's receiver is an exception or a class of such."""
    behavior = receiver if isinstance(receiver, ClassObject) else getattr(type(receiver), "behavior", None)
    return behavior is not None and behavior.inherits_from(world.kernel.classes["Exception"])


def _frame_of(place: FrameType | TracebackType) -> FrameType:
    """The frame of a place."""
    return place if isinstance(place, FrameType) else place.tb_frame


def _running(world: World) -> list[FrameType]:
    """The language's frames of the present stack, innermost first; asking each for its line would take long."""
    places = []
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the stack is what this module is about
    g = world.g
    while frame is not None:
        if frame.f_globals is g:
            places.append(frame)
        frame = frame.f_back
    return places


def _passed(world: World, traceback: TracebackType | None) -> list[TracebackType]:
    """Where an exception passed the language's frames, innermost first."""
    places = []
    while traceback is not None:
        if traceback.tb_frame.f_globals is world.g:
            places.append(traceback)
        traceback = traceback.tb_next
    places.reverse()
    return places


def _describe(places: Sequence[FrameType | TracebackType]) -> list[StackLine]:
    """Name methods and source lines. A frame whose activation goes on in a continuation above it is not shown."""
    lines = (
        _line(place, place.f_lineno) if isinstance(place, FrameType) else _line(place.tb_frame, place.tb_lineno)
        for place in places
    )
    return [line for line in lines if line is not None]


def _line(frame: FrameType, python_line: int) -> StackLine | None:
    """One stack line, None for a replaced frame; code that nothing is known of any more shows its Python name."""
    position = locate(frame.f_code, python_line)
    if position is None:
        return (frame.f_code.co_name, 0)
    if position.index == REPLACED:
        return None
    origin = position.origin
    unit = origin.unit
    name = unit.title if unit is not None else origin.resolutions.class_key
    return (f"{_IN_BLOCK}{name}" if position.function else name, position.line)
