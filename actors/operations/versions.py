"""Former versions of methods: seen, and brought back."""

from typing import TYPE_CHECKING, Any

import smalltalk
from smalltalk import ClassBrowser, VersionNotFoundError, method_row

from ..clock import iso_timestamp
from ..traffic.call import Answer, RefusedError
from .browser import found
from .failures import REFUSED_BY_LANGUAGE, refusal_of

if TYPE_CHECKING:
    from ..running.evaluator import Run
    from ..sessions.session import Session


def method_versions(session: "Session", run: "Run") -> Answer:
    """List a method's versions, and what its class has no more.

    Raises:
        RefusedError: ClassNotFound.
    """
    asked, history = run.call.request.parameters, smalltalk.MethodHistory(session.state.image().world)
    name, selector, is_class_side = asked["class_name"], asked.get("method_name"), asked.get("is_class_method", False)
    versions = found(lambda: history.versions(name, selector, is_class_side=is_class_side)) if selector else []
    return {
        "versions": [_row(version) for version in versions],
        "removed": found(lambda: history.removed(name, is_class_side=is_class_side)),
        "session_id": session.token,
    }


def _row(version: dict[str, Any]) -> dict[str, Any]:
    """Write a version as the wire wants it."""
    replaced_at_ms = version["replaced_at_ms"]
    return {
        "version_id": version["version_id"],
        "source": version["source"],
        "category": version["category"],
        "change": version["change"],
        "replaced_at": None if replaced_at_ms is None else iso_timestamp(replaced_at_ms),
    }


def restore_method(session: "Session", run: "Run") -> Answer:
    """Compile a former version of a method again.

    Raises:
        RefusedError: ClassNotFound, MethodNotFound, SyntaxError.
    """
    asked, world = run.call.request.parameters, session.state.image().world
    name, selector, is_class_side = asked["class_name"], asked["method_name"], asked.get("is_class_method", False)
    history = smalltalk.MethodHistory(world)
    try:
        found(lambda: history.restore(name, selector, asked["version_id"], is_class_side=is_class_side))
    except VersionNotFoundError as error:
        raise RefusedError("MethodNotFound", str(error)) from error
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    method = found(lambda: ClassBrowser(world).method(name, selector, is_class_side=is_class_side))
    return {"method": method_row(method), "session_id": session.token}
