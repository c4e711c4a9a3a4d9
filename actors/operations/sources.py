"""file_in, file_out and run_tests: sources of a session, in and out, and the tests among them."""

from typing import TYPE_CHECKING, Any, Final

from protocol import LIMITS, Failure

from ..limits import SERVER_LIMITS
from ..state.returning import kept_before
from ..traffic.call import Answer, RefusedError
from .failures import REFUSED_BY_LANGUAGE, failure_of, refusal_of
from .outcomes import written
from .progress import Progress
from .remembering import remember

if TYPE_CHECKING:
    from smalltalk import FileInReport, Outcome, SuiteReport

    from ..running.evaluator import Run
    from ..sessions.session import Session

CODE_CHARS_MAX: Final = LIMITS["code_chars_max"].value
LARGE_FILE_CHARS: Final = SERVER_LIMITS["large_file_chars"].value
#: Test classes that an entry of the history names.
_NAMES_SHOWN: Final = 5


def file_in(session: "Session", run: "Run") -> Answer:
    """Define what a file holds. Runs in the run's greenlet."""
    parameters = run.call.request.parameters
    assert run.evaluation is not None
    text, file_format = parameters["text"], parameters["format"]
    if len(text) >= LARGE_FILE_CHARS:
        session.stage(*kept_before(session, "file_in"))
    outcome = session.state.image().file_in(text, file_format, evaluation=run.evaluation)
    code = f'"file_in of {len(text)} characters, {file_format}"'
    result, has_error = ("", True) if outcome.failure is not None else _summary(outcome.value)
    remember(session, run, code, outcome, result, has_error=has_error)
    if outcome.failure is not None:
        return failure_of(run, outcome)
    return _ended(session, _filed_in(outcome.value), outcome)


def _summary(report: "FileInReport") -> tuple[str, bool]:
    """Return what a file defined in one line, and whether some of it had no effect."""
    counts = f"classes: {len(report.classes)}, methods: {len(report.methods)}"
    return f"{counts}, expressions: {report.expressions}, errors: {len(report.errors)}", bool(report.errors)


def _filed_in(report: "FileInReport") -> dict[str, Any]:
    """Write what a file defined."""
    return {
        "classes": report.classes,
        "methods": report.methods,
        "expressions": report.expressions,
        "errors": [
            {
                "line": error.line,
                "column": error.column,
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
        return failure_of(run, outcome)
    if len(outcome.value) > CODE_CHARS_MAX:  # what goes out must be able to come in again
        text = f"The file has {len(outcome.value)} characters, more than file_in takes; file out by class or package."
        return Failure("LimitExceeded", text, {"limit": "code_chars_max", "maximum": CODE_CHARS_MAX})
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
            class_names=parameters.get("classes"),
            package=parameters.get("package"),
            evaluation=run.evaluation,
            on_progress=Progress(session).tell,
        )
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    names = parameters.get("classes") or [parameters.get("package", "everything")]
    result, has_error = (
        ("", True) if outcome.failure is not None else (outcome.value.summary, not outcome.value.has_passed)
    )
    remember(session, run, f'"run_tests of {_listed(names)}"', outcome, result, has_error=has_error)
    if outcome.failure is not None:
        return failure_of(run, outcome)
    return _ended(session, _ran(outcome.value), outcome)


def _listed(names: list[str]) -> str:
    """Return names in one line, the first ones only where there are many."""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]).replace('"', "'") + more


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


def _ended(session: "Session", result: dict[str, Any], outcome: "Outcome") -> dict[str, Any]:
    """Add what every run answers."""
    return {**result, "session_id": session.token, **written(session, outcome)}
