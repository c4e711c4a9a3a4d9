"""Why a computation that waits cannot go on: found before anything of it is touched, so that it waits on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..compiler.continuations import operation_at
from ..compiler.ir import Poll
from ..runtime.formersources import bring_up
from ..runtime.primitivestates import PrimitiveStates
from ..runtime.resumption import UnresumableError, gap_of
from .summaries import reason_of

if TYPE_CHECKING:
    from ..runtime.suspension import Suspension
    from ..runtime.world import World

#: Activations up to which a list of computations looks at each: of deeper ones it says what their records tell, because
#: reading 10,000 contexts takes a second.
LISTED_FRAMES_MAX: Final = 1_000


def gap_in(world: World, suspension: Suspension) -> str | None:
    """Why a computation cannot go on, None if it can.

    A stack whose places are gone is one to look at from then on: a newer server may number the operations otherwise,
    and a class may have lost a variable that is used. What cannot be read is tried again each time: the store may have
    failed only now.
    """
    reason = reason_of(suspension)
    if reason is not None:
        return reason
    try:
        stack = suspension.stack
        assert stack is not None
        states = PrimitiveStates()
        reasons = (bring_up(world, each) or gap_of(each) or states.gap(each) for each in stack)
        reason = next(filter(None, reasons), None)
    except Exception as damage:  # noqa: BLE001 - whatever the store or a record says: it is this computation's error
        return f"it cannot be read ({damage})"
    if reason is not None:
        stack.reason = reason
        world.mark(stack)
    return reason


def listed_gap_in(world: World, suspension: Suspension) -> str | None:
    """The same for a list of computations; of a deep one only what its record tells."""
    return reason_of(suspension) if suspension.frames > LISTED_FRAMES_MAX else gap_in(world, suspension)


def refuse_value(suspension: Suspension) -> None:
    """Refuse to go on with a value where none is waited for: it would be lost, and nobody told.

    Raises:
        UnresumableError: the computation stands before an operation, or between two.
    """
    top = suspension.top
    if top is None or top.origin is None:
        return
    if top.is_before or isinstance(operation_at(top.origin, top.function, top.index), Poll):
        text = f"computation '{suspension.context_id}' waits for no value where it stands; it can go on without one"
        raise UnresumableError(text)
