"""Exceptions: signalling, handling, unwinding, in the order that ANSI prescribes.

A signal looks for a handler without unwinding anything and runs the handler's block on top of the stack, with the
handlers outside that `on:do:` in force. What ends the handler decides what is unwound:

| handler ends by                   | effect                                                                      |
|-----------------------------------|-----------------------------------------------------------------------------|
| its last statement, `return:`     | unwind to the `on:do:`, which answers the value                             |
| `retry`, `retryUsing:`            | unwind to the `on:do:`, which evaluates its receiver or the other block again |
| `resume:`                         | unwind the handler only; `signal` answers the value                         |
| `outer`                           | look further outwards; a resumption there is the value of `outer`           |
| `pass`                            | the same, a resumption there is the value of `signal`                       |
| `resignalAs:`                     | unwind the handler; signal the other exception in its place                 |
| `^`                               | unwind to the method that wrote it                                          |

`ensure:` blocks run while unwinding, innermost first, each with the handlers that held where it was set up; a handler
that is leaving no longer protects them. Source: ANSI NCITS 319-1998, 5.5 (exception protocols).
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, NoReturn

from . import current
from .classes import ClassObject
from .handlers import Handler, Signal
from .limits import MESSAGE_TEXT_MAX
from .objects import FALSE, TRUE
from .unwinding import HandlerExit, SignalExit, Unwinding

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from .evaluation import Evaluation
    from .world import World

#: What a recursion without end is told.
RECURSION_TEXT: Final = "the nesting of messages is deeper than the limit"


def on_do(block: Any, selector: Any, action: Any) -> Any:
    """`[...] on: selector do: action`."""
    evaluation = current.evaluation
    evaluation.take_back_room()
    return protect(Handler(block, selector, action, evaluation.handler), evaluation.signal, block)


def protect(handler: Handler, signal_outside: Signal | None, body: Any, *, is_broken: bool = False) -> Any:
    """Evaluate `body` under a handler, and again as long as the handler says so.

    Args:
        handler: The handler.
        signal_outside: The signal under way where the `on:do:` stands.
        body: The protected block, or the rest of its evaluation.
        is_broken: A defect of a primitive was signalled here already; the next one passes on.
    """
    evaluation = current.evaluation
    outer = handler.outer
    while True:
        evaluation.handler = handler
        try:
            return body() if type(body) is FunctionType else evaluation.world.send(body, "value")
        except HandlerExit as leaving:
            if leaving.target is not handler:
                raise
            if leaving.protected is None:
                return leaving.value
            body = leaving.protected
            handler = Handler(body, handler.selector, handler.action, outer)
            is_broken = False
        except Exception as defect:
            if is_broken or handler.is_leaving:
                raise
            is_broken = True
            body = _signaller(defect)
        finally:
            evaluation.handler = outer
            evaluation.signal = signal_outside


def _signaller(defect: Exception) -> Callable[[], Any]:
    """A block that signals the exception of the language for a defect of a primitive."""

    def signal_defect() -> Any:
        return signal(exception_for_defect(current.evaluation, defect))

    return signal_defect


def ensure(block: Any, final: Any) -> Any:
    """`[...] ensure: [...]`."""
    evaluation = current.evaluation
    return evaluate_ensured(block, final, evaluation.handler, evaluation.signal)


def evaluate_ensured(body: Any, final: Any, handler: Handler | None, signal_outside: Signal | None) -> Any:
    """Evaluate `body` and then `final`, with the handlers and the signal that hold here."""
    evaluation = current.evaluation
    try:
        value = body()
    except (Unwinding, Exception) as leaving:  # noqa: F841 - what a captured stack goes on to raise
        if evaluation.may_run_unwind_blocks():
            evaluation.handler, evaluation.signal = handler, signal_outside
            _evaluate(final)
            evaluation.unwound()
        raise
    _evaluate(final)
    evaluation.unwound()
    return value


def if_curtailed(block: Any, final: Any) -> Any:
    """`[...] ifCurtailed: [...]`."""
    evaluation = current.evaluation
    return evaluate_curtailed(block, final, evaluation.handler, evaluation.signal)


def evaluate_curtailed(body: Any, final: Any, handler: Handler | None, signal_outside: Signal | None) -> Any:
    """Evaluate `body`, and `final` when it is left early, with the handlers and the signal that hold here."""
    evaluation = current.evaluation
    try:
        return body()
    except (Unwinding, Exception) as leaving:  # noqa: F841 - what a captured stack goes on to raise
        if evaluation.may_run_unwind_blocks():
            evaluation.handler, evaluation.signal = handler, signal_outside
            _evaluate(final)
            evaluation.unwound()
        raise


def finish(body: Any, value: Any, handler: Handler | None, signal_outside: Signal | None) -> Any:
    """Evaluate the rest of an `ensure:` block; the value is that of the receiver."""
    evaluation = current.evaluation
    evaluation.handler, evaluation.signal = handler, signal_outside
    body()
    evaluation.unwound()
    return value


def finish_leaving(
    body: Any, leaving: BaseException, handler: Handler | None, signal_outside: Signal | None
) -> NoReturn:
    """Evaluate the rest of an `ensure:` or `ifCurtailed:` block that something on its way out has begun.

    Raises:
        BaseException: `leaving`, as soon as the block is done.
    """
    evaluation = current.evaluation
    evaluation.handler, evaluation.signal = handler, signal_outside
    body()
    evaluation.unwound()
    raise leaving


#: Functions that evaluate an unwinding block once they know with what they end.
_UNWINDERS: Final = {each.__code__ for each in (evaluate_ensured, evaluate_curtailed, finish, finish_leaving)}


def is_unwinding(frame: FrameType | None) -> bool:
    """Whether an `ensure:` or `ifCurtailed:` block is being evaluated, its turn having come, at or below that frame."""
    while frame is not None:
        if frame.f_code in _UNWINDERS and not {"value", "leaving"}.isdisjoint(frame.f_locals):
            return True
        frame = frame.f_back
    return False


def _evaluate(block: Any) -> None:
    """Evaluate a block without arguments, or send `value`."""
    if type(block) is FunctionType and block.__code__.co_argcount == 0:
        block()
    else:
        current.world.send(block, "value")


def signal(exception: Any) -> Any:
    """`exception signal`: run the innermost handler that handles it, else its default action."""
    evaluation = current.evaluation
    origin = evaluation.handler
    handler = find_handler(exception, origin)
    return signal_to(handler, exception, origin)


def signal_to(handler: Handler | None, exception: Any, origin: Handler | None) -> Any:
    """Signal the exception to the handler that was found for it."""
    return attend(Signal(exception, handler, origin, current.evaluation.signal), origin)


def find_handler(exception: Any, handler: Handler | None) -> Handler | None:
    """The innermost handler, from that one outwards, that handles the exception."""
    while handler is not None:
        if not handler.is_leaving and handles(handler.selector, exception) and not _is_running(handler):
            return handler
        handler = handler.outer
    return None


def _is_running(handler: Handler) -> bool:
    """Whether the handler's block runs: the default action of what it passed outwards sees it, but not as a handler."""
    record = current.evaluation.signal
    while record is not None and record.handler is not handler:
        record = record.outer
    return record is not None


