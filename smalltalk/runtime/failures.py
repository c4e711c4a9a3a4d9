"""The report of an unhandled exception. Making it runs the exception's own methods, which may fail as well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import current
from .limits import MESSAGE_TEXT_MAX
from .outcome import FailureReport
from .stack import StackLine, stack_lines
from .unwinding import Termination

if TYPE_CHECKING:
    from ..compiler.errors import SemanticFailure
    from ..syntax.errors import SyntaxFailure
    from .world import World


def fail_unhandled(exception: Any) -> Any:
    """End the running evaluation because nobody handled that exception.

    Raises:
        Termination: always.
    """
    evaluation = current.evaluation
    if evaluation.failure is None and not evaluation.is_reporting:
        evaluation.is_reporting = True
        try:
            evaluation.fail(report_for(evaluation.world, exception, stack_lines(evaluation.world, hidden=exception)))
        finally:
            evaluation.is_reporting = False
    raise Termination


def report_for(world: World, exception: Any, stack: list[StackLine]) -> FailureReport:
    """Describe an exception and where it was signalled."""
    line = stack[-1][1] if stack else None
    return FailureReport("error", world.class_of(exception).name, _text(world, exception), stack, line=line)


def report_for_source(fault: SyntaxFailure | SemanticFailure) -> FailureReport:
    """Describe why a source does not compile."""
    return FailureReport("syntax", "SyntaxError", fault.message, [], fault.line, fault.column, fault.suggestion)


def _text(world: World, exception: Any) -> str:
    """The exception's description; its class's name when its own methods fail in turn."""
    try:
        text = getattr(world.send(exception, "messageText"), "text", None)
    except (Termination, Exception):  # noqa: BLE001 - whatever it is, the failure being reported matters more
        text = None
    return str(text)[:MESSAGE_TEXT_MAX] if text is not None else str(world.class_of(exception).name)
