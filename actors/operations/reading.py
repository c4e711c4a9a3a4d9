"""read_text: a long text of the session, in pages."""

from typing import TYPE_CHECKING

from smalltalk import characters_of

from ..traffic.call import Answer
from .failures import REFUSED_BY_LANGUAGE, refusal_of

if TYPE_CHECKING:
    from ..running.evaluator import Run
    from ..sessions.session import Session


def read_text(session: "Session", run: "Run") -> Answer:
    """Answer characters of a String or Symbol. Takes its turn, because what runs may change it.

    Raises:
        RefusedError: ObjectNotFound, no object has that id, or it is no text.
    """
    parameters, most = run.call.request.parameters, session.parts.settings.result_chars
    offset, count = parameters.get("offset", 0), min(parameters.get("count", most), most)
    try:
        value = session.state.image().object_by_id(parameters["object_id"])
        text = characters_of(value, parameters["object_id"])
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    return {
        "text": text[offset : offset + count],
        "offset": min(offset, len(text)),
        "total": len(text),
        "session_id": session.token,
    }
