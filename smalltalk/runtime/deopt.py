"""Deoptimisation: what generated code does when a guess of it was wrong.

Arithmetic guesses numbers, calls of blocks guess their number of arguments, short ways guess receivers and positions.
A wrong guess raises TypeError, AttributeError, LookupError (or OverflowError: an integer too large for a float) in the
very frame that guessed, before anything happened. That activation then goes on in a continuation that guesses nothing;
its answer is the activation's answer. The same exception from further below is a defect of a primitive and passes on.

A RecursionError is raised by the call that found no more room. The innermost activation of generated code that still
has the room to act (`deopt` itself may raise the next RecursionError) turns it into the error of the language,
signalled at that send with some extra room, and goes on with what the error is resumed with.

`except ... as e: return deopt(e)` is the only caller.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..compiler import continuations
from ..compiler.origins import locate
from ..compiler.shortcuts import ALIASES
from . import current, exceptions

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from ..compiler.continuations import Continuation

#: Attributes that tell the kind of a collection. A site mostly meets one kind, so one miss tells its habit; the rest of
#: the activation makes all other guesses, as it may be a long loop. No continuation guesses by these attributes.
_ALIASES: Final = frozenset(ALIASES.values())

#: Code of the functions that stand for the slots of an object until it is loaded: what they raise once it is, the
#: frame that touched the object raises.
LOADERS: Final[set[CodeType]] = set()


def deopt(error: TypeError | AttributeError | LookupError | OverflowError | RecursionError) -> Any:
    """Finish the activation that caught the error."""
    traceback = error.__traceback__
    assert traceback is not None
    if isinstance(error, RecursionError):
        return _answer_recursion(traceback.tb_frame, traceback.tb_lineno)
    below = traceback.tb_next
    if below is not None and (below.tb_next is not None or below.tb_frame.f_code not in LOADERS):
        raise error
    position = locate(traceback.tb_frame.f_code, traceback.tb_lineno)
    if position is None or position.is_guarded or position.index < 0:
        raise error
    is_other_kind = isinstance(error, AttributeError) and error.name in _ALIASES
    continuation = continuations.before(position, guarded=not is_other_kind)  # it may still test types at this site
    position.origin.count_miss(position.guess, is_habit=is_other_kind)
    current.world.adopt_guards(position.origin)
    return go_on(continuation, traceback.tb_frame, None)


def _answer_recursion(frame: FrameType, line: int) -> Any:
    """Signal the recursion at the send that had no room, and go on with the answer."""
    evaluation = current.evaluation
    position = locate(frame.f_code, line)
    if evaluation.has_recursion_room:
        evaluation.fail_in_recursion()
    answer = evaluation.world.send(exceptions.recursion_exception(evaluation), "signal")
    if position is None or position.index < 0:
        return answer
    if position.is_before:
        return go_on(continuations.before(position), frame, None)
    return go_on(continuations.after(position), frame, answer)


#: Code of the function that stands for an activation which has no room for a call.
RECURSION: Final = _answer_recursion.__code__


def go_on(continuation: Continuation, frame: FrameType, answer: Any) -> Any:
    """Run the rest of an activation with its named values."""
    world = current.world
    world.link(continuation.names)
    return continuation.bound(world.g, continuation.arguments(frame.f_locals, answer))()
