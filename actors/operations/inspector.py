"""inspect, and the inspector's path, selection and views, which belong to the session's image.

Showing an object prints it and so runs user code, within the budget of one run; a step of the inspector is taken before
and stays taken whatever becomes of the printing. All take their turn like an evaluation and are durable like one.
"""

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from smalltalk import InspectorError

from ..traffic.call import Answer
from .failures import REFUSED_BY_LANGUAGE, failure_of, refusal_of
from .outcomes import written

if TYPE_CHECKING:
    from collections.abc import Callable

    from smalltalk import Child, ObjectView

    from ..running.evaluator import Run
    from ..sessions.session import Session

#: Children shown unless told.
_CHILDREN_COUNT: Final = 50
#: Levels of children shown unless told. The documented client's own default is five, but its reply has room for one.
_DEPTH: Final = 1


def inspect(session: "Session", run: "Run") -> Answer:
    """Show an object and a page of its children. Runs in the run's greenlet.

    Raises:
        RefusedError: ObjectNotFound.
    """
    parameters = run.call.request.parameters
    assert run.evaluation is not None
    try:
        outcome = session.state.image().inspect(
            evaluation=run.evaluation,
            target=parameters.get("target"),
            object_id=parameters.get("object_id"),
            tool_id=parameters.get("tool_id"),
            **_page(parameters),
        )
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
    if outcome.failure is not None:
        return failure_of(run, outcome)
    shown = {**_shown(outcome.value), "session_id": session.token}
    if parameters.get("include_methods"):
        shown["methods"] = outcome.value.methods
    shown.update(written(session, outcome))
    return shown


def _page(parameters: dict[str, Any]) -> dict[str, int]:
    """Return which children are asked for."""
    count = parameters.get("count", _CHILDREN_COUNT)
    depth = parameters.get("depth", _DEPTH)
    return {"offset": parameters.get("offset", 0), "count": count if depth else 0, "depth": depth}


def _shown(view: "ObjectView") -> dict[str, Any]:
    """Write an object's view as the wire wants it."""
    shown: dict[str, Any] = {
        "object_info": {
            "class_name": view.class_name,
            "string_representation": view.text,
            "hash": view.hash,
            "size": view.size,
            "object_id": view.object_id,
        },
        "instance_vars": {child.name: child.text for child in view.children if child.is_variable},
        "children": [_row(child) for child in view.children],
        "total_children": view.children_total,
    }
    if view.view_text is not None:
        shown["view_text"] = view.view_text
    return shown


def _row(child: "Child") -> dict[str, Any]:
    """Write a child as the wire wants it, and its own children if it was looked into."""
    row: dict[str, Any] = {
        "name": child.name,
        "class_name": child.class_name,
        "string_representation": child.text,
        "object_id": child.object_id,
        "is_reference": child.is_cycle,
    }
    if child.children_total is not None:
        row["children"] = [_row(each) for each in child.children]
        row["total_children"] = child.children_total
    return row


def navigate(session: "Session", run: "Run") -> Answer:
    """Move the inspector: into a child, back, forward, or to a place of its path."""
    parameters = run.call.request.parameters
    if "into" in parameters:
        return _stepped(session, run, partial(_of_child, _entering(session), parameters["into"]))
    back, forward = parameters.get("back", False), parameters.get("forward", False)
    return _stepped(
        session, run, lambda: session.state.image().navigate(back=back, forward=forward, to=parameters.get("to"))
    )


def select(session: "Session", run: "Run") -> Answer:
    """Select a child of the inspected object; without one, nothing."""
    child = run.call.request.parameters.get("child")
    return _stepped(session, run, partial(_of_child, session.state.image().select, child))


def view(session: "Session", run: "Run") -> Answer:
    """Choose how the inspected object is shown."""
    parameters = run.call.request.parameters
    return _stepped(session, run, lambda: session.state.image().view(parameters["name"], parameters.get("settings")))


def define_view(session: "Session", run: "Run") -> Answer:
    """Add a custom view for a class, or replace it."""
    parameters = run.call.request.parameters
    return _stepped(
        session,
        run,
        lambda: session.state.image().define_view(parameters["class"], parameters["name"], parameters["code"]),
    )


def inspector_state(session: "Session", _run: "Run") -> Answer:
    """Answer the inspector's path, selection and views."""
    return _state(session, session.state.image().inspector_state)


def _entering(session: "Session") -> "Callable[[str | int | None], dict[str, Any]]":
    """Return what takes the inspector into a child."""
    return lambda child: session.state.image().navigate(into=child)


def _of_child(question: "Callable[[str | int | None], dict[str, Any]]", child: str | None) -> dict[str, Any]:
    """Ask about a child by its name; a number that is no name is taken as its place, from 0.

    The elements of a sequence are named 1, 2, ..., so there the name wins.
    """
    try:
        return question(child)
    except InspectorError:
        if child is None or not (child.isascii() and child.isdigit()):
            raise
        return question(int(child))


def _stepped(session: "Session", run: "Run", step: "Callable[[], dict[str, Any]]") -> Answer:
    """Answer the inspector's state after a step, and the object shown now. Runs in the run's greenlet.

    Without an object yet, or when showing it was stopped, the state alone is answered: the step was taken.

    Raises:
        RefusedError: ObjectNotFound, ClassNotFound, SyntaxError.
    """
    state = _state(session, step)
    if not state["path"]:
        return state
    assert run.evaluation is not None
    outcome = session.state.image().inspect_current(evaluation=run.evaluation, **_page(run.call.request.parameters))
    return state if outcome.failure is not None else {**state, **_shown(outcome.value)}


def _state(session: "Session", question: "Callable[[], dict[str, Any]]") -> dict[str, Any]:
    """Answer the inspector's state after doing something to it.

    Raises:
        RefusedError: ObjectNotFound, ClassNotFound, SyntaxError.
    """
    try:
        return {"session_id": session.token, **question()}
    except REFUSED_BY_LANGUAGE as error:
        raise refusal_of(error) from error