def handles(selector: Any, exception: Any) -> bool:
    """Whether `on: selector` handles the exception. Plain exception classes are decided here, the others are asked."""
    world = current.world
    if isinstance(selector, ClassObject):
        method = world.lookup(selector.metaclass, "handles:")
        if method is not None and method.is_kernel:
            return bool(type(exception).behavior.inherits_from(selector))
    return world.send(selector, "handles:", exception) is TRUE


def attend(record: Signal, fallback: Handler | None, body: Any = None) -> Any:
    """Run the handler of a signal, or the default action when there is none.

    Args:
        record: The signal.
        fallback: The handlers for the default action.
        body: The rest of a handler or default action that was captured in the middle; None from the start.
    """
    evaluation = current.evaluation
    handler = record.handler
    evaluation.signal = record
    try:
        evaluation.handler = fallback if handler is None else handler.outer
        if body is not None:
            value = body()
        elif handler is None:
            value = evaluation.world.send(record.exception, "defaultAction")
        else:
            value = _run_action(evaluation.world, handler.action, record.exception)
        if handler is None:
            return value
    except SignalExit as leaving:
        if leaving.target is not record:
            raise
        if leaving.replacement is None:
            return leaving.value
        replacement = leaving.replacement
    except Exception:
        if handler is not None:
            handler.leave()  # a defect in a handler is not this handler's to handle
        raise
    else:
        handler.leave()
        raise HandlerExit(handler, value)
    finally:
        evaluation.handler = record.origin
        evaluation.signal = record.outer
    return evaluation.world.send(replacement, "signal")


