"""evaluate, interrupt and history."""

from typing import TYPE_CHECKING, Any, Final

from ..clock import iso_timestamp
from ..limits import SERVER_LIMITS
from ..traffic.call import Answer, Call
from .failures import REFUSED_BY_LANGUAGE, failure_of, refusal_of
from .outcomes import value_of
from .remembering import remember

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from smalltalk import Outcome

    from ..running.evaluator import Run
    from ..sessions.session import Session

#: Entries `history` answers unless told, as many as the documented client shows.
HISTORY_COUNT: Final = 50
HISTORY_CHARS_MAX: Final = SERVER_LIMITS["history_chars_max"].value
#: Entries read in one go; the code of each may have a million characters.
_ROWS_AT_ONCE: Final = 16


def evaluate(session: "Session", run: "Run") -> Answer:
    """Run code; its value is the result, its failure a failure. Runs in the run's greenlet.

    Raises:
        RefusedError: ContextNotFound or ObjectNotFound, the computation in which it is to run does not wait or has no
            such frame.
    """
    parameters = run.call.request.parameters
    assert run.evaluation is not None
    try:
        outcome = session.state.image().evaluate(
            parameters["code"],
            tool_id=parameters.get("tool_id"),
            display=parameters.get("evaluation_mode") == "Display",
            evaluation=run.evaluation,
            context_id=parameters.get("context"),
            frame=parameters.get("frame", 0),
        )
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    return _ended(session, run, outcome)


def finish_evaluate(session: "Session", run: "Run") -> Answer:
    """Let the evaluation go on that the server's end stopped. Runs in the run's greenlet.

    Raises:
        RefusedError: ContextNotFound or NotResumable, what was kept of it is gone or damaged.
    """
    stopped = run.call.stopped
    assert stopped is not None
    assert run.evaluation is not None
    try:
        outcome = session.state.image().resume_stopped(stopped.context_id, evaluation=run.evaluation)
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    return _ended(session, run, outcome)


def _ended(session: "Session", run: "Run", outcome: "Outcome") -> Answer:
    """Remember what came of it and answer that."""
    code = run.call.request.parameters["code"]
    session.parts.counters.evaluations += 1
    used_ms = remember(session, run, code, outcome, outcome.result, has_error=False)
    if outcome.failure is not None:
        return failure_of(run, outcome)
    answer = value_of(session, outcome, used_ms)
    answer.update(session.parts.quotas.warning(session.client_id))
    return answer


def interrupt(session: "Session", _call: Call) -> Answer:
    """Stop the evaluation under way; those that wait stay in the queue."""
    return {"session_id": session.token, "interrupted": session.interrupt()}


def history(session: "Session", call: Call) -> Answer:
    """Answer past evaluations, as many as fit a page; without `offset` the latest ones."""
    parameters = call.request.parameters
    count, offset = parameters.get("count", HISTORY_COUNT), parameters.get("offset")
    total = session.parts.keeper.store.history(session.sid, 0, 0).total
    start = max(0, total - count) if offset is None else min(offset, total)
    rows = _rows(session, range(start, min(total, start + count)), is_backward=offset is None)
    entries = [_entry(*row) for row in _fitting(rows)]
    return {"session_id": session.token, "total": total, "entries": entries[::-1] if offset is None else entries}


def _rows(session: "Session", wanted: range, *, is_backward: bool) -> "Iterator[tuple[int, dict[str, Any]]]":
    """Yield entries of the history, a few read at a time, from the end that has to be in the page."""
    store = session.parts.keeper.store
    while wanted:
        part, wanted = (
            (wanted[-_ROWS_AT_ONCE:], wanted[:-_ROWS_AT_ONCE])
            if is_backward
            else (wanted[:_ROWS_AT_ONCE], wanted[_ROWS_AT_ONCE:])
        )
        entries = store.history(session.sid, part.start, len(part)).entries
        yield from reversed(entries) if is_backward else entries


def _fitting(rows: "Iterable[tuple[int, dict[str, Any]]]") -> "Iterator[tuple[int, dict[str, Any]]]":
    """Yield rows until a page is full; the first one fits any."""
    room = HISTORY_CHARS_MAX
    for row in rows:
        size = len(row[1]["code"]) + len(row[1]["result"])
        if size > room < HISTORY_CHARS_MAX:
            return
        room -= size
        yield row


def _entry(seq: int, stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "seq": seq,
        "code": stored["code"],
        "result": stored["result"],
        "timestamp": iso_timestamp(stored["timestamp_ms"]),
        "execution_time": stored["execution_ms"],
        "has_error": stored["has_error"],
    }
