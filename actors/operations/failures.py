"""What the language reports and raises, as failures of the wire."""

from math import inf
from typing import TYPE_CHECKING, Any, Final

from protocol import Failure
from smalltalk import (
    ClassNotFoundError,
    InspectorError,
    MethodNotFoundError,
    RefusedBreakpointError,
    SemanticFailure,
    SyntaxFailure,
    UnknownClassError,
    UnknownContextError,
    UnknownFrameError,
    UnknownObjectIdError,
    UnknownVariableError,
    UnresumableError,
)

from ..traffic.call import RefusedError
from .outcomes import written

if TYPE_CHECKING:
    from smalltalk import Outcome

    from ..running.evaluator import Run

#: Class of the error that a recursion ends in.
_TOO_DEEP: Final = "RecursionTooDeep"
#: Error types on the wire by the language's kinds of failure.
_ERROR_TYPES: Final = {
    "error": "EvaluationError",
    "syntax": "SyntaxError",
    "interrupted": "Interrupted",
    "timeout": "Timeout",
}
#: Error types of what the questions of the inspector and of the debugger raise.
_REFUSALS: Final[dict[type[Exception], str]] = {
    InspectorError: "ObjectNotFound",
    UnknownObjectIdError: "ObjectNotFound",
    UnknownClassError: "ClassNotFound",
    ClassNotFoundError: "ClassNotFound",
    MethodNotFoundError: "MethodNotFound",
    UnknownContextError: "ContextNotFound",
    UnresumableError: "NotResumable",
    UnknownFrameError: "ObjectNotFound",
    UnknownVariableError: "ObjectNotFound",
    RefusedBreakpointError: "InvalidRequest",
}
#: What such questions raise when they cannot be answered.
REFUSED_BY_LANGUAGE: Final[tuple[type[Exception], ...]] = (*_REFUSALS, SyntaxFailure, SemanticFailure)


def failure_of(run: "Run", outcome: "Outcome") -> Failure:
    """Write a failed outcome as the wire wants it; what waits because of it is named."""
    report = outcome.failure
    assert report is not None
    stack = [f"{name} line {line}" for name, line in report.stack]
    details: dict[str, Any] = {"class": report.error_class}
    optional = {
        "line": report.line,
        "column": report.column,
        "suggestion": report.suggestion,
        "stack": stack,
        **written(run.session, outcome),
        "context_id": outcome.context_id,
    }
    details.update((name, value) for name, value in optional.items() if value)
    if run.is_too_big:
        text = "The evaluation was stopped because it took too much memory."
        details.update(run.memory_limit(run.grown_bytes))
        return Failure("LimitExceeded", text, details, "\n".join(stack) or None)
    if report.kind == "timeout":
        details.update(_time_limit(run))
    elif report.error_class == _TOO_DEEP:
        details.update({"limit": "stack_frames", "maximum": run.session.parts.settings.stack_frames})
    return Failure(_ERROR_TYPES[report.kind], report.message, details, "\n".join(stack) or None)


def _time_limit(run: "Run") -> dict[str, Any]:
    """Name the bound on time that a run broke: the request's own where that is lower, else the setting."""
    parts = run.session.parts
    asked_ms = run.call.request.parameters.get("timeout_ms", inf)
    has_used_up = parts.evaluator.used_ms(run) >= min(asked_ms, parts.settings.cpu_budget_ms)
    name = "cpu_budget_ms" if has_used_up else "wait_budget_ms"
    maximum: int = getattr(parts.settings, name)
    if asked_ms < maximum:
        return {"limit": "timeout_ms", "maximum": asked_ms}
    return {"limit": name, "maximum": maximum}


def refusal_of(error: Exception) -> RefusedError:
    """Return the refusal for one of `REFUSED_BY_LANGUAGE`."""
    if isinstance(error, (SyntaxFailure, SemanticFailure)):
        details = {"line": error.line, "column": error.column, "suggestion": error.suggestion}
        return RefusedError("SyntaxError", error.message, {name: value for name, value in details.items() if value})
    near = error.suggestion if isinstance(error, (ClassNotFoundError, MethodNotFoundError)) else None
    return RefusedError(_REFUSALS[type(error)], str(error), {"suggestion": near} if near else None)
