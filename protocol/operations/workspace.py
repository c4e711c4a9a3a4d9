"""Operations of the workspace: evaluate, stop, look back."""

from ..kinds import Boolean, Choice, Identifier, Integer, Text
from ..limits import LIMITS
from .model import DISK_WARNING, WHOLE, Field, Operation, Parameter, Scope

TOOL_ID = Parameter("tool_id", Identifier(), "whose variables are meant; without it the session's workspace")
CODE = Parameter("code", Text(LIMITS["code_chars_max"].value), "Smalltalk source")
OFFSET = Parameter("offset", Integer(0, 2**63 - 1), "how many to skip; 0 unless told")
COUNT = Parameter("count", Integer(0, LIMITS["page_items_max"].value), "how many to answer; 50 unless told")
TIMEOUT = Parameter(
    "timeout_ms",
    Integer(1, LIMITS["timeout_ms_max"].value),
    "ms of CPU, and of waiting; at most the server's budgets",
)

WORKSPACE_OPERATIONS = (
    Operation(
        name="evaluate",
        doc="Runs Smalltalk code in a session, once; its effects are durable before the reply is sent. What fails or "
        "is stopped waits, and the error names it in `details.context_id`: see `debug`.",
        scope=Scope.SESSION,
        mutates=True,
        required=(CODE,),
        optional=(
            TOOL_ID,
            Parameter("context", Identifier(), "a suspended computation in which the code runs"),
            Parameter("frame", Integer(0, 2**31 - 1), "frame of the context, 0 for the innermost; 0 unless told"),
            Parameter("return_string", Boolean(), "accepted; the result is always text"),
            Parameter("evaluation_mode", Choice(("Execute", "Display")), "Display adds the displayString"),
            TIMEOUT,
        ),
        returns=(
            Field("result", "text", "printString of the value"),
            Field("result_type", "text", "name of its class"),
            Field("execution_time", "count", "ms"),
            Field("has_error", "boolean", "false; failures are error replies"),
            Field("display", "text", "displayString, in mode Display", is_optional=True),
            Field("object_id", "text", "names the value for inspect", is_optional=True),
            Field("transcript", "text", "what the code wrote", is_optional=True),
            WHOLE,
            Field("session_id", "text", "the session used"),
            DISK_WARNING,
        ),
        errors=(
            "EvaluationError",
            "SyntaxError",
            "Timeout",
            "ContextNotFound",
            "ObjectNotFound",
            "NotResumable",
        ),
    ),
    Operation(
        name="read_text",
        doc="Reads characters of a String or Symbol: the next page of a result or transcript that was cut, or of any "
        "long text. No code runs.",
        scope=Scope.SESSION,
        required=(
            Parameter("object_id", Identifier(), "the String, as `whole` of a reply names it", aliases=("objectId",)),
        ),
        optional=(
            Parameter("offset", Integer(0, 2**63 - 1), "how many characters to skip; 0 unless told"),
            Parameter(
                "count", Integer(1, LIMITS["string_chars_max"].value), "how many to answer, at most `result_chars`"
            ),
        ),
        returns=(
            Field("text", "text", "the characters"),
            Field("offset", "count", "number of the first, from 0"),
            Field("total", "count", "how many the whole has"),
            Field("session_id", "text", "the session"),
        ),
        errors=("ObjectNotFound",),
    ),
    Operation(
        name="interrupt",
        doc="Stops the running evaluation; waiting ones stay in the queue, state is kept. While none runs or waits, "
        "ends the session's processes that run in the background; those that only wait go on waiting.",
        scope=Scope.SESSION,
        mutates=True,
        returns=(
            Field("session_id", "text", "the session"),
            Field("interrupted", "boolean", "whether anything was running"),
        ),
    ),
    Operation(
        name="history",
        doc="Answers past evaluations, newest last; without offset the latest ones. Filing in and running tests count, "
        "their code is a comment. A page ends early when its texts have a million characters.",
        scope=Scope.SESSION,
        optional=(OFFSET, COUNT),
        returns=(
            Field("total", "count", "how many there are"),
            Field("entries", "list", "{seq, code, result, timestamp, execution_time, has_error}"),
            Field("session_id", "text", "the session"),
        ),
    ),
)
