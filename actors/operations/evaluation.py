"""evaluate, interrupt and history."""

from typing import TYPE_CHECKING, Any, Final

from ..call import Answer, Call, RefusedError
from ..clock import iso_timestamp
from .failures import failure_of
from .remembering import remember

if TYPE_CHECKING:
    from ..evaluator import Run
    from ..session import Session

#: Entries `history` answers unless told, as many as the documented client shows.
HISTORY_COUNT: Final = 50


def evaluate(session: "Session", run: "Run") -> Answer:
    """Run code; its value is the result, its failure a failure. Runs in the run's greenlet.

    Raises:
        RefusedError: ContextNotFound, because no computation can be suspended yet.
    """
    parameters = run.call.request.parameters
    if "context" in parameters:
        raise RefusedError("ContextNotFound", f"There is no suspended computation '{parameters['context']}'.")
    assert run.evaluation is not None
    image = session.state.image()
    outcome = image.evaluate(
        parameters["code"],
        tool_id=parameters.get("tool_id"),
        display=parameters.get("evaluation_mode") == "Display",
        evaluation=run.evaluation,
    )
    session.parts.counters.evaluations += 1
    used_ms = remember(session, run, parameters["code"], outcome, outcome.result, has_error=False)
    if outcome.failure is not None:
        return failure_of(run, outcome.failure, outcome.transcript)
    result: dict[str, Any] = {
        "result": outcome.result,
        "result_type": outcome.class_name,
        "execution_time": used_ms,
        "has_error": False,
        "object_id": image.object_id(outcome.value),
        "session_id": session.token,
    }
    if outcome.display is not None:
        result["display"] = outcome.display
    if outcome.transcript:
        result["transcript"] = outcome.transcript
    return result


def interrupt(session: "Session", _call: Call) -> Answer:
    """Stop the evaluation under way; those that wait stay in the queue."""
    return {"session_id": session.token, "interrupted": session.interrupt()}


def history(session: "Session", call: Call) -> Answer:
    """Answer past evaluations; without `offset` the latest ones."""
    parameters = call.request.parameters
    count = parameters.get("count", HISTORY_COUNT)
    offset = parameters.get("offset", -count)
    page = session.parts.keeper.store.history(session.sid, offset, count)
    return {"session_id": session.token, "total": page.total, "entries": [_entry(*row) for row in page.entries]}


def _entry(seq: int, stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq,
        "code": stored["code"],
        "result": stored["result"],
        "timestamp": iso_timestamp(stored["timestamp_ms"]),
        "execution_time": stored["execution_ms"],
        "has_error": stored["has_error"],
    }
