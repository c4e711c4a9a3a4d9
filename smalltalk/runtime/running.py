"""Contexts of activations that run: what `thisContext` shows, read off the Python frames when it is asked for.

Nothing is recorded while code runs. A context remembers its frame; whether that still runs is asked of Python, which
refuses to clear a frame that does. Of the primitives those are shown that are methods one expects in a stack
(`on:do:`, `ensure:`, `signal`); what searches handlers and other machinery is not.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from ..compiler.continuations import stand_of
from ..compiler.origins import locate
from ..compiler.positions import REPLACED
from . import exceptions, resumables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from .contexts import Context
    from .evaluation import Evaluation

#: Primitives that stacks show, by name.
SHOWN: Final = frozenset({"on:do:", "ensure:", "ifCurtailed:", "attend"})


def refresh(context: Context) -> None:
    """Let a context show its activation as it is now, or as it was last; one that was captured is up to date."""
    frame = context.frame
    if frame is None or context.inner is not None or context.primitive is not None:
        return
    with suppress(KeyError):  # the frame stands where nothing goes on from: the last place it was seen at will do
        activation = resumables.interpreted(frame)
        if activation is not None:
            position, values = activation
            context.stand_at(position, stand_of(position), values)
            return
        place = locate(frame.f_code, frame.f_lineno)
        if place is not None and place.index >= 0:
            context.stand_at(place, stand_of(place), frame.f_locals)


def settle(context: Context) -> None:
    """Let a context be up to date, and let go of its frame if that runs no longer."""
    frame = context.frame
    if frame is None or context.inner is not None:
        return
    refresh(context)
    try:
        frame.clear()
    except RuntimeError:  # it runs, or stands in a parked stack
        return
    context.frame = None
    context.end()


def contexts_from(frame: FrameType | None, evaluation: Evaluation) -> Iterator[Context]:
    """Iterate over the contexts of a running stack, from that frame outwards."""
    g = evaluation.world.g
    while frame is not None:
        context = _context_of(frame, evaluation, is_language=frame.f_globals is g)
        if context is not None:
            yield context
        frame = frame.f_back


def _context_of(frame: FrameType, evaluation: Evaluation, *, is_language: bool) -> Context | None:
    """The context of one frame, None where a stack shows nothing."""
    activation = None if is_language else resumables.interpreted(frame)
    if is_language:
        position = locate(frame.f_code, frame.f_lineno)
        if position is None or position.index == REPLACED:
            return None
    elif activation is None:
        found = resumables.primitive(frame)
        if found is None or found[0].name not in SHOWN:
            return None
        context = evaluation.contexts.of(frame, found[1], found[0].name)
        context.hold(found[1])
        return context
    evaluation.contexts.tidy(settle)
    context = evaluation.contexts.of(frame, frame.f_locals if activation is None else activation[1])
    refresh(context)
    return context


def sender_of(context: Context, evaluation: Evaluation) -> Context | None:
    """The context that waits for that one's answer, None for the outermost and for what has ended."""
    settle(context)
    if context.is_over:
        return None
    if context.frame is None or context.inner is not None:
        sender = context.sender
        while sender is not None and sender.primitive is not None and sender.primitive not in SHOWN:
            sender = sender.sender
        return sender
    return next(contexts_from(context.frame.f_back, evaluation), None)


def signaller_of(exception: Any, evaluation: Evaluation, frame: FrameType | None) -> Context | None:
    """The context that signalled an exception whose handler runs; None when none does.

    Args:
        exception: the exception.
        evaluation: the running one.
        frame: a frame above its handler's.
    """
    while frame is not None:
        if frame.f_code is exceptions.ATTENDING and frame.f_locals["record"].exception is exception:
            outwards = contexts_from(frame.f_back, evaluation)
            return next((each for each in outwards if not _is_part_of(each, exception)), None)
        frame = frame.f_back
    return None


def _is_part_of(context: Context, exception: Any) -> bool:
    """Whether an activation only helps an exception to be signalled."""
    receiver = context.values.get("self")
    return context.primitive is not None or receiver is exception or receiver is type(exception).behavior
