"""file_in, file_out and run_tests: sources of a session, in and out, and the tests among them."""

from typing import TYPE_CHECKING, Any

from protocol import LIMITS, Failure

from ..call import Answer, RefusedError
from .failures import REFUSED_BY_LANGUAGE, failure_of, refusal_of

if TYPE_CHECKING:
    from smalltalk import FileInReport, SuiteReport

    from ..evaluator import Run
    from ..session import Session


def file_in(session: "Session", run: "Run") -> Answer:
    """Define what a file holds. Runs in the run's greenlet."""
    parameters = run.call.request.parameters
    assert run.evaluation is not None
    outcome = session.state.image().file_in(parameters["text"], parameters["format"], evaluation=run.evaluation)
    if outcome.failure is not None:
        return failure_of(run, outcome.failure, outcome.transcript)
    return _ended(session, _filed_in(outcome.value), outcome.transcript)


def _filed_in(report: "FileInReport") -> dict[str, Any]:
    """Write what a file defined."""
    return {
        "classes": report.classes,
        "methods": report.methods,
        "expressions": report.expressions,
        "errors": [
            {
                "line": error.line,
                "class": error.class_name,
                "selector": error.selector,
                "message": error.message,
                "suggestion": error.suggestion,
            }
            for error in report.errors
        ],
    }


def file_out(session: "Session", run: "Run") -> Answer:
    """Write what the session defined. Runs in the run's greenlet, because a large session takes its time.

    Raises:
        RefusedError: ClassNotFound; InvalidRequest when nothing was named.
    """
    parameters = run.call.request.parameters
    if parameters.get("all") is False:
        raise RefusedError("InvalidRequest", "Leave 'all' out and name a class or a package instead.")
    assert run.evaluation is not None
    try:
        outcome = session.state.image().file_out(
            parameters["format"],
            class_name=parameters.get("class"),
            package=parameters.get("package"),
            evaluation=run.evaluation,
        )
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    if outcome.failure is not None:
        return failure_of(run, outcome.failure, outcome.transcript)
    if len(outcome.value) > LIMITS["code_chars_max"].value:  # what goes out must be able to come in again
        return Failure("LimitExceeded", "The file is too large; file out by class or package.")
    return {"text": outcome.value, "format": parameters["format"], "session_id": session.token}


def run_tests(session: "Session", run: "Run") -> Answer:
    """Run tests; those that do not pass are a result, not a failure. Runs in the run's greenlet.

    Raises:
        RefusedError: ClassNotFound.
    """
    parameters = run.call.request.parameters
    assert run.evaluation is not None
    try:
        outcome = session.state.image().run_tests(
            class_names=parameters.get("classes"), package=parameters.get("package"), evaluation=run.evaluation
        )
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    if outcome.failure is not None:
        return failure_of(run, outcome.failure, outcome.transcript)
    return _ended(session, _ran(outcome.value), outcome.transcript)


def _ran(report: "SuiteReport") -> dict[str, Any]:
    """Write what came of the tests."""
    counts = report.counts
    return {
        "summary": report.summary,
        "has_passed": report.has_passed,
        "run_count": sum(counts.values()) - counts["skip"],
        "passed": counts["passed"],
        "failures": counts["failure"],
        "errors": counts["error"],
        "skipped": counts["skip"],
        "expected_failures": counts["expected_failure"],
        "unexpected_passes": counts["unexpected_pass"],
        "problems": [
            {
                "class": problem.class_name,
                "selector": problem.selector,
                "kind": problem.kind,
                "error_class": problem.error_class,
                "message": problem.message,
                "stack": problem.stack,
            }
            for problem in report.problems
        ],
    }


def _ended(session: "Session", result: dict[str, Any], transcript: str) -> dict[str, Any]:
    """Add what every run answers."""
    result["session_id"] = session.token
    if transcript:
        result["transcript"] = transcript
    return result
