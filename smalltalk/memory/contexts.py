"""Records of suspended computations.

| record     | slots                                                                 | payload          |
|------------|-----------------------------------------------------------------------|------------------|
| `%Context` | primitive or nil, function, operation, outline, state, %Unit or nil,  | name, value, ... |
|            | sender                                                                |                  |
| `%Handler` | is leaving, protected block, selector, action, next %Handler          |                  |
| `%Signal`  | exception, handler, handlers where it was signalled, next %Signal     |                  |
| `%Pending` | kind, text, failure, error class, target, value, other (`pending.py`) |                  |
| `%Stack`   | why it cannot be resumed or nil, innermost %Context                   |                  |

The state of a context is true when it is over, false when it waits in the operation, 2 when it stands before that.
The source of an activation is stored as that of its blocks is (`blocks.py`): it goes on as it was when its method is
changed or removed. The operations are numbered by lowering that source, which is deterministic; a later compiler may
number them otherwise, which the outline tells (`compiler/outline.py`): then the context can be read, but not resumed.
So it is when the source uses a variable that its class does not have any more (`runtime/formersources.py`).
The names of the values are Python's: `self`, `a_<name>`, `v_<name>`, `t<number>`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..runtime.capture import CapturedStack
from ..runtime.contexts import NOWHERE, Context
from ..runtime.handlers import Handler, Signal
from ..runtime.pending import Pending
from ..runtime.running import settle
from .fields import FieldForm
from .ghosts import awake, ghost_class

if TYPE_CHECKING:
    from .blocks import BlockForm
    from .records import Decode, Encode, Record, Value

#: What is plain of something on its way out.
_PENDING_FIELDS: Final = ("kind", "text", "failure", "error_class")

#: The forms of what suspended computations consist of beside contexts.
STACK_FORMS: Final = (
    FieldForm(
        "%Handler",
        Handler,
        plain=("is_leaving",),
        values=("protected", "selector", "action", "outer"),
        kinds={"is_leaving": bool, "outer": Handler | None},
    ),
    FieldForm(
        "%Signal",
        Signal,
        values=("exception", "handler", "origin", "outer"),
        kinds={"handler": Handler | None, "origin": Handler | None, "outer": Signal | None},
    ),
    FieldForm(
        "%Pending",
        Pending,
        plain=_PENDING_FIELDS,
        values=("target", "value", "other"),
        kinds={"kind": str, "text": str, "failure": str | None, "error_class": str | None},
    ),
    FieldForm(
        "%Stack",
        CapturedStack,
        plain=("reason",),
        values=("top",),
        kinds={"reason": str | None, "top": Context | None},
    ),
)


#: State of a context that stands before its operation.
_BEFORE: Final = 2


class ContextForm:
    """How contexts are written and read."""

    ref: Final = "%Context"
    ghost: Final = ghost_class(Context)

    def __init__(self, blocks: BlockForm) -> None:
        self._blocks = blocks

    def encode(self, context: Any, encode: Encode) -> Record:
        """Make the record of a context: of what its activation is now, while that runs."""
        settle(context)
        source = None if context.origin is None else self._blocks.source_of(context.origin)
        payload: list[Value] = []
        for name, value in context.values.items():
            payload += (name, encode(value))
        outline = None if context.origin is None else context.origin.outline()
        state = _BEFORE if context.is_before and not context.is_over else context.is_over
        place = (context.primitive, context.function, context.index, outline, state)
        return self.ref, (*place, encode(source), encode(context.sender)), tuple(payload)

    def fill(self, context: Any, record: Record, decode: Decode) -> None:
        """Turn a ghost into the context of that record."""
        _, (primitive, function, index, outline, state, source, sender), payload = record
        origin = None if source is None else self._blocks.unit_of(decode(source)).origin
        if origin is not None and (origin.resolutions.gone() or origin.outline() != outline):
            function, index = 0, NOWHERE
        values = {name: decode(value) for name, value in zip(payload[::2], payload[1::2], strict=True)}
        sending = decode(sender)
        if not isinstance(sending, Context | None) or type(index) is not int or type(function) is not int:
            raise TypeError("it says neither where it stands nor who waits for it")
        if origin is not None and function and not 0 < function < len(origin.lowered().functions):
            raise ValueError(f"its source has no block {function}")
        awake(context, Context)
        context.primitive, context.function, context.index = primitive, function, index
        context.is_over, context.is_before = state is True, state == _BEFORE
        context.origin, context.sender, context.values = origin, sending, values
        context.frame = context.inner = None
