"""Operations on savepoints: named states of a session to come back to."""

from ..kinds import Text
from .model import ERROR_STATE, Field, Operation, Parameter, Scope

_NAME = Parameter("name", Text(minimum=1), "the savepoint's name; default unless told")
_ERRORS = ("SessionNotFound", "PermissionDenied", "StorageError")
_SESSION = Field("session_id", "text", "the session")

SAVEPOINT_OPERATIONS = (
    Operation(
        name="save_context",
        doc="Saves the session's state under a name; a savepoint of that name is replaced.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(_NAME,),
        returns=(
            _SESSION,
            Field("name", "text", "the savepoint"),
            Field("saved_at", "text", "time with zone"),
            Field("size_bytes", "count", "what it takes"),
        ),
        errors=("LimitExceeded", *_ERRORS),
    ),
    Operation(
        name="load_context",
        doc="Puts the session back to a savepoint; what came after is gone.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(_NAME,),
        returns=(
            _SESSION,
            Field("name", "text", "the savepoint"),
            Field("loaded", "boolean", "true"),
            Field("context", "object", "{variables, ...} of the workspace", is_optional=True),
        ),
        errors=("ContextNotFound", *_ERRORS),
    ),
    Operation(
        name="get_context_summary",
        doc="Answers the session's savepoints, and which computations wait.",
        scope=Scope.SESSION,
        returns=(_SESSION, Field("contexts", "list", "{name, saved_at, size_bytes}, oldest first"), ERROR_STATE),
        errors=("SessionNotFound", "PermissionDenied"),
    ),
    Operation(
        name="clear_context",
        doc="Deletes a savepoint.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(_NAME,),
        returns=(_SESSION, Field("name", "text", "the savepoint"), Field("cleared", "boolean", "true")),
        errors=("ContextNotFound", *_ERRORS),
    ),
)
