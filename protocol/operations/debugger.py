"""The operation `debug`: looking into computations that wait, changing them, and letting them go on or end."""

from ..kinds import Boolean, Choice, Identifier, Integer, Text
from ..limits import LIMITS
from .browser import CLASS_NAME, IS_CLASS_METHOD, METHOD_NAME
from .debugforms import READING_WORDS, WORDS, read_debug_parameters
from .model import WHOLE, Field, Operation, Parameter, Scope
from .workspace import CODE, COUNT, OFFSET, TIMEOUT

#: Number of a frame: more than any stack has.
_FRAME = Integer(0, 2**31 - 1)
_SUMMARY = (
    "{context_id, kind: error, halt, breakpoint, interrupted, timeout, step or stopped, class_name, message, code, "
    "suspended_at, frames, is_resumable, reason, recovery}, oldest first; recovery: what `operation` may be for it"
)
_ROW = "{frame, method, class_name, selector, receiver, line, column, is_block, is_resumable_here}"

DEBUGGER_OPERATIONS = (
    Operation(
        name="debug",
        doc="Works on a computation that waits: an evaluation that failed or was stopped is kept with its whole stack, "
        "across restarts too, until it came to its end or is abandoned. `operation` says what to do, as a word in "
        "CamelCase or snake_case, or as a map of that one word to its parameters: `{SetBreakpoint: {file, line}}`. "
        "What lets the computation go on answers like `evaluate` when it comes to its end, and with an error that "
        "names its id again when it fails again.",
        scope=Scope.SESSION,
        mutates=True,
        reading=READING_WORDS,
        prepare=read_debug_parameters,
        required=(
            Parameter(
                "operation",
                Choice(WORDS),
                "what to do; may be missing beside one of proceed_with, restart_frame, return_value, abandon",
            ),
        ),
        optional=(
            Parameter("context", Identifier(), "the computation; the one suspended last unless told"),
            Parameter("frame", _FRAME, "which activation, 0 for the innermost; 0 unless told"),
            Parameter("expression", CODE.kind, "code that runs in the frame: the value to go on with, return or set"),
            Parameter("name", Text(minimum=1), "the variable to set"),
            Parameter("source", CODE.kind, "the method to create"),
            Parameter("file", Text(minimum=1), "`Class>>selector` or `Class class>>selector` of a breakpoint"),
            CLASS_NAME,
            METHOD_NAME,
            IS_CLASS_METHOD,
            Parameter("line", Integer(1, LIMITS["code_chars_max"].value), "line of a breakpoint; the method's first"),
            OFFSET,
            COUNT,
            TIMEOUT,
            Parameter("proceed_with", CODE.kind, "Continue with this expression's value"),
            Parameter("restart_frame", _FRAME, "RestartFrame with this frame"),
            Parameter("return_value", CODE.kind, "ReturnValue with this expression"),
            Parameter("abandon", Boolean(), "true: Abandon"),
        ),
        returns=(
            Field("session_id", "text", "the session used"),
            Field("context", "any", "id of the computation, null when none waits"),
            Field("state", "text", "suspended: it waits; finished: it came to its end, or none waits; abandoned"),
            Field("result", "text", "printString of its value, or where it stands, in one line"),
            Field("debug_info", "texts", "the same facts as texts, for clients that show no more"),
            Field("contexts", "list", f"ListContexts: {_SUMMARY}", is_optional=True),
            Field("total", "count", "GetStackTrace and steps: how many frames there are", is_optional=True),
            Field("stack", "list", f"GetStackTrace and steps: {_ROW}, innermost first", is_optional=True),
            Field("frame", "object", "GetLocalVars, SetVariable: the frame's row", is_optional=True),
            Field("source", "text", "GetLocalVars, SetVariable: the source of its method", is_optional=True),
            Field("start", "count", "index in the source where what runs begins", is_optional=True),
            Field(
                "stop",
                "any",
                "GetLocalVars, SetVariable: index in the source behind it; of what stopped again: {kind, frames, row}",
                is_optional=True,
            ),
            Field(
                "variables",
                "list",
                "GetLocalVars, SetVariable: {name, kind: self, argument, temporary or instance, class_name, text, "
                "object_id}",
                is_optional=True,
            ),
            Field(
                "breakpoints",
                "list",
                "of breakpoint operations: {file, class_name, selector, line, stops_at, is_active}; stops_at: the line "
                "where it stops, that one or the next that has code, 1 for the method's beginning; is_active: the "
                "method is there",
                is_optional=True,
            ),
            Field("abandoned", "boolean", "Abandon: true", is_optional=True),
            Field("result_type", "text", "as `evaluate`, of what finished", is_optional=True),
            Field("execution_time", "count", "as `evaluate`, ms since it went on", is_optional=True),
            Field("has_error", "boolean", "false", is_optional=True),
            Field("display", "text", "as `evaluate`", is_optional=True),
            Field("object_id", "text", "as `evaluate`", is_optional=True),
            Field("transcript", "text", "what the code wrote", is_optional=True),
            WHOLE,
        ),
        errors=(
            "ContextNotFound",
            "NotResumable",
            "ObjectNotFound",
            "ClassNotFound",
            "MethodNotFound",
            "EvaluationError",
            "SyntaxError",
            "Timeout",
        ),
    ),
)
