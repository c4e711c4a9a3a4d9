"""What came of an evaluation, as the wire wants it: the answer of `evaluate`, and of whatever lets one go on."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smalltalk import Outcome

    from ..sessions.session import Session


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
    result.update(written(session, outcome))
    return result


def written(session: "Session", outcome: "Outcome") -> dict[str, Any]:
    """Write what the code wrote, if it wrote anything, and where the whole of each text is that was cut.

    The whole is a String of the session, kept like a result: `read_text` reads it in pages.
    """
    told: dict[str, Any] = {"transcript": outcome.transcript} if outcome.transcript else {}
    if outcome.long_texts:
        image = session.state.image()
        told["whole"] = {
            name: {"object_id": image.object_id(text), "size": len(text.text)}
            for name, text in outcome.long_texts.items()
        }
    return told
