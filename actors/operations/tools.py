"""Completion and searches: they run no user code, but may read all methods there are.

So they are done as evaluations: a slice at a time, within a budget, and `interrupt` stops them.
"""

from typing import TYPE_CHECKING, Any, Final

import smalltalk
from smalltalk import ClassBrowser, listing_row

from ..traffic.call import Answer
from .browser import ROWS_COUNT, found
from .searches import pause_of, searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk import CodeSearch, Method

    from ..running.evaluator import Run
    from ..sessions.session import Session

#: Proposals of a completion unless told: more than a menu shows.
SUGGESTIONS_COUNT: Final = 50


def complete(session: "Session", run: "Run") -> Answer:
    """Propose what may stand at a place in code."""
    asked, image = run.call.request.parameters, session.state.image()
    variables = [
        smalltalk.WorkspaceVariable(each["name"], each["class_name"], each["text"])
        for each in image.variables(asked.get("tool_id", ""))
    ]

    def answer() -> dict[str, Any]:
        completer = smalltalk.Completer(image.world, variables, pause_of(run))
        code: str = asked["code"]
        completion = completer.complete(code, asked.get("position", len(code)), asked.get("limit", SUGGESTIONS_COUNT))
        suggestions = [suggestion._asdict() for suggestion in completion.suggestions]
        return {"suggestions": suggestions, "start": completion.start, "session_id": session.token}

    return searched(run, answer)


def senders(session: "Session", run: "Run") -> Answer:
    """List the methods that send a message."""
    selector = run.call.request.parameters["selector"]
    return _methods(session, run, lambda search: search.senders(selector))


def implementors(session: "Session", run: "Run") -> Answer:
    """List the methods of a selector."""
    selector = run.call.request.parameters["selector"]
    return _methods(session, run, lambda search: search.implementors(selector))


def references(session: "Session", run: "Run") -> Answer:
    """List the methods that use a global."""
    name = run.call.request.parameters["name"]
    return _methods(session, run, lambda search: search.references(name))


def search_methods(session: "Session", run: "Run") -> Answer:
    """Find methods by part of the selector.

    Raises:
        RefusedError: ClassNotFound.
    """
    asked = run.call.request.parameters
    name, mode = asked.get("class_name"), asked.get("mode", "All")
    if name is not None:
        browser = ClassBrowser(session.state.image().world)
        found(lambda: browser.behavior(name))
    return _methods(session, run, lambda search: search.methods(asked["query"], name, mode))


def search_classes(session: "Session", run: "Run") -> Answer:
    """Find classes by part of the name."""
    asked, world = run.call.request.parameters, session.state.image().world
    browser = ClassBrowser(world)
    classes = smalltalk.CodeSearch(world, pause_of(run)).classes(asked["query"])
    shown = [browser.class_row(each) for each in classes[: asked.get("limit", ROWS_COUNT)]]
    return {"classes": shown, "total_count": len(classes), "session_id": session.token}


def _methods(session: "Session", run: "Run", question: "Callable[[CodeSearch], list[Method]]") -> Answer:
    """Answer a search's methods in short."""
    search = smalltalk.CodeSearch(session.state.image().world, pause_of(run))
    limit = run.call.request.parameters.get("limit", ROWS_COUNT)

    def answer() -> dict[str, Any]:
        methods = question(search)
        rows = [listing_row(method) for method in methods[:limit]]
        return {"methods": rows, "total_count": len(methods), "session_id": session.token}

    return searched(run, answer)
