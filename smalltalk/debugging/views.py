"""A frame as the debugger shows it: its source with the place where it stands, and its variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..tools.printing import CHILD_CHARACTERS_MAX
from ..tools.texts import Texts
from .frames import FrameRow, has_known_receiver, receiver_of, row_of
from .sources import source_of
from .variables import variables_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..runtime.contexts import Context
    from ..runtime.suspension import Suspension
    from ..runtime.world import World


class VariableRow(NamedTuple):
    """A variable of a frame.

    Attributes:
        name: in the source.
        kind: `self`, `argument`, `temporary` or `instance`.
        class_name: of its value.
        text: its value's printString, cut to one line.
        object_id: its value's id.
    """

    name: str
    kind: str
    class_name: str
    text: str
    object_id: str


class FrameView(NamedTuple):
    """A frame.

    Attributes:
        row: its line in the stack.
        source: of its method or do-it.
        start: 0-based offset of the expression that it stands in.
        stop: of the first character behind that.
        line: 1-based line of the place where it stands.
        column: 1-based.
        variables: the receiver if it is known, arguments, temporaries, instance variables.
    """

    row: FrameRow
    source: str
    start: int
    stop: int
    line: int
    column: int
    variables: list[VariableRow]


def view_of(
    world: World, suspension: Suspension, number: int, context: Context, id_of: Callable[[Any], str]
) -> FrameView:
    """Show a frame, in an evaluation that runs: its values are printed."""
    source = source_of(suspension, context)
    place = source.range_of(context.index)
    shown = [("self", "self", receiver_of(context))] if has_known_receiver(context) else []
    shown += [(each.name, each.kind, each.place.v) for each in variables_of(world, context).values()]
    texts = Texts(world)
    rows = [
        VariableRow(name, kind, world.class_of(value).name, texts.of(value, CHILD_CHARACTERS_MAX), id_of(value))
        for name, kind, value in shown
    ]
    row = row_of(world, suspension, number, context)
    return FrameView(row, source.text, place.start, place.stop, place.line, place.column, rows)
