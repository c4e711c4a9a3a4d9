"""Operations on sources: filing in, filing out, and running the tests that came with them."""

from ..kinds import Boolean, Choice, Integer, ListOf, Text
from ..limits import LIMITS
from .model import WHOLE, Field, Operation, Parameter, Scope

_FORMAT = Parameter("format", Choice(("chunk", "tonel")), "which file format")
_PACKAGE = Parameter("package", Text(minimum=1), "name of a package")
_TIMEOUT = Parameter("timeout_ms", Integer(1, LIMITS["timeout_ms_max"].value), "ms of CPU, at most the server's budget")
_TRANSCRIPT = Field("transcript", "text", "what the code wrote", is_optional=True)
_SESSION_ID = Field("session_id", "text", "the session used")

SOURCE_OPERATIONS = (
    Operation(
        name="file_in",
        doc="Defines what a file holds, each definition whole or not at all; the reply says which took effect.",
        scope=Scope.SESSION,
        mutates=True,
        required=(Parameter("text", Text(LIMITS["code_chars_max"].value), "the file"), _FORMAT),
        optional=(_TIMEOUT,),
        returns=(
            Field("classes", "list", "names of the classes defined or changed"),
            Field("methods", "list", "methods compiled, like Foo>>#bar"),
            Field("expressions", "count", "expressions evaluated without an error"),
            Field("errors", "list", "{line, column, class, selector, message, suggestion} of what had no effect"),
            _TRANSCRIPT,
            WHOLE,
            _SESSION_ID,
        ),
        errors=("SyntaxError", "EvaluationError", "Timeout"),
    ),
    Operation(
        name="file_out",
        doc="Writes a class, a package or all that the session defined as a file.",
        scope=Scope.SESSION,
        required=(_FORMAT,),
        optional=(
            Parameter("class", Text(minimum=1), "name of a class; of a kernel class the session's own methods"),
            _PACKAGE,
            Parameter("all", Boolean(), "true: everything the session defined"),
        ),
        alternatives=(("class",), ("package",), ("all",)),
        returns=(Field("text", "text", "the file"), Field("format", "text", "its format"), _SESSION_ID),
        errors=("ClassNotFound", "EvaluationError", "Timeout"),
    ),
    Operation(
        name="run_tests",
        doc="Runs the tests of classes or of a package; without either, all of the session.",
        scope=Scope.SESSION,
        mutates=True,
        optional=(
            Parameter("classes", ListOf(Text(minimum=1), LIMITS["page_items_max"].value), "names of test classes"),
            Parameter("package", _PACKAGE.kind, "name of a package; of no effect beside classes"),
            _TIMEOUT,
        ),
        returns=(
            Field("summary", "text", "the counts in one line"),
            Field("has_passed", "boolean", "whether nothing went wrong, also where no test ran"),
            Field("run_count", "count", "tests run, skipped ones not counted"),
            Field("passed", "count", "tests that passed"),
            Field("failures", "count", "tests whose assertion failed"),
            Field("errors", "count", "tests that ended with an error"),
            Field("skipped", "count", "tests that skipped themselves"),
            Field("expected_failures", "count", "tests that failed as they said"),
            Field("unexpected_passes", "count", "tests that passed although they said otherwise"),
            Field("problems", "list", "{class, selector, kind, error_class, message, stack} of what did not pass"),
            _TRANSCRIPT,
            WHOLE,
            _SESSION_ID,
        ),
        errors=("ClassNotFound", "EvaluationError", "Timeout"),
    ),
)
