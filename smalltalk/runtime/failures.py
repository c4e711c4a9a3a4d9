"""The report of an unhandled exception. Making it runs the exception's own methods, which may fail as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .limits import MESSAGE_TEXT_MAX
from .outcome import FailureReport
from .stack import StackLine, line_in_doit, stack_lines
from .suggestions import suggestion_for
from .unwinding import Termination

if TYPE_CHECKING:
    from ..compiler.errors import SemanticFailure
    from ..syntax.errors import SyntaxFailure
    from .world import World


def fail_unhandled(exception: Any) -> Any:
    """Stop the running evaluation because nobody handled that exception; who lets it go on answers it.

    Raises:
        Suspended: it waits for that.
        Termination: it ends.
    """
    evaluation = current.evaluation
    if evaluation.failure is None and not evaluation.is_reporting:
        evaluation.is_reporting = True
        try:
            # Who keeps the computation reads the stack off that.
            stack = [] if evaluation.keeper else stack_lines(evaluation.world, hidden=exception)
            evaluation.fail(report_for(evaluation.world, exception, stack))
        finally:
            evaluation.is_reporting = False
        evaluation.suspend("halt" if _is_halt(evaluation.world, exception) else "error", exception)
    raise Termination


def _is_halt(world: World, exception: Any) -> bool:
    """Whether an exception is a stop that a programmer asked for."""
    return bool(world.class_of(exception).inherits_from(world.kernel.classes["Halt"]))


def report_for(world: World, exception: Any, stack: list[StackLine]) -> FailureReport:
    """Describe an exception and where it was signalled."""
    name, text = world.class_of(exception).name, _text(world, exception)
    report = FailureReport("error", name, text, stack, line=line_in_doit(stack))
    report.suggestion = suggestion_for(world, exception)
    return report


def report_for_source(fault: SyntaxFailure | SemanticFailure) -> FailureReport:
    """Describe why a source does not compile."""
    return FailureReport("syntax", "SyntaxError", fault.message, [], fault.line, fault.column, fault.suggestion)


def _text(world: World, exception: Any) -> str:
    """The exception's text, its description without one; its class's name when its own methods fail in turn."""
    try:
        text = getattr(world.send(exception, "messageText"), "word", None)
        text = getattr(world.send(exception, "description"), "word", None) if text == "" else text
    except (Termination, Exception):  # noqa: BLE001 - whatever it is, the failure being reported matters more
        text = None
    return str(text)[:MESSAGE_TEXT_MAX] if text is not None else str(world.class_of(exception).name)
