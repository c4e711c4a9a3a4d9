"""The class browser's operations: they only read, and run no user code.

They take their turn like an evaluation, so that a client sees what all it asked for before has done, and what they
show is durable when it is told.
"""

from typing import TYPE_CHECKING, Any, Final

from smalltalk import ClassBrowser, ClassNotFoundError, MethodNotFoundError, code_row, method_row

from ..traffic.call import Answer, RefusedError
from .searches import pause_of, searched

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..running.evaluator import Run
    from ..sessions.session import Session

#: Rows answered unless told; as many as a page may have.
ROWS_COUNT: Final = 1_000


def browse_class(session: "Session", run: "Run") -> Answer:
    """Show a class.

    Raises:
        RefusedError: ClassNotFound.
    """
    asked = run.call.request.parameters
    browser = ClassBrowser(session.state.image().world, pause_of(run))
    subject = found(lambda: browser.subject(asked["class_name"]))
    has_methods = asked.get("include_methods", True)

    def answer() -> dict[str, Any]:
        return {
            "class_info": browser.class_row(subject),
            "instance_methods": browser.method_rows(subject) if has_methods else [],
            "class_methods": browser.method_rows(subject.metaclass) if has_methods else [],
            "instance_vars": list(subject.own_variables) if asked.get("include_instance_vars", True) else [],
            "class_vars": browser.class_variables(subject) if asked.get("include_class_vars", True) else [],
            "session_id": session.token,
        }

    return searched(run, answer)


def list_classes(session: "Session", run: "Run") -> Answer:
    """List classes by name."""
    asked, browser = run.call.request.parameters, _browser(session)
    matching = browser.classes(asked.get("pattern", "*"), include_system=asked.get("include_system", True))
    shown = [browser.class_row(each) for each in matching[: asked.get("limit", ROWS_COUNT)]]
    return {"classes": shown, "total_count": len(matching), "session_id": session.token}


def get_method(session: "Session", run: "Run") -> Answer:
    """Show one method of a class.

    Raises:
        RefusedError: ClassNotFound, MethodNotFound.
    """
    return {"method": method_row(_method(session, run)), "session_id": session.token}


def get_method_code(session: "Session", run: "Run") -> Answer:
    """Answer the source of a method.

    Raises:
        RefusedError: ClassNotFound, MethodNotFound.
    """
    return {"method": code_row(_method(session, run)), "session_id": session.token}


def get_class_tree(session: "Session", run: "Run") -> Answer:
    """Answer the tree of classes.

    Raises:
        RefusedError: ClassNotFound.
    """
    name, browser = run.call.request.parameters.get("class_name"), _browser(session)
    return {"classes": found(lambda: browser.tree(name)), "session_id": session.token}


def get_method_categories(session: "Session", run: "Run") -> Answer:
    """List the categories of a class's methods.

    Raises:
        RefusedError: ClassNotFound.
    """
    asked, browser = run.call.request.parameters, _browser(session)
    rows = found(lambda: browser.categories(asked["class_name"], asked.get("mode", "Instance")))
    return {"categories": rows, "session_id": session.token}


def get_method_list(session: "Session", run: "Run") -> Answer:
    """List the methods of a class.

    Raises:
        RefusedError: ClassNotFound.
    """
    asked, browser = run.call.request.parameters, _browser(session)
    rows = found(lambda: browser.listing(asked["class_name"], asked.get("mode", "Instance"), asked.get("category")))
    return {"methods": rows, "session_id": session.token}


def found(question: "Callable[[], Any]") -> Any:
    """Ask about a class or method.

    Raises:
        RefusedError: ClassNotFound, MethodNotFound; names the nearest one.
    """
    try:
        return question()
    except (ClassNotFoundError, MethodNotFoundError) as error:
        error_type = "ClassNotFound" if isinstance(error, ClassNotFoundError) else "MethodNotFound"
        details = {"suggestion": error.suggestion} if error.suggestion else None
        raise RefusedError(error_type, str(error), details) from error


def _browser(session: "Session") -> ClassBrowser:
    return ClassBrowser(session.state.image().world)


def _method(session: "Session", run: "Run") -> Any:
    """Return the method that is asked for."""
    asked, browser = run.call.request.parameters, _browser(session)
    is_class_side = asked.get("is_class_method", False)
    return found(lambda: browser.method(asked["class_name"], asked["method_name"], is_class_side=is_class_side))
