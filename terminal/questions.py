"""The questions a client may ask: each builds an operation's parameters and knows how to read its result.

Both clients offer each of these functions as a method that asks the question. What the conversation adds to every
question (session, client, op_id) is no parameter here; None means: leave it out.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .pastresults import Difference, Undone
from .results import (
    Evaluation,
    History,
    InspectorState,
    ObjectView,
    Pong,
    RestoredSession,
    Savepoint,
    Session,
    TextPage,
)
from .sourceresults import FileInReport, MethodHistory, MethodText, Suggestions, SuiteReport

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Question(Generic[Result]):
    """One operation to be asked, and the reader of its result."""

    operation: str
    parameters: dict[str, Any]
    read: Callable[[dict[str, Any]], Result]


def _given(**parameters: Any) -> dict[str, Any]:
    """Return the parameters that were given."""
    return {name: value for name, value in parameters.items() if value is not None}


# The server


def ping(message: str | None = None) -> Question[Pong]:
    """Ask whether the server is there."""
    return Question("ping", _given(message=message), Pong.read)


def describe() -> Question[dict[str, Any]]:
    """Ask for the table of operations, dialects, limits and error types."""
    return Question("describe", {}, dict)


# Sessions


def create(from_session: str | None = None, client_info: dict[str, Any] | None = None) -> Question[Session]:
    """Make a session, which becomes the client's current one; with `from_session` as a copy of that one."""
    return Question("create_session", _given(from_session=from_session, client_info=client_info), Session.read)


def restore(session_id: str | None = None) -> Question[RestoredSession]:
    """Bring a session back, by default the current one; it becomes the client's current one."""
    return Question("restore_session", _given(session_id=session_id), RestoredSession.read)


def close_session(session_id: str | None = None) -> Question[str]:
    """End a session, by default the current one; answers its id."""
    return Question("close_session", _given(session_id=session_id), lambda result: str(result["session_id"]))


def session_info(session_id: str | None = None) -> Question[Session]:
    """Ask for a session's metadata without waking it."""
    return Question("get_session_info", _given(session_id=session_id), Session.read)


def sessions() -> Question[tuple[Session, ...]]:
    """Ask for the client's sessions."""
    return Question("list_client_sessions", {}, lambda result: tuple(Session.read(row) for row in result["sessions"]))


def keep_state(state: dict[str, Any]) -> Question[dict[str, Any]]:
    """Keep the client's own state (panes, cursor, layout) with the session; answers what is now kept."""
    return Question("update_session_state", {"state_data": state}, lambda result: dict(result["session_state"]))


# The workspace


def evaluate(
    code: str,
    *,
    display: bool = False,
    tool_id: str | None = None,
    timeout_ms: int | None = None,
    context: str | None = None,
    frame: int | None = None,
    op_id: str | None = None,
) -> Question[Evaluation]:
    """Run Smalltalk code; its effects are durable when the answer is there.

    Args:
        code: Source of a do-it.
        display: Also answer the value's displayString.
        tool_id: Whose variables are meant; None is the session's workspace.
        timeout_ms: Processor time it may use, at most the server's budget.
        context: A computation that waits, in which the code runs: it sees the variables of one of its frames.
        frame: Which frame, 0 for the innermost.
        op_id: Key of an earlier attempt whose answer never came: it is answered, or done now, but never twice.
    """
    mode = "Display" if display else None
    parameters = _given(code=code, evaluation_mode=mode, tool_id=tool_id, timeout_ms=timeout_ms, op_id=op_id)
    return Question("evaluate", parameters | _given(context=context, frame=frame), Evaluation.read)


def read_text(object_id: str, offset: int | None = None, count: int | None = None) -> Question[TextPage]:
    """Read characters of a String: of the whole of a text that was cut (`Evaluation.whole`), or of any other."""
    return Question("read_text", _given(object_id=object_id, offset=offset, count=count), TextPage.read)


def complete(
    code: str, position: int | None = None, *, tool_id: str | None = None, limit: int | None = None
) -> Question[Suggestions]:
    """Ask what may stand at a place in code, after so many characters; at its end without."""
    parameters = _given(code=code, position=position, tool_id=tool_id, limit=limit)
    return Question("complete", parameters, Suggestions.read)


def interrupt() -> Question[bool]:
    """Stop the running evaluation; answers whether one was running."""
    return Question("interrupt", {}, lambda result: bool(result["interrupted"]))


def history(offset: int | None = None, count: int | None = None) -> Question[History]:
    """Ask for past evaluations; without `offset` the latest ones."""
    return Question("history", _given(offset=offset, count=count), History.read)


# The inspector


def inspect(
    target: str | None = None,
    *,
    object_id: str | None = None,
    offset: int | None = None,
    count: int | None = None,
    depth: int | None = None,
) -> Question[ObjectView]:
    """Show the value of an expression, or the object with an id, and a page of its children, to a depth of levels."""
    parameters = _given(target=target, object_id=object_id, offset=offset, count=count, depth=depth)
    return Question("inspect", parameters, ObjectView.read)


