"""What a session remembers of a run: its entry in the history, and what subscribers are told once it is durable."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smalltalk import Outcome

    from ..running.evaluator import Run
    from ..sessions.session import Session


def remember(
    session: "Session",
    run: "Run",
    code: str,
    outcome: "Outcome",
    result: str,
    *,
    has_error: bool,
    context_id: str | None = None,
) -> int:
    """Note a run that came to its end; return the milliseconds it took.

    Args:
        session: Where it ran.
        run: The run.
        code: What ran; of what is no code, a comment that says it.
        outcome: What came of it.
        result: That in one line, unless it failed.
        has_error: Whether something went wrong although it did not fail.
        context_id: Name of the computation that came to its end with it, if that had been suspended before.
    """
    used_ms = session.parts.evaluator.used_ms(run)
    failure = outcome.failure
    if failure is not None:
        result, has_error = failure.title, True
    run.history = {
        "code": code,
        "result": result,
        "timestamp_ms": session.parts.clock.now_ms(),
        "execution_ms": used_ms,
        "has_error": has_error,
    }
    if session.parts.events.has_channel(session.token):
        if outcome.news:
            run.events.append(("transcript", {"text": outcome.news}))
        told: dict[str, Any] = {"code": code, "result": result, "execution_time": used_ms, "has_error": has_error}
        told["state"] = "finished" if outcome.context_id is None else "suspended"
        if outcome.context_id or context_id:
            told["context_id"] = outcome.context_id or context_id
        run.events.append(("evaluation", told))
    return used_ms
