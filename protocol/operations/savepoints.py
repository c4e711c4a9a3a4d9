"""Operations on savepoints: named states of a session to come back to."""

from ..kinds import Integer, Text
from .model import DISK_WARNING, ERROR_STATE, Field, Operation, Parameter, Scope

_STEPS_MAX = 1_000
"""More than can be undone."""

_SEQ_MAX = 2**53
"""The largest integer every JSON reader keeps."""

_NAME = Parameter("name", Text(minimum=1), "the savepoint's name; default unless told")
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
            DISK_WARNING,
        ),
    ),
    Operation(
        name="load_context",
        doc="Puts the session back to a savepoint; an automatic savepoint keeps what was before, and undo undoes it.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(_NAME,),
        returns=(
            _SESSION,
            Field("name", "text", "the savepoint"),
            Field("loaded", "boolean", "true"),
            Field("savepoint", "text", "the automatic savepoint that keeps what was before"),
        ),
        errors=("ContextNotFound",),
    ),
    Operation(
        name="undo",
        doc="Puts the session back to the state before an evaluation, one of the last hundred; history tells their "
        "numbers. It is noted in the history, and undone by an undo before that entry.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(
            Parameter("steps", Integer(1, _STEPS_MAX), "how many evaluations still in effect to undo; 1 unless told"),
            Parameter("before", Integer(1, _SEQ_MAX), "seq of the evaluation to go back before, instead of steps"),
        ),
        returns=(
            _SESSION,
            Field("before", "count", "seq of the evaluation before which the session is now"),
            Field("code", "text", "what that evaluation ran"),
            Field("seq", "count", "seq of the undo itself: undo before it to redo"),
            Field("savepoint", "text", "the automatic savepoint that keeps what was before"),
        ),
        errors=("ContextNotFound",),
    ),
    Operation(
        name="diff",
        doc="Compares two states of the session: by default the one before the last evaluation with the present.",
        scope=Scope.SESSION,
        optional=(
            Parameter("savepoint", Text(minimum=1), "the earlier state: a savepoint"),
            Parameter("before", Integer(1, _SEQ_MAX), "or the state before the evaluation of this seq"),
            Parameter("to_savepoint", Text(minimum=1), "the later state: a savepoint; the present unless told"),
            Parameter("to_before", Integer(1, _SEQ_MAX), "or the state before the evaluation of this seq"),
        ),
        returns=(
            _SESSION,
            Field("variables", "object", "{added, removed, changed}: names, those of a tool as tool:name"),
            Field("classes", "object", "{added, removed, changed}: names of classes defined"),
            Field("methods", "object", "{added, removed, changed}: Class>>selector"),
            Field("objects", "object", "{added, removed, changed}: how many"),
            Field("is_complete", "boolean", "whether no list was cut short"),
        ),
        errors=("ContextNotFound", "Timeout"),
    ),
    Operation(
        name="get_context_summary",
        doc="Answers the session's savepoints, and which computations wait.",
        scope=Scope.SESSION,
        returns=(
            _SESSION,
            Field("contexts", "list", "{name, saved_at, size_bytes, automatic}, oldest first"),
            Field(
                "undo",
                "object",
                "{count, oldest, newest} of the history entries undo goes back before",
                is_optional=True,
            ),
            ERROR_STATE,
        ),
    ),
    Operation(
        name="clear_context",
        doc="Deletes a savepoint.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(_NAME,),
        returns=(_SESSION, Field("name", "text", "the savepoint"), Field("cleared", "boolean", "true")),
        errors=("ContextNotFound",),
    ),
)
