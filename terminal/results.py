"""What a server answers, as typed values; each reads itself from a result of dialect B.

A result that lacks a documented field raises KeyError, TypeError or ValueError, which the conversation turns into a
`BadReplyError`. Times are text with a zone, as the server wrote them; durations carry their unit.
"""

from typing import Any, NamedTuple, Self

from .suspensions import ErrorState


class Pong(NamedTuple):
    """The server is there."""

    message: Any
    uptime_s: int
    server: str
    version: str
    protocol: str

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `ping`."""
        return cls(result["message"], result["uptime"], result["server"], result["version"], result["protocol"])


class Session(NamedTuple):
    """What the server says of a session; `hibernated` only where it was asked for the session alone."""

    session_id: str
    client_id: str
    created_at: str
    last_modified: str
    expires_at: str
    is_active: bool
    hibernated: bool | None

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return a session's metadata."""
        return cls(
            result["session_id"],
            result["client_id"],
            result["created_at"],
            result["last_modified"],
            result["expires_at"],
            result["is_active"],
            result.get("hibernated"),
        )


class Variable(NamedTuple):
    """A variable of a workspace: `text` describes its value, `tool_id` is empty for the session's own workspace."""

    name: str
    class_name: str
    text: str
    object_id: str
    tool_id: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one variable of a restored session."""
        return cls(row["name"], row["class_name"], row["text"], row["object_id"], row["tool_id"])


class RestoredSession(NamedTuple):
    """A session that was brought back, with what is in it."""

    session: Session
    variables: tuple[Variable, ...]
    inspector: "InspectorState"
    client_state: dict[str, Any]
    objects: dict[str, str]
    error_state: ErrorState

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `restore_session`."""
        return cls(
            Session.read(result),
            tuple(Variable.read(row) for row in result["workspace_context"]["variables"]),
            InspectorState.read(result["inspector_state"]),
            result["session_state"],
            result["object_registry"],
            ErrorState.read(result.get("error_state")),
        )


class Whole(NamedTuple):
    """The String of the session that has all of a text which was cut, and how many characters it has."""

    object_id: str
    size: int

    @classmethod
    def read_all(cls, result: dict[str, Any]) -> "dict[str, Whole]":
        """Return those of a reply, or of an error's details, by what was cut."""
        return {name: cls(row["object_id"], row["size"]) for name, row in result.get("whole", {}).items()}


class TextPage(NamedTuple):
    """Some characters of a long text: the first one's number from 0, and how many the whole has."""

    text: str
    offset: int
    total: int

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `read_text`."""
        return cls(result["text"], result["offset"], result["total"])


class Evaluation(NamedTuple):
    """The value of an expression; `display` only where it was asked for, `whole` by the names of what was cut."""

    result: str
    class_name: str
    execution_time_ms: int
    display: str | None
    object_id: str | None
    transcript: str
    session_id: str
    whole: dict[str, Whole]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `evaluate`."""
        return cls(
            result["result"],
            result["result_type"],
            result["execution_time"],
            result.get("display"),
            result.get("object_id"),
            result.get("transcript", ""),
            result["session_id"],
            Whole.read_all(result),
        )


class Child(NamedTuple):
    """A part of an inspected object: an instance variable or an element, with its own parts if that deep was asked."""

    name: str
    class_name: str
    text: str
    object_id: str
    children: tuple["Child", ...] = ()
    children_total: int = 0

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one row of an object's children."""
        return cls(
            row["name"],
            row["class_name"],
            row["string_representation"],
            row["object_id"],
            tuple(Child.read(each) for each in row.get("children", ())),
            row.get("total_children", 0),
        )


class ObjectView(NamedTuple):
    """An inspected object and a page of its children; `view_text` is what the chosen custom view shows, if any."""

    class_name: str
    text: str
    size: int
    object_id: str
    children: tuple[Child, ...]
    children_total: int
    view_text: str | None

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `inspect`, or of a step of the inspector that shows its object."""
        info = result["object_info"]
        return cls(
            info["class_name"],
            info["string_representation"],
            info["size"],
            info["object_id"],
            tuple(Child.read(row) for row in result["children"]),
            result["total_children"],
            result.get("view_text"),
        )


class Step(NamedTuple):
    """One breadcrumb of the inspector."""

    object_id: str
    label: str


class InspectorState(NamedTuple):
    """Where the inspector stands: `position` in `path`, and the child that is selected there.

    `shown` is the object there; None where there is none, showing it was stopped, or only the state was asked for.
    """

    path: tuple[Step, ...]
    position: int
    selected: str | None
    view: str
    shown: ObjectView | None

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the inspector's state; without an index it stands at the end of its path."""
        path = tuple(Step(row["object_id"], row["label"]) for row in result["path"])
        position = result.get("index", len(path) - 1)
        shown = ObjectView.read(result) if "object_info" in result else None
        return cls(path, position, result["selected_object"], result["view"]["name"], shown)


class HistoryEntry(NamedTuple):
    """A past evaluation; `result` is the error's text when `has_error`."""

    seq: int
    code: str
    result: str
    timestamp: str
    execution_time_ms: int
    has_error: bool

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one entry."""
        return cls(row["seq"], row["code"], row["result"], row["timestamp"], row["execution_time"], row["has_error"])


class History(NamedTuple):
    """A page of a session's past evaluations, newest last."""

    total: int
    entries: tuple[HistoryEntry, ...]

    @classmethod
    def read(cls, result: dict[str, Any]) -> Self:
        """Return the answer to `history`."""
        return cls(result["total"], tuple(HistoryEntry.read(row) for row in result["entries"]))


class Savepoint(NamedTuple):
    """A named state of a session."""

    name: str
    saved_at: str
    size_bytes: int

    @classmethod
    def read(cls, row: dict[str, Any]) -> Self:
        """Return one savepoint."""
        return cls(row["name"], row["saved_at"], row["size_bytes"])