#: Code of the function that runs handlers.
ATTENDING: Final = attend.__code__


def _run_action(world: World, action: Any, exception: Any) -> Any:
    """Evaluate a handler block with the exception, or without it when it takes no argument."""
    if type(action) is FunctionType:
        count = action.__code__.co_argcount
        if count == 0:
            return action()
        if count == 1:
            return action(exception)
    return world.send(action, "cull:", exception)


def active_signal(exception: Any) -> Signal | None:
    """The innermost signal under way of that exception, None when no handler of it runs."""
    record = current.evaluation.signal
    while record is not None and record.exception is not exception:
        record = record.outer
    return record


def has_outer_handler(record: Signal) -> Any:
    """Answer TRUE if a handler outside the running one handles the exception as well, else FALSE."""
    further = record.handler.outer if record.handler is not None else None
    return FALSE if find_handler(record.exception, further) is None else TRUE


def return_value(record: Signal, value: Any) -> Any:
    """`exception return: value`."""
    if record.handler is None:
        raise SignalExit(record, value)
    record.handler.leave()
    raise HandlerExit(record.handler, value)


def retry_using(record: Signal, block: Any) -> Any:
    """`exception retryUsing: block`; None stands for the protected block itself."""
    if record.handler is None:
        return current.world.signal("Error", "There is no handler to retry from")
    record.handler.leave()
    raise HandlerExit(record.handler, None, record.handler.protected if block is None else block)


def resume(record: Signal, value: Any) -> Any:
    """`exception resume: value`, once it is known to be resumable."""
    raise SignalExit(record, value)


def outer(record: Signal) -> Any:
    """`exception outer`: answer what a handler further outwards resumes with."""
    further = record.handler.outer if record.handler is not None else None
    handler = find_handler(record.exception, further)
    return signal_outwards(handler, record, further)


def signal_outwards(handler: Handler | None, record: Signal, further: Handler | None) -> Any:
    """Signal the exception of a signal once more, to the outer handler that was found for it."""
    evaluation = current.evaluation
    fallback = further if handler is not None else first_signal(record).origin
    return attend(Signal(record.exception, handler, evaluation.handler, evaluation.signal), fallback)


def first_signal(record: Signal) -> Signal:
    """The signal that the exception began with, before handlers passed it outwards: its default action runs there."""
    first, outer = record, record.outer
    while outer is not None:
        if outer.exception is record.exception:
            first = outer
        outer = outer.outer
    return first


def pass_outwards(record: Signal) -> Any:
    """`exception pass`: answer the signal with what a handler further outwards resumes with."""
    return resume(record, outer(record))


def resignal_as(record: Signal, replacement: Any) -> Any:
    """`exception resignalAs: replacement`."""
    raise SignalExit(record, None, replacement)


def exception_for_defect(evaluation: Evaluation, defect: Exception) -> Any:
    """The exception of the language for a Python exception that a primitive let escape."""
    if isinstance(defect, RecursionError):
        return recursion_exception(evaluation)
    if isinstance(defect, MemoryError):
        return evaluation.world.new_exception("OutOfMemory", "the object asked for does not fit into memory")
    text = f"{_place(defect)}: {type(defect).__name__}: {defect}"
    return evaluation.world.new_exception("PrimitiveFailed", text[:MESSAGE_TEXT_MAX])


def recursion_exception(evaluation: Evaluation) -> Any:
    """The exception for a recursion that reached the limit."""
    evaluation.lend_room()
    return evaluation.world.new_exception("RecursionTooDeep", RECURSION_TEXT)


def _place(defect: Exception) -> str:
    """Name of the innermost Python function that a defect passed: the primitive."""
    traceback = defect.__traceback__
    name = "primitive"
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_name
        traceback = traceback.tb_next
    return name
