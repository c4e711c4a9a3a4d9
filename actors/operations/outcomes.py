"""What came of an evaluation, as the wire wants it: the answer of `evaluate`, and of whatever lets one go on."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smalltalk import Outcome

    from ..session import Session


def value_of(session: "Session", outcome: "Outcome", used_ms: int) -> dict[str, Any]:
    """Write the value that an evaluation came to.

    Args:
        session: where it ran.
        outcome: its outcome, without a failure.
        used_ms: the time it took.
    """
    result: dict[str, Any] = {
        "result": outcome.result,
        "result_type": outcome.class_name,
        "execution_time": used_ms,
        "has_error": False,
        "object_id": session.state.image().object_id(outcome.value),
        "session_id": session.token,
    }
    if outcome.display is not None:
        result["display"] = outcome.display
    if outcome.transcript:
        result["transcript"] = outcome.transcript
    return result