def navigate(
    *,
    into: str | int | None = None,
    back: bool = False,
    forward: bool = False,
    to: int | None = None,
    offset: int | None = None,
) -> Question[InspectorState]:
    """Move the inspector: into a child, back, forward, or to a place of its path; exactly one of them.

    The children that are shown there begin after so many (`offset`).
    """
    parameters = _given(into=into, back=back or None, forward=forward or None, to=to, offset=offset)
    return Question("navigate", parameters, InspectorState.read)


def select(child: str | int | None = None) -> Question[InspectorState]:
    """Select a child of the inspected object; None selects nothing."""
    return Question("select", _given(child=child), InspectorState.read)


def view(name: str, settings: dict[str, Any] | None = None) -> Question[InspectorState]:
    """Choose how the inspected object is shown."""
    return Question("view", _given(name=name, settings=settings), InspectorState.read)


def define_view(class_name: str, name: str, code: str) -> Question[InspectorState]:
    """Add a custom view for a class; `code` is a block that takes the object."""
    return Question("define_view", {"class": class_name, "name": name, "code": code}, InspectorState.read)


def inspector_state() -> Question[InspectorState]:
    """Ask where the inspector stands."""
    return Question("inspector_state", {}, InspectorState.read)


# Savepoints


def save_context(name: str | None = None) -> Question[Savepoint]:
    """Save the session's state under a name."""
    return Question("save_context", _given(name=name), Savepoint.read)


def load_context(name: str | None = None) -> Question[str]:
    """Put the session back to a savepoint; answers its name."""
    return Question("load_context", _given(name=name), lambda result: str(result["name"]))


def clear_context(name: str | None = None) -> Question[str]:
    """Delete a savepoint; answers its name."""
    return Question("clear_context", _given(name=name), lambda result: str(result["name"]))


def undo(*, steps: int | None = None, before: int | None = None) -> Question[Undone]:
    """Put the session back to before its last evaluation, so many, or the one of that number in its history."""
    return Question("undo", _given(steps=steps, before=before), Undone.read)


def diff(savepoint: str | None = None) -> Question[Difference]:
    """Ask what the last evaluation changed, or what differs now from a savepoint."""
    return Question("diff", _given(savepoint=savepoint), Difference.read)


def contexts() -> Question[tuple[Savepoint, ...]]:
    """Ask for the session's savepoints, oldest first."""
    return Question("get_context_summary", {}, lambda result: tuple(Savepoint.read(row) for row in result["contexts"]))


# Sources and tests


def file_in(text: str, file_format: str) -> Question[FileInReport]:
    """Define what a file holds; its format is chunk or tonel."""
    return Question("file_in", {"text": text, "format": file_format}, FileInReport.read)


def file_out(
    file_format: str, *, class_name: str | None = None, package: str | None = None, everything: bool = False
) -> Question[str]:
    """Write a class, a package or everything the session defined; exactly one of them. Answers the file's text."""
    parameters = {"format": file_format, **_given(package=package, all=everything or None)}
    parameters |= {} if class_name is None else {"class": class_name}
    return Question("file_out", parameters, lambda result: str(result["text"]))


def run_tests(classes: Sequence[str] | None = None, package: str | None = None) -> Question[SuiteReport]:
    """Run the tests of classes or of a package; without either, all of the session."""
    names = None if classes is None else list(classes)
    return Question("run_tests", _given(classes=names, package=package), SuiteReport.read)


def method(class_name: str, method_name: str) -> Question[MethodText]:
    """Ask for a method as it is at present; `Foo class` is the class side of Foo."""
    return Question("get_method", {"class_name": class_name, "method_name": method_name}, MethodText.read)


def method_versions(
    class_name: str, method_name: str | None = None, *, is_class_method: bool = False
) -> Question[MethodHistory]:
    """Ask what a method was before, and which methods its class has no more."""
    parameters = _given(class_name=class_name, method_name=method_name, is_class_method=is_class_method)
    return Question("method_versions", parameters, MethodHistory.read)


def restore_method(
    class_name: str, method_name: str, version_id: int, *, is_class_method: bool = False
) -> Question[str]:
    """Compile a former version of a method again; answers its source."""
    parameters = {"class_name": class_name, "method_name": method_name, "version_id": version_id}
    parameters["is_class_method"] = is_class_method
    return Question("restore_method", parameters, lambda result: str(result["method"]["source"]))


# Events


def subscribe(events: tuple[str, ...], from_seq: int | None = None, session_id: str | None = None) -> Question[int]:
    """Have a session's events sent over this connection, none to end it; answers the number of the latest one."""
    parameters = _given(events=list(events), from_seq=from_seq, session_id=session_id)
    return Question("subscribe", parameters, lambda result: int(result["seq"]))
