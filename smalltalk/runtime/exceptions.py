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
from typing import TYPE_CHECKING, Any, Final

from . import current
from .classes import ClassObject
from .handlers import Handler, Signal
from .limits import MESSAGE_TEXT_MAX
from .objects import TRUE
from .unwinding import HandlerExit, SignalExit, Unwinding

if TYPE_CHECKING:
    from collections.abc import Callable

    from .evaluation import Evaluation
    from .world import World


#: What a recursion without end is told.
RECURSION_TEXT: Final = "the nesting of messages is deeper than the limit"


def on_do(block: Any, selector: Any, action: Any) -> Any:
    """`[...] on: selector do: action`."""
    evaluation = current.evaluation
    evaluation.take_back_room()
    outer = evaluation.handler
    signal_outside = evaluation.signal
    is_broken = False
    while True:
        handler = Handler(block, selector, action, outer)
        evaluation.handler = handler
        try:
            return block() if type(block) is FunctionType else evaluation.world.send(block, "value")
        except HandlerExit as leaving:
            if leaving.target is not handler:
                raise
            if leaving.protected is None:
                return leaving.value
            block = leaving.protected
        except Exception as defect:
            if is_broken or handler.is_leaving:
                raise
            is_broken = True
            block = _signaller(defect)
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
    handler, signal_outside = evaluation.handler, evaluation.signal
    try:
        value = block()
    except (Unwinding, Exception):
        if evaluation.may_run_unwind_blocks():
            evaluation.handler, evaluation.signal = handler, signal_outside
            _evaluate(final)
        raise
    _evaluate(final)
    return value


def if_curtailed(block: Any, final: Any) -> Any:
    """`[...] ifCurtailed: [...]`."""
    evaluation = current.evaluation
    handler, signal_outside = evaluation.handler, evaluation.signal
    try:
        return block()
    except (Unwinding, Exception):
        if evaluation.may_run_unwind_blocks():
            evaluation.handler, evaluation.signal = handler, signal_outside
            _evaluate(final)
        raise


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
    return _handle(evaluation, exception, _find_handler(evaluation.world, exception, origin), origin, origin)


def _find_handler(world: World, exception: Any, handler: Handler | None) -> Handler | None:
    """The innermost handler, from that one outwards, that handles the exception."""
    while handler is not None:
        if not handler.is_leaving and _handles(world, handler.selector, exception):
            return handler
        handler = handler.outer
    return None


def _handles(world: World, selector: Any, exception: Any) -> bool:
    """Whether `on: selector` handles the exception. Plain exception classes are decided here, the others are asked."""
    if isinstance(selector, ClassObject):
        method = world.lookup(selector.metaclass, "handles:")
        if method is not None and method.is_kernel:
            return bool(type(exception).behavior.inherits_from(selector))
    return world.send(selector, "handles:", exception) is TRUE


def _handle(
    evaluation: Evaluation, exception: Any, handler: Handler | None, origin: Handler | None, fallback: Handler | None
) -> Any:
    """Run a handler, or the default action when there is none.

    Args:
        evaluation: The running one.
        exception: What was signalled.
        handler: The handler to run.
        origin: The handlers that hold where it was signalled, in force again when it is resumed.
        fallback: The handlers for the default action.
    """
    record = Signal(exception, handler, origin, evaluation.signal)
    evaluation.signal = record
    try:
        if handler is None:
            evaluation.handler = fallback
            return evaluation.world.send(exception, "defaultAction")
        evaluation.handler = handler.outer
        value = _run_action(evaluation.world, handler.action, exception)
    except SignalExit as leaving:
        if leaving.target is not record:
            raise
        if leaving.replacement is None:
            return leaving.value
        replacement = leaving.replacement
    except Exception:
        if handler is not None:
            handler.is_leaving = True  # a defect in a handler is not this handler's to handle
        raise
    else:
        handler.is_leaving = True
        raise HandlerExit(handler, value)
    finally:
        evaluation.handler = origin
        evaluation.signal = record.outer
    return evaluation.world.send(replacement, "signal")


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


def has_outer_handler(record: Signal) -> bool:
    """Whether a handler outside the running one handles the exception as well."""
    further = record.handler.outer if record.handler is not None else None
    return _find_handler(current.world, record.exception, further) is not None


def return_value(record: Signal, value: Any) -> Any:
    """`exception return: value`."""
    if record.handler is None:
        raise SignalExit(record, value)
    record.handler.is_leaving = True
    raise HandlerExit(record.handler, value)


def retry_using(record: Signal, block: Any) -> Any:
    """`exception retryUsing: block`; None stands for the protected block itself."""
    if record.handler is None:
        return current.world.signal("Error", "There is no handler to retry from")
    record.handler.is_leaving = True
    raise HandlerExit(record.handler, None, record.handler.protected if block is None else block)


def resume(record: Signal, value: Any) -> Any:
    """`exception resume: value`, once it is known to be resumable."""
    raise SignalExit(record, value)


def outer(record: Signal) -> Any:
    """`exception outer`: answer what a handler further outwards resumes with."""
    evaluation = current.evaluation
    origin = evaluation.handler
    further = record.handler.outer if record.handler is not None else None
    handler = _find_handler(evaluation.world, record.exception, further)
    return _handle(evaluation, record.exception, handler, origin, further)


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
